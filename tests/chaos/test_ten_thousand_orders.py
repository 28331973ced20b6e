"""Thousands of random orders through adapter and emulator on a day when everything fails: all of it adds up.

Over sockets a share of them runs each time and all 10,000 with ``make soak``; the engine alone plays 10,000 each time
in ``tests/property/test_engine_session.py``.
"""

import asyncio
import os
from collections import Counter
from decimal import Decimal

import pytest
from tests.support.stormy_session import DEPOSIT, Session, stormy

from geobuk.domain.order import Fill, OrderState, OrderStatus, PositionSide, Side
from geobuk.domain.updates import BalanceChange, PositionChange
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT
from geobuk.matching.engine.orders import ConditionalStatus, Execution
from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.margin.money import rounded

IS_SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
SESSIONS = [(False, 10_000 if IS_SOAK else 900, 20_261_127), (True, 10_000 if IS_SOAK else 450, 20_261_128)]
FillKey = tuple[str, str, str, str, Side, str, Decimal, Decimal, Decimal, str, Decimal, bool]
STATUS_OF = {
    "NEW": OrderStatus.NEW, "PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED, "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELED, "EXPIRED": OrderStatus.EXPIRED, "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
}  # fmt: skip
WAITING_OF = {
    ConditionalStatus.NEW: OrderStatus.WAITING, ConditionalStatus.CANCELED: OrderStatus.CANCELED,
    ConditionalStatus.EXPIRED: OrderStatus.EXPIRED, ConditionalStatus.REJECTED: OrderStatus.REJECTED,
}  # fmt: skip


@pytest.mark.timeout(7_200 if IS_SOAK else 240)
@pytest.mark.parametrize(("is_hedged", "orders", "seed"), SESSIONS, ids=["one-way", "hedged"])
def test_a_day_of_random_orders_and_faults_adds_up_to_the_last_digit(is_hedged: bool, orders: int, seed: int) -> None:
    async def main() -> None:
        async with stormy(is_hedged=is_hedged) as session:
            await session.play(orders, seed)
            await require_settled(session)
            require_money(session)
            require_funding(session)
            require_positions(session)
            await require_told(session)
            require_sent_once(session)
            assert session.happened["accepted"] > orders // 3

    asyncio.run(main())


async def require_settled(session: Session) -> None:
    """Every order is accepted or it is not there; those whose outcome nobody knew are asked for until it is known."""
    for key in [key for key, how in session.ends.items() if how == "unknown"]:
        found = await session.venue.order(session.requests[key].instrument, key)
        session.ends[key] = "refused" if found is None else "accepted"
    there = known_to_engine(session)
    for key, how in session.ends.items():
        assert (how == "accepted") is (key in there), f"{key} ended as {how}"


def known_to_engine(session: Session) -> set[str]:
    engine = session.emulation.exchange.engine
    found = {one.client_order_id for one in engine.orders(DEFAULT_ACCOUNT)}
    return found | {one.client_order_id for one in engine.conditionals(DEFAULT_ACCOUNT)}


def require_money(session: Session) -> None:
    """The wallet is the exact sum of what moved it, by the ledger and by the executions."""
    engine = session.emulation.exchange.engine
    account = engine.account(DEFAULT_ACCOUNT)
    sums = {kind: sum((e.amount for e in account.ledger if e.kind is kind), Decimal(0)) for kind in EntryKind}
    fills = engine.executions(DEFAULT_ACCOUNT)
    taken_over = [one for one in fills if one.client_order_id.startswith("autoclose-")]
    commissions = sum((one.fee for one in fills), Decimal(0)) - sum((one.fee for one in taken_over), Decimal(0))
    clearance = sum((one.fee for one in taken_over), Decimal(0))
    realized = sum((one.realized for one in fills), Decimal(0))
    assert len(fills) > 100
    assert sums[EntryKind.REALIZED] == realized
    assert sums[EntryKind.FEE] == -commissions
    assert sums[EntryKind.INSURANCE] == -clearance
    assert sums[EntryKind.FUNDING] != 0
    assert account.wallet() == DEPOSIT + realized + sums[EntryKind.FUNDING] - commissions - clearance


def require_funding(session: Session) -> None:
    """Each payment is the position at its moment times the mark and the rate then; every position paid."""
    engine = session.emulation.exchange.engine
    entries = [e for e in engine.account(DEFAULT_ACCOUNT).ledger if e.kind is EntryKind.FUNDING]
    paid = {(one.instrument, one.at_ns): Decimal(0) for one in entries}
    for entry in entries:
        paid[entry.instrument, entry.at_ns] += entry.amount
    for (instrument, at_ns), amount in paid.items():
        mark = [price for since, price in session.marks[instrument] if since <= at_ns][-1]
        rate = [rate for since, rate in session.rates[instrument] if since <= at_ns][-1]
        legs: Counter[PositionSide] = Counter()
        for fill in engine.executions(DEFAULT_ACCOUNT, instrument):
            if fill.at_ns <= at_ns:
                legs[fill.position_side] += fill.side * fill.quantity  # type: ignore[assignment]
        assert amount == sum((rounded(-quantity * mark * rate) for quantity in legs.values()), Decimal(0))


def require_positions(session: Session) -> None:
    """What is held is the fold of the executions."""
    engine = session.emulation.exchange.engine
    folded: dict[tuple[str, PositionSide], Decimal] = {}
    for fill in engine.executions(DEFAULT_ACCOUNT):
        key = fill.instrument, fill.position_side
        folded[key] = folded.get(key, Decimal(0)) + fill.side * fill.quantity
    held = {(h.instrument, h.position_side): h.quantity for h in engine.account(DEFAULT_ACCOUNT).holdings()}
    assert held == {key: quantity for key, quantity in folded.items() if quantity}


async def require_told(session: Session) -> None:
    """The adapter told each fill once with all its amounts, and ends with the venue's orders, money and positions."""
    engine = session.emulation.exchange.engine
    executed = Counter(of_engine(one) for one in engine.executions(DEFAULT_ACCOUNT))
    try:
        await session.until(lambda: session.told_keys() == expected_keys(session), "every fill told once")
    except AssertionError:
        told = Counter(of_adapter(one) for one in session.fills())
        raise AssertionError(f"never told: {executed - told}; told and never happened: {told - executed}") from None
    assert Counter(of_adapter(one) for one in session.fills()) == executed
    states = {key: state for key, state in expected_states(session).items() if key in session.requests}
    wrong = lambda: {  # noqa: E731
        key: (told, states[key])
        for key, told in ((key, seen(session.latest.get(key))) for key in states)
        if told != states[key]
    }
    try:
        await session.until(lambda: not wrong(), "every order's end told")
    except AssertionError:
        raise AssertionError(f"(told, true) of {len(wrong())} orders: {wrong()}") from None
    still_open = {key for key, (status, _, _) in states.items() if status.is_open}
    asked = {one.client_order_id for one in await session.venue.open_orders()}
    assert asked == still_open
    believed = {one.client_order_id for one in session.latest.values() if one.status.is_open}
    assert believed == still_open
    wallet = engine.account(DEFAULT_ACCOUNT).wallet()
    await session.until(lambda: last_wallet(session) == wallet, f"the wallet {wallet}")
    held = {(h.instrument, h.position_side): h.quantity for h in engine.account(DEFAULT_ACCOUNT).holdings()}
    await session.until(lambda: last_positions(session) == held, f"the positions {held}")
    account = await session.venue.account()
    assert account.wallet == wallet
    assert {(p.instrument, p.side): p.quantity for p in await session.venue.positions()} == held


def expected_keys(session: Session) -> list[tuple[str, str, Side]]:
    executed = session.emulation.exchange.engine.executions(DEFAULT_ACCOUNT)
    return sorted((one.instrument, str(one.trade_id), one.side) for one in executed)


def of_engine(one: Execution) -> FillKey:
    return (
        one.instrument, one.client_order_id, str(one.trade_id), str(one.position_side), one.side, "",
        one.quantity, one.price, one.fee, one.fee_currency if one.fee else "", one.realized, one.is_maker,
    )  # fmt: skip


def of_adapter(one: Fill) -> FillKey:
    return (
        one.instrument, one.client_order_id, one.trade_id, str(one.position_side), one.side, "",
        one.quantity, one.price, one.fee, one.fee_currency if one.fee else "", one.realized, one.liquidity == "maker",
    )  # fmt: skip


Seen = tuple[OrderStatus, Decimal, Decimal | None]


def seen(state: OrderState | None) -> Seen | None:
    return None if state is None else (state.status, state.filled, state.price if state.status.is_open else None)


def expected_states(session: Session) -> dict[str, Seen]:
    """Status, filled, and the price of those still open, by client order id; what a trigger made counts."""
    engine = session.emulation.exchange.engine
    found: dict[str, Seen] = {}
    for waiting in engine.conditionals(DEFAULT_ACCOUNT):
        if waiting.order_id is None:
            price = waiting.request.price if waiting.status.is_open else None
            found[waiting.client_order_id] = (WAITING_OF[waiting.status], Decimal(0), price)
    for one in engine.orders(DEFAULT_ACCOUNT):
        status = STATUS_OF[one.status]
        found[one.client_order_id] = (status, one.filled, one.price if status.is_open else None)
    return found


def last_wallet(session: Session) -> Decimal | None:
    told = [one.wallet for one in session.told if isinstance(one, BalanceChange) and one.currency == "USDT"]
    return told[-1] if told else None


def last_positions(session: Session) -> dict[tuple[str, PositionSide], Decimal]:
    told = [one.position for one in session.told if isinstance(one, PositionChange)]
    last = {(one.instrument, one.side): one.quantity for one in told}
    return {key: quantity for key, quantity in last.items() if quantity}


def require_sent_once(session: Session) -> None:
    """No client order id of the session is on two orders, nor on two conditional orders."""
    engine = session.emulation.exchange.engine
    orders = Counter(one.client_order_id for one in engine.orders(DEFAULT_ACCOUNT))
    waiting = Counter(one.client_order_id for one in engine.conditionals(DEFAULT_ACCOUNT))
    for counted in (orders, waiting):
        assert not {key: times for key, times in counted.items() if times > 1 and key in session.requests}
    made = {one.client_order_id for one in engine.conditionals(DEFAULT_ACCOUNT) if one.order_id is not None}
    assert orders.keys() & waiting.keys() & session.requests.keys() == made & session.requests.keys()
