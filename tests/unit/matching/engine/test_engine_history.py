"""What an engine remembers of what has ended: the newest, and no more than it was told to keep."""

import pytest
from tests.support.engine_room import BTC, BUY, SELL, D, Room

from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.refusals import Refusal, RefusedError


def test_only_the_newest_ended_orders_are_remembered_and_every_open_one() -> None:
    room = Room(spec=EngineSpec(kept_orders=3))
    resting = room.limit("a", BUY, "0.01", 50_000)
    ended = [room.limit("a", BUY, "0.01", 51_000, client_order_id=f"c{n}") for n in range(5)]
    for order in ended:
        room.engine.cancel("a", BTC, order.id)
    assert [order.id for order in room.engine.orders("a", BTC)] == [resting.id, *(o.id for o in ended[2:])]
    assert room.engine.find_order("a", BTC, "c4").id == ended[4].id
    for key in (ended[0].id, "c0"):
        with pytest.raises(RefusedError) as refused:
            room.engine.find_order("a", BTC, key)
        assert refused.value.reason is Refusal.UNKNOWN_ORDER


def test_a_client_id_used_again_still_finds_the_newer_order() -> None:
    room = Room(spec=EngineSpec(kept_orders=1))
    first = room.limit("a", BUY, "0.01", 51_000, client_order_id="mine")
    room.engine.cancel("a", BTC, first.id)
    second = room.limit("a", BUY, "0.01", 51_000, client_order_id="mine")
    room.engine.cancel("a", BTC, second.id)
    assert room.engine.find_order("a", BTC, "mine").id == second.id


def test_only_the_newest_ended_conditional_orders_are_remembered() -> None:
    room = Room(spec=EngineSpec(kept_orders=2))
    waiting = room.stop("a", SELL, "0.01", 40_000)
    for _ in range(4):
        room.engine.cancel_conditional("a", room.stop("a", SELL, "0.01", 41_000).id)
    kept = room.engine.conditionals("a", BTC)
    assert len(kept) == 3
    assert kept[0].id == waiting.id


def test_executions_and_ledger_stay_short_while_wallet_and_position_stay_exact() -> None:
    spec = AccountSpec(kept_entries=8)
    room = Room(spec=EngineSpec(kept_orders=8), accounts={"a": spec})
    whole = Room(accounts={"a": AccountSpec()})
    for one in (room, whole):
        for _ in range(40):
            one.market("a", BUY, "0.1")
            one.market("a", SELL, "0.1")
            one.book(bids={"59999.9": 5}, asks={"60000.1": 5})
        one.market("a", BUY, "0.2")
    assert 8 <= len(room.engine.executions("a")) <= 10
    assert room.engine.executions("a") == whole.engine.executions("a")[-len(room.engine.executions("a")) :]
    ledger = room.engine.account("a").ledger
    assert 8 <= len(ledger) <= 10
    assert [entry.tran_id for entry in ledger] == list(range(ledger[0].tran_id, ledger[-1].tran_id + 1))
    assert room.wallet("a") == whole.wallet("a") < 100_000
    assert room.held("a") == D("0.2")
