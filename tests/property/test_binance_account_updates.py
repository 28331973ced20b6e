"""However events come, twice, late or not at all: each fill is told once, orders only move forward, budgets hold."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.support.binance_orders import VENUE_MS, fill_event, order_event

from geobuk.domain.order import Fill, OrderState, OrderStatus
from geobuk.domain.updates import VenueUpdate
from geobuk.venues.binance.account_ledger import AccountLedger
from geobuk.venues.binance.endpoints import Endpoint, Lane, Security
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.user_events import OrderEvent
from geobuk.venues.binance.order_states import fill_of_event, state_of_event
from geobuk.venues.binance.rate_budget import Limit, RateBudget

SIZES = ("0.002", "0.003", "0.005")


def life_of(number: int, fills: int, is_cancelled: bool) -> list[Any]:
    """The events of one order, in the venue's order."""
    key = {"c": f"o-{number}", "i": 100 + number}
    at = VENUE_MS + number
    events = [order_event(at, **key)]
    total = Decimal(0)
    for part in range(fills):
        total += Decimal(SIZES[part])
        events.append(fill_event(1 + number * 10 + part, SIZES[part], str(total), at + part, **key))
    if is_cancelled and fills < len(SIZES):
        events.append(order_event(at + fills, x="CANCELED", X="CANCELED", z=str(total), **key))
    return events


lives = st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=5)


@given(lives=lives, data=st.data())
def test_each_fill_is_told_once_and_orders_end_as_at_the_venue(
    lives: list[tuple[int, bool]], data: st.DataObject
) -> None:
    truth = [life_of(number, fills, ends) for number, (fills, ends) in enumerate(lives)]
    events = [event for life in truth for event in life]
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(events), max_size=len(events)), "how often each comes")
    sent = data.draw(st.permutations([event for event, n in zip(events, times, strict=True) for _ in range(n)]))
    is_full = data.draw(st.lists(st.booleans(), min_size=len(sent), max_size=len(sent)), "no room to deliver")
    told: list[VenueUpdate] = []
    room = [True]

    def emit(update: VenueUpdate) -> bool:
        if room[0]:
            told.append(update)
        return room[0]

    known = KnownOrders()
    ledger = AccountLedger("binance", known, emit)
    for event, full in zip(sent, is_full, strict=True):
        room[0] = not full
        ledger.take(event)
    room[0] = True
    for event in events:  # what the recovery over REST brings: every fill, and where each order stands
        assert isinstance(event, OrderEvent)
        fill = fill_of_event("binance", event)
        if fill is not None:
            ledger.take_fill(fill)
    for life in truth:
        ledger.take_state(state_of_event("binance", life[-1]))

    fills = [one for one in told if isinstance(one, Fill)]
    executed = [fill for event in events if (fill := fill_of_event("binance", event)) is not None]
    assert sorted(fills, key=lambda one: int(one.trade_id)) == executed
    for life in truth:
        last = state_of_event("binance", life[-1])
        best = known.get("BTCUSDT", last.client_order_id)
        assert best is not None
        assert (best.status, best.filled) == (last.status, last.filled)
        seen = [one for one in told if isinstance(one, OrderState) and one.client_order_id == last.client_order_id]
        assert [one.filled for one in seen] == sorted(one.filled for one in seen)
        ended = [one for one in seen if one.status in {OrderStatus.CANCELED, OrderStatus.FILLED}]
        assert len(ended) <= 1
        assert (seen[-1].status, seen[-1].filled) == (last.status, last.filled)


calls = st.tuples(st.integers(0, 40), st.sampled_from(list(Lane)), st.booleans(), st.integers(0, 20_000), st.booleans())


@given(st.lists(calls, max_size=200))
def test_no_window_is_ever_overspent_and_waiting_as_told_always_helps(
    calls: list[tuple[int, Lane, bool, int, bool]],
) -> None:
    limits = (Limit(False, 60, 100), Limit(True, 10, 5), Limit(True, 60, 12))
    budget = RateBudget(limits, 0.2)
    now = VENUE_MS
    spent: list[tuple[int, int, int]] = []
    for weight, lane, is_order, pause, waits in calls:
        now += pause
        endpoint = Endpoint("GET", "/x", weight, lane, Security.NONE, int(is_order), int(is_order))
        wait = budget.try_spend(endpoint, now)
        if wait and waits:
            now += wait
            wait = budget.try_spend(endpoint, now)
            for _ in range(2):  # a shorter window may end first
                if wait:
                    now += wait
                    wait = budget.try_spend(endpoint, now)
            assert wait == 0
        if not wait:
            spent.append((now, weight, int(is_order)))
    for limit in limits:
        size = limit.seconds * 1000
        for window in {at // size for at, _, _ in spent}:
            used = sum(order if limit.is_orders else weight for at, weight, order in spent if at // size == window)
            assert used <= limit.limit
