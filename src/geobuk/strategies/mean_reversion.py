"""Mean reversion: a price far from its mean comes back, where it has been shown to come back."""

from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from geobuk.domain.errors import StrategyError
from geobuk.domain.times import NS_PER_DAY
from geobuk.features.fade import FadeLevels, fade
from geobuk.features.gaps import log_price, observed
from geobuk.features.reversion import rolling_reversion, rolling_zscore
from geobuk.features.trend import crossover_score
from geobuk.features.volatility import ewma_volatility
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.horizons import bars_in
from geobuk.strategies.strategy import Strategy

_LEAST_BARS = 40
"""A window of fewer bars says nothing about a half-life."""


class MeanReversion(Strategy, frozen=True, kw_only=True):
    """Fades stretches from the rolling mean, only where an Ornstein-Uhlenbeck fit returns fast and no trend runs."""

    name: ClassVar[str] = "mean_reversion"
    version: ClassVar[int] = 1
    summary: ClassVar[str] = (
        "Fades stretches from a rolling mean where prices have been returning fast and no trend runs."
    )
    summary_ko: ClassVar[str] = "평균 회귀가 빠르고 추세가 없을 때, 평균에서 멀어진 가격이 되돌아오는 쪽으로 섭니다."
    source: ClassVar[str] = (
        "Poterba & Summers 1988, Mean Reversion in Stock Prices; Chan 2013, Algorithmic Trading, ch. 2;"
        " Dickey & Fuller 1979; Uhlenbeck & Ornstein 1930"
    )

    window_days: Annotated[float, Meta(gt=0, le=365, description="days of the mean and of the fit")] = 10.0
    enter: Annotated[float, Meta(ge=0.5, le=5, description="deviations from the mean at which to enter")] = 2.0
    leave: Annotated[float, Meta(ge=0, le=3, description="deviations from the mean at which to leave")] = 0.25
    full: Annotated[float, Meta(ge=0.5, le=10, description="deviations at which the forecast is 1")] = 3.0
    give_up: Annotated[float, Meta(ge=1, le=20, description="deviations beyond which it is no longer a stretch")] = 4.5
    half_life_least: Annotated[float, Meta(ge=0, le=365, description="shortest half-life, days")] = 0.125
    half_life_most: Annotated[float, Meta(gt=0, le=365, description="longest half-life, days")] = 3.0
    evidence: Annotated[
        float, Meta(ge=0, le=6, description="Dickey-Fuller t that entering needs (2.57 = 10 %, 2.86 = 5 %)")
    ] = 2.57
    trend_most: Annotated[float, Meta(gt=0, le=10, description="strongest trend to stand against, deviations")] = 1.0

    def __post_init__(self) -> None:
        """Hold the levels to their order."""
        super().__post_init__()
        if not self.leave < self.enter < self.give_up:
            raise StrategyError(
                f"mean_reversion: leave {self.leave}, enter {self.enter}, give_up {self.give_up} are out of order",
                cure="keep leave < enter < give_up",
            )
        if not self.half_life_least < self.half_life_most:
            raise StrategyError(
                f"mean_reversion: half_life_least {self.half_life_least} is not below half_life_most",
                cure=f"keep it below {self.half_life_most}",
            )

    def warmup(self, interval_ns: int) -> int:
        """The slow average of the trend filter: three windows."""
        return 3 * self._window(interval_ns)

    def forecast(self, panel: Panel) -> FloatArray:
        """(T, N) in [-1, 1]; 0 where nothing is stretched or a filter says no, NaN before the windows are full."""
        window = self._window(panel.interval_ns)
        price = log_price(panel)
        fit = rolling_reversion(price, window)
        trend = crossover_score(price, ewma_volatility(observed(panel, "close"), window), window, 3 * window)
        days = fit.half_life * (panel.interval_ns / NS_PER_DAY)
        is_calm = np.abs(trend) <= self.trend_most
        returns_fast = (days >= self.half_life_least) & (days <= self.half_life_most)
        may_enter = is_calm & returns_fast & (fit.evidence <= -self.evidence)
        zscore = np.where(np.isnan(trend), np.nan, rolling_zscore(price, window))
        return fade(zscore, may_enter, is_calm, FadeLevels(self.enter, self.leave, self.full, self.give_up))

    def _window(self, interval_ns: int) -> int:
        return bars_in(self.window_days, interval_ns, least=_LEAST_BARS)
