"""What a person can set of the detector, and what of it can't stand together."""

import math
from importlib.util import find_spec
from typing import Annotated, Literal

from msgspec import Meta, Struct

from geobuk.domain.errors import SettingsError, UserError
from geobuk.domain.times import INTERVAL_PATTERN, NS_PER_DAY, interval_ns, interval_text

Days = Annotated[float, Meta(gt=0, le=36_500)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Ratio = Annotated[float, Meta(ge=1, le=100)]


class RegimeSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the market's regime is told, from an index of ``instruments`` (all of the panel if empty, equal weights).

    Every ``every`` (bars of the panel longer than that count as they are) the index gives two figures: its mean log
    return over the last ``return_days``, and the log of its mean range. A hidden Markov model of ``states`` is fitted
    to the last ``window_days`` of them, once there are ``min_days``, and again every ``refit_days``; ``starts`` random
    starts from ``seed``. A state whose mean is ``clear_mean`` standard deviations above 0 is BULL, below it BEAR, else
    SIDEWAYS. A regime is taken up at a probability of ``enter`` that is ``margin`` above the next one's, held down to
    ``leave`` and at least ``min_dwell_days``; between them it is NEUTRAL. After ``stale_days`` without a figure it is
    UNKNOWN. Volatility is high from ``high_volatility`` times its usual level on, until it is below ``calm_volatility``
    times that: the forecast of a ``volatility_model``, and the median of its forecasts over the window.
    """

    instruments: tuple[str, ...] = ()
    every: Annotated[str, Meta(pattern=rf"^{INTERVAL_PATTERN}$")] = "1d"
    return_days: Days = 5.0
    states: Annotated[int, Meta(ge=2, le=5)] = 3
    window_days: Days = 730.0
    min_days: Days = 250.0
    refit_days: Days = 30.0
    starts: Annotated[int, Meta(ge=1, le=50)] = 4
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 0
    clear_mean: Annotated[float, Meta(ge=0, le=10)] = 0.1
    enter: Probability = 0.7
    leave: Probability = 0.4
    margin: Probability = 0.1
    min_dwell_days: Annotated[float, Meta(ge=0, le=3650)] = 5.0
    stale_days: Days = 2.0
    volatility_model: Literal["garch", "gjr"] = "gjr"
    high_volatility: Ratio = 1.75
    calm_volatility: Ratio = 1.4


def require_consistent(spec: RegimeSpec, bar_ns: int) -> None:
    """Raise unless the settings fit one another and bars of this length, and the libraries that fit are installed.

    Raises
    ------
    SettingsError : ``every`` is no multiple of the bars, or two settings contradict each other.
    UserError : hmmlearn or arch is missing.
    """
    every_ns = interval_ns(spec.every)
    if every_ns > bar_ns and every_ns % bar_ns:
        raise SettingsError(
            f"the regime's interval {spec.every} is not a multiple of the bars' {interval_text(bar_ns)}",
            cure="choose a multiple",
        )
    pairs = (("leave", "enter"), ("calm_volatility", "high_volatility"), ("min_days", "window_days"))
    for low, high in pairs:
        if not getattr(spec, low) <= getattr(spec, high):
            raise SettingsError(
                f"the regime's {low} {getattr(spec, low):g} is above its {high} {getattr(spec, high):g}",
                cure=f"lower {low} or raise {high}",
            )
    missing = [name for name in ("hmmlearn", "arch") if find_spec(name) is None]
    if missing:
        raise UserError(
            f"the regime detector needs {' and '.join(missing)}", cure="install them: pip install 'geobuk[research]'"
        )


def intervals_in(days: float, step_ns: int) -> int:
    """Intervals that so many days hold, rounded up, at least 1; 0 for 0 days.

    >>> intervals_in(2.0, NS_PER_DAY // 4)
    8
    """
    return math.ceil(days * NS_PER_DAY / step_ns - 1e-9)
