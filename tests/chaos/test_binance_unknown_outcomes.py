"""Orders through a venue that loses, delays, repeats and lies: nothing is lost, nothing happens twice."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from tests.support.emulated_binance import BTC, Scene, emulated, limit, order

from geobuk.domain.errors import NetworkError, OrderRefusedError, OutcomeUnknownError
from geobuk.domain.order import OrderStatus, OrderType, Side
from geobuk.domain.updates import NoticeKind
from geobuk.emulators.binance.faults import kinds
from geobuk.emulators.binance.faults.kinds import When, Where

PLACE = Where(path="POST /fapi/v1/order")
PLACE_ALGO = Where(path="POST /fapi/v1/algoOrder")
CANCEL = Where(path="DELETE /fapi/v1/order")
AMEND = Where(path="PUT /fapi/v1/order")
QUERY = Where(path="GET /fapi/v1/order")
ONCE = When(count=1)
S = OrderStatus


def play(scene_of: Callable[[Scene], Awaitable[None]], **spec: object) -> None:
    async def main() -> None:
        async with emulated(**spec) as scene:
            await scene_of(scene)

    asyncio.run(main())


async def require_same_fills(scene: Scene) -> None:
    """Every execution of the venue was told, each once."""
    await scene.until(lambda: scene.told_fills() == scene.venue_fills(), f"the same fills: {scene.venue_fills()}")
    position = sum((fill.quantity * fill.side for fill in scene.fills()), Decimal(0))
    held = await scene.venue.positions()
    assert position == sum((one.quantity for one in held), Decimal(0))


EXECUTED = [
    kinds.UnknownOutcome(is_executed=True, when=ONCE, where=PLACE),
    kinds.BackendTimeout(is_executed=True, when=ONCE, where=PLACE),
    kinds.CutReply(is_executed=True, when=ONCE, where=PLACE),
    kinds.ErrorReply(code=-1006, msg="Execution status unknown.", is_executed=True, when=ONCE, where=PLACE),
    kinds.Latency(mean_ms=1_500, stage="reply", when=ONCE, where=PLACE),
]
NOT_EXECUTED = [
    kinds.UnknownOutcome(is_executed=False, when=ONCE, where=PLACE),
    kinds.BackendTimeout(is_executed=False, when=ONCE, where=PLACE),
    kinds.CutReply(is_executed=False, when=ONCE, where=PLACE),
]
REPEATED = [
    kinds.Unavailable(when=ONCE, where=PLACE),
    kinds.InternalError(when=ONCE, where=PLACE),
    kinds.Throttled(when=ONCE, where=PLACE),
    kinds.BadTimestamp(when=ONCE, where=PLACE),
    kinds.RateLimited(retry_after_s=1, when=ONCE, where=PLACE),
]


@pytest.mark.parametrize("fault", EXECUTED, ids=lambda fault: type(fault).__name__)
def test_an_order_whose_reply_was_lost_is_found_and_not_sent_again(fault: kinds.Fault) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(fault)
        placed = await scene.venue.submit(order("lost"))
        assert placed.client_order_id == "lost"
        await scene.until(lambda: any(one.status is S.FILLED for one in scene.states("lost")))
        assert len(scene.venue_fills()) == 1
        await require_same_fills(scene)

    play(scene_of)


@pytest.mark.parametrize("fault", NOT_EXECUTED, ids=lambda fault: type(fault).__name__)
def test_an_order_that_never_arrived_is_told_so_and_may_be_sent_again(fault: kinds.Fault) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(fault)
        with pytest.raises(OrderRefusedError, match="never arrived"):
            await scene.venue.submit(order("absent"))
        assert scene.venue_fills() == []
        assert (await scene.venue.submit(order("absent"))).status is S.FILLED
        await require_same_fills(scene)

    play(scene_of)


@pytest.mark.parametrize("fault", REPEATED, ids=lambda fault: type(fault).__name__)
def test_an_order_that_was_not_executed_is_sent_again_and_fills_once(fault: kinds.Fault) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(fault)
        assert (await scene.venue.submit(order("again"))).status is S.FILLED
        assert len(scene.venue_fills()) == 1
        await require_same_fills(scene)

    play(scene_of)


def test_a_lost_reply_and_queries_that_lag_still_find_the_order() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.CutReply(when=ONCE, where=PLACE))
        scene.fault(kinds.NotVisible(lag_ms=200))
        scene.fault(kinds.DropEvents(where=Where(route="private")))
        placed = await scene.venue.submit(limit("lag", "59000.0"))
        assert placed.status is S.NEW

    play(scene_of)


def test_an_outcome_that_nobody_tells_is_unknown_until_the_venue_speaks_again() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.CutReply(when=ONCE, where=PLACE))
        scene.fault(kinds.Unavailable(where=QUERY))
        scene.fault(kinds.DropEvents(where=Where(route="private")))
        with pytest.raises(OutcomeUnknownError):
            await scene.venue.submit(order("silent"))
        with pytest.raises(OrderRefusedError, match="was sent before"):
            await scene.venue.submit(order("silent"))
        scene.heal()
        found = await scene.venue.order(BTC, "silent")
        assert found is not None
        assert found.status is S.FILLED
        scene.fault(kinds.Disconnect(where=Where(route="private")))
        await require_same_fills(scene)
        assert scene.states("silent")[-1].status is S.FILLED

    play(scene_of, settle_timeout_s=0.8)


@pytest.mark.parametrize("is_executed", [True, False])
def test_a_stop_whose_reply_was_lost_is_found_or_told_absent(is_executed: bool) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.CutReply(is_executed=is_executed, when=ONCE, where=PLACE_ALGO))
        stop = order("stop", type=OrderType.STOP_MARKET, side=Side.SELL, stop_price=Decimal(58_000))
        if is_executed:
            assert (await scene.venue.submit(stop)).status is S.WAITING
        else:
            with pytest.raises(OrderRefusedError, match="never arrived"):
                await scene.venue.submit(stop)
            assert (await scene.venue.submit(stop)).status is S.WAITING
        assert len(await scene.venue.open_orders(BTC)) == 1

    play(scene_of)


@pytest.mark.parametrize("is_executed", [True, False])
def test_a_cancel_whose_reply_was_lost_ends_the_order(is_executed: bool) -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("rest", "59000.0"))
        scene.fault(kinds.CutReply(is_executed=is_executed, when=ONCE, where=CANCEL))
        assert (await scene.venue.cancel(BTC, "rest")).status is S.CANCELED
        assert await scene.venue.open_orders() == []

    play(scene_of)


def test_a_cancel_that_lost_the_race_says_that_the_order_filled() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("race", "59000.0"))
        scene.fault(kinds.CancelRace(when=ONCE, where=CANCEL))
        with pytest.raises(OrderRefusedError, match="it is filled"):
            await scene.venue.cancel(BTC, "race")
        await require_same_fills(scene)

    play(scene_of)


@pytest.mark.parametrize("is_executed", [True, False])
def test_a_change_whose_reply_was_lost_is_known_in_the_end(is_executed: bool) -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("move", "59000.0"))
        scene.fault(kinds.CutReply(is_executed=is_executed, when=ONCE, where=AMEND))
        if is_executed:
            changed = await scene.venue.amend(BTC, "move", Decimal("0.020"), Decimal("59100.0"))
            assert (changed.quantity, changed.price) == (Decimal("0.020"), Decimal("59100.0"))
        else:
            with pytest.raises(OrderRefusedError, match="never arrived"):
                await scene.venue.amend(BTC, "move", Decimal("0.020"), Decimal("59100.0"))
        (resting,) = await scene.venue.open_orders(BTC)
        assert resting.price == (Decimal("59100.0") if is_executed else Decimal("59000.0"))

    play(scene_of)


def test_a_clock_that_runs_apart_is_measured_and_orders_go_on() -> None:
    async def scene_of(scene: Scene) -> None:
        for skew_ms in (3_000, -3_000):
            scene.heal()
            scene.fault(kinds.ClockSkew(skew_ms=skew_ms))
            assert (await scene.venue.submit(order(f"skew{skew_ms}"))).status is S.FILLED
            assert abs(scene.venue.rest.offset.offset_ms - skew_ms) < 200
        await require_same_fills(scene)

    play(scene_of)


def test_a_ban_stops_everything_until_it_ends() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.Banned(retry_after_s=2, when=ONCE, where=PLACE))
        started = scene.clock.now_ns()
        assert (await scene.venue.submit(order("banned"))).status is S.FILLED
        assert scene.clock.now_ns() - started >= 1_900_000_000
        await require_same_fills(scene)

    play(scene_of)


def test_a_long_ban_refuses_orders_at_once_without_asking_the_venue() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.Banned(retry_after_s=600, when=ONCE, where=PLACE))
        with pytest.raises(OrderRefusedError, match="banned"):
            await scene.venue.submit(order("first"))
        scene.heal()
        with pytest.raises(OrderRefusedError, match="nothing was sent"):
            await scene.venue.submit(order("second"))
        assert scene.venue_fills() == []

    play(scene_of)


def test_a_venue_in_maintenance_refuses_and_orders_go_on_afterwards() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.Maintenance())
        with pytest.raises((OrderRefusedError, NetworkError)):
            await scene.venue.submit(order("closed"))
        scene.heal()
        assert (await scene.venue.submit(order("closed"))).status is S.FILLED
        await require_same_fills(scene)

    play(scene_of)


PRIVATE = Where(route="private")


@pytest.mark.parametrize(
    "fault",
    [
        kinds.DuplicateEvents(where=PRIVATE),
        kinds.ReorderEvents(where=PRIVATE, when=When(every=3)),
        kinds.DelayEvents(mean_ms=30, spread_ms=20, distribution="uniform", where=PRIVATE),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_events_that_come_twice_late_or_out_of_order_tell_each_fill_once(fault: kinds.Fault) -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(fault)
        for number in range(10):
            side = Side.BUY if number % 3 else Side.SELL
            await scene.venue.submit(order(f"o{number}", side=side))
        await require_same_fills(scene)
        await scene.until(lambda: all(scene.states(f"o{n}")[-1].status is S.FILLED for n in range(10)), "all filled")

    play(scene_of)


def test_dropped_events_are_noticed_by_the_next_and_recovered() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("part", "60000.0"))
        scene.fault(kinds.DropEvents(where=Where(event="ORDER_TRADE_UPDATE"), when=ONCE))
        scene.trade("59999.9", "0.004", Side.SELL)
        scene.trade("59999.9", "0.003", Side.SELL)
        await require_same_fills(scene)
        await scene.until(lambda: scene.notices(NoticeKind.UNEXPECTED), "noticed")

    play(scene_of)


def test_dropped_events_of_which_nothing_else_tells_are_found_by_the_audit() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("silent", "59000.0"))
        await scene.until(lambda: scene.states("silent"))
        scene.fault(kinds.DropEvents(where=PRIVATE))
        scene.trade("58999.9", "0.010", Side.SELL)
        assert scene.venue_fills()
        await require_same_fills(scene)
        assert scene.states("silent")[-1].status is S.FILLED

    play(scene_of, audit_interval_s=0.3)


def test_a_broken_stream_recovers_fills_ends_and_positions_in_the_venues_order() -> None:
    async def scene_of(scene: Scene) -> None:
        await scene.venue.submit(limit("bid", "59000.0"))
        await scene.venue.submit(limit("gone", "58000.0"))
        await scene.until(lambda: scene.states("gone"))
        scene.fault(kinds.RefuseConnections(where=PRIVATE))
        scene.fault(kinds.Disconnect(where=PRIVATE, is_abrupt=True, when=ONCE))
        await scene.until(lambda: scene.notices(NoticeKind.DISCONNECTED), "disconnected")
        scene.trade("58999.9", "0.004", Side.SELL)
        await scene.venue.submit(order("during"))
        await scene.venue.cancel(BTC, "gone")
        assert scene.fills() == []
        scene.heal()
        await scene.until(lambda: scene.notices(NoticeKind.RECOVERED), "recovered")
        await require_same_fills(scene)
        times = [fill.at_ns for fill in scene.fills()]
        assert times == sorted(times)
        assert scene.states("gone")[-1].status is S.CANCELED
        assert scene.states("during")[-1].status is S.FILLED
        assert scene.states("bid")[-1].filled == Decimal("0.004")
        await scene.venue.submit(order("after"))
        await require_same_fills(scene)

    play(scene_of)


def test_an_expired_listen_key_is_replaced_and_nothing_is_lost() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.ExpireListenKey())
        connected = len(scene.notices(NoticeKind.CONNECTED))
        await scene.until(lambda: len(scene.notices(NoticeKind.CONNECTED)) > connected, "connected again")
        await scene.venue.submit(order("fresh"))
        await require_same_fills(scene)

    play(scene_of)


def test_a_slow_reader_is_told_that_updates_were_left_out_and_gets_every_fill() -> None:
    async def scene_of(scene: Scene) -> None:
        for number in range(12):
            await scene.venue.submit(order(f"n{number}"))
        await require_same_fills(scene)
        assert any("no more fit" in one.text for one in scene.notices(NoticeKind.UNEXPECTED))

    play(scene_of, update_capacity=4)


def test_an_event_of_an_unknown_kind_and_a_changed_one_are_noticed() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.EventField(name="e", value="BRAND_NEW", where=Where(event="TRADE_LITE")))
        scene.fault(kinds.EventField(name="o.i", value="a text", where=Where(event="ORDER_TRADE_UPDATE"), when=ONCE))
        await scene.venue.submit(order("odd"))
        texts = lambda: " ".join(one.text for one in scene.notices(NoticeKind.UNEXPECTED))  # noqa: E731
        await scene.until(lambda: "BRAND_NEW" in texts() and "ORDER_TRADE_UPDATE" in texts(), "noticed")
        await require_same_fills(scene)

    play(scene_of, audit_interval_s=0.3)


def test_a_fill_whose_event_can_not_be_read_is_asked_for_at_once() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.EventField(name="o.i", value="a text", where=Where(event="ORDER_TRADE_UPDATE")))
        await scene.venue.submit(order("odd"))
        await require_same_fills(scene)

    play(scene_of)


def test_a_storm_of_faults_loses_nothing_and_doubles_nothing() -> None:
    async def scene_of(scene: Scene) -> None:
        often = lambda p, seed: When(probability=p, seed=seed)  # noqa: E731
        for fault in (
            kinds.CutReply(is_executed=True, where=PLACE, when=often(0.2, 1)),
            kinds.UnknownOutcome(is_executed=False, where=PLACE, when=often(0.2, 2)),
            kinds.Unavailable(when=often(0.1, 3)),
            kinds.DuplicateEvents(where=PRIVATE, when=often(0.3, 4)),
            kinds.DropEvents(where=PRIVATE, when=often(0.2, 5)),
            kinds.Disconnect(where=PRIVATE, is_abrupt=True, repeat_s=1.5),
        ):
            scene.fault(fault)
        for number in range(25):
            for _ in range(20):
                try:
                    await scene.venue.submit(order(f"s{number}", side=Side.BUY if number % 2 else Side.SELL))
                except OrderRefusedError as error:
                    if "never arrived" in str(error):
                        continue
                    raise
                break
        assert len(scene.venue_fills()) == 25
        scene.heal()
        await require_same_fills(scene)

    play(scene_of, audit_interval_s=0.5)


def test_fills_are_told_over_rest_while_the_stream_stays_down() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.RefuseConnections(where=PRIVATE))
        scene.fault(kinds.Disconnect(where=PRIVATE, is_abrupt=True, when=ONCE))
        await scene.until(lambda: scene.notices(NoticeKind.DISCONNECTED), "disconnected")
        await scene.venue.submit(order("blind"))
        await require_same_fills(scene)
        assert not scene.notices(NoticeKind.RECOVERED)

    play(scene_of, audit_interval_s=0.3)


def test_updates_go_on_while_what_was_missed_can_not_be_asked_for() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.Unavailable(where=Where(path="GET /fapi/v1/userTrades")))
        scene.fault(kinds.Disconnect(where=PRIVATE, is_abrupt=True, when=ONCE))
        await scene.until(lambda: len(scene.notices(NoticeKind.CONNECTED)) > 1, "connected again")
        await scene.venue.submit(order("meanwhile"))
        await scene.until(scene.fills, "the fill, by the stream")
        assert not scene.notices(NoticeKind.RECOVERED)
        scene.heal()
        await scene.until(lambda: scene.notices(NoticeKind.RECOVERED), "recovered")
        await require_same_fills(scene)

    play(scene_of, longest_hold_s=0.2)


def test_events_are_not_held_for_ever_where_asking_fails_at_once() -> None:
    async def scene_of(scene: Scene) -> None:
        scene.fault(kinds.Unavailable(where=Where(path="GET /fapi/v1/userTrades")))
        scene.fault(kinds.Disconnect(where=PRIVATE, is_abrupt=True, when=ONCE))
        await scene.until(lambda: len(scene.notices(NoticeKind.CONNECTED)) > 1, "connected again")
        await scene.venue.submit(order("held"))
        await scene.until(scene.fills, "the fill, by the stream")
        scene.heal()

    play(scene_of, longest_hold_s=1.0)
