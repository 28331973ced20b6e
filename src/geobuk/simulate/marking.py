"""Equity at the close: every position at its mark, the loss locks looked at, the row written down."""

from math import isnan

from geobuk.matching.price_limits import price_limits
from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray, Record, RecordArray
from geobuk.risk.drawdown_stages import set_size
from geobuk.risk.loss_locks import HALTED, OPEN, begin_ledger_day, close_lock, note_equity
from geobuk.risk.margin import allowed_leverage
from geobuk.risk.reasons import Reason
from geobuk.risk.volatility import observe
from geobuk.simulate.book import SETTLEMENT_SLOTS
from geobuk.simulate.orders import MARKET, NOTHING, is_increase, place_order, take_back_increase

DAILY_LOSS = int(Reason.DAILY_LOSS)
DRAWDOWN = int(Reason.DRAWDOWN)
REDUCE_ONLY, PAUSED = int(Reason.REDUCE_ONLY), int(Reason.PAUSED)


@step
def begin_day(day: int, book: RecordArray, terms: RecordArray, rules: Record, account: Record) -> None:
    """On the first bar of a day: the ledger's day begins, sales settle, price limits are set anew."""
    if day != account.day:
        begin_ledger_day(day, account, rules)
        settle_sales(account)
        for i in range(book.shape[0]):
            set_price_limits(book[i], terms[i])


@step
def settle_sales(account: Record) -> None:
    """What is due in the session that begins is there."""
    account.sessions += 1
    slot = account.sessions % SETTLEMENT_SLOTS
    account.unsettled -= account.due[slot]
    account.due[slot] = 0.0


@step
def set_price_limits(state: Record, term: Record) -> None:
    """The session's price limits from the last close of the one before; none where that is not known."""
    if term.price_band > 0.0 and state.base > 0.0:
        state.limit_low, state.limit_high = price_limits(state.base, term.price_band, term.tick_floor, term.tick)


@step
def mark_to_market(rows: RecordArray, book: RecordArray, terms: RecordArray, rules: Record, account: Record) -> None:
    """Value every position at the mark (the close where no mark is known; the last price where the bar is masked).

    The bar's range is noted on the way, for the average true range.
    """
    unrealized, gross, net, margin = 0.0, 0.0, 0.0, 0.0
    for i in range(book.shape[0]):
        market, state = rows[i], book[i]
        if market.is_tradable:
            state.last = market.close if isnan(market.mark) else market.mark
        if not isnan(market.close):
            state.base = market.close
        observe(market, state, rules)
        state.is_joining = False
        value = state.ledger
        if state.quantity != 0.0:
            notional = state.quantity * state.last
            gain = notional - state.quantity * state.entry
            size = abs(notional)
            unrealized += gain
            net += notional
            gross += size
            margin += size / allowed_leverage(size, terms[i], rules.leverage)
            value += gain
        state.profit = value - state.value
        state.value = value
    note_equity(account.cash + unrealized, account)
    account.gross = gross
    account.net = net
    account.margin = margin


@step
def lock_losses(book: RecordArray, rules: Record, account: Record) -> None:
    """Shrink sizes and close the locks as the new equity calls for; while entries are refused none goes on working."""
    set_size(account, rules)
    if account.working > 0 and (account.is_reduce_only or account.now_ns < account.paused_until):
        take_back_entries(REDUCE_ONLY if account.is_reduce_only else PAUSED, book, account)
    lock = close_lock(account.bar, account, rules)
    if lock != OPEN:
        flatten(DRAWDOWN if lock == HALTED else DAILY_LOSS, book, account)


@kernel
def take_back_entries(reason: int, book: RecordArray, account: Record) -> None:
    """Whatever works and could make a position larger is taken back; what reduces goes on."""
    for i in range(book.shape[0]):
        state = book[i]
        if state.order_kind != NOTHING and is_increase(state.quantity, state.order):
            state.refusals[reason] += 1
            take_back_increase(state, account)


@kernel
def flatten(reason: int, book: RecordArray, account: Record) -> None:
    """Whatever is held goes to market on the next bar, whatever works is taken back."""
    for i in range(book.shape[0]):
        place_order(MARKET, -book[i].quantity, 0.0, reason, book[i], account)


@step
def record(
    t: int, book: RecordArray, account: Record, curve: FloatArray, position: FloatArray, pnl: FloatArray
) -> None:
    """Write the bar's row: the account always, the instruments where the log has room for them."""
    curve[0, t] = account.equity  # in the order of CURVE
    curve[1, t] = account.cash
    curve[2, t] = account.gross
    curve[3, t] = account.net
    curve[4, t] = account.margin
    if pnl.shape[0] > 0:
        for i in range(book.shape[0]):
            position[t, i] = book[i].quantity
            pnl[t, i] = book[i].profit
