import numpy as np
from tests.unit.strategies.panels import panel_of, random_panel

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.strategies.mean_reversion import MeanReversion

QUICK = MeanReversion(window_days=4.0)


def ornstein_uhlenbeck(*, half_life: float, bars: int = 4_000, instruments: int = 4) -> np.ndarray:
    rng, slope = np.random.default_rng(12), 0.5 ** (1.0 / half_life)
    level = np.zeros((bars, instruments))
    for t in range(1, bars):
        level[t] = slope * level[t - 1] + rng.normal(0.0, 0.01, instruments)
    return 100.0 * np.exp(level)


def share_held(forecast: np.ndarray) -> float:
    return float(np.mean(forecast[np.isfinite(forecast)] != 0.0))


def test_it_earns_where_prices_return_and_before_costs() -> None:
    price = ornstein_uhlenbeck(half_life=8.0)
    forecast = QUICK.forecast(panel_of(price))[:-1]
    earned = np.nansum(forecast * np.diff(np.log(price), axis=0))
    assert share_held(forecast) > 0.05
    assert earned > 0.5


def test_it_stands_against_the_stretch() -> None:
    price = ornstein_uhlenbeck(half_life=8.0)
    forecast = QUICK.forecast(panel_of(price))
    known = np.isfinite(forecast)
    assert np.corrcoef(forecast[known], np.log(price)[known])[0, 1] < -0.3


def test_it_mostly_stays_out_of_random_walks() -> None:
    walk = random_panel(bars=6_000, instruments=6, holes=False)
    returning = panel_of(ornstein_uhlenbeck(half_life=8.0))
    assert share_held(QUICK.forecast(walk)) < 0.5 * share_held(QUICK.forecast(returning))
    credulous = MeanReversion(window_days=4.0, evidence=0.0)
    assert share_held(QUICK.forecast(walk)) < 0.2 * share_held(credulous.forecast(walk))


def test_it_never_fades_a_strong_trend() -> None:
    price = 100.0 * np.exp(np.linspace(0.0, 3.0, 1_000) + 0.002 * np.sin(np.arange(1_000)))[:, None]
    forecast = QUICK.forecast(panel_of(price))
    assert np.nanmax(np.abs(forecast)) == 0.0


def test_half_lives_outside_the_range_are_left_alone() -> None:
    panel = panel_of(ornstein_uhlenbeck(half_life=8.0))
    slow_only = MeanReversion(window_days=4.0, half_life_least=2.0, half_life_most=3.0)
    assert share_held(slow_only.forecast(panel)) < 0.01


def test_warm_up_is_three_windows_and_is_enough() -> None:
    assert QUICK.warmup(NS_PER_HOUR) == 3 * 96
    assert QUICK.warmup(NS_PER_DAY) == 3 * 40
    forecast = QUICK.forecast(random_panel(holes=False))
    assert np.isfinite(forecast[QUICK.warmup(NS_PER_HOUR) :]).all()
    assert np.isnan(forecast[: QUICK.warmup(NS_PER_HOUR) - 1]).all()
