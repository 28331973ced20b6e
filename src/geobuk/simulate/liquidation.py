"""When margin no longer covers maintenance the venue closes positions, at the price where that happened.

Prices inside a bar are taken to run from the open to the worst point before a stop would have acted, all instruments
together: a pessimistic path. The loss ends at the isolated wallet or the account; the venue's fund bears the rest.
"""

from typing import NamedTuple

from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record, RecordArray
from geobuk.risk.margin import maintenance_margin
from geobuk.risk.reasons import Reason
from geobuk.risk.reentry import note_exit
from geobuk.simulate.book import Cashbook
from geobuk.simulate.fills import Booked, Execution, Move, bear_shortfall, move_position, pay, write_fill
from geobuk.simulate.orders import MARKET, end_order, place_order

LIQUIDATED = int(Reason.LIQUIDATION)
_HALVINGS = 60


class Takeover(NamedTuple):
    """The venue takes a position: at which price, how much is left for its fee, and what loss its fund bears."""

    price: float
    room: float
    borne: float


@step
def price_on_path(market: Record, state: Record, share: float) -> float:
    """Price after ``share`` (0 to 1) of the way from the open to the worst point; the last price where no bar trades.

    The way starts at the entry for a position that was entered inside the bar. It ends at a stop that the bar reaches,
    else at the bar's extreme or at its mark, whichever is worse.
    """
    if not market.is_tradable:
        return state.last
    start = state.entry if state.is_joining else market.open
    if state.quantity > 0.0:
        worst = max(market.low, min(state.stop, start))
        if market.low > state.stop and market.mark < worst:
            worst = market.mark
    else:
        worst = min(market.high, max(state.stop, start)) if state.stop > 0.0 else market.high
        if (market.high < state.stop or state.stop <= 0.0) and market.mark > worst:
            worst = market.mark
    return start + share * (worst - start)


@step
def price_in_range(market: Record, state: Record, share: float) -> float:
    """Where the venue closes at that point of the path: inside the bar, also where only the mark went further."""
    return min(max(price_on_path(market, state, share), market.low), market.high)


@step
def spare_margin(market: Record, state: Record, term: Record, share: float) -> float:
    """Unrealised profit minus maintenance margin of one position on the path."""
    price = price_on_path(market, state, share)
    maintenance = maintenance_margin(abs(state.quantity) * price, term)
    return state.quantity * (price - state.entry) - maintenance


@step
def spare_in_account(rows: RecordArray, book: RecordArray, terms: RecordArray, account: Record, share: float) -> float:
    """Cash plus unrealised profit minus maintenance margin of a cross account on the path."""
    total = account.cash
    for i in range(book.shape[0]):
        if book[i].quantity != 0.0:
            total += spare_margin(rows[i], book[i], terms[i], share)
    return total


@step
def check_margin(
    share: float,
    rows: RecordArray,
    book: RecordArray,
    terms: RecordArray,
    rules: Record,
    cashbook: Cashbook,
) -> None:
    """Liquidate what is under its maintenance margin at ``share`` of the path (0: the open) or before."""
    if not rules.is_isolated:
        if spare_in_account(rows, book, terms, cashbook.account, share) <= 0.0:
            liquidate_account(share, rows, book, terms, rules, cashbook)
        return
    for i in range(book.shape[0]):
        state = book[i]
        if (
            state.quantity != 0.0
            and rows[i].is_tradable
            and state.wallet + spare_margin(rows[i], state, terms[i], share) <= 0.0
        ):
            liquidate_position(share, rows[i], state, terms[i], rules, cashbook)


@kernel
def liquidate_position(
    share: float, market: Record, state: Record, term: Record, rules: Record, cashbook: Cashbook
) -> None:
    """Close one isolated position where its wallet was used up, or at the open that gapped through it."""
    safe, struck = 0.0, share
    if state.wallet + spare_margin(market, state, term, 0.0) <= 0.0:
        struck = 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (safe + struck)
        if state.wallet + spare_margin(market, state, term, middle) <= 0.0:
            struck = middle
        else:
            safe = middle
    price = price_in_range(market, state, struck)
    left = state.wallet + state.quantity * (price - state.entry)
    close_out(Takeover(price, max(0.0, left), max(0.0, -left)), state, term, rules, cashbook)


@kernel
def liquidate_account(
    share: float,
    rows: RecordArray,
    book: RecordArray,
    terms: RecordArray,
    rules: Record,
    cashbook: Cashbook,
) -> None:
    """Close every position of a cross account where it ran out of margin; fees are taken while anything is left.

    Working orders end. What is held on a masked bar goes to market on the first bar that trades.
    """
    account = cashbook.account
    safe, struck = 0.0, share
    if spare_in_account(rows, book, terms, account, 0.0) <= 0.0:
        struck = 0.0
    for _ in range(_HALVINGS):
        middle = 0.5 * (safe + struck)
        if spare_in_account(rows, book, terms, account, middle) <= 0.0:
            struck = middle
        else:
            safe = middle
    left, losses = account.cash, 0.0
    for i in range(book.shape[0]):
        if not rows[i].is_tradable:
            place_order(MARKET, -book[i].quantity, 0.0, LIQUIDATED, book[i], account)
        elif book[i].quantity != 0.0:
            profit = book[i].quantity * (price_in_range(rows[i], book[i], struck) - book[i].entry)
            left += profit
            losses += max(0.0, -profit)
        else:
            end_order(book[i], account)
    beyond = max(0.0, -left)
    for i in range(book.shape[0]):
        state = book[i]
        if state.quantity != 0.0 and rows[i].is_tradable:
            price = price_in_range(rows[i], state, struck)
            loss = max(0.0, -state.quantity * (price - state.entry))
            borne = beyond * loss / losses if losses > 0.0 else 0.0
            left -= close_out(Takeover(price, max(0.0, left), borne), state, terms[i], rules, cashbook)


@kernel
def close_out(takeover: Takeover, state: Record, term: Record, rules: Record, cashbook: Cashbook) -> float:
    """Take one position over; returns the liquidation fee, charged as far as there is room for it."""
    price, room, borne = takeover
    account = cashbook.account
    held = state.quantity
    realized = held * (price - state.entry)
    fee = min(term.liquidation_fee * abs(held) * price, room)
    cash = realized - fee + borne
    end_order(state, account)
    pay(cash, state, account)
    state.liquidation_fees += fee
    account.insurance += borne
    state.resting = rules.cooldown + 1
    if rules.notes_exits:
        note_exit(state.ledger - state.entry_ledger, LIQUIDATED, state, account, rules)
    move_position(Move(0.0, price, price), state, term, rules, account)
    if account.held == 0 and account.cash < 0.0:
        cash += bear_shortfall(state, account)
    fill = Execution(-held, price, price, 0.0, 0.0, LIQUIDATED, False)
    write_fill(fill, Booked(fee, 0.0, realized, cash), state, cashbook)
    return fee
