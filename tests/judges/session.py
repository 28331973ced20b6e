"""One numbered trading session, the same for every client: what is asked, and what the emulator's own books say of it.

Each step asks a client for a verb and compares what its library understood with the engine's ledger.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from geobuk.domain.order import Side
from geobuk.emulators.binance.venue_words import INCOME_TYPE
from geobuk.matching.engine.orders import Status
from tests.judges.judge import Judge
from tests.judges.local_venue import INSTRUMENT, LocalVenue

Step = Callable[["Session"], Awaitable[None]]
STEPS: list[tuple[int, str, Step]] = []


def step(title: str) -> Callable[[Step], Step]:
    """Put a step on the list, under the next number."""

    def keep(action: Step) -> Step:
        STEPS.append((len(STEPS) + 1, title, action))
        return action

    return keep


@dataclass
class Session:
    """A client under way. ``heard`` is all that its streams told."""

    judge: Judge
    venue: LocalVenue
    heard: list[dict[str, Any]] = field(default_factory=list)

    async def ask(self, verb: str, **arguments: Any) -> Any:
        return await self.judge.ask(verb, **arguments)

    async def trade(self, verb: str, **arguments: Any) -> Any:
        return await self.judge.ask(verb, name=INSTRUMENT, **arguments)

    async def hear(self, holds: Callable[[], bool]) -> None:
        """Wait until the streams told something."""
        for _ in range(100):
            self.heard += await self.ask("heard")
            if holds():
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"the streams did not tell it within 10 s; they told {self.heard[-20:]}")

    def kinds(self) -> set[str]:
        return {event["kind"] for event in self.heard}


def same(seen: Any, expected: Decimal | int | str) -> bool:
    """Whether a client's number is the ledger's, to the last digit that a float carries."""
    wanted = Decimal(expected)
    return abs(Decimal(str(seen)) - wanted) <= abs(wanted) * Decimal("1e-12")


@step("finds the instrument with tick, step and least notional")
async def _(s: Session) -> None:
    rules = s.venue.rules
    found = await s.trade("instrument")
    assert same(found["tick"], rules.tick)
    assert same(found["step"], rules.instrument.step)
    assert same(found["least_notional"], rules.instrument.min_notional)


@step("reads the market: book, last price, trades, candles, mark, brackets, open interest")
async def _(s: Session) -> None:
    s.venue.print_trade("60000", "0.1", Side.SELL)
    seen = await s.trade("market_data")
    assert same(seen["bid"], 60000)
    assert same(seen["ask"], 60001)
    assert same(seen["last"], 60000)
    assert same(seen["close"], 60000)
    assert same(seen["mark"], Decimal("60000.5"))
    assert int(float(seen["first_leverage"])) == s.venue.rules.instrument.brackets[0].max_leverage
    assert seen["trades"] >= 1
    assert seen["candles"] >= 1


@step("listens to every stream that it will need")
async def _(s: Session) -> None:
    await s.trade("watch")


@step("reads the balance")
async def _(s: Session) -> None:
    seen = await s.ask("balance")
    assert same(seen["wallet"], s.venue.wallet())
    assert same(seen["free"], 10_000)


@step("sets leverage and margin type, and reads the position mode")
async def _(s: Session) -> None:
    seen = await s.trade("settings", leverage=10, margin="isolated")
    assert int(float(seen["leverage"])) == 10
    assert seen["hedged"] is False
    back = await s.trade("settings", leverage=10, margin="cross" if s.judge.name == "ccxt" else "crossed")
    assert int(float(back["leverage"])) == 10


@step("rests a limit order")
async def _(s: Session) -> None:
    placed = await s.trade("limit", side="buy", quantity="0.01", price="59000")
    order = s.venue.order(placed["id"])
    assert placed["status"] == order.status.value == "NEW"
    assert same(placed["quantity"], order.quantity)
    assert same(placed["price"], order.price)
    await s.hear(lambda: any(e["kind"] == "order" and e["id"] == placed["id"] for e in s.heard))


@step("edits it, reads it, and cancels it")
async def _(s: Session) -> None:
    (resting,) = await s.trade("open_orders")
    edited = await s.trade("edit", id=resting["id"], side="buy", quantity="0.02", price="59100")
    seen = await s.trade("order", id=edited["id"])
    order = s.venue.order(resting["id"])
    assert same(seen["price"], order.price)
    assert same(seen["quantity"], order.quantity)
    assert order.price == 59100
    ended = await s.trade("cancel", id=resting["id"])
    assert ended["status"] == s.venue.order(resting["id"]).status.value == "CANCELED"
    assert await s.trade("open_orders") == []


@step("is told that an order which has ended is unknown")
async def _(s: Session) -> None:
    refused = await s.judge.ask_refused("cancel", name=INSTRUMENT, id="999999999")
    assert refused["code"] == -2011 or "Unknown order" in refused["text"]


@step("buys at the market through two levels; price, fees and position are the ledger's")
async def _(s: Session) -> None:
    placed = await s.trade("market", side="buy", quantity="0.5")
    order = s.venue.order(placed["id"])
    assert placed["status"] == order.status.value == "FILLED"
    assert same(placed["filled"], order.filled)
    seen = await s.trade("order", id=placed["id"])
    assert order.average_price is not None
    assert same(seen["average"], order.average_price)
    await _compare_fills(s)
    await _compare_position(s)


@step("hears the fill in the venue's order: new, then filled, with the balance between")
async def _(s: Session) -> None:
    await s.hear(lambda: {"fill", "balance", "position"} <= s.kinds())
    mine = [e for e in s.heard if e["kind"] == "fill"]
    last = s.venue.executions()[-1]
    assert mine[-1]["id"] == str(last.trade_id)
    assert same(mine[-1]["price"], last.price)
    assert same(mine[-1]["fee"], last.fee)
    wallet = [e["wallet"] for e in s.heard if e["kind"] == "balance" and e["wallet"] is not None][-1]
    assert same(wallet, s.venue.wallet())


@step("has a post-only order refused that would take, which leaves no record")
async def _(s: Session) -> None:
    before = len(s.venue.orders())
    refused = await s.judge.ask_refused("limit", name=INSTRUMENT, side="buy", quantity="0.01", price="60010", tif="GTX")
    assert "Post Only" in refused["text"] or refused["code"] == -5022
    assert len(s.venue.orders()) == before


@step("takes what an IOC order can get, and sees the rest expire")
async def _(s: Session) -> None:
    s.venue.quote("60000", "60001")
    placed = await s.trade("limit", side="buy", quantity="0.4", price="60001", tif="IOC")
    order = s.venue.order(placed["id"])
    assert (order.status, order.filled) == (Status.EXPIRED, Decimal("0.3"))
    seen = await s.trade("order", id=placed["id"])
    assert same(seen["filled"], order.filled)
    assert seen["status"] == "EXPIRED"
    s.venue.quote("60000", "60001")
    await _compare_position(s)


@step("has an FOK order refused that can't fill whole")
async def _(s: Session) -> None:
    refused = await s.judge.ask_refused("limit", name=INSTRUMENT, side="buy", quantity="0.4", price="60001", tif="FOK")
    assert "FOK" in refused["text"] or refused["code"] == -5021


@step("has what the wallet can't carry refused")
async def _(s: Session) -> None:
    refused = await s.judge.ask_refused("limit", name=INSTRUMENT, side="buy", quantity="50", price="59000")
    assert "Margin is insufficient" in refused["text"] or refused["code"] == -2019


@step("has a price off the tick refused, where the client does not round it itself")
async def _(s: Session) -> None:
    if s.judge.name == "ccxt":
        return  # it rounds to the tick before it sends
    refused = await s.judge.ask_refused("limit", name=INSTRUMENT, side="buy", quantity="0.01", price="59000.05")
    assert "tick" in refused["text"] or refused["code"] == -4014


@step("places a stop, a take-profit, a stop-limit and a trailing stop, and takes two of them back")
async def _(s: Session) -> None:
    stop = await s.trade("conditional", kind="STOP_MARKET", side="sell", quantity="0.1", trigger="59000")
    profit = await s.trade("conditional", kind="TAKE_PROFIT_MARKET", side="sell", quantity="0.1", trigger="61000")
    await s.trade("conditional", kind="STOP", side="sell", quantity="0.1", trigger="58000", price="57900")
    await s.trade("conditional", kind="TRAILING_STOP_MARKET", side="sell", quantity="0.1", callback="5")
    assert same(stop["trigger"], 59000)
    waiting = s.venue.conditionals()
    assert sorted(await s.trade("open_conditionals")) == sorted(str(c.id) for c in waiting)
    assert len(waiting) == 4
    for one in (stop, profit):
        await s.trade("cancel_conditional", id=one["id"])
    assert len(s.venue.conditionals()) == 2


@step("sees a stop trigger and close a part, with its profit to the cent")
async def _(s: Session) -> None:
    stop = await s.trade("conditional", kind="STOP_MARKET", side="sell", quantity="0.2", trigger="59900")
    s.venue.quote("59800", "59801")
    s.venue.print_trade("59800", "0.1", Side.SELL)
    await s.hear(lambda: sum(e["kind"] == "fill" for e in s.heard) >= len(s.venue.executions()))
    assert str(stop["id"]) not in await s.trade("open_conditionals")
    assert s.venue.executions()[-1].side is Side.SELL
    assert s.venue.executions()[-1].quantity == Decimal("0.2")
    await _compare_fills(s)
    await _compare_position(s)


@step("rests a sell that the market trades through: a maker's fill in parts")
async def _(s: Session) -> None:
    placed = await s.trade("limit", side="sell", quantity="0.1", price="60500")
    s.venue.quote("60480", "60520")
    s.venue.print_trade("60500", "0.04", Side.BUY)
    await s.hear(lambda: any(e["kind"] == "order" and e["id"] == placed["id"] and _part(e) for e in s.heard))
    assert s.venue.order(placed["id"]).status is Status.PARTIALLY_FILLED
    seen = await s.trade("order", id=placed["id"])
    assert (seen["status"], same(seen["filled"], "0.04")) == ("PARTIALLY_FILLED", True)
    s.venue.print_trade("60500", "1", Side.BUY)
    await s.hear(lambda: sum(e["kind"] == "fill" for e in s.heard) >= len(s.venue.executions()))
    assert s.venue.order(placed["id"]).status is Status.FILLED
    await _compare_fills(s)


def _part(event: dict[str, Any]) -> bool:
    return same(event["filled"], "0.04")


@step("sends orders in a batch and cancels them in a batch")
async def _(s: Session) -> None:
    asked = [{"side": "buy", "quantity": "0.01", "price": price} for price in ("58000", "57900", "57800")]
    placed = await s.trade("batch", orders=asked)
    assert [s.venue.order(o["id"]).price for o in placed] == [58000, 57900, 57800]
    assert await s.trade("cancel_batch", ids=[o["id"] for o in placed[:2]]) == 2
    assert [o["id"] for o in await s.trade("open_orders")] == [placed[2]["id"]]


@step("places and cancels over the WebSocket API")
async def _(s: Session) -> None:
    seen = await s.trade("wire_order", side="buy", quantity="0.01", price="57000")
    assert s.venue.order(seen["placed"]["id"]).status is Status.CANCELED
    assert seen["ended"]["status"] == "CANCELED"


@step("cancels everything that is open")
async def _(s: Session) -> None:
    await s.trade("cancel_all")
    assert await s.trade("open_orders") == []
    assert await s.trade("open_conditionals") == []
    assert s.venue.conditionals() == []


@step("closes the rest at the market and holds nothing")
async def _(s: Session) -> None:
    held = s.venue.held()
    await s.trade("market", side="sell", quantity=str(held), reduce=True)
    assert s.venue.held() == 0
    assert await s.trade("position") is None
    await _compare_fills(s)


@step("finds every income row in the ledger, and the ledger in the wallet")
async def _(s: Session) -> None:
    rows = await s.ask("income")
    seen = sorted((row["kind"], Decimal(str(row["amount"]))) for row in rows)
    assert seen == sorted((INCOME_TYPE[entry.kind], entry.amount) for entry in s.venue.account.ledger)
    wallet = sum((amount for _, amount in seen), Decimal(0))
    assert wallet == s.venue.wallet()
    assert same((await s.ask("balance"))["wallet"], wallet)


@step("heard every kind of stream, and every fill once, in order")
async def _(s: Session) -> None:
    s.venue.print_trade("60480", "0.2", Side.SELL)
    await s.hear(lambda: {"trade", "book", "candle", "quote", "mark"} <= s.kinds())
    fills = [e["id"] for e in s.heard if e["kind"] == "fill"]
    assert fills == [str(e.trade_id) for e in s.venue.executions()]
    assert not [e for e in s.heard if e["kind"].startswith("unexpected")]


async def _compare_fills(s: Session) -> None:
    seen = await s.trade("fills")
    mine = s.venue.executions()
    assert [f["id"] for f in seen] == [str(e.trade_id) for e in mine]
    for fill, execution in zip(seen, mine, strict=True):
        assert fill["order"] == str(execution.order_id)
        assert fill["side"] == execution.side.name.lower()
        assert fill["maker"] is execution.is_maker
        for name in ("price", "quantity", "fee", "realized"):
            assert same(fill[name], getattr(execution, name)), (name, fill, execution)


async def _compare_position(s: Session) -> None:
    seen = await s.trade("position")
    assert same(seen["quantity"], s.venue.held())
    assert same(seen["entry"], s.venue.entry_price())
