"""Rungs: where they rest, what is left for each, and what a decision may hold after one."""

from decimal import Decimal
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import rules_from, state_row, term_row

from geobuk.panel import Record
from geobuk.risk.exit_ladder import kept_ceiling, rung_price, rung_quantity

RUNGS = rules_from(stops={"fixed": 0.05, "take_profit": (1.0, 2.0, 3.0), "take_share": (0.5, 0.25, 0.25)})


def held(quantity: float, taken: float = 0.0, largest: float = 0.0) -> Record:
    return state_row(
        quantity=quantity, entry=100.0, first_risk=5.0, largest=largest or abs(quantity) + taken, taken=taken
    )


@pytest.mark.parametrize(
    ("rung", "side", "tick", "price"),
    [(0, 1.0, 0.01, 105.0), (2, 1.0, 0.01, 115.0), (1, -1.0, 0.01, 90.0), (0, 1.0, 2.0, 106.0), (0, -1.0, 2.0, 94.0)],
)
def test_a_rung_is_rounded_away_from_the_entry(rung: int, side: float, tick: float, price: float) -> None:
    assert rung_price(rung, side, tick, held(side), RUNGS) == pytest.approx(price)


@pytest.mark.parametrize(
    ("rung", "state", "quantity"),
    [
        (0, held(8.0), 4.0),
        (0, held(-8.0), 4.0),
        (1, held(8.0), 6.0),  # a bar that reaches both takes what both want
        (0, held(4.0, taken=4.0), 0.0),  # done
        (1, held(4.0, taken=4.0), 2.0),
        (0, held(7.0, taken=1.0), 3.0),  # the rest of one that was filled in part
        (2, held(2.0, taken=6.0), 2.0),
        (0, held(3.0, largest=8.0), 3.0),  # a decision has closed some: no more than is held
    ],
)
def test_what_is_left_for_a_rung(rung: int, state: Record, quantity: float) -> None:
    assert rung_quantity(rung, 105.0, state, term_row(), RUNGS) == pytest.approx(quantity)


@pytest.mark.parametrize(
    ("rule", "quantity"),
    [
        ({"step": Decimal(1)}, 3.0),  # half of 5 on whole units
        ({"min_quantity": Decimal(3)}, 5.0),  # 2.5 would remain
        ({"min_quantity": Decimal("2.5")}, 2.5),
        ({"min_notional": Decimal(263)}, 5.0),  # 2.5 * 105 = 262.5
        ({"min_notional": Decimal(262)}, 2.5),
    ],
)
def test_what_would_remain_too_small_goes_too(rule: dict[str, Decimal], quantity: float) -> None:
    assert rung_quantity(0, 105.0, held(5.0), term_row(**rule), RUNGS) == pytest.approx(quantity)


def test_what_the_volume_left_of_a_whole_exit_goes_on_leaving() -> None:
    # half of 5 would leave 2.5 * 105 < 263: all was wanted, 4.5 were filled; the rest of 0.5 is too small to stay
    assert rung_quantity(0, 105.0, held(0.5, taken=4.5), term_row(min_notional=Decimal(263)), RUNGS) == 0.5
    assert rung_quantity(0, 105.0, held(0.5, taken=4.5), term_row(), RUNGS) == 0.0


def test_without_a_rung_taken_there_is_no_ceiling() -> None:
    assert kept_ceiling(held(8.0)) == inf
    assert kept_ceiling(state_row()) == inf


def test_after_a_rung_a_decision_may_hold_what_it_left_of_the_first_size() -> None:
    assert kept_ceiling(held(4.0, taken=4.0)) == 4.0
    assert kept_ceiling(held(-1.0, taken=4.0, largest=8.0)) == 4.0


@given(
    st.integers(1, 5_000),
    st.sampled_from(["0.001", "1"]),
    st.lists(st.floats(0.01, 1.0), min_size=1, max_size=4).filter(lambda shares: sum(shares) <= 1.0),
)
def test_rungs_together_never_take_more_than_the_first_size(steps: int, step: str, shares: list[float]) -> None:
    grid = float(step)
    rules = rules_from(
        stops={"fixed": 0.05, "take_profit": tuple(range(1, len(shares) + 1)), "take_share": tuple(shares)}
    )
    term, first = term_row(step=Decimal(step), min_quantity=Decimal(step)), steps * grid
    left, taken, total = first, 0.0, 0.0
    for rung, share in enumerate(shares):
        total += share
        if left <= grid / 2:
            break
        got = rung_quantity(rung, 105.0, held(left, taken, first), term, rules)
        assert got >= 0.0
        taken, left = taken + got, left - got
        assert left >= -grid * 1e-6
        assert taken >= total * first - grid * 1e-6  # rounding closes more, never less
        assert taken / grid == pytest.approx(round(taken / grid), abs=1e-6)
