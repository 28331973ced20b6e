"""Funding carry: be paid for holding what others pay to hold."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from msgspec import Meta

from geobuk.features.funding import mean_funding_per_day
from geobuk.features.gaps import observed
from geobuk.features.ranks import centred_ranks
from geobuk.features.volatility import ewma_volatility
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.horizons import bars_in
from geobuk.strategies.strategy import Strategy


class FundingCarry(Strategy, frozen=True, kw_only=True):
    """Short the perpetuals with the highest trailing funding, long those with the lowest, equal money on either side.

    Sizing divides a forecast by the instrument's volatility. ``dollar`` neutrality therefore scales each rank by that
    volatility beforehand: the notionals sum to zero. ``risk`` neutrality leaves the ranks as they are: the risks do.
    """

    name: ClassVar[str] = "funding_carry"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = (
        "Short high funding, long low funding: cross-sectional and dollar-neutral, for known funding only."
    )
    summary_ko: ClassVar[str] = "펀딩비가 높은 종목은 매도, 낮은 종목은 매수하여 양쪽 금액이 같게 합니다."
    source: ClassVar[str] = (
        "Koijen, Moskowitz, Pedersen & Vrugt 2018, Carry; Asness, Moskowitz & Pedersen 2013 (rank weights)"
    )

    lookback_days: Annotated[float, Meta(ge=1, le=90, description="days over which funding is averaged")] = 14.0
    least_instruments: Annotated[
        int, Meta(ge=2, le=500, description="instruments with known funding below which there is no belief")
    ] = 4
    neutral: Annotated[
        Literal["dollar", "risk"], Meta(description="what is equal on both sides: money, or money times volatility")
    ] = "dollar"
    volatility_days: Annotated[
        float, Meta(ge=1, le=365, description="span of the volatility that dollar neutrality uses; as in sizing")
    ] = 14.0

    def warmup(self, interval_ns: int) -> int:
        """The look-back."""
        return bars_in(self.lookback_days, interval_ns, least=1)

    def forecast(self, panel: Panel) -> FloatArray:
        """(T, N) in [-1, 1]; NaN where funding is unknown or known for too few instruments.

        Each row sums to 0, for dollar neutrality after division by volatility.
        """
        funding = mean_funding_per_day(panel, self.lookback_days)
        if self.neutral == "risk":
            return -centred_ranks(funding, self.least_instruments)
        volatility = ewma_volatility(observed(panel, "close"), bars_in(self.volatility_days, panel.interval_ns))
        ranks = centred_ranks(np.where(volatility > 0.0, funding, np.nan), self.least_instruments)
        known = np.where(np.isfinite(ranks), volatility, 0.0)
        largest = known.max(axis=1, keepdims=True)
        return -ranks * known / np.where(largest > 0.0, largest, 1.0)
