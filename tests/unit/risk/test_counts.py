"""How many positions and orders there may be, and who gives way."""

from math import isnan, nan

import pytest
from tests.support.records import desk_of, market_row, rules_row, state_row, table_of, term_row

from geobuk.risk.counts import is_enlarging, limit_orders, limit_positions
from geobuk.risk.reasons import Reason
from geobuk.risk.state import Desk

POSITIONS, ORDERS = int(Reason.TOO_MANY_POSITIONS), int(Reason.TOO_MANY_ORDERS)


def desk_with(*states: tuple[float, float], masked: tuple[int, ...] = (), price: float = 10.0) -> Desk:
    """(held, target) of each instrument."""
    rows = table_of(*(market_row(price, is_tradable=i not in masked) for i in range(len(states))))
    book = table_of(*(state_row(quantity=held, target=target, anchor=price) for held, target in states))
    return desk_of(rows, book, table_of(*[term_row()] * len(states)))


@pytest.mark.parametrize(
    ("most", "after"),
    [
        (0, [0.3, -0.1, 0.2, 0.05]),  # off
        (4, [0.3, -0.1, 0.2, 0.05]),
        (3, [0.3, -0.1, 0.2, 0.0]),
        (2, [0.3, 0.0, 0.2, 0.0]),
        (1, [0.3, 0.0, 0.0, 0.0]),
    ],
)
def test_the_smallest_new_positions_give_way(most: int, after: list[float]) -> None:
    desk = desk_with((0, 0.3), (0, -0.1), (0, 0.2), (0, 0.05))
    assert limit_positions(desk, rules_row(max_positions=most)) == (after[3] == 0.0)
    assert desk.book["target"].tolist() == after
    assert desk.book["refusals"][:, POSITIONS].tolist() == [int(weight == 0.0) for weight in after]


def test_what_is_held_stays_and_a_turn_counts_as_new() -> None:
    # held and wanted on the same side: kept, however small; the turn gives way and becomes an exit
    desk = desk_with((1.0, 0.01), (-1.0, 0.02), (0, 0.3))
    limit_positions(desk, rules_row(max_positions=2))
    assert desk.book["target"].tolist() == [0.01, 0.0, 0.3]


def test_more_are_held_than_may_be_and_none_is_closed_for_it() -> None:
    desk = desk_with((1.0, 0.1), (1.0, 0.2), (0, 0.9))
    assert limit_positions(desk, rules_row(max_positions=1))
    assert desk.book["target"].tolist() == [0.1, 0.2, 0.0]


def test_a_position_that_is_wanted_no_more_makes_room_but_not_on_a_masked_bar() -> None:
    leaving = desk_with((1.0, 0.0), (0, 0.3))
    assert not limit_positions(leaving, rules_row(max_positions=1))
    stuck = desk_with((1.0, 0.0), (0, 0.3), masked=(0,))
    assert limit_positions(stuck, rules_row(max_positions=1))
    assert stuck.book["target"].tolist() == [0.0, 0.0]


def test_a_bar_whose_price_is_none_keeps_its_place_like_a_masked_one() -> None:
    desk = desk_with((1.0, 0.0), (0, 0.3))
    desk.rows["close"][0] = nan
    assert limit_positions(desk, rules_row(max_positions=1))
    assert desk.book["target"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("target", "held", "enlarges"),
    [
        (nan, 1.0, False),
        (0.0, 1.0, False),
        (0.5, 1.0, False),
        (1.0, 1.0, False),
        (1.1, 1.0, True),
        (-0.1, 1.0, True),
        (0.1, 0.0, True),
        (-1.1, -1.0, True),
    ],
)
def test_what_adds_to_a_position_or_turns_it_enlarges(target: float, held: float, enlarges: bool) -> None:
    assert is_enlarging(target, held) == enlarges


def test_the_smallest_orders_give_way_and_exits_are_never_counted() -> None:
    # orders of 3, 1 and 2 (times 10); an exit and a reduction beside them
    desk = desk_with((0, 3.0), (0, 1.0), (2.0, 4.0), (5.0, 0.0), (5.0, 4.0))
    limit_orders(desk, rules_row(max_orders=2))
    assert [None if isnan(x) else x for x in desk.book["target"]] == [3.0, None, 4.0, 0.0, 4.0]
    assert desk.book["refusals"][:, ORDERS].tolist() == [0, 1, 0, 0, 0]


def test_a_turn_that_may_not_be_ordered_becomes_an_exit() -> None:
    desk = desk_with((0, 9.0), (1.0, -1.0))
    limit_orders(desk, rules_row(max_orders=1))
    assert desk.book["target"].tolist() == [9.0, 0.0]


def test_without_a_limit_every_order_goes() -> None:
    desk = desk_with(*[(0.0, 1.0)] * 5)
    limit_orders(desk, rules_row(max_orders=0))
    assert not desk.book["refusals"].any()
