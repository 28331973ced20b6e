"""What every strategy promises, checked where it is called: nothing else reaches the decision path."""

import sys
import traceback
from dataclasses import replace
from pathlib import Path

import numpy as np

from geobuk.domain.errors import BrokenInvariantError, StrategyError, UserError
from geobuk.domain.times import at_text
from geobuk.panel import ARRAY_FIELDS, FloatArray, Panel
from geobuk.strategies.strategy import Strategy

_ROUNDING = 1e-9


def forecast_of(strategy: Strategy, panel: Panel) -> FloatArray:
    """Call a strategy on a read-only view of the panel and hold the answer to the contract.

    Raises
    ------
    StrategyError
        When the strategy raises (file, line and cause are named) or its forecast is not what it promised.
    """
    try:
        forecast = strategy.forecast(_read_only(panel))
    except (UserError, BrokenInvariantError):
        raise
    except Exception as error:
        raise _failure(strategy, "forecast", error) from error
    return validate_forecast(strategy, panel, forecast)


def warmup_of(strategy: Strategy, interval_ns: int) -> int:
    """Declared warm-up in bars; StrategyError when it raises or is not a whole number of at least 0."""
    try:
        bars = strategy.warmup(interval_ns)
    except UserError:
        raise
    except Exception as error:
        raise _failure(strategy, "warmup", error) from error
    if isinstance(bars, bool) or not isinstance(bars, int | np.integer) or bars < 0:
        raise StrategyError(
            f"{strategy.name}: warmup returned {bars!r}", cure="return a whole number of bars, 0 or more"
        )
    return int(bars)


def validate_forecast(strategy: Strategy, panel: Panel, forecast: object) -> FloatArray:
    """The forecast as C-contiguous float64 (T, N) within [-1, 1], NaN kept.

    Raises
    ------
    StrategyError
        When it is no numeric array, has another shape, or holds an infinity or a value outside [-1, 1]; the message
        names the first such bar and instrument.
    """
    if not isinstance(forecast, np.ndarray) or forecast.dtype.kind not in "fiub":
        kind = f"an array of {forecast.dtype}" if isinstance(forecast, np.ndarray) else f"a {type(forecast).__name__}"
        raise StrategyError(f"{strategy.name}: forecast returned {kind}", cure="return a numpy array of floats")
    if forecast.shape != panel.shape:
        raise StrategyError(
            f"{strategy.name}: forecast has the shape {forecast.shape}",
            cure=f"return one value per bar and instrument: {panel.shape}",
        )
    values = np.ascontiguousarray(forecast, dtype=np.float64)
    outside = np.abs(values) > 1.0 + _ROUNDING
    if outside.any():
        bar, column = np.unravel_index(int(outside.argmax()), outside.shape)
        raise StrategyError(
            f"{strategy.name}: forecast {values[bar, column]:g} at bar {bar} ({at_text(int(panel.at_ns[bar]))} UTC)"
            f" of {panel.instruments[column]} is outside -1 to 1",
            cure="scale it, and np.clip(forecast, -1, 1) what is left; where nothing is known return NaN",
        )
    return np.clip(values, -1.0, 1.0)


def describe_place(error: BaseException, path: str) -> str:
    """``file.py line 12`` where an error left the given file, or the innermost frame when it never was there."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == path] or frames
    return f"{Path(own[-1].filename).name} line {own[-1].lineno}" if own else Path(path).name


def _failure(strategy: Strategy, method: str, error: Exception) -> StrategyError:
    path = getattr(sys.modules.get(type(strategy).__module__), "__file__", None) or ""
    cause = str(error).strip() or "no message"
    hint = "the panel is read-only, work on a copy" if "read-only" in cause else f"mend {method} and check it again"
    return StrategyError(
        f"{strategy.name}: {method} failed at {describe_place(error, path)} with {type(error).__name__}: {cause}",
        cure=hint,
    )


def _read_only(panel: Panel) -> Panel:
    views = {name: getattr(panel, name).view() for name in ARRAY_FIELDS}
    for view in views.values():
        view.flags.writeable = False
    return replace(panel, **views)
