"""Trend following: what has been rising for weeks tends to go on for a while."""

from typing import Annotated, ClassVar, Literal

import numpy as np
from msgspec import Meta

from geobuk.features.gaps import log_price, observed
from geobuk.features.trend import crossover_score
from geobuk.features.volatility import ewma_volatility
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.horizons import bars_in
from geobuk.strategies.strategy import Strategy

_SCALE = 0.89
"""Divides z exp(-z^2 / 4), whose largest value is 0.858 at the square root of 2 (Baz et al. 2015)."""


class Trend(Strategy, frozen=True, kw_only=True):
    """Mean response to moving average crossovers of several horizons, each in units of a random walk's spread."""

    name: ClassVar[str] = "trend"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = "Follows trends over several horizons: EWMA crossovers, scaled by volatility."
    summary_ko: ClassVar[str] = "여러 기간의 지수이동평균 교차를 변동성으로 나누어 추세를 따라갑니다."
    source: ClassVar[str] = (
        "Baz, Granger, Harvey, Le Roux & Rattray 2015, Dissecting Investment Strategies in the Cross Section and Time"
        " Series; Carver 2015, Systematic Trading"
    )

    fast_days: Annotated[float, Meta(gt=0, le=365, description="fast span of the shortest pair, in days")] = 8.0
    slow_ratio: Annotated[float, Meta(ge=1.5, le=10, description="slow span over fast span")] = 3.0
    pairs: Annotated[int, Meta(ge=1, le=6, description="pairs of averages; each has twice the spans of the last")] = 3
    volatility_days: Annotated[float, Meta(gt=0, le=365, description="span of the volatility, in days")] = 32.0
    response: Annotated[
        Literal["fading", "capped"],
        Meta(
            description="fading: weaker again when stretched beyond 1.4 deviations; capped: full from 2 deviations on"
        ),
    ] = "fading"

    def warmup(self, interval_ns: int) -> int:
        """The longest span."""
        slowest = self._spans(interval_ns)[-1][1]
        return max(slowest, bars_in(self.volatility_days, interval_ns) // 2 + 2)

    def forecast(self, panel: Panel) -> FloatArray:
        """(T, N) in [-1, 1]; NaN until an instrument has bars for every span."""
        price = log_price(panel)
        volatility = ewma_volatility(observed(panel, "close"), bars_in(self.volatility_days, panel.interval_ns))
        total = np.zeros(panel.shape)
        for fast, slow in self._spans(panel.interval_ns):
            total += self._respond(crossover_score(price, volatility, fast, slow))
        return np.clip(total / self.pairs, -1.0, 1.0)

    def _spans(self, interval_ns: int) -> list[tuple[int, int]]:
        fasts = [bars_in(self.fast_days * 2**i, interval_ns) for i in range(self.pairs)]
        slows = [bars_in(self.fast_days * 2**i * self.slow_ratio, interval_ns) for i in range(self.pairs)]
        return [(fast, max(slow, fast + 1)) for fast, slow in zip(fasts, slows, strict=True)]

    def _respond(self, score: FloatArray) -> FloatArray:
        if self.response == "capped":
            return np.clip(0.5 * score, -1.0, 1.0)
        return np.asarray(score * np.exp(-0.25 * score * score) / _SCALE)
