"""How many positions and orders there may be. New ones give way, the smallest first; exits are never counted."""

from math import inf, isnan, nan

from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record
from geobuk.risk.limits import is_priced
from geobuk.risk.reasons import Reason
from geobuk.risk.state import Desk

TOO_MANY_POSITIONS, TOO_MANY_ORDERS = int(Reason.TOO_MANY_POSITIONS), int(Reason.TOO_MANY_ORDERS)


@step
def limit_positions(desk: Desk, rules: Record) -> bool:
    """Refuse the smallest new positions until no more than ``max_positions`` are held or wanted; in place.

    Returns whether any had to be refused.
    """
    if rules.max_positions > 0:
        count = 0
        for i in range(desk.book.shape[0]):
            state = desk.book[i]
            count += int(state.target != 0.0 or (state.quantity != 0.0 and not is_priced(desk.rows[i])))
        if count > rules.max_positions:
            refuse_smallest(desk, count - rules.max_positions)
            return True
    return False


@kernel
def refuse_smallest(desk: Desk, many: int) -> None:
    """Take back the wish for so many positions that are not held yet, the smallest weights first."""
    for _ in range(many):
        smallest, at = inf, -1
        for i in range(desk.book.shape[0]):
            state = desk.book[i]
            is_new = state.target != 0.0 and state.quantity * state.target <= 0.0
            if is_new and abs(state.target) < smallest:
                smallest, at = abs(state.target), i
        if at < 0:
            return
        desk.book[at].target = 0.0
        desk.book[at].refusals[TOO_MANY_POSITIONS] += 1


@step
def is_enlarging(target: float, held: float) -> bool:
    """Whether a target quantity adds to a position, or turns it."""
    return not isnan(target) and target != 0.0 and (target * held < 0.0 or abs(target) > abs(held))


@step
def limit_orders(desk: Desk, rules: Record) -> None:
    """Refuse the smallest enlarging orders beyond ``max_orders``; targets are quantities. A turn becomes an exit."""
    if rules.max_orders > 0:
        count = 0
        for i in range(desk.book.shape[0]):
            count += int(is_enlarging(desk.book[i].target, desk.book[i].quantity))
        if count > rules.max_orders:
            refuse_smallest_orders(desk, count - rules.max_orders)


@kernel
def refuse_smallest_orders(desk: Desk, many: int) -> None:
    """Take back so many enlarging orders, the smallest notional first."""
    for _ in range(many):
        smallest, at = inf, -1
        for i in range(desk.book.shape[0]):
            state = desk.book[i]
            if is_enlarging(state.target, state.quantity):
                notional = abs(state.target - state.quantity) * desk.rows[i].close
                if notional < smallest:
                    smallest, at = notional, i
        if at < 0:
            return
        state = desk.book[at]
        state.target = 0.0 if state.target * state.quantity < 0.0 else nan
        state.refusals[TOO_MANY_ORDERS] += 1
