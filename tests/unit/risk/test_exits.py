"""Protective stops: where they rest, and that they only ever move toward less risk."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import rules_from, state_row

from geobuk.risk.exits import (
    box_distance,
    entry_distance,
    initial_stop,
    needs_atr,
    stop_distance,
    trailed_stop,
    volatility_distance,
)


@pytest.mark.parametrize(
    ("stops", "distance"),
    [
        ({}, inf),
        ({"fixed": 0.05}, 10.0),
        ({"trailing": 0.1}, 20.0),
        ({"atr": 3.0}, 12.0),
        ({"trailing_atr": 2.0}, 8.0),
        ({"fixed": 0.05, "trailing": 0.1, "atr": 3.0, "trailing_atr": 2.0}, 8.0),  # the nearest counts
    ],
)
def test_distance_of_the_nearest_stop_at_200_with_a_range_of_4(stops: dict[str, float], distance: float) -> None:
    assert stop_distance(200.0, 4.0, rules_from(stops=stops)) == pytest.approx(distance)


def test_a_volatility_stop_is_so_many_daily_moves_away() -> None:
    # 0.95525 a year is 5 % a day: two of them at 200 are 20
    assert volatility_distance(200.0, 0.05 * 365**0.5, rules_from(stops={"volatility": 2.0})) == pytest.approx(20.0)
    assert volatility_distance(200.0, 0.5, rules_from()) == inf


@pytest.mark.parametrize(
    ("side", "price", "distance"),
    [
        (1.0, 100.0, 10.5),
        (-1.0, 100.0, 12.5),
        (1.0, 89.0, 0.5),  # below the box already
        (-1.0, 113.0, 0.5),
    ],
)
def test_a_box_stop_is_a_tick_beyond_the_box(side: float, price: float, distance: float) -> None:
    state = state_row(box_low=90.0, box_high=112.0)
    assert box_distance(side, price, 0.5, state, rules_from(stops={"box_days": 1.0})) == pytest.approx(distance)
    assert box_distance(side, price, 0.5, state, rules_from()) == inf


def test_a_box_that_is_not_known_is_none() -> None:
    assert box_distance(1.0, 100.0, 0.5, state_row(), rules_from(stops={"box_days": 1.0})) == inf


@pytest.mark.parametrize(
    ("stops", "distance"),
    [
        ({}, inf),
        ({"fixed": 0.05, "atr": 3.0, "volatility": 2.0, "box_days": 1.0}, 5.0),
        ({"fixed": 0.2, "atr": 1.0, "volatility": 2.0, "box_days": 1.0}, 4.0),
        ({"fixed": 0.2, "atr": 5.0, "volatility": 0.3, "box_days": 1.0}, 3.0),
        ({"fixed": 0.2, "atr": 5.0, "volatility": 2.0, "box_days": 1.0}, 6.01),
    ],
)
def test_the_nearest_of_all_stops_counts(stops: dict[str, float], distance: float) -> None:
    state = state_row(atr=4.0, volatility=0.1 * 365**0.5, box_low=94.0, box_high=120.0)
    assert entry_distance(1.0, 100.0, 0.01, state, rules_from(stops=stops)) == pytest.approx(distance)


@pytest.mark.parametrize(
    ("stops", "needed"),
    [
        ({"fixed": 0.05}, False),
        ({"atr": 3.0}, True),
        ({"trailing_atr": 1.0}, True),
        ({"volatility": 2.0}, True),
        ({}, False),
    ],
)
def test_only_stops_by_range_and_volatility_need_them_known(stops: dict[str, float], needed: bool) -> None:
    assert needs_atr(rules_from(stops=stops)) == needed


@pytest.mark.parametrize(
    ("side", "tick", "stop"),
    [(1.0, 0.01, 95.01), (-1.0, 0.01, 105.03), (1.0, 0.5, 95.5), (-1.0, 0.5, 105.0), (1.0, 0.0, 95.0095)],
)
def test_a_stop_is_rounded_toward_the_entry(side: float, tick: float, stop: float) -> None:
    # 5 % of 100.01 is 5.0005: 95.0095 below, 105.0105 above; at 100.03 for the short 105.0315
    price = 100.01 if side > 0 else 100.03
    assert initial_stop(side, price, 0.05 * price, tick) == pytest.approx(stop)


def test_without_a_stop_there_is_none() -> None:
    assert initial_stop(1.0, 100.0, inf, 0.01) == 0.0


def test_a_stop_below_zero_is_no_stop() -> None:
    assert initial_stop(1.0, 100.0, 240.0, 0.01) == 0.0


def test_a_trailing_stop_follows_the_peak() -> None:
    rules = rules_from(stops={"trailing": 0.1})
    assert trailed_stop(1.0, 90.0, 120.0, 0.0, 0.01, rules) == pytest.approx(108.0)
    assert trailed_stop(-1.0, 110.0, 80.0, 0.0, 0.01, rules) == pytest.approx(88.0)


def test_a_fixed_stop_does_not_trail() -> None:
    assert trailed_stop(1.0, 95.0, 200.0, 4.0, 0.01, rules_from(stops={"fixed": 0.05, "atr": 2.0})) == 95.0


def test_a_range_that_is_not_known_trails_nothing() -> None:
    assert trailed_stop(1.0, 95.0, 200.0, 0.0, 0.01, rules_from(stops={"trailing_atr": 2.0})) == 95.0


RULES = rules_from(stops={"trailing": 0.07, "trailing_atr": 3.0})


@given(st.floats(50, 150), st.floats(50, 150), st.floats(0, 20), st.sampled_from([0.01, 0.5]))
def test_a_stop_never_moves_away(stop: float, peak: float, atr: float, tick: float) -> None:
    assert trailed_stop(1.0, stop, peak, atr, tick, RULES) >= stop
    assert trailed_stop(-1.0, stop, peak, atr, tick, RULES) <= stop
