"""The loop: what happens in a bar, in order. Each line is a step with a file, a docstring and tests of its own."""

from geobuk.ops.compiled import borrowed, kernel, step, unsigned
from geobuk.panel import BoolArray, FloatArray, RecordArray
from geobuk.risk.state import Desk
from geobuk.simulate.book import Book, Cashbook, Log, Status
from geobuk.simulate.decide import decide_at
from geobuk.simulate.exits import run_stops, run_time_stops
from geobuk.simulate.funding import charge_funding
from geobuk.simulate.inputs import Inputs
from geobuk.simulate.liquidation import check_margin
from geobuk.simulate.marking import begin_day, lock_losses, mark_to_market, record
from geobuk.simulate.orders import work_orders

FINE, LOG_FULL = int(Status.FINE), int(Status.LOG_FULL)


@kernel
def advance(inputs: Inputs, state: Book, log: Log, stop: int) -> int:
    """Take the account from its present bar to bar ``stop - 1``; returns a Status.

    After LOG_FULL the caller gives a longer log and calls again: the state goes on where it stood.
    """
    bars, rules, account = inputs.bars, inputs.rules[0], state.account[0]
    prices = (
        borrowed(bars.open),
        borrowed(bars.high),
        borrowed(bars.low),
        borrowed(bars.close),
        borrowed(bars.volume),
    )
    signals = (borrowed(bars.mark), borrowed(bars.forecast), borrowed(bars.tradable))
    day, decides, events = borrowed(bars.day), borrowed(bars.decides), borrowed(inputs.events)
    regime = borrowed(bars.regime)
    at_ns, box = borrowed(bars.at_ns), (borrowed(bars.box_low), borrowed(bars.box_high))
    terms = borrowed(inputs.terms[account.terms_at])
    rows, book = borrowed(state.rows), borrowed(state.states)
    curve, position, pnl, fills = borrowed(log.curve), borrowed(log.position), borrowed(log.pnl), borrowed(log.fills)
    cashbook = Cashbook(account, fills)
    accounts, covariance = borrowed(state.account), borrowed(state.covariance)
    groups, work = borrowed(state.groups), borrowed(state.work)
    for t in range(account.bar, stop):
        if 0 < fills.shape[0] < account.fills + 4 * book.shape[0]:
            return LOG_FULL
        account.bar, account.now_ns = t, at_ns[t]
        while account.terms_at + 1 < inputs.terms.shape[0] and inputs.terms_from[account.terms_at + 1] <= t:
            account.terms_at += 1
            terms = borrowed(inputs.terms[account.terms_at])
        load_row(t, rows, prices, signals)
        begin_day(day[t], book, terms, rules, account)
        charge_funding(events, False, rows, book, rules, account)
        if account.working > 0:
            if account.held > 0:
                check_margin(0.0, rows, book, terms, rules, cashbook)
            work_orders(rows, book, terms, rules, cashbook)
        charge_funding(events, True, rows, book, rules, account)
        account.now_ns = at_ns[t] + rules.bar_ns
        if account.held > 0:
            check_margin(1.0, rows, book, terms, rules, cashbook)
            run_stops(rows, book, terms, rules, cashbook)
        mark_to_market(rows, book, terms, rules, account)
        lock_losses(book, rules, account)
        if rules.time_ns > 0 and account.held > 0:
            run_time_stops(rows, book, rules, account)
        if decides[t]:
            decide_at(t, Desk(rows, book, terms, accounts, covariance, groups, work), rules, regime, box, None)
        record(t, book, account, curve, position, pnl)
        account.bar = t + 1
        if account.status != FINE:
            return account.status
    return FINE


@step
def load_row(
    t: int,
    rows: RecordArray,
    prices: tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray],
    signals: tuple[FloatArray, FloatArray, BoolArray],
) -> None:
    """Bring what the panel says about bar t side by side for each instrument."""
    open_, high, low, close, volume = prices
    mark, forecast, tradable = signals
    at = unsigned(t * rows.shape[0])
    for i in range(rows.shape[0]):
        row = rows[i]
        row.open = open_[at]
        row.high = high[at]
        row.low = low[at]
        row.close = close[at]
        row.volume = volume[at]
        row.mark = mark[at]
        row.forecast = forecast[at]
        row.is_tradable = tradable[at]
        at += unsigned(1)
