"""Limits that are never overrun, and shares that are kept for orders and cancels."""

from geobuk.venues.binance import endpoints
from geobuk.venues.binance.endpoints import Endpoint, Lane, Security
from geobuk.venues.binance.rate_budget import Limit, RateBudget, limit_of

AT = 1_790_000_040_000 // 60_000 * 60_000


def call(weight: int, lane: Lane = Lane.DATA, orders: int = 0) -> Endpoint:
    return Endpoint("GET", "/x", weight, lane, Security.NONE, orders, orders)


def budget(weight: int = 100, orders_10s: int = 10, share: float = 0.2) -> RateBudget:
    return RateBudget([Limit(False, 60, weight), Limit(True, 10, orders_10s), Limit(True, 60, 100)], share)


def test_data_waits_for_the_next_minute_while_a_cancel_still_passes() -> None:
    limits = budget()
    assert limits.try_spend(call(70), AT) == 0
    assert limits.try_spend(call(1), AT + 5_000) == 55_000
    assert limits.try_spend(call(5, Lane.ACCOUNT), AT + 5_000) == 0
    assert limits.try_spend(call(10, Lane.TRADE), AT + 5_000) == 0
    assert limits.try_spend(call(5, Lane.RISK), AT + 5_000) == 0
    assert limits.try_spend(call(10, Lane.TRADE), AT + 5_000) > 0
    assert limits.try_spend(call(10, Lane.RISK), AT + 5_000) == 0
    assert limits.try_spend(call(1), AT + 60_000) == 0


def test_refused_spending_spends_nothing() -> None:
    limits = budget()
    limits.try_spend(call(60), AT)
    for _ in range(5):
        assert limits.try_spend(call(20), AT) > 0
    assert limits.used(is_orders=False, seconds=60) == 60


def test_order_counters_have_windows_of_ten_seconds() -> None:
    limits = budget()
    place = endpoints.PLACE
    assert [limits.try_spend(place, AT + 1) for _ in range(9)] == [0] * 9
    assert limits.try_spend(place, AT + 2_000) == 8_000
    assert limits.try_spend(endpoints.PLACE_REDUCING, AT + 2_000) == 0
    assert limits.try_spend(endpoints.PLACE_REDUCING, AT + 2_000) == 8_000
    assert limits.try_spend(place, AT + 10_000) == 0


def test_the_venues_own_count_is_believed_where_it_is_higher() -> None:
    limits = budget()
    limits.try_spend(call(10), AT)
    limits.observe({"x-mbx-used-weight-1m": "75", "x-mbx-order-count-10s": "x"}, AT)
    assert limits.used(is_orders=False, seconds=60) == 75
    limits.observe({"x-mbx-used-weight-1m": "3"}, AT)
    assert limits.used(is_orders=False, seconds=60) == 75
    assert limits.try_spend(call(1), AT) == 60_000


def test_a_block_holds_for_every_lane_and_is_never_shortened() -> None:
    limits = budget()
    limits.block(AT + 30_000, is_ban=True)
    limits.block(AT + 10_000)
    assert limits.try_spend(call(1, Lane.RISK), AT + 20_000) == 10_000
    assert limits.is_banned
    assert limits.try_spend(call(1, Lane.RISK), AT + 30_000) == 0
    assert not limits.is_banned


def test_too_many_orders_for_the_venue_stops_orders_until_the_shortest_window_ends() -> None:
    limits = budget()
    assert limits.exhaust_orders(AT + 1_000) == AT + 10_000
    assert limits.try_spend(endpoints.PLACE, AT + 1_000) == 9_000
    assert limits.try_spend(endpoints.CANCEL, AT + 1_000) == 0


def test_new_limits_keep_what_was_used() -> None:
    limits = budget()
    limits.try_spend(call(50), AT)
    limits.set_limits([Limit(False, 60, 2_400)])
    assert limits.used(is_orders=False, seconds=60) == 50


def test_a_call_dearer_than_its_share_passes_in_an_empty_window() -> None:
    assert budget().try_spend(call(95), AT) == 0


def test_limits_of_other_kinds_are_left_alone() -> None:
    assert limit_of("RAW_REQUESTS", "MINUTE", 5, 1) is None
    assert limit_of("ORDERS", "SECOND", 10, 300) == Limit(True, 10, 300)
