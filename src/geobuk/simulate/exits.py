"""Protective stops meet a bar, and trail behind it."""

from math import inf, isnan

from geobuk.matching.inside_bar import stop_price
from geobuk.matching.printable import tick_of
from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record, RecordArray
from geobuk.risk.exits import trailed_stop
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Cashbook
from geobuk.simulate.fills import Taking, fillable, take
from geobuk.simulate.orders import MARKET, end_order, place_order

STOPPED = int(Reason.STOP)


@step
def run_stops(rows: RecordArray, book: RecordArray, terms: RecordArray, rules: Record, cashbook: Cashbook) -> None:
    """Close what the bar stopped out; let the other stops trail.

    For a position that was entered inside the bar, the bar begins at its entry.
    """
    for i in range(book.shape[0]):
        market, state = rows[i], book[i]
        if state.stop <= 0.0 or not market.is_tradable:
            continue
        side = -1.0 if state.quantity > 0.0 else 1.0
        start = state.entry if state.is_joining else market.open
        price = stop_price(side, state.stop, start, market.high, market.low)
        if isnan(price):
            trail_stop(market, state, terms[i], rules)
        else:
            stop_out(price, market, state, terms[i], rules, cashbook)


@kernel
def stop_out(price: float, market: Record, state: Record, term: Record, rules: Record, cashbook: Cashbook) -> None:
    """Take the position off at the stop; what the bar's volume does not allow goes to market on the next bar."""
    account = cashbook.account
    end_order(state, account)
    quantity = fillable(-state.quantity, market, state, term, rules)
    if quantity != 0.0:
        take(Taking(quantity, price, STOPPED, inf), market, state, term, rules, cashbook)
    place_order(MARKET, -state.quantity, 0.0, STOPPED, state, account)
    state.stop = 0.0
    state.resting = rules.cooldown + 1


@step
def trail_stop(market: Record, state: Record, term: Record, rules: Record) -> None:
    """Move a stop behind the best price so far. The bar's own extreme counts only from the next bar on.

    Of a bar that was entered inside, only the close is known to lie after the entry.
    """
    if rules.trailing <= 0.0 and rules.trailing_atr <= 0.0:
        return
    is_long = state.quantity > 0.0
    if is_long:
        state.peak = max(state.peak, market.close if state.is_joining else market.high)
    else:
        state.peak = min(state.peak, market.close if state.is_joining else market.low)
    side = 1.0 if is_long else -1.0
    state.stop = trailed_stop(side, state.stop, state.peak, state.atr, tick_of(state.peak, term), rules)
