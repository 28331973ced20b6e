"""The whole way from a row of forecasts to a row of target quantities: the decision path, one moment at a time.

The simulation calls :func:`set_targets` for each decision, a live trader for the present one. ``rules`` holds
RISK_FIELDS; ``trace`` is None, or an array (N, STEPS) that keeps the weights after each step.
"""

from math import isfinite, isnan, nan
from typing import Any

from geobuk.ops.compiled import inlined, kernel, step
from geobuk.panel import Record
from geobuk.risk.account_limits import OUTCOME, fits, limit_account, load_of, weight_in
from geobuk.risk.counts import limit_orders, limit_positions
from geobuk.risk.groups import BUCKETS, SECTORS
from geobuk.risk.limits import (
    Exposure,
    exposure_of,
    exposure_with,
    is_over_limit,
    is_priced,
    limit_gross_and_net,
    limit_groups,
    limit_leverage,
)
from geobuk.risk.reasons import Reason
from geobuk.risk.sizing import is_inside_band, on_step
from geobuk.risk.state import Desk
from geobuk.risk.trace import Step, note_row
from geobuk.risk.wishes import weight_of

NOT_FINITE = int(Reason.NOT_FINITE)
CLAMPED_SECTOR, CLAMPED_BUCKET = int(Reason.CLAMPED_SECTOR), int(Reason.CLAMPED_BUCKET)
BELOW_MIN_NOTIONAL = int(Reason.BELOW_MIN_NOTIONAL)
BELOW_STEP = int(Reason.BELOW_STEP)
INSIDE_BAND = int(Reason.INSIDE_BAND)
TO_POSITIONS, TO_SECTOR, TO_BUCKET = int(Step.POSITIONS), int(Step.SECTOR), int(Step.BUCKET)
DUST = 1e-12
KEPT, DROPPED = 4, 5
"""Rows of a desk's working space that no limit writes over."""
TO_GROSS_NET, TO_LEVERAGE, TO_QUANTITY = int(Step.GROSS_NET), int(Step.LEVERAGE), int(Step.QUANTITY)


@inlined
def set_targets(desk: Desk, rules: Record, trace: Any) -> None:
    """Write each instrument's target quantity into ``book.target``; NaN means: leave the position as it is.

    Every no, clamp and rounding is counted in ``book.refusals``. With an equity that is no number nothing is decided.
    """
    rows, book, account = desk.rows, desk.book, desk.account[0]
    equity = account.equity
    if not isfinite(equity):
        for i in range(book.shape[0]):
            book[i].target = nan
            book[i].refusals[NOT_FINITE] += 1
        return
    believers = 0
    for i in range(book.shape[0]):
        if not isnan(rows[i].forecast):
            believers += 1
    share = rules.diversification / max(believers, 1)
    exposure = Exposure(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for i in range(book.shape[0]):
        book[i].target = weight_of(i, desk, rules, share, trace)
        exposure = exposure_with(exposure, rows[i], book[i], equity)
    if limit_positions(desk, rules):
        exposure = exposure_of(rows, book, equity)
    note_row(trace, TO_POSITIONS, book)
    is_over = limit_row(exposure, desk, rules, trace)
    if order_row(desk, rules, is_over) > 0 and equity > 0.0:
        order_without_dropped(desk, rules)
    note_row(trace, TO_QUANTITY, book)


@step
def order_row(desk: Desk, rules: Record, is_over: bool) -> int:
    """From weights to target quantities; returns how many weights are not taken up while others are: enlargements that
    are too small or too many, and whatever stays inside the band.

    Rows KEPT and DROPPED of ``desk.work`` keep the weights, and which enlargements were dropped.
    """
    rows, book, equity = desk.rows, desk.book, desk.account[0].equity
    kept, dropped = desk.work[KEPT], desk.work[DROPPED]
    for i in range(book.shape[0]):
        kept[i] = book[i].target
        book[i].target = quantity_of(rows[i], book[i], desk.terms[i], rules, equity, is_over)
    if rules.max_orders > 0:
        limit_orders(desk, rules)
    count, is_moving = 0, False
    for i in range(book.shape[0]):
        state = book[i]
        dropped[i] = 0.0
        if is_left(kept[i], rows[i], state):
            count += 1
            dropped[i] = 0.0 if is_reduction(kept[i] * equity, state.quantity * rows[i].close) else 1.0
        is_moving |= not isnan(state.target) and state.target != state.quantity
    return count if is_moving else 0


@step
def is_left(weight: float, market: Record, state: Record) -> bool:
    """Whether a weight asked for a position that could be had, and its target does not."""
    return weight != 0.0 and (state.target == 0.0 or isnan(state.target)) and is_priced(market)


@step
def is_reduction(wanted: float, held: float) -> bool:
    """Whether a wanted notional is no larger than what is held, and on its side."""
    return wanted * held > 0.0 and abs(wanted) <= abs(held)


@kernel
def order_without_dropped(desk: Desk, rules: Record) -> None:
    """Where a dropped order would have hedged others, limit them anew without it: nothing is held that fits only with
    what is not. What stays inside the band counts as it is held, and is cut back where that is too much.
    """
    rows, book, equity = desk.rows, desk.book, desk.account[0].equity
    kept, dropped = desk.work[KEPT], desk.work[DROPPED]
    for _ in range(book.shape[0]):
        if is_outcome_within(desk, rules):
            return
        for i in range(book.shape[0]):
            if dropped[i] > 0.0:
                kept[i] = book[i].quantity * rows[i].close / equity if isnan(book[i].target) else 0.0
            book[i].target = kept[i]
        limit_row(exposure_of(rows, book, equity), desk, rules, None)
        if order_row(desk, rules, True) == 0:  # no reduction is too small where too much is held
            return


@step
def is_outcome_within(desk: Desk, rules: Record) -> bool:
    """Whether net exposure and the account's limits hold what is held once the targets are."""
    (outcome, _), net = load_of(desk, rules, OUTCOME), 0.0
    for i in range(desk.book.shape[0]):
        net += weight_in(OUTCOME, desk.rows[i], desk.book[i], desk.account[0].equity)
    return abs(net) <= rules.max_net * (1.0 + DUST) and fits(outcome, desk, rules)


@step
def limit_row(exposure: Exposure, desk: Desk, rules: Record, trace: Any) -> bool:
    """Put every ceiling on the row of weights; returns whether one was exceeded by what is wanted or held."""
    rows, book, terms, equity = desk.rows, desk.book, desk.terms, desk.account[0].equity
    is_over = False
    if equity > 0.0:
        if rules.by_sector:
            is_over |= limit_groups(desk, SECTORS, rules.max_sector, CLAMPED_SECTOR)
        note_row(trace, TO_SECTOR, book)
        if largest_bucket(exposure, equity) > rules.max_bucket:
            is_over |= limit_groups(desk, BUCKETS, rules.max_bucket, CLAMPED_BUCKET)
        note_row(trace, TO_BUCKET, book)
        if is_over:
            exposure = exposure_of(rows, book, equity)
        gross = limit_gross_and_net(exposure, book, rules)
        note_row(trace, TO_GROSS_NET, book)
        is_over |= limit_account(desk, rules, trace)
        if gross > 1.0:  # up to 1, any leverage of at least 1 has margin to spare
            limit_leverage(rows, book, terms, rules, equity)
        note_row(trace, TO_LEVERAGE, book)
    return is_over or is_over_limit(exposure, rules, equity)


@step
def largest_bucket(exposure: Exposure, equity: float) -> float:
    """What one bucket could weigh at most: all that is wanted and can't be sold now, or all that is held."""
    wanted = exposure.longs + exposure.shorts + exposure.fixed_longs + exposure.fixed_shorts
    return max(wanted, exposure.gross / equity)


@step
def quantity_of(market: Record, state: Record, term: Record, rules: Record, equity: float, is_over: bool) -> float:
    """Target quantity on the venue's grid, or NaN to leave the position as it is.

    A position above a limit (its own, or the account's when ``is_over``) is cut back however small the change.
    """
    weight, held = state.target, state.quantity
    if not is_priced(market):
        return nan
    if weight == 0.0 or equity <= 0.0:
        return 0.0
    target = on_step(weight, equity, market.close, term.step)
    if not isfinite(target):
        state.refusals[NOT_FINITE] += 1
        return nan
    is_smaller = target * held > 0.0 and abs(target) <= abs(held)
    must_shrink = is_smaller and (is_over or abs(held) * market.close > rules.max_weight * equity)
    if not must_shrink and is_inside_band(target, held, rules.band):
        state.refusals[INSIDE_BAND] += 1
        return nan
    return target if is_smaller else enlarged(target, held, market.close, state, term)


@step
def enlarged(target: float, held: float, price: float, state: Record, term: Record) -> float:
    """A target that needs a new or larger position, if the venue takes an order that small; never rounded up to it."""
    if target == 0.0 or abs(target) < term.min_quantity:
        state.refusals[BELOW_STEP] += 1
        return 0.0
    order = abs(target - held)
    if order * price < term.min_notional or order < term.min_quantity:
        state.refusals[BELOW_MIN_NOTIONAL] += 1
        return nan if target * held > 0.0 else 0.0
    return target
