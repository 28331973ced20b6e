"""Buckets of what moves together and sectors: made once a day, and what they may hold."""

from typing import Any

import numpy as np
import pytest
from tests.support.records import desk_of, market_row, rules_from, rules_row, state_row, table_of, term_row

from geobuk.panel import Record
from geobuk.risk.groups import BUCKETS, SECTORS, regroup
from geobuk.risk.limits import limit_groups
from geobuk.risk.reasons import Reason
from geobuk.risk.state import Desk
from geobuk.risk.targets import set_targets

BUCKET = int(Reason.CLAMPED_BUCKET)


def desk_with(*states: tuple[float, float], groups: list[int], masked: tuple[int, ...] = ()) -> Desk:
    """(held weight, target weight) of each at an equity of 1,000 and a price of 10, in these buckets."""
    rows = table_of(*(market_row(10.0, is_tradable=i not in masked) for i in range(len(states))))
    book = table_of(*(state_row(quantity=100.0 * held, target=target, anchor=10.0) for held, target in states))
    desk = desk_of(rows, book, table_of(*[term_row()] * len(states)))
    desk.groups[BUCKETS] = groups
    return desk


def test_those_at_the_threshold_share_a_bucket_and_chains_join() -> None:
    desk = desk_with(*[(0.0, 0.0)] * 4, groups=[-1] * 4)
    desk.account["grouped_on"] = -1
    root = np.array([[1.0, 0.8, 0.0, 0.0], [0.8, 1.0, 0.79, 0.0], [0.0, 0.79, 1.0, 0.85], [0.0, 0.0, 0.85, 1.0]])
    desk.covariance[:] = root * 1e-4
    regroup(desk, rules_row(bucket_correlation=0.8, by_covariance=True))
    assert desk.groups[BUCKETS].tolist() == [0, 0, 1, 1]
    desk.account["day"] = 1
    regroup(desk, rules_row(bucket_correlation=0.79, by_covariance=True))
    assert desk.groups[BUCKETS].tolist() == [0, 0, 0, 0]


def test_within_a_day_groups_stay_as_they_are() -> None:
    desk = desk_with((0.0, 0.0), (0.0, 0.0), groups=[-1, -1])
    desk.covariance[:] = [[1.0, 0.0], [0.0, 1.0]]
    desk.account["grouped_on"] = -1
    rules = rules_row(bucket_correlation=0.5, by_covariance=True)
    regroup(desk, rules)
    desk.covariance[1, 0] = desk.covariance[0, 1] = 0.9
    regroup(desk, rules)
    assert desk.groups[BUCKETS].tolist() == [0, 1]
    desk.account["day"] += 1
    regroup(desk, rules)
    assert desk.groups[BUCKETS].tolist() == [0, 0]


def test_sectors_are_those_of_the_terms() -> None:
    desk = desk_with((0.0, 0.0), (0.0, 0.0), groups=[-1, -1])
    desk.account["grouped_on"] = -1
    desk.terms["sector"] = [3, -1]
    regroup(desk, rules_row(by_sector=True))
    assert desk.groups[SECTORS].tolist() == [3, -1]
    assert desk.groups[BUCKETS].tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("ceiling", "after", "counted"),
    [(1.0, [0.5, -0.5, 0.9], [0, 0, 0]), (0.5, [0.25, -0.25, 0.5], [1, 1, 1]), (0.9, [0.45, -0.45, 0.9], [1, 1, 0])],
)
def test_each_bucket_shrinks_alone_and_sides_do_not_cancel(
    ceiling: float, after: list[float], counted: list[int]
) -> None:
    desk = desk_with((0.0, 0.5), (0.0, -0.5), (0.0, 0.9), groups=[0, 0, 1])
    assert limit_groups(desk, BUCKETS, ceiling, BUCKET) == any(counted)
    assert desk.book["target"] == pytest.approx(after)
    assert desk.book["refusals"][:, BUCKET].tolist() == counted


def test_who_belongs_to_none_is_left_alone() -> None:
    desk = desk_with((0.0, 5.0), (0.0, 0.4), groups=[-1, 0])
    limit_groups(desk, BUCKETS, 0.5, BUCKET)
    assert desk.book["target"].tolist() == [5.0, 0.4]


def test_what_cannot_be_sold_takes_room_in_its_bucket() -> None:
    desk = desk_with((0.4, 0.0), (0.0, 0.3), groups=[0, 0], masked=(0,))
    assert limit_groups(desk, BUCKETS, 0.6, BUCKET)
    assert desk.book["target"] == pytest.approx([0.0, 0.2])


def bucketed(**limits: Any) -> Record:
    rules = rules_from(
        account={"leverage": 10},
        limits={"max_gross": 9.0, "max_net": 9.0, "max_weight": 9.0},
        sizing={"rebalance_band": 0.2},
    )
    for name, value in limits.items():
        rules[name] = value
    return rules


def test_a_bucket_that_cannot_be_sold_stops_what_would_join_it_though_that_alone_is_small() -> None:
    # 1.4 is stuck, 0.5 each of two is wanted: of 1.5 only 0.1 is left for both
    rows = table_of(market_row(10.0, is_tradable=False), market_row(10.0), market_row(10.0))
    book = table_of(state_row(quantity=140.0, anchor=10.0), state_row(), state_row())
    desk = desk_of(rows, book, table_of(*[term_row()] * 3))
    desk.rows["forecast"][0] = np.nan
    desk.groups[BUCKETS] = 0
    set_targets(desk, bucketed(max_bucket=1.5), None)
    assert desk.book["target"][1:] == pytest.approx([5.0, 5.0])
    assert desk.book["refusals"][:, BUCKET].tolist() == [0, 1, 1]


def test_a_bucket_that_holds_too_much_is_cut_back_however_small_the_change() -> None:
    # 1.1 is held, 1.0 is wanted: a change inside the band of 20 %, but above the limit of 1.05
    for ceiling, target in ((1.05, 100.0), (1.15, np.nan)):
        desk = desk_of(table_of(market_row(10.0)), table_of(state_row(quantity=110.0)), table_of(term_row()))
        desk.groups[BUCKETS] = 0
        set_targets(desk, bucketed(max_bucket=ceiling), None)
        np.testing.assert_array_equal(desk.book["target"], [target])
