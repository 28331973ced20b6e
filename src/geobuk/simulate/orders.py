"""Working orders meet a bar: market at the open, limit and stop inside, reductions before increases."""

from math import inf, isnan
from typing import NamedTuple

from geobuk.matching.inside_bar import limit_price, stop_price
from geobuk.ops.compiled import step
from geobuk.panel import Record, RecordArray
from geobuk.quant.grid import round_down
from geobuk.risk.margin import allowed_leverage
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Cashbook, OrderKind
from geobuk.simulate.fills import Execution, Taking, fillable, most_slippage, price_range, settle, take

NOTHING, MARKET, LIMIT = int(OrderKind.NOTHING), int(OrderKind.MARKET), int(OrderKind.LIMIT)
ENTRY = int(Reason.ENTRY)
CLAMPED_LEVERAGE = int(Reason.CLAMPED_LEVERAGE)
UNREACHED = int(Reason.UNREACHED)
MASKED = int(Reason.MASKED)


@step
def work_orders(rows: RecordArray, book: RecordArray, terms: RecordArray, rules: Record, cashbook: Cashbook) -> None:
    """Fill what the bar allows. Reductions go first, so that the margin they free is there for increases."""
    account = cashbook.account
    refresh_available(rows, book, terms, rules, account)
    for increases in range(2):
        for i in range(book.shape[0]):
            state = book[i]
            if state.order_kind == NOTHING or state.order_from > account.bar:
                continue
            if int(is_increase(state.quantity, state.order)) != increases:
                continue
            if rows[i].is_tradable:
                work_order(rows[i], state, terms[i], rules, cashbook)
            else:
                state.refusals[MASKED] += 1


@step
def refresh_available(rows: RecordArray, book: RecordArray, terms: RecordArray, rules: Record, account: Record) -> None:
    """Margin that new positions may use at the bar's open.

    Cross: equity minus the initial margin of all positions. Isolated: cash minus what is set aside; unrealised
    profit of an isolated position backs nothing else. What sales of shares will still bring counts only where it may be
    spent before.
    """
    available = account.cash
    for i in range(book.shape[0]):
        state = book[i]
        if state.quantity == 0.0:
            continue
        if rules.is_isolated:
            available -= state.wallet
        else:
            price = rows[i].open if rows[i].is_tradable else state.last
            notional = abs(state.quantity) * price
            available += state.quantity * (price - state.entry)
            available -= notional / allowed_leverage(notional, terms[i], rules.leverage)
    account.available = available if rules.reuse_proceeds else available - account.unsettled


@step
def is_increase(held: float, order: float) -> bool:
    """Whether an order can make the position larger, also by crossing zero."""
    return held * order >= 0.0 or abs(order) > abs(held)


@step
def work_order(market: Record, state: Record, term: Record, rules: Record, cashbook: Cashbook) -> None:
    """One order against one bar; what does not fill keeps working."""
    account, order, kind = cashbook.account, state.order, state.order_kind
    side = 1.0 if order > 0.0 else -1.0
    price = market.open
    if kind == LIMIT:
        price = limit_price(side, state.order_price, market.open, market.high, market.low)
    elif kind != MARKET:
        price = stop_price(side, state.order_price, market.open, market.high, market.low)
    lowest, highest = price_range(market, state)
    if isnan(price) or (kind == LIMIT and not lowest <= price <= highest):
        state.refusals[UNREACHED] += 1
        return
    is_resting = kind == LIMIT and price != market.open
    offer = Offer(price, 0.0 if is_resting else most_slippage(order, price, market, state, term, rules))
    quantity = fillable(affordable(order, offer, state, term, rules, account), market, state, term, rules)
    if quantity != 0.0:
        state.is_joining = price != market.open and state.quantity * quantity <= 0.0
        if is_resting:
            rested = Execution(quantity, price, price, 0.0, term.maker_fee, state.order_reason, True)
            settle(rested, state, term, rules, cashbook)
        else:
            most = abs(state.order_price / price - 1.0) if kind == LIMIT else inf
            take(Taking(quantity, price, state.order_reason, most), market, state, term, rules, cashbook)
    remain(order - quantity, state, term, account)


class Offer(NamedTuple):
    """The price of a fill before spread and impact, and the most that these can add to a unit."""

    price: float
    slippage: float


@step
def affordable(order: float, offer: Offer, state: Record, term: Record, rules: Record, account: Record) -> float:
    """The part of an order whose initial margin and costs are available; the part that reduces needs none."""
    held, price = state.quantity, offer.price
    closing = min(abs(order), abs(held)) if held * order < 0.0 else 0.0
    opening = abs(order) - closing
    if opening <= 0.0:
        return order
    leverage = allowed_leverage(abs(held + order) * price, term, rules.leverage)
    cost_per_unit = price / leverage + offer.slippage + (price + offer.slippage) * term.taker_fee
    freed = closing * price / leverage
    if rules.is_isolated and closing > 0.0:
        freed = state.wallet * closing / abs(held) + closing * (price - state.entry) * (1.0 if held > 0.0 else -1.0)
    cost_of_closing = closing * (offer.slippage + (price + offer.slippage) * term.taker_fee)
    room = max(0.0, account.available + freed - cost_of_closing) / cost_per_unit
    if opening <= room:
        return order
    state.refusals[CLAMPED_LEVERAGE] += 1
    size = closing + round_down(room, term.step)
    return size if order > 0.0 else -size


@step
def remain(quantity: float, state: Record, term: Record, account: Record) -> None:
    """Keep the unfilled part working from the next bar on, or end the order."""
    if abs(quantity) >= max(term.step, 1e-15) * 0.5:
        state.order = quantity
        state.order_from = account.bar + 1
    else:
        end_order(state, account)


@step
def end_order(state: Record, account: Record) -> None:
    """No order works for the instrument any more."""
    if state.order_kind != NOTHING:
        state.order_kind = NOTHING
        state.order = 0.0
        account.working -= 1


@step
def take_back_increase(state: Record, account: Record) -> None:
    """Take back the part of an order that makes the position larger, or turns it."""
    if state.quantity * state.order >= 0.0:
        end_order(state, account)
    elif abs(state.order) > abs(state.quantity):
        state.order = -state.quantity


@step
def place_order(kind: int, quantity: float, price: float, reason: int, state: Record, account: Record) -> None:
    """Replace whatever works for the instrument by an order that works from the next bar on."""
    end_order(state, account)
    if quantity != 0.0:
        state.order_kind = kind
        state.order = quantity
        state.order_price = price
        state.order_from = account.bar + 1
        state.order_reason = reason
        account.working += 1
