"""What we know of our orders moves forward only, and an id is claimed once."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from tests.support.binance_orders import request, state

from geobuk.domain.errors import OrderRefusedError
from geobuk.domain.order import OrderStatus, OrderType
from geobuk.venues.binance.known_orders import KnownOrders, is_news

S = OrderStatus
NEWS: list[tuple[Any, Any, bool]] = [
    (None, state(), True),
    (state(), state(), False),
    (state(), state(at_ms=2), False),
    (state(), state(S.PARTIALLY_FILLED, "0.004", 2), True),
    (state(S.PARTIALLY_FILLED, "0.004", 2), state(), False),
    (state(S.FILLED, "0.010", 2), state(S.PARTIALLY_FILLED, "0.004", 2), False),
    (state(S.CANCELED, at_ms=3), state(at_ms=4), False),
    (state(S.CANCELED, at_ms=3), state(S.CANCELED, "0.004", 3), True),
    (state(at_ms=2), state(at_ms=3, price=Decimal(59_000)), True),
    (state(at_ms=3, price=Decimal(59_000)), state(at_ms=2), False),
    (state(S.WAITING, venue_order_id="40"), state(S.NEW, at_ms=2, venue_order_id="7"), True),
    (state(S.NEW, at_ms=2, venue_order_id="7"), state(S.WAITING, at_ms=3, venue_order_id="40"), False),
    (state(S.CANCELED, at_ms=2), state(S.NEW, at_ms=9, venue_order_id="8"), True),
    (state(S.UNKNOWN, venue_order_id=""), state(), True),
]


@pytest.mark.parametrize(("old", "new", "expected"), NEWS)
def test_only_what_says_more_is_news(old: Any, new: Any, expected: bool) -> None:
    assert is_news(old, new) is expected


def test_an_id_is_claimed_once_until_nothing_came_of_it() -> None:
    known = KnownOrders()
    known.claim(request())
    with pytest.raises(OrderRefusedError, match="was sent before"):
        known.claim(request())
    known.release(request())
    known.claim(request())


def test_listeners_are_told_what_a_reply_said_before() -> None:
    known = KnownOrders()
    known.learn(state())
    assert known.tell(state())
    assert not known.tell(state())
    assert list(known.told_open()) == [state()]


def test_orders_of_ours_that_listeners_know_less_of_are_named() -> None:
    known = KnownOrders()
    known.claim(request())
    known.learn(state(S.FILLED, "0.010"))
    known.learn(state(client_order_id="another's", venue_order_id="9"))
    assert [one.client_order_id for one in known.untold()] == ["a-1"]
    known.tell(state(S.FILLED, "0.010"))
    assert not list(known.untold())


def test_what_kind_an_order_is_is_known_from_its_claim_and_its_state() -> None:
    known = KnownOrders()
    assert known.is_conditional("BTCUSDT", "a-1") is None
    known.claim(request(type=OrderType.STOP_MARKET))
    assert known.is_conditional("BTCUSDT", "a-1") is True
    known.learn(state(S.NEW))
    assert known.is_conditional("BTCUSDT", "a-1") is False


def test_whose_number_it_is_is_remembered() -> None:
    known = KnownOrders()
    known.learn(state(venue_order_id="77"))
    assert known.client_order_id("BTCUSDT", "77") == "a-1"
    assert known.client_order_id("ETHUSDT", "77") is None


def test_a_waiting_listener_hears_the_next_word() -> None:
    async def run() -> None:
        known = KnownOrders()
        heard = asyncio.create_task(known.hear("BTCUSDT", "a-1", 5))
        await asyncio.sleep(0)
        known.learn(state(S.FILLED, "0.010"))
        assert (await heard) == state(S.FILLED, "0.010")
        assert await known.hear("BTCUSDT", "a-1", 0.001) is None

    asyncio.run(run())


def test_ended_orders_are_forgotten_before_open_ones() -> None:
    known = KnownOrders(keep=2)
    known.learn(state(client_order_id="open"))
    for number in range(4):
        known.learn(state(S.FILLED, "0.010", client_order_id=f"ended-{number}", venue_order_id=str(number)))
    assert known.get("BTCUSDT", "open") is not None
    assert known.get("BTCUSDT", "ended-0") is None
    assert known.get("BTCUSDT", "ended-3") is not None
