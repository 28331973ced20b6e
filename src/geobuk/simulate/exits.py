"""Protective exits meet a bar: stops first, then the rungs of the take-profit ladder, then the stops move.

Whatever both a stop and a rung could have had, the stop has.
"""

from math import inf, isnan

from geobuk.matching.inside_bar import limit_price, stop_price
from geobuk.matching.printable import tick_of
from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record, RecordArray
from geobuk.risk.exit_ladder import rung_price, rung_quantity
from geobuk.risk.exit_stages import advanced_stop
from geobuk.risk.exit_time import is_out_of_time
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Cashbook
from geobuk.simulate.fills import Execution, Taking, fillable, price_range, printed, settle, take
from geobuk.simulate.orders import ENTRY, MARKET, NOTHING, end_order, place_order

STOPPED = int(Reason.STOP)
TAKE_PROFIT = int(Reason.TAKE_PROFIT)
TIME_STOP = int(Reason.TIME_STOP)


@step
def run_stops(rows: RecordArray, book: RecordArray, terms: RecordArray, rules: Record, cashbook: Cashbook) -> None:
    """Close what the bar stopped out; let rungs take their share of the rest, and its stops move.

    For a position that was entered inside the bar, the bar begins at its entry.
    """
    for i in range(book.shape[0]):
        market, state = rows[i], book[i]
        if state.stop <= 0.0 or not market.is_tradable:
            continue
        side = -1.0 if state.quantity > 0.0 else 1.0
        start = state.entry if state.is_joining else market.open
        price = stop_price(side, state.stop, start, market.high, market.low)
        if not isnan(price):
            stop_out(price, market, state, terms[i], rules, cashbook)
            continue
        if rules.rungs > 0:
            take_profits(market, state, terms[i], rules, cashbook)
        if rules.moves_stops and state.quantity != 0.0:
            move_stop(market, state, terms[i], rules)


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
def move_stop(market: Record, state: Record, term: Record, rules: Record) -> None:
    """Move a stop after the best price so far. The bar's own extreme counts only from the next bar on.

    Of a bar that was entered inside, only the close is known to lie after the entry.
    """
    is_long = state.quantity > 0.0
    if is_long:
        state.peak = max(state.peak, market.close if state.is_joining else market.high)
    else:
        state.peak = min(state.peak, market.close if state.is_joining else market.low)
    side = 1.0 if is_long else -1.0
    state.stop = advanced_stop(side, tick_of(state.peak, term), state, term, rules)


@kernel
def take_profits(market: Record, state: Record, term: Record, rules: Record, cashbook: Cashbook) -> None:
    """Fill the rungs that the bar reaches, in order, as makers; together they take what its volume allows one order.

    None is reached in a bar that was entered inside, whose extreme may have come before, and none while another exit
    is under way.
    """
    if state.first_risk <= 0.0 or state.is_joining or (state.order_kind != NOTHING and state.order_reason != ENTRY):
        return
    side = 1.0 if state.quantity > 0.0 else -1.0
    lowest, highest = price_range(market, state)
    done = 0.0
    for rung in range(rules.rungs):
        limit = rung_price(rung, side, rung_tick(rung, side, state, term, rules), state, rules)
        price = limit_price(-side, limit, market.open, market.high, market.low)
        if state.quantity == 0.0 or limit <= 0.0 or isnan(price) or not lowest <= price <= highest:
            return
        wanted = rung_quantity(rung, price, state, term, rules)
        if wanted <= 0.0:
            continue
        size = abs(fillable(-side * (done + wanted), market, state, term, rules)) - done
        if size > 0.0:
            price = printed(-side, price, lowest, highest, term)
            take_rung(-side * size, price, state, term, rules, cashbook)
            done += size
        if size < wanted:
            return


@step
def rung_tick(rung: int, side: float, state: Record, term: Record, rules: Record) -> float:
    """Tick of the price at which a rung lies."""
    return tick_of(max(rung_price(rung, side, 0.0, state, rules), 0.0), term)


@kernel
def take_rung(quantity: float, price: float, state: Record, term: Record, rules: Record, cashbook: Cashbook) -> None:
    """Book what a rung took. An order that would enlarge the position ends; one that reduces it has less left to do."""
    account = cashbook.account
    held, order = state.quantity, state.order
    taken = state.taken + abs(quantity)
    rested = Execution(quantity, price, price, 0.0, term.maker_fee, TAKE_PROFIT, True)
    settle(rested, state, term, rules, cashbook)
    if state.quantity != 0.0:
        state.taken = taken
    if state.order_kind == NOTHING:
        return
    if held * order > 0.0 or (order - quantity) * order <= 0.0:
        end_order(state, account)
    else:
        state.order = order - quantity


@step
def run_time_stops(rows: RecordArray, book: RecordArray, rules: Record, account: Record) -> None:
    """At a bar's close: what is out of time goes to market on the next bar, unless it is leaving already."""
    for i in range(book.shape[0]):
        state = book[i]
        if state.quantity == 0.0 or not rows[i].is_tradable:
            continue
        if state.order_kind != NOTHING and state.order_reason != ENTRY:
            continue
        if is_out_of_time(rows[i].close, account.now_ns, state, rules):
            place_order(MARKET, -state.quantity, 0.0, TIME_STOP, state, account)
