"""Funding carry: be paid for holding what others pay to hold."""

from typing import Annotated, ClassVar

from msgspec import Meta

from geobuk.features.funding import mean_funding_per_day
from geobuk.features.ranks import centred_ranks
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.base import Strategy
from geobuk.strategies.horizons import bars_in


class FundingCarry(Strategy, frozen=True, kw_only=True):
    """Short the perpetuals with the highest trailing funding, long those with the lowest; forecasts sum to zero."""

    name: ClassVar[str] = "funding_carry"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = (
        "Short high funding, long low funding: cross-sectional and neutral, for known funding only."
    )
    summary_ko: ClassVar[str] = "펀딩비가 높은 종목은 매도, 낮은 종목은 매수하여 합이 0이 되게 합니다."
    source: ClassVar[str] = (
        "Koijen, Moskowitz, Pedersen & Vrugt 2018, Carry; Asness, Moskowitz & Pedersen 2013 (rank weights)"
    )

    lookback_days: Annotated[float, Meta(ge=1, le=90, description="days over which funding is averaged")] = 14.0
    least_instruments: Annotated[
        int, Meta(ge=2, le=500, description="instruments with known funding below which there is no belief")
    ] = 4

    def warmup(self, interval_ns: int) -> int:
        """The look-back."""
        return bars_in(self.lookback_days, interval_ns, least=1)

    def forecast(self, panel: Panel) -> FloatArray:
        """(T, N) in [-1, 1], each row sums to 0; NaN where funding is unknown or known for too few instruments."""
        return -centred_ranks(mean_funding_per_day(panel, self.lookback_days), self.least_instruments)
