"""Laws of the margin account under any sequence of events: nothing is lost, positions are folds, sides are mirrors."""

from contextlib import suppress
from decimal import Decimal
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support.margin_accounts import BOTH, BTC, BUY, DOT, LONG, SELL, SHORT, D, account

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.matching.margin.account import MarginAccount
from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.margin.settlement import Outcome
from geobuk.matching.refusals import RefusedError

MARKS = {BTC: D(60000), DOT: D("1.2")}
STEP = {BTC: D("0.001"), DOT: D("0.1")}
TICK = {BTC: D("0.1"), DOT: D("0.0001")}


class Event(NamedTuple):
    """One thing that happens: ``size`` in steps, ``offset`` of the price in thousandths of the mark."""

    kind: str
    instrument: str
    size: int
    offset: int
    leg: PositionSide

    @property
    def quantity(self) -> Decimal:
        return abs(self.size) * STEP[self.instrument]

    @property
    def price(self) -> Decimal:
        exact = MARKS[self.instrument] * (1 + Decimal(self.offset) / 1000)
        return (exact / TICK[self.instrument]).to_integral_value() * TICK[self.instrument]


KINDS = ["execute"] * 6 + [
    "fund",
    "deposit",
    "withdraw",
    "leverage",
    "mode",
    "hedge",
    "margin",
    "close_out",
    "deleverage",
]
EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(KINDS),
        st.sampled_from([BTC, DOT]),
        st.integers(-700, 700).filter(bool),
        st.integers(-80, 80),
        st.sampled_from([LONG, SHORT]),
    ),
    max_size=40,
)


class Books:
    """What was told to an account, kept apart from it: outcomes, and executions by leg."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.executions: dict[tuple[str, PositionSide], list[tuple[Decimal, Decimal]]] = {}
        self.moved = Decimal(0)
        self.funded = Decimal(0)


def happen(held: MarginAccount, event: Event, books: Books, sign: int = 1) -> None:
    """Let one event happen; what the account refuses must change nothing."""
    before = (held.wallet(), held.cross_wallet, len(held.ledger), held.holdings(MARKS))
    try:
        _happen(held, event, books, sign)
    except RefusedError:
        assert (held.wallet(), held.cross_wallet, len(held.ledger), held.holdings(MARKS)) == before


def _happen(held: MarginAccount, event: Event, books: Books, sign: int) -> None:
    name, leg = event.instrument, event.leg if held.is_hedged else BOTH
    if held.is_hedged and sign < 0:
        leg = SHORT if leg is LONG else LONG
    match event.kind:
        case "execute":
            signed = event.size * sign
            side = BUY if signed > 0 else SELL
            books.outcomes.append(held.execute(name, leg, side, event.quantity, event.price, event.size % 2 == 0, 1))
            _keep(books, name, leg, event.quantity * side, event.price)
        case "close_out" | "deleverage":
            quantity = min(event.quantity, abs(held.position(name, leg).quantity))
            direction = -1 if held.position(name, leg).quantity > 0 else 1
            act = held.close_out if event.kind == "close_out" else held.deleverage
            books.outcomes.append(act(name, leg, quantity, event.price, 1))
            _keep(books, name, leg, quantity * direction, event.price)
        case "fund":
            rate = Decimal(event.size) / 1_000_000 * sign
            books.funded += sum(entry.amount for entry in held.fund(name, event.price, rate, 1))
        case "deposit" | "withdraw":
            amount = abs(event.size) * (1 if event.kind == "deposit" else -1)
            books.moved += held.transfer("USDT", Decimal(amount), 1, marks=MARKS).amount
        case "leverage":
            held.set_leverage(name, abs(event.size) % 80, marks=MARKS)
        case "mode":
            held.set_margin_mode(name, MarginMode.ISOLATED if event.size > 0 else MarginMode.CROSS)
        case "hedge":
            held.set_hedged(event.size > 0)
        case _:
            held.move_margin(name, leg, Decimal(event.size), 1, marks=MARKS)


def _keep(books: Books, name: str, leg: PositionSide, quantity: Decimal, price: Decimal) -> None:
    books.executions.setdefault((name, leg), []).append((quantity, price))


@given(EVENTS, st.sampled_from(["USDT", "BNB"]))
@settings(max_examples=200, deadline=None)
def test_wallet_is_the_exact_sum_of_all_that_happened(events: list[Event], fee_asset: str) -> None:
    held, books = account("20000", taker_fee=None, fee_asset=fee_asset, fee_asset_price=D(750)), Books()
    held.deposit("BNB", D("0.01"), 0)  # enough for some of the fees
    for event in events:
        happen(held, event, books)
        assert held.wallet() == sum(entry.amount for entry in held.ledger if entry.asset == "USDT")
        assert held.cross_wallet + held.isolated_wallets == held.wallet()
        assert all(position.isolated_wallet >= 0 for position in held.positions())
    realized = sum(outcome.realized for outcome in books.outcomes)
    fees = sum(outcome.fee for outcome in books.outcomes if outcome.fee_asset == "USDT")
    others = sum(outcome.fee for outcome in books.outcomes if outcome.fee_asset == "BNB")
    clearance = sum(outcome.clearance_fee for outcome in books.outcomes)
    covered = sum(outcome.covered for outcome in books.outcomes)
    assert held.wallet() == 20000 + books.moved + realized + books.funded - fees - clearance + covered
    assert held.wallet("BNB") == D("0.01") - others >= 0
    assert [entry.tran_id for entry in held.ledger] == list(range(1, len(held.ledger) + 1))


@given(EVENTS)
@settings(max_examples=200, deadline=None)
def test_position_is_the_fold_of_its_executions(events: list[Event]) -> None:
    held, books = account("20000", taker_fee=None), Books()
    for event in events:
        happen(held, event, books)
    for (name, leg), executions in books.executions.items():
        position = held.position(name, leg)
        assert position.quantity == sum(quantity for quantity, _ in executions)
        # Cost not yet released = all that was paid, plus what was realised: to the last digit.
        assert position.cost == sum(quantity * price for quantity, price in executions) + position.realized
        assert position.quantity or not (position.cost or position.entry_price or position.isolated_wallet)
    by_kind = sum(entry.amount for entry in held.ledger if entry.kind is EntryKind.REALIZED)
    assert by_kind == sum(held.position(*key).realized for key in books.executions)


@given(EVENTS)
@settings(max_examples=100, deadline=None)
def test_entry_price_is_the_average_of_what_is_held(events: list[Event]) -> None:
    held = account("20000", taker_fee=None)
    for event in events:
        with suppress(RefusedError):
            _happen(held, event, Books(), 1)
        for position in held.positions():
            drift = abs(position.cost / position.quantity - position.entry_price)
            # A reduction may leave half a unit of the eighth decimal of cost behind, an entry is rounded to eight.
            assert drift <= D("0.00000002") * (1 + len(events) / abs(position.quantity))


@given(st.lists(st.tuples(st.integers(-900, 900).filter(bool), st.integers(-80, 80)), min_size=1, max_size=30))
@settings(max_examples=150, deadline=None)
def test_short_in_a_mirrored_market_is_a_long(moves: list[tuple[int, int]]) -> None:
    long, short = account("10000000", taker_fee=D(0)), account("10000000", taker_fee=D(0))
    for size, offset in moves:
        quantity, up = abs(size) * D("0.001"), D(60000) + offset * 10
        long.execute(BTC, BOTH, BUY if size > 0 else SELL, quantity, up, False, 1)
        short.execute(BTC, BOTH, SELL if size > 0 else BUY, quantity, 120000 - up, False, 1)
        long.fund(BTC, D(60000), D("0.0001"), 1)
        short.fund(BTC, D(60000), D("-0.0001"), 1)
        assert long.wallet() == short.wallet()
        mine, theirs = long.state({BTC: D(60000)}), short.state({BTC: D(60000)})
        assert mine.unrealized == theirs.unrealized
        assert mine.available == theirs.available
        assert mine.maintenance_margin == theirs.maintenance_margin
