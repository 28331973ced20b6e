from dataclasses import replace

import numpy as np
from tests.unit.strategies.panels import random_panel

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.features.volatility import ewma_volatility
from geobuk.strategies.funding_carry import FundingCarry

QUICK = FundingCarry(lookback_days=2.0, neutral="risk")


def test_it_is_short_what_pays_most_and_long_what_pays_least() -> None:
    panel = random_panel(holes=False)
    rates = np.where(np.isnan(panel.funding), np.nan, np.array([3e-4, -1e-4, 1e-4, 2e-4]))
    forecast = QUICK.forecast(replace(panel, funding=rates))
    np.testing.assert_allclose(forecast[-1], [-1.0, 1.0, 1 / 3, -1 / 3])


def test_every_row_sums_to_zero() -> None:
    forecast = FundingCarry(lookback_days=2.0, least_instruments=2, neutral="risk").forecast(
        random_panel(bars=1_000, instruments=7)
    )
    known = np.isfinite(forecast).any(axis=1)
    assert known.mean() > 0.9
    np.testing.assert_allclose(np.nansum(forecast[known], axis=1), 0.0, atol=1e-12)


def test_unknown_funding_is_left_out_and_the_rest_stays_neutral() -> None:
    panel = random_panel(instruments=6, holes=False)
    funding = panel.funding.copy()
    funding[:, 2] = np.nan
    forecast = QUICK.forecast(replace(panel, funding=funding))
    assert np.isnan(forecast[:, 2]).all()
    assert np.isfinite(forecast[-1, [0, 1, 3, 4, 5]]).all()
    assert abs(np.nansum(forecast[-1])) < 1e-12


def test_too_few_known_instruments_give_no_belief() -> None:
    panel = random_panel(instruments=4, holes=False)
    funding = panel.funding.copy()
    funding[:, 0] = np.nan
    assert np.isnan(QUICK.forecast(replace(panel, funding=funding))).all()
    two = FundingCarry(lookback_days=2.0, least_instruments=2).forecast(replace(panel, funding=funding))
    assert np.isfinite(two[-1, 1:]).all()


def test_a_market_without_funding_gives_no_belief() -> None:
    panel = replace(random_panel(), funding_hours=np.zeros(4, dtype=np.int64))
    assert np.isnan(QUICK.forecast(panel)).all()


def test_warm_up_is_the_look_back() -> None:
    assert FundingCarry().warmup(NS_PER_HOUR) == 14 * 24
    assert FundingCarry().warmup(NS_PER_DAY) == 14


def test_dollar_neutral_forecasts_sum_to_zero_after_division_by_volatility() -> None:
    panel = random_panel(bars=1_000, instruments=7)
    forecast = FundingCarry(lookback_days=2.0, volatility_days=3.0).forecast(panel)
    volatility = ewma_volatility(np.where(panel.tradable, panel.close, np.nan), 3.0 * NS_PER_DAY / panel.interval_ns)
    known = np.isfinite(forecast).any(axis=1)
    assert known.mean() > 0.8
    np.testing.assert_allclose(np.nansum(forecast / volatility, axis=1)[known], 0.0, atol=1e-9)
    assert np.nanmax(np.abs(forecast)) <= 1.0
