"""Break-even and trail stages: where they begin, where they put the stop, and that it only moves toward less risk."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import rules_from, state_row, term_row

from geobuk.panel import Record
from geobuk.risk.exit_stages import advanced_stop, best_gain, break_even_price, stage_distance

STAGED = rules_from(stops={"fixed": 0.05, "trail_from": (1.0, 2.0, 4.0), "trail_by": (1.0, 0.5, 2.0)})
EVEN = rules_from(stops={"fixed": 0.05, "break_even": 1.5})


def held(side: float = 1.0, peak: float = 100.0, **fields: float) -> Record:
    """Entered at 100 with a stop 5 away."""
    usual = {"quantity": side, "entry": 100.0, "stop": 100.0 - side * 5.0, "peak": peak, "first_risk": 5.0}
    return state_row(**{**usual, **fields})


@pytest.mark.parametrize(
    ("side", "peak", "risk", "gain"),
    [(1.0, 110.0, 5.0, 2.0), (-1.0, 90.0, 5.0, 2.0), (1.0, 100.0, 5.0, 0.0), (1.0, 110.0, 0.0, 0.0)],
)
def test_gain_is_counted_in_the_trades_own_risk(side: float, peak: float, risk: float, gain: float) -> None:
    assert best_gain(side, held(side, peak, first_risk=risk)) == gain


@pytest.mark.parametrize("side", [1.0, -1.0])
@pytest.mark.parametrize(("fee", "tax"), [(0.0, 0.0), (0.0005, 0.0), (0.001, 0.0018)])
def test_leaving_at_break_even_gives_back_all_costs(side: float, fee: float, tax: float) -> None:
    term = term_row(taker=fee)
    term["sell_tax"] = tax
    price = break_even_price(side, 250.0, term)
    bought, sold = (250.0, price) if side > 0 else (price, 250.0)
    assert sold * (1 - fee - tax) == pytest.approx(bought * (1 + fee), rel=1e-12)


@pytest.mark.parametrize(
    ("gain", "distance"),
    [(0.99, inf), (1.0, 5.0), (1.0 - 1e-14, 5.0), (1.99, 5.0), (2.0, 2.5), (3.9, 2.5), (4.0, 10.0), (40.0, 10.0)],
)
def test_the_last_stage_that_was_reached_counts(gain: float, distance: float) -> None:
    assert stage_distance(gain, held(), STAGED) == distance


@pytest.mark.parametrize(
    ("side", "peak", "stop"),
    [(1.0, 104.9, 95.0), (1.0, 105.0, 100.0), (1.0, 110.0, 107.5), (-1.0, 95.0, 100.0), (-1.0, 90.0, 92.5)],
)
def test_stages_move_the_stop_behind_the_best_price(side: float, peak: float, stop: float) -> None:
    assert advanced_stop(side, 0.01, held(side, peak), term_row(), STAGED) == pytest.approx(stop)


def test_a_wider_stage_later_on_moves_nothing_back() -> None:
    # 120 is 4 R, where the last stage trails by 10 to 110; the stage before had it at 117
    assert advanced_stop(1.0, 0.01, held(peak=120.0, stop=117.0), term_row(), STAGED) == 117.0


@pytest.mark.parametrize(
    ("side", "peak", "stop"),
    [(1.0, 107.49, 95.0), (1.0, 107.5, 100.21), (-1.0, 92.51, 105.0), (-1.0, 92.5, 99.8)],
)
def test_break_even_is_rounded_toward_more_profit(side: float, peak: float, stop: float) -> None:
    assert advanced_stop(side, 0.01, held(side, peak), term_row(taker=0.001), EVEN) == pytest.approx(stop)


@pytest.mark.parametrize(("side", "peak"), [(1.0, 107.5), (-1.0, 92.5)])
def test_costs_wider_than_the_gain_move_nothing(side: float, peak: float) -> None:
    assert advanced_stop(side, 0.01, held(side, peak), term_row(taker=0.05), EVEN) == 100.0 - side * 5.0


def test_a_trade_without_risk_of_its_own_has_no_stages() -> None:
    assert advanced_stop(1.0, 0.01, held(peak=150.0, first_risk=0.0), term_row(), STAGED) == 95.0


ALL = rules_from(
    stops={"trailing": 0.07, "trailing_atr": 3.0, "break_even": 0.5, "trail_from": (1.0, 2.0), "trail_by": (1.5, 0.3)}
)


@given(
    st.sampled_from([1.0, -1.0]),
    st.floats(50, 150),
    st.floats(50, 150),
    st.floats(0, 20),
    st.floats(0, 30),
    st.sampled_from([0.01, 0.5]),
)
def test_a_stop_never_moves_away(side: float, stop: float, peak: float, atr: float, risk: float, tick: float) -> None:
    state = held(side, peak, stop=stop, atr=atr, first_risk=risk)
    assert side * (advanced_stop(side, tick, state, term_row(taker=0.0005), ALL) - stop) >= 0.0
