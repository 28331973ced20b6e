"""A person's first strategy file: real, working, and passing `geobuk strategy check` as it stands."""

import re
from pathlib import Path

from geobuk.data.atomic import storage_error
from geobuk.domain.errors import UserError

_TEMPLATE = '''"""{title}: what you believe about tomorrow, from what is known today."""

from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from geobuk.panel import FloatArray, Panel
from geobuk.strategies.base import Strategy


class {kind}(Strategy, frozen=True, kw_only=True):
    """Believes that what has risen over the last days goes on rising, in units of its usual move."""

    name: ClassVar[str] = "{name}"
    version: ClassVar[int] = 1  # raise it whenever the forecasts change
    summary: ClassVar[str] = "Follows the move of the last days."
    summary_ko: ClassVar[str] = "최근 며칠의 움직임을 따라갑니다."
    source: ClassVar[str] = "where the idea comes from"

    days: Annotated[float, Meta(gt=0, le=365, description="how far to look back, in days")] = 10.0

    def warmup(self, interval_ns: int) -> int:
        """Bars that must have passed before the first forecast counts."""
        return self._bars(interval_ns) + 1

    def forecast(self, panel: Panel) -> FloatArray:
        """(bars, instruments): 1 = surely up, -1 = surely down, NaN = no belief. Row t may use rows up to t only."""
        bars = self._bars(panel.interval_ns)
        price = np.log(panel.close)
        belief = np.full(panel.shape, np.nan)
        if len(price) > bars:
            move = price[bars:] - price[:-bars]
            step = np.abs(np.diff(price, axis=0))
            usual = np.cumsum(np.nan_to_num(step), axis=0)[bars - 1 :] / np.arange(bars, len(price))[:, None]
            belief[bars:] = np.tanh(move / np.maximum(usual * np.sqrt(bars), 1e-12))
        return belief

    def _bars(self, interval_ns: int) -> int:
        return max(2, round(self.days * 86_400e9 / interval_ns))
'''


def new_strategy(name: str, folder: Path) -> Path:
    """Write ``<name>.py`` into a folder; an existing file is never overwritten.

    Raises
    ------
    UserError : a name that can't be one, or a file that is there.
    StorageError : the folder can't be written.
    """
    stem = name.removesuffix(".py")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", stem):
        raise UserError(f"{name!r} can't name a strategy", cure="use small letters, digits and _, such as my_strategy")
    path = folder / f"{stem}.py"
    words = stem.split("_")
    text = _TEMPLATE.format(
        name=stem, title=" ".join(words).capitalize(), kind="".join(word.capitalize() for word in words)
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"{path} is there already", cure="choose another name, or move that file away") from None
    except OSError as error:
        raise storage_error(path, error) from error
    return path
