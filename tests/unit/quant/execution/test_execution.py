"""Costs, schedules, shortfall, quotes and the queue at their edges and against brute force."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from geobuk.quant.execution import (
    DecidedTrade,
    LinearImpact,
    Queue,
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

MARKET = LinearImpact(volatility=1.2, temporary=3e-6, permanent=1e-7, fixed=0.05)


def test_impact_above_a_tenth_of_volume_is_flagged() -> None:
    assert square_root_impact(10.0, 100.0, 0.02).flags == ()
    assert square_root_impact(10.1, 100.0, 0.02).flags == ("crowded",)
    assert square_root_impact(0.0, 100.0, 0.02).fraction == 0.0
    assert square_root_impact(4.0, 100.0, 0.03, factor=0.5).fraction == pytest.approx(0.003)


@pytest.mark.parametrize(
    "numbers",
    [(-1.0, 1.0, 0.1), (1.0, 0.0, 0.1), (1.0, -1.0, 0.1), (1.0, 1.0, -0.1), (math.nan, 1.0, 0.1), (1.0, math.nan, 0.1)],
)
def test_impacts_that_cannot_be_are_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"quantity|daily_vol"):
        square_root_impact(*numbers)


@pytest.mark.parametrize("risk_aversion", [1e-7, 1e-6, 1e-5])
def test_the_schedule_minimises_cost_plus_risk(risk_aversion: float) -> None:
    quantity, days, count = 5e5, 2.0, 6
    tau = days / count

    def worth(inner: np.ndarray) -> float:
        left = np.concatenate(([1.0], inner, [0.0])) * quantity
        sold = left[:-1] - left[1:]
        temporary = MARKET.temporary - 0.5 * MARKET.permanent * tau
        cost = 0.5 * MARKET.permanent * quantity**2 + MARKET.fixed * quantity + temporary / tau * np.sum(sold**2)
        return (cost + risk_aversion * MARKET.volatility**2 * tau * np.sum(left[1:] ** 2)) / 1e4

    plan = almgren_chriss(quantity, days, count, risk_aversion, MARKET)
    best = minimize(worth, np.linspace(1, 0, count + 1)[1:-1], method="BFGS", options={"gtol": 1e-9})
    assert plan.holdings[1:-1] / quantity == pytest.approx(best.x, abs=1e-5)
    assert (plan.cost + risk_aversion * plan.variance) / 1e4 == pytest.approx(best.fun, rel=1e-10)


def test_a_buy_mirrors_a_sale() -> None:
    sale, buy = (almgren_chriss(size, 1.0, 4, 1e-6, MARKET) for size in (1e5, -1e5))
    assert buy.holdings == pytest.approx(-sale.holdings)
    assert (buy.cost, buy.variance) == pytest.approx((sale.cost, sale.variance))


def test_great_urgency_sells_all_at_once_without_overflow() -> None:
    plan = almgren_chriss(1e6, 100.0, 100, 1e6, MARKET)
    assert plan.trades[0] == pytest.approx(1e6)
    assert np.isfinite(plan.holdings).all()


def test_hardly_any_urgency_is_the_even_schedule() -> None:
    even = almgren_chriss(1e6, 5.0, 5, 0.0, MARKET)
    assert even.flags == ("even",)
    assert even.half_life == math.inf
    for risk_aversion in (1e-16, 1e-25, 1e-300):
        plan = almgren_chriss(1e6, 5.0, 5, risk_aversion, MARKET)
        assert plan.holdings == pytest.approx(even.holdings, rel=1e-6)


def test_no_quantity_is_an_empty_plan() -> None:
    plan = almgren_chriss(0.0, 5.0, 5, 1e-6, MARKET)
    assert (plan.trades.size, plan.cost, plan.variance, plan.flags) == (0, 0.0, 0.0, ("empty",))


@pytest.mark.parametrize(
    "numbers",
    [(math.nan, 1.0, 4, 0.0), (1.0, 0.0, 4, 0.0), (1.0, 1.0, 0, 0.0), (1.0, 1.0, 4, -1.0), (1.0, math.inf, 4, 0.0)],
)
def test_plans_that_cannot_be_are_refused(numbers: tuple[float, float, int, float]) -> None:
    with pytest.raises(ValueError, match=r"quantity|days|intervals|risk_aversion"):
        almgren_chriss(*numbers, MARKET)
    with pytest.raises(ValueError, match="must be positive"):
        almgren_chriss(1.0, 1.0, 1, 0.0, LinearImpact(1.0, 1e-6, 1e-5))
    with pytest.raises(ValueError, match="volatility -1"):
        LinearImpact(-1.0, 1e-6)


@given(st.floats(0.0, 1e6), st.integers(1, 50), st.sampled_from([0.001, 0.1, 1.0, 10.0]))
def test_even_slices_are_whole_lots_that_sum_to_the_quantity(quantity: float, count: int, lot: float) -> None:
    found = twap(quantity, count, lot=lot).slices
    assert math.fsum(found) == pytest.approx(quantity, rel=1e-12)
    assert (found >= -1e-9).all()
    whole = found[:-1] / lot
    assert whole == pytest.approx(np.round(whole), abs=1e-6)


@given(st.floats(0.01, 1e5), st.lists(st.floats(0.0, 1e9), min_size=1, max_size=30), st.sampled_from([0.001, 0.1, 1.0]))
def test_slices_along_a_profile_sum_to_the_quantity_and_stay_within_a_lot(
    quantity: float, profile: list[float], lot: float
) -> None:
    found = vwap(quantity, profile, lot=lot)
    assert math.fsum(found.slices) == pytest.approx(quantity, rel=1e-12)
    assert (found.slices >= 0.0).all()
    if max(profile) > 0.0:
        shares = np.array(profile) / max(profile)
        ideal = quantity * shares / shares.sum()
        assert np.abs(found.slices - ideal).max() <= 2.0 * lot + 1e-6 * quantity


def test_equal_remainders_go_to_the_earlier_slice() -> None:
    assert vwap(2.0, [1, 1, 1]).slices.tolist() == [1.0, 1.0, 0.0]
    assert vwap(1.0, [1, 1, 0], lot=0.1).slices == pytest.approx([0.5, 0.5, 0.0])


def test_less_than_a_lot_goes_to_the_last_slice_with_volume() -> None:
    assert vwap(10.4, [1, 2, 4, 0]).slices == pytest.approx([1.0, 3.0, 6.4, 0.0])


def test_no_quantity_and_no_volume() -> None:
    assert (twap(0.0, 4).slices.size, twap(0.0, 4).flags) == (0, ("empty",))
    assert vwap(0.0, [1.0]).flags == ("empty",)
    fallen = vwap(10.0, [0.0, 0.0])
    assert (fallen.slices.tolist(), fallen.flags) == ([5.0, 5.0], ("no_profile",))


@pytest.mark.parametrize(
    "call",
    [
        lambda: twap(-1.0, 4),
        lambda: twap(math.nan, 4),
        lambda: twap(1.0, 0),
        lambda: twap(1.0, 4, lot=0.0),
        lambda: vwap(1.0, []),
        lambda: vwap(1.0, [1.0, -1.0]),
        lambda: vwap(1.0, [math.nan]),
    ],
)
def test_schedules_that_cannot_be_are_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"quantity|slices|lot|profile"):
        call()  # type: ignore[operator]


def test_shortfall_is_paper_profit_minus_actual_profit() -> None:
    sizes, prices = np.array([100.0, 50.0]), np.array([19.7, 19.9])
    found = implementation_shortfall(DecidedTrade(-200.0, 20.0, 19.8, 19.0), sizes, prices, fees=3.0)
    paper = -200.0 * (19.0 - 20.0)
    actual = float(np.sum(-sizes * (19.0 - prices))) - 3.0
    assert found.total == pytest.approx(paper - actual)
    assert found.delay == pytest.approx(30.0)
    assert found.opportunity == pytest.approx(50.0)


def test_without_a_fill_all_is_opportunity() -> None:
    found = implementation_shortfall(DecidedTrade(100.0, 10.0, 10.1, 10.5), [], [])
    assert (found.execution, found.delay, found.flags) == (0.0, 0.0, ("unfilled",))
    assert found.opportunity == pytest.approx(50.0)
    assert found.bps == pytest.approx(500.0)


@pytest.mark.parametrize(
    ("sizes", "prices", "fees"),
    [([1.0], [], 0.0), ([0.0], [1.0], 0.0), ([1.0], [math.nan], 0.0), ([101.0], [1.0], 0.0), ([1.0], [1.0], math.nan)],
)
def test_fills_that_cannot_be_are_refused(sizes: list[float], prices: list[float], fees: float) -> None:
    with pytest.raises(ValueError, match=r"fill|sizes|fees"):
        implementation_shortfall(DecidedTrade(100.0, 10.0, 10.1, 10.5), sizes, prices, fees=fees)


@pytest.mark.parametrize("numbers", [(0.0, 1.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0), (1.0, 1.0, math.nan, 1.0)])
def test_decisions_that_cannot_be_are_refused(numbers: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"not a trade|not a positive price"):
        DecidedTrade(*numbers)


def test_a_maker_without_inventory_or_time_quotes_around_the_mid() -> None:
    model = QuoteModel(0.1, 2.0, 1.5)
    for inventory, time_left in ((0.0, 1.0), (5.0, 0.0)):
        quotes = avellaneda_stoikov(100.0, inventory, time_left, model)
        assert (quotes.bid + quotes.ask) / 2 == pytest.approx(100.0)
    assert avellaneda_stoikov(100.0, -2.0, 1.0, model).reservation == pytest.approx(100.8)


@pytest.mark.parametrize(
    "call",
    [
        lambda: QuoteModel(0.0, 1.0, 1.0),
        lambda: QuoteModel(0.1, -1.0, 1.0),
        lambda: QuoteModel(0.1, 1.0, math.nan),
        lambda: avellaneda_stoikov(0.0, 1.0, 1.0, QuoteModel(0.1, 1.0, 1.0)),
        lambda: avellaneda_stoikov(1.0, math.nan, 1.0, QuoteModel(0.1, 1.0, 1.0)),
        lambda: avellaneda_stoikov(1.0, 1.0, -1.0, QuoteModel(0.1, 1.0, 1.0)),
    ],
)
def test_quotes_that_cannot_be_are_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"risk_aversion|volatility|decay|mid|inventory"):
        call()  # type: ignore[operator]


SIZE = st.floats(0.0, 1e6)


@given(SIZE, SIZE, SIZE, SIZE)
def test_a_trade_moves_exactly_what_stands_there(ahead: float, own: float, behind: float, size: float) -> None:
    before = Queue(ahead, own, behind)
    after, filled = after_trade(before, size)
    assert min(after) >= 0.0
    assert sum(before) - sum(after) == pytest.approx(min(size, sum(before)), abs=1e-6)
    assert filled == pytest.approx(own - after.own, abs=1e-9)
    assert filled == 0.0 or after.ahead == 0.0


@given(SIZE, SIZE, SIZE, SIZE, st.booleans())
def test_cancels_of_others_never_touch_our_own(
    ahead: float, own: float, behind: float, size: float, is_careful: bool
) -> None:
    before = Queue(ahead, own, behind)
    after = after_cancel(before, size, is_careful)
    assert after.own == own
    assert min(after) >= 0.0
    assert ahead + behind - after.ahead - after.behind == pytest.approx(min(size, ahead + behind), abs=1e-6)
    if is_careful:
        assert after.ahead >= after_cancel(before, size).ahead - 1e-6


def test_who_joins_stands_behind_us() -> None:
    assert after_join(joined_queue(3.0, 2.0), 4.0) == (3.0, 2.0, 4.0)


def test_a_queue_that_cannot_be_is_refused() -> None:
    for ahead, own in ((-1.0, 1.0), (1.0, 0.0), (math.nan, 1.0), (1.0, math.inf)):
        with pytest.raises(ValueError, match="ahead"):
            joined_queue(ahead, own)
