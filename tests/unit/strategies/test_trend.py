import numpy as np
import pytest
from tests.unit.strategies.panels import panel_of, random_panel

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.strategies.trend import Trend

QUICK = Trend(fast_days=0.5, pairs=2, volatility_days=2.0)


def drifting(per_bar: float, bars: int = 400) -> np.ndarray:
    noise = np.random.default_rng(9).normal(0.0, 0.004, (bars, 1))
    return 100.0 * np.exp(np.cumsum(noise - noise.mean() + per_bar, axis=0))


def test_it_stands_with_the_drift() -> None:
    assert QUICK.forecast(panel_of(drifting(0.001)))[-1, 0] > 0.3
    assert QUICK.forecast(panel_of(drifting(-0.001)))[-1, 0] < -0.3


def test_a_mirrored_price_gives_the_mirrored_forecast() -> None:
    price = drifting(0.0005)
    up, down = QUICK.forecast(panel_of(price)), QUICK.forecast(panel_of(1.0 / price))
    np.testing.assert_allclose(up, -down, rtol=1e-9, atol=1e-12)


def test_the_unit_of_the_price_does_not_matter() -> None:
    price = drifting(0.0)
    np.testing.assert_allclose(
        QUICK.forecast(panel_of(price)), QUICK.forecast(panel_of(price * 1e-7)), rtol=1e-6, atol=1e-8
    )


def test_on_random_walks_it_speaks_with_a_middling_voice() -> None:
    forecast = QUICK.forecast(random_panel(bars=3_000, instruments=8, holes=False))
    assert 0.3 < np.nanmean(np.abs(forecast)) < 0.6
    assert np.nanmax(np.abs(forecast)) <= 1.0


def test_a_far_stretch_fades_or_is_capped() -> None:
    price = np.concatenate([drifting(0.0), drifting(0.0)[-1] * np.exp(np.linspace(0.004, 0.6, 60))[:, None]])
    fading = QUICK.forecast(panel_of(price))[-1, 0]
    capped = Trend(fast_days=0.5, pairs=2, volatility_days=2.0, response="capped").forecast(panel_of(price))[-1, 0]
    assert 0.0 < fading < 0.6 < capped


def test_warm_up_is_the_slowest_span_and_is_enough() -> None:
    assert Trend().warmup(NS_PER_HOUR) == 96 * 24
    assert Trend().warmup(NS_PER_DAY) == 96
    forecast = QUICK.forecast(random_panel(holes=False))
    assert np.isfinite(forecast[QUICK.warmup(NS_PER_HOUR) :]).all()


def test_a_late_listing_waits_for_its_own_bars() -> None:
    panel = random_panel(bars=800)
    forecast = QUICK.forecast(panel)
    listed = int(np.isfinite(panel.close[:, -1]).argmax())
    assert np.isnan(forecast[: listed + 50, -1]).all()
    assert np.isfinite(forecast[listed + 120 :, -1]).mean() > 0.9


def test_bars_longer_than_a_span_still_make_two_averages() -> None:
    forecast = Trend(fast_days=0.1, pairs=1, volatility_days=5.0).forecast(random_panel(bars=60, interval="1d"))
    assert np.isfinite(forecast).any()


@pytest.mark.parametrize("bars", [0, 1, 2, 30])
def test_few_bars_give_no_belief(bars: int) -> None:
    assert np.isnan(Trend().forecast(random_panel(bars=bars, holes=False))).all()
