"""Box breakout: a close outside the range of the last weeks begins a move."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from msgspec import Meta

from geobuk.features.breakout import box, breakout_side, relative_volume
from geobuk.features.gaps import observed
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.horizons import bars_in
from geobuk.strategies.strategy import Strategy


class BoxBreakout(Strategy, frozen=True, kw_only=True):
    """Long after a close above the box of the bars before, short after one below, until the close comes back."""

    name: ClassVar[str] = "box_breakout"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Buys a close above the box of the last days, sells one below; leaves at the middle."
    summary_ko: ClassVar[str] = "최근 박스권 상단을 종가가 넘으면 매수, 하단을 깨면 매도하고 중간에서 나옵니다."
    source: ClassVar[str] = (
        "Darvas 1960, How I Made $2,000,000 in the Stock Market; Donchian's channel rule; Brock, Lakonishok & LeBaron"
        " 1992 (trading range break)"
    )

    box_days: Annotated[float, Meta(gt=0, le=365, description="days whose highs and lows make the box")] = 20.0
    leave_at: Annotated[
        Literal["middle", "opposite"], Meta(description="leave at the box's middle, or only at its far end")
    ] = "middle"
    volume_ratio: Annotated[
        float, Meta(ge=0, le=100, description="volume that confirms a breakout, over the box's mean; 0 asks for none")
    ] = 0.0
    strength: Annotated[float, Meta(gt=0, le=1, description="size of the forecast while a breakout holds")] = 0.75

    def warmup(self, interval_ns: int) -> int:
        """The box, and the bar that leaves it."""
        return self._length(interval_ns) + 1

    def forecast(self, panel: Panel) -> FloatArray:
        """(T, N): plus or minus ``strength``, or 0 inside the box; NaN until the box is whole."""
        length = self._length(panel.interval_ns)
        close = observed(panel, "close")
        top, bottom = box(observed(panel, "high"), observed(panel, "low"), length)
        is_confirmed = np.ones(panel.shape, dtype=np.bool_)
        if self.volume_ratio > 0.0:
            is_confirmed = relative_volume(observed(panel, "volume"), length) >= self.volume_ratio
        return self.strength * breakout_side(close, top, bottom, is_confirmed, self.leave_at == "middle")

    def _length(self, interval_ns: int) -> int:
        return bars_in(self.box_days, interval_ns)
