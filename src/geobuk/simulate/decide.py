"""A decision at a close: volatility updated, targets asked of the risk room, orders placed for the next bar."""

from math import isnan
from typing import Any

from geobuk.matching.printable import tick_of
from geobuk.ops.compiled import inlined, step
from geobuk.panel import FloatArray, IntArray, Record
from geobuk.quant.grid import round_down, round_up
from geobuk.risk.conditions import must_leave
from geobuk.risk.decision import decided
from geobuk.risk.reasons import Reason
from geobuk.risk.state import Desk
from geobuk.simulate.boxes import load_boxes
from geobuk.simulate.orders import LIMIT, MARKET, NOTHING, end_order, is_increase, place_order, take_back_increase

CRASH = int(Reason.CRASH)
ENTRY = int(Reason.ENTRY)


@inlined
def decide_at(
    t: int, desk: Desk, rules: Record, regime: IntArray, box: tuple[FloatArray, FloatArray], trace: Any
) -> None:
    """The decision at the close of bar t, with what is known then: the regime and the boxes (both may be empty)."""
    if regime.shape[0] > 0:
        desk.account[0].regime = regime[t]
    if rules.by_box:
        load_boxes(t, desk.book, box)
    decide(desk, rules, trace)


@inlined
def decide(desk: Desk, rules: Record, trace: Any) -> None:
    """From forecasts to orders that work from the next bar on; while a lock is closed, only exits are left standing.

    ``trace`` is None, or an array (N, STEPS) that keeps the weights after each step.
    """
    rows, book, terms, account = desk.rows, desk.book, desk.terms, desk.account[0]
    account.decisions += 1
    if decided(desk, rules, trace):
        for i in range(book.shape[0]):
            order_toward(rows[i], book[i], terms[i], rules, account)


@step
def order_toward(market: Record, state: Record, term: Record, rules: Record, account: Record) -> None:
    """Replace the working order by the one that leads to the target.

    What is left of a protective exit goes on working. On a masked bar only the part of an order that increases is taken
    back.
    """
    held = state.quantity
    if state.order_kind != NOTHING and state.order_reason != ENTRY:
        return
    if isnan(state.target):
        if market.is_tradable:
            end_order(state, account)
        else:
            take_back_increase(state, account)
        return
    change = state.target - held
    reason = CRASH if must_leave(state, rules) else ENTRY
    if rules.order_kind == MARKET or not is_increase(held, change):
        place_order(MARKET, change, 0.0, reason, state, account)
    elif held * change < 0.0:
        place_order(MARKET, -held, 0.0, reason, state, account)
    else:
        price = resting_price(market.close, change, term, rules)
        place_order(rules.order_kind, change, price, ENTRY, state, account)


@step
def resting_price(close: float, change: float, term: Record, rules: Record) -> float:
    """Limit price or trigger of an entry order on the tick, never nearer to the market than asked.

    A limit buys below and a stop buys above the close; selling mirrors both.
    """
    is_below = (rules.order_kind == LIMIT) == (change > 0.0)
    price = close * (1.0 - rules.offset if is_below else 1.0 + rules.offset)
    tick = tick_of(price, term)
    return round_down(price, tick) if is_below else round_up(price, tick)
