"""What keeps an account safe: keys that may too much, fields that changed, switches that stay armed, full queues."""

import asyncio
import json
from collections.abc import Awaitable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.support.binance_wire import LOST, QUICK, ScriptedTransport, SteppingClock, ok, refused

from geobuk.domain.account import MarginMode
from geobuk.domain.errors import OrderRefusedError, StorageError, TradingBlockedError, UnsupportedError
from geobuk.domain.order import PositionSide
from geobuk.domain.updates import BalanceChange, ChangeReason, Notice, NoticeKind, VenueUpdate
from geobuk.venues.binance.account_settings import AccountSettings
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.dead_man_switch import DeadManSwitch
from geobuk.venues.binance.key_check import check_key
from geobuk.venues.binance.reply_fields import ReplyFields
from geobuk.venues.binance.rest import BinanceRest
from geobuk.venues.binance.update_queue import UpdateQueue

T = TypeVar("T")
GOOD = {"ipRestrict": True, "enableWithdrawals": False, "enableFutures": True, "enableReading": True}


def run(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return asyncio.run(main())


def made(wire: ScriptedTransport, **spec: Any) -> BinanceRest:
    clock = SteppingClock()
    return BinanceRest(
        replace(QUICK, spot_url="http://spot", **spec), wire, clock, ApiCredentials("k", "s"), clock.sleep
    )


def test_a_key_that_only_trades_futures_from_known_addresses_passes() -> None:
    wire = ScriptedTransport()
    wire.script("GET apiRestrictions", ok(GOOD))
    run(check_key(made(wire)))
    assert wire.asked[0].path == "/sapi/v1/account/apiRestrictions"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"enableWithdrawals": True}, "can withdraw money"),
        ({"enableFutures": False}, "may not trade futures"),
        ({"ipRestrict": False}, "works from any IP address"),
    ],
)
def test_an_unsafe_key_blocks_trading(change: dict[str, bool], reason: str) -> None:
    wire = ScriptedTransport()
    wire.script("GET apiRestrictions", ok({**GOOD, **change}))
    with pytest.raises(TradingBlockedError, match=reason) as caught:
        run(check_key(made(wire)))
    assert "API management" in caught.value.cure


def test_a_key_for_any_address_passes_where_that_was_allowed_but_withdrawals_never_do() -> None:
    wire = ScriptedTransport()
    wire.script("GET apiRestrictions", ok({**GOOD, "ipRestrict": False}))
    run(check_key(made(wire, allow_unrestricted_ip=True)))
    wire.script("GET apiRestrictions", ok({**GOOD, "ipRestrict": False, "enableWithdrawals": True}))
    with pytest.raises(TradingBlockedError, match="withdraw"):
        run(check_key(made(wire, allow_unrestricted_ip=True)))


@pytest.mark.parametrize("answer", [refused(-2015, status=401), LOST, ok({"strange": True})])
def test_a_key_of_which_nobody_tells_anything_blocks_trading(answer: Any) -> None:
    wire = ScriptedTransport()
    wire.script("GET apiRestrictions", answer)
    with pytest.raises(TradingBlockedError):
        run(check_key(made(wire)))


def test_a_venue_without_that_page_needs_a_word_to_trade() -> None:
    wire = ScriptedTransport()
    rest = made(wire)
    rest.spec = replace(rest.spec, spot_url="")
    with pytest.raises(TradingBlockedError, match="no address is set"):
        run(check_key(rest))
    rest.spec = replace(rest.spec, must_check_key=False)
    run(check_key(rest))
    assert wire.asked == []


def test_fields_are_learned_once_and_changes_are_told_until_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "fields.json"
    first = ReplyFields(path)
    assert first.compare("order", b'{"a":1,"b":{"c":2}}') == []
    second = ReplyFields(path)
    assert second.compare("order", b'{"a":1,"b":{"d":2},"e":0}') == [
        "order: new fields b.d, e", "order: fields gone b.c",
    ]  # fmt: skip
    assert ReplyFields(path).compare("order", b'{"a":1,"b":{"c":2}}') == []
    second.acknowledge()
    assert ReplyFields(path).compare("order", b'{"a":1,"b":{"d":2},"e":0}') == []
    assert json.loads(path.read_text()) == {"order": ["a", "b", "b.d", "e"]}


def test_a_list_is_known_by_its_first_row_and_an_empty_one_tells_nothing(tmp_path: Path) -> None:
    fields = ReplyFields(tmp_path / "f.json")
    assert fields.compare("rows", b"[]") == []
    assert fields.names == ()
    fields.compare("rows", b'[{"a":1},{"b":1}]')
    assert fields.compare("rows", b'[{"a":1}]') == []


def test_a_spoilt_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text("{")
    with pytest.raises(StorageError, match="delete it"):
        ReplyFields(path)


def test_the_switch_is_armed_again_by_its_own_task_and_released() -> None:
    wire = ScriptedTransport()
    wire.script("POST countdownCancelAll", ok({"symbol": "BTCUSDT", "countdownTime": "30"}))
    failures: list[tuple[str, str]] = []

    async def scene() -> None:
        rest = made(wire)
        switch = DeadManSwitch(rest, lambda name: f"symbol={name}", lambda *failure: failures.append(failure))
        await switch.hold("BTCUSDT", 0.03)
        while len(wire.asked) < 3:
            await asyncio.sleep(0.005)
        wire.script("POST countdownCancelAll", refused(-1102))
        while not failures:
            await asyncio.sleep(0.005)
        wire.script("POST countdownCancelAll", ok({"symbol": "BTCUSDT", "countdownTime": "0"}))
        await switch.release("BTCUSDT")
        await switch.stop()

    asyncio.run(scene())
    assert wire.asked[0].params["countdownTime"] == "30"
    assert wire.asked[-1].params["countdownTime"] == "0"
    assert failures[0][0] == "BTCUSDT"


@pytest.mark.parametrize("holds", [1, 2])
def test_a_switch_that_was_ended_is_not_armed_again_by_who_held_it(holds: int) -> None:
    wire = ScriptedTransport()
    wire.script("POST countdownCancelAll", ok({"symbol": "BTCUSDT", "countdownTime": "30"}))

    async def scene() -> None:
        switch = DeadManSwitch(made(wire), lambda name: f"symbol={name}", lambda *_: None)
        before = asyncio.all_tasks()
        await asyncio.gather(*(switch.hold("BTCUSDT", 0.03) for _ in range(holds)))
        await switch.arm("BTCUSDT", None)
        assert asyncio.all_tasks() == before

    asyncio.run(scene())
    assert wire.asked[-1].params["countdownTime"] == "0"


def test_a_switch_of_no_time_is_refused() -> None:
    switch = DeadManSwitch(made(ScriptedTransport()), str, lambda *_: None)
    with pytest.raises(OrderRefusedError, match="would end the orders at once"):
        run(switch.arm("BTCUSDT", 0))


def test_setting_what_is_set_is_no_error() -> None:
    wire = ScriptedTransport()
    settings = AccountSettings(made(wire))
    wire.script("POST marginType", refused(-4046, "No need to change margin type."))
    run(settings.set_margin_mode("symbol=BTCUSDT", MarginMode.ISOLATED))
    assert wire.asked[-1].params["marginType"] == "ISOLATED"
    wire.script("POST dual", refused(-4059))
    run(settings.set_hedged(True))
    wire.script("POST leverage", refused(-4028, "Leverage 999 is not valid"))
    with pytest.raises(OrderRefusedError, match="Leverage 999 is not valid"):
        run(settings.set_leverage("symbol=BTCUSDT", 999))
    with pytest.raises(UnsupportedError):
        run(settings.set_margin_mode("symbol=BTCUSDT", MarginMode.CASH))


def test_margin_moves_in_both_directions() -> None:
    wire = ScriptedTransport()
    wire.script("POST positionMargin", ok({"amount": 5.0, "code": 200, "msg": "ok", "type": 2}))
    run(AccountSettings(made(wire)).move_margin("symbol=BTCUSDT", PositionSide.LONG, Decimal("-5.0")))
    sent = wire.asked[0].params
    assert (sent["type"], sent["amount"], sent["positionSide"]) == ("2", "5.0", "LONG")


def test_a_full_queue_refuses_updates_but_never_notices() -> None:
    async def scene() -> list[VenueUpdate]:
        queue = UpdateQueue(1)
        change = BalanceChange("binance", "USDT", Decimal(1), ChangeReason.ORDER, 1)
        assert queue.put(change)
        assert not queue.put(change)
        assert queue.put(Notice("binance", NoticeKind.UNEXPECTED, "full", 1))
        queue.close()
        return [update async for update in queue.read()]

    assert [type(one) for one in asyncio.run(scene())] == [BalanceChange, Notice]
