"""The first page of a person's own strategy: a whole, working file to change."""

import keyword
import re
from string import Template

from geobuk.domain.errors import StrategyError

_TEXT = Template('''"""$name: where the close stands in its recent range.

Check it:      geobuk strategy check $name.py
Backtest it:   geobuk backtest --strategy $name.py
"""

from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from geobuk.features.gaps import observed
from geobuk.features.indicators import highest, lowest, sma
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.strategy import Strategy
from geobuk.strategies.horizons import bars_in


class $kind(Strategy, frozen=True, kw_only=True):
    """Long above the average while the close is high in its range; short below it while the close is low."""

    name: ClassVar[str] = "$name"
    version: ClassVar[int] = 1  # raise it whenever the forecasts change
    summary: ClassVar[str] = "Stands with the close in the range of the last days."
    summary_ko: ClassVar[str] = "최근 가격 범위에서 종가의 위치를 따릅니다."
    source: ClassVar[str] = "my own idea"

    # The fields are the parameters. Geobuk refuses values outside their ranges, and shows the descriptions.
    days: Annotated[float, Meta(gt=0, le=365, description="days of the range and of the average")] = 5.0

    def warmup(self, interval_ns: int) -> int:
        """Bars needed before the first forecast that counts; earlier rows are never traded."""
        return bars_in(self.days, interval_ns)

    def forecast(self, panel: Panel) -> FloatArray:
        """One number per bar and instrument, (T, N): 1 = surely rises, -1 = surely falls, 0 = flat, NaN = no belief.

        Row t is decided at the close of bar t and is traded from bar t + 1 on, so it may use rows 0 to t only. Never
        shift backwards (close[t + 1]), and never use a mean, maximum or rank over all rows.
        """
        length = bars_in(self.days, panel.interval_ns)
        close = observed(panel, "close")  # NaN where a bar is missing or masked
        top = highest(observed(panel, "high"), length)
        bottom = lowest(observed(panel, "low"), length)
        width = np.where(top > bottom, top - bottom, np.nan)
        place = 2.0 * (close - bottom) / width - 1.0  # -1 at the bottom of the range, 1 at the top
        agrees = np.sign(place) == np.sign(close - sma(close, length))
        return np.where(np.isnan(place), np.nan, np.where(agrees, np.clip(place, -1.0, 1.0), 0.0))
''')


def template(name: str) -> str:
    """Text of a new strategy file called ``name``.py.

    Raises
    ------
    StrategyError
        When the name is not lower case letters, digits and underscores, or is a word of Python.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise StrategyError(
            f"{name!r} can't be a strategy's name",
            cure="use lower case letters, digits and _, beginning with a letter, such as my_strategy",
        )
    kind = "".join(part.capitalize() for part in name.split("_") if part)
    return _TEXT.substitute(name=name, kind=kind if not kind[0].isdigit() else f"My{kind}")
