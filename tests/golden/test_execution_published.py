"""Schedules, costs and quotes against published and independently recomputed examples.

Almgren & Chriss 2000 (kappa about 0.61 per day, half-life about 1.6 days). Tolerance: half a unit in the last printed
digit.
"""

import pytest

from geobuk.quant.execution import (
    DecidedTrade,
    LinearImpact,
    QuoteModel,
    after_cancel,
    after_join,
    after_trade,
    almgren_chriss,
    avellaneda_stoikov,
    implementation_shortfall,
    joined_queue,
    square_root_impact,
    twap,
    vwap,
)

MARKET = LinearImpact(volatility=0.95, temporary=2.5e-6, permanent=2.5e-7, fixed=0.0625)


def test_almgren_chriss_of_the_paper() -> None:
    plan = almgren_chriss(1e6, 5.0, 5, 1e-6, MARKET)
    assert plan.kappa == pytest.approx(0.6070762, abs=5e-8)
    assert plan.half_life == pytest.approx(1.6472398, abs=5e-8)
    assert plan.holdings == pytest.approx([1e6, 541955.554, 289854.219, 147897.488, 62141.802, 0.0], abs=5e-4)
    assert plan.cost == pytest.approx(911226.986, abs=5e-4)
    assert plan.variance == pytest.approx(3.641285721e11, abs=50.0)


@pytest.mark.parametrize(
    ("risk_aversion", "cost", "cost_digit", "variance", "variance_digit"),
    [(0.0, 662500.0, 1e-6, 1.083e12, 1.0), (1e-9, 662500.904, 5e-4, 1.0811918e12, 5e4)],
)
def test_almgren_chriss_without_and_with_hardly_any_risk_aversion(
    risk_aversion: float, cost: float, cost_digit: float, variance: float, variance_digit: float
) -> None:
    plan = almgren_chriss(1e6, 5.0, 5, risk_aversion, MARKET)
    assert plan.cost == pytest.approx(cost, abs=cost_digit)
    assert plan.variance == pytest.approx(variance, abs=variance_digit)


def test_square_root_impact_of_one_per_cent_of_volume() -> None:
    assert square_root_impact(1.0, 100.0, 0.02).bps == pytest.approx(20.0, abs=1e-9)


def test_slices_of_lots() -> None:
    assert twap(103.0, 4, lot=10.0).slices.tolist() == [20.0, 30.0, 20.0, 33.0]
    assert vwap(10.0, [1, 2, 4]).slices.tolist() == [1.0, 3.0, 6.0]


def test_shortfall_of_a_buy_that_was_filled_in_part() -> None:
    found = implementation_shortfall(DecidedTrade(500.0, 50.0, 50.2, 51.0), [400.0], [50.5], fees=20.0)
    parts = (found.delay, found.execution, found.opportunity, found.fees)
    assert parts == pytest.approx((80.0, 120.0, 100.0, 20.0))
    assert (found.total, found.bps) == pytest.approx((320.0, 128.0))


def test_quotes_of_a_maker_who_is_long_two() -> None:
    quotes = avellaneda_stoikov(100.0, 2.0, 1.0, QuoteModel(risk_aversion=0.1, volatility=2.0, decay=1.5))
    assert quotes.reservation == pytest.approx(99.2, abs=1e-12)
    assert quotes.spread == pytest.approx(1.6907704, abs=5e-8)


def test_queue_through_trade_cancel_and_trade() -> None:
    queue, filled = after_trade(after_join(joined_queue(10.0, 5.0), 10.0), 4.0)
    assert (queue.ahead, filled) == (6.0, 0.0)
    queue = after_cancel(queue, 8.0)
    assert (queue.ahead, queue.behind) == (3.0, 5.0)
    queue, filled = after_trade(queue, 6.0)
    assert (queue.ahead, filled) == (0.0, 3.0)
