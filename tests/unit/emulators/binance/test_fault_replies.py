"""Faults of requests: what the client sees, and what really happened at the venue."""

import asyncio
from typing import Any

import aiohttp
import pytest
from tests.support.emulation import Scene, in_emulation

from geobuk.domain.errors import UserError


def orders(scene: Scene) -> int:
    return len(scene.exchange.engine.orders("main"))


@pytest.mark.parametrize("is_executed", [True, False])
@pytest.mark.parametrize(("kind", "status", "code"), [("unknown_outcome", 503, -1000), ("timeout", 408, -1007)])
def test_an_order_of_unknown_outcome_did_or_did_not_arrive(
    kind: str, status: int, code: int, is_executed: bool
) -> None:
    async def act(scene: Scene) -> None:
        scene.fault(kind, is_executed=is_executed, when={"count": 1})
        reply = await scene.order(newClientOrderId="mine-1")
        assert (reply.status, reply.code) == (status, code)
        assert orders(scene) == int(is_executed)
        seen = await scene.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", origClientOrderId="mine-1")
        assert seen.status == 200 if is_executed else seen.code == -2013
        again = await scene.order(newClientOrderId="mine-1")
        assert again.code == -4116 if is_executed else again.status == 200

    in_emulation(act)


@pytest.mark.parametrize(
    ("kind", "status", "code", "words"),
    [
        ("unavailable", 503, -1000, "Service Unavailable."),
        ("internal_error", 503, -1001, "Internal error"),
        ("rate_limited", 429, -1003, "Too many requests"),
        ("banned", 418, -1003, "banned until"),
        ("maintenance", 503, -1016, "no longer available"),
        ("bad_timestamp", 400, -1021, "recvWindow"),
        ("throttled", 503, -1008, "throttled"),
    ],
)
def test_a_refusal_is_worded_like_the_venues_and_nothing_is_executed(
    kind: str, status: int, code: int, words: str
) -> None:
    async def act(scene: Scene) -> None:
        number = scene.fault(kind)
        reply = await scene.order()
        assert (reply.status, reply.code) == (status, code)
        assert words in reply.body["msg"]
        assert orders(scene) == 0
        if status in {418, 429}:
            assert int(reply.headers["Retry-After"]) > 0
        assert scene.emulation.faults.remove(number or 0)
        assert (await scene.order()).status == 200

    in_emulation(act)


def test_throttling_lets_reducing_orders_and_cancels_pass() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.010")
        resting = (await scene.order()).body["orderId"]
        scene.fault("throttled")
        assert (await scene.order()).code == -1008
        assert (await scene.market_order("SELL", "0.010", reduceOnly="true")).status == 200
        cancelled = await scene.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=resting)
        assert cancelled.status == 200

    in_emulation(act)


def test_a_new_order_is_not_visible_for_a_while() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("not_visible", lag_ms=300)
        number = (await scene.order()).body["orderId"]
        asked: dict[str, Any] = {"symbol": "BTCUSDT", "orderId": number}
        assert (await scene.signed("GET", "/fapi/v1/order", **asked)).code == -2013
        scene.pass_time(0.3)
        assert (await scene.signed("GET", "/fapi/v1/order", **asked)).status == 200

    in_emulation(act)


def test_an_order_that_fills_just_before_its_cancel_cannot_be_cancelled() -> None:
    async def act(scene: Scene) -> None:
        better = (await scene.order(price="83500.00", quantity="0.005")).body["orderId"]
        number = (await scene.order(price="83000.00", quantity="0.010")).body["orderId"]
        scene.fault("cancel_race", when={"count": 1})
        reply = await scene.signed("DELETE", "/fapi/v1/order", symbol="BTCUSDT", orderId=number)
        assert (reply.status, reply.code) == (400, -2011)
        for order in (better, number):
            seen = await scene.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=order)
            assert seen.body["status"] == "FILLED"

    in_emulation(act)


def test_a_dry_book_fills_a_part_and_stops() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("dry_book", fraction=0.3, when={"count": 1})
        reply = await scene.market_order("BUY", "1.000")
        assert (reply.body["status"], reply.body["executedQty"]) == ("EXPIRED", "0.300")
        scene.quote("83999.90", "84000.00")
        scene.fault("dry_book", fraction=0.5, when={"count": 1})
        number = (await scene.order(side="BUY", price="84100.00", quantity="1.000")).body["orderId"]
        resting = await scene.signed("GET", "/fapi/v1/order", symbol="BTCUSDT", orderId=number)
        assert (resting.body["status"], resting.body["executedQty"]) == ("PARTIALLY_FILLED", "0.500")

    in_emulation(act)


def test_the_venues_clock_may_stand_apart_and_tells_so() -> None:
    async def act(scene: Scene) -> None:
        number = scene.fault("clock_skew", skew_ms=60_000)
        assert (await scene.order()).code == -1021
        assert (await scene.public("/fapi/v1/time")).body["serverTime"] == scene.now_ms + 60_000
        scene.emulation.faults.remove(number or 0)
        assert (await scene.order()).status == 200

    in_emulation(act)


def test_maintenance_halts_the_instruments_and_gives_them_back() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("maintenance", when={"for_s": 60})
        assert (await scene.public("/fapi/v1/ping")).status == 503
        assert scene.exchange.rules("BTCUSDT").status == "halted"
        scene.pass_time(61)
        assert (await scene.order()).status == 200
        assert len(scene.emulation.faults.board) == 0

    in_emulation(act)


def test_replies_come_late_by_as_much_as_asked() -> None:
    async def act(scene: Scene) -> None:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        scene.emulation.faults.replies.sleep = sleep
        for stage, mean_ms in (("request", 60), ("reply", 90)):
            scene.fault("latency", mean_ms=mean_ms, stage=stage, where={"path": "GET /fapi/v1/ping"})
        assert (await scene.public("/fapi/v1/ping")).status == 200
        assert slept == [0.06, 0.09]

    in_emulation(act)


def test_a_cut_reply_leaves_the_order_placed_or_not() -> None:
    async def act(scene: Scene) -> None:
        for is_executed, placed in ((True, 1), (False, 1)):
            scene.fault("cut_reply", is_executed=is_executed, when={"count": 1})
            with pytest.raises(aiohttp.ClientError):
                await scene.order()
            assert orders(scene) == placed

    in_emulation(act)


def test_a_field_appears_in_replies_or_is_missing() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("reply_field", name="novel", value={"a": 1}, where={"path": "POST *order"})
        scene.fault("reply_field", name="time", where={"path": "GET *bookTicker"})
        assert (await scene.order()).body["novel"] == {"a": 1}
        assert "time" not in (await scene.public("/fapi/v1/ticker/bookTicker", symbol="BTCUSDT")).body

    in_emulation(act)


def test_every_third_request_in_scope_is_struck_and_no_other() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("unavailable", when={"every": 3, "count": 2}, where={"path": "GET /fapi/v1/ping"})
        told = [(await scene.public("/fapi/v1/ping")).status for _ in range(12)]
        assert told == [200, 200, 503, 200, 200, 503, *[200] * 6]
        assert (await scene.public("/fapi/v1/time")).status == 200

    in_emulation(act)


def test_chance_repeats_with_its_seed() -> None:
    async def act(scene: Scene) -> None:
        async def struck(seed: int) -> list[int]:
            number = scene.fault("unavailable", when={"probability": 0.5, "seed": seed})
            told = [(await scene.public("/fapi/v1/ping")).status for _ in range(20)]
            scene.emulation.faults.remove(number or 0)
            return told

        first = await struck(3)
        assert {200, 503} == set(first)
        assert await struck(3) == first
        assert await struck(4) != first

    in_emulation(act)


def test_a_scheduled_fault_waits_for_its_emulated_time() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("unavailable", when={"after_s": 30, "for_s": 10})
        told = []
        for _ in range(5):
            told.append((await scene.public("/fapi/v1/ping")).status)
            scene.pass_time(9)
        assert told == [200, 200, 200, 200, 503]

    in_emulation(act)


def test_the_websocket_api_meets_the_same_faults() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening("/ws-fapi/v1") as client:
            scene.fault("unavailable", when={"count": 1})
            reply = await client.call("depth", {"symbol": "BTCUSDT"})
            assert (reply["status"], reply["error"]["msg"]) == (503, "Service Unavailable.")
            assert (await client.call("depth", {"symbol": "BTCUSDT"}))["status"] == 200
            scene.fault("cut_reply", where={"path": "GET /fapi/v1/depth"})
            await client.socket.send_json({"id": 1, "method": "depth", "params": {"symbol": "BTCUSDT"}})
            assert await client.end() is None

    in_emulation(act)


@pytest.mark.parametrize(
    "content",
    [
        {"fault": "nosuch"},
        {"fault": "latency"},
        {"fault": "latency", "mean_ms": "soon"},
        {"fault": "latency", "mean_ms": 1, "colour": "red"},
        {"fault": "price_shock", "instrument": "NOSUCH", "percent": 1},
        {"fault": "price_shock", "instrument": "BTCUSDT", "percent": -99},
        {"fault": "liquidate", "instrument": "BTCUSDT", "account": "nobody"},
        {"fault": "deleverage", "instrument": "BTCUSDT"},
        {"fault": "change_filters", "instrument": "BTCUSDT", "tick": "abc"},
        {"fault": "change_filters", "instrument": "BTCUSDT", "tick": "NaN"},
        {"fault": "change_filters", "instrument": "BTCUSDT", "status": "ASLEEP"},
        {"fault": "change_funding", "instrument": "BTCUSDT", "interval_hours": 5},
        {"fault": "trade_print", "instrument": "BTCUSDT", "side": "BUY", "price": "-1", "quantity": "1"},
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(content: dict[str, Any]) -> None:
    async def act(scene: Scene) -> None:
        before = scene.exchange.rules("BTCUSDT")
        kind = content["fault"]
        with pytest.raises(UserError):
            scene.fault(kind, **{name: value for name, value in content.items() if name != "fault"})
        assert scene.exchange.rules("BTCUSDT") == before
        assert len(scene.emulation.faults.board) == 0
        await asyncio.sleep(0)

    in_emulation(act)
