"""The loop: what happens in a bar, in order. Each line is a step with a file, a docstring and tests of its own."""

from geobuk.ops.compiled import borrowed, kernel, step
from geobuk.panel import BoolArray, FloatArray, RecordArray
from geobuk.risk.volatility import observe
from geobuk.simulate.book import Book, Log, Status
from geobuk.simulate.decide import decide
from geobuk.simulate.exits import trail_stops, trigger_stops
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
    open_, high, low, close = borrowed(bars.open), borrowed(bars.high), borrowed(bars.low), borrowed(bars.close)
    volume, mark, forecast = borrowed(bars.volume), borrowed(bars.mark), borrowed(bars.forecast)
    tradable, day, decides = borrowed(bars.tradable), borrowed(bars.day), borrowed(bars.decides)
    events, terms, rows, book = (
        borrowed(inputs.events),
        borrowed(inputs.terms),
        borrowed(state.rows),
        borrowed(state.states),
    )
    curve, position, pnl, fills = borrowed(log.curve), borrowed(log.position), borrowed(log.pnl), borrowed(log.fills)
    for t in range(account.bar, stop):
        if 0 < fills.shape[0] < account.fills + 4 * book.shape[0]:
            return LOG_FULL
        account.bar = t
        load_prices(t, rows, open_, high, low, close, volume)
        load_signals(t, rows, mark, forecast, tradable)
        begin_day(day[t], account)
        charge_funding(events, False, rows, book, rules, account)
        if account.working > 0:
            if account.held > 0:
                check_margin(0.0, rows, book, terms, rules, account, fills)
            work_orders(rows, book, terms, rules, account, fills)
        charge_funding(events, True, rows, book, rules, account)
        if account.held > 0:
            check_margin(1.0, rows, book, terms, rules, account, fills)
            trigger_stops(rows, book, terms, rules, account, fills)
            trail_stops(rows, book, terms, rules)
        mark_to_market(rows, book, terms, rules, account)
        lock_losses(book, rules, account)
        for i in range(book.shape[0]):
            observe(rows[i], book[i])
        if decides[t]:
            decide(rows, book, terms, rules, account)
        record(t, book, account, curve, position, pnl)
        account.bar = t + 1
        if account.status != FINE:
            return account.status
    return FINE


@step
def load_prices(
    t: int,
    rows: RecordArray,
    open_: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
) -> None:
    """Bring the bar's prices and volume side by side for each instrument."""
    for i in range(rows.shape[0]):
        row = rows[i]
        row.open = open_[t, i]
        row.high = high[t, i]
        row.low = low[t, i]
        row.close = close[t, i]
        row.volume = volume[t, i]


@step
def load_signals(t: int, rows: RecordArray, mark: FloatArray, forecast: FloatArray, tradable: BoolArray) -> None:
    """Bring the bar's mark, forecast and mask beside its prices."""
    for i in range(rows.shape[0]):
        row = rows[i]
        row.mark = mark[t, i]
        row.forecast = forecast[t, i]
        row.is_tradable = tradable[t, i]
