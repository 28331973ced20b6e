"""Limits on the account as a whole: gross of the regime, value at risk, expected shortfall, the way to liquidation.

All of them are answered by one factor on every weight that can still change. What can't change, because its bar is
masked, counts in full (standard deviations are added as if they moved together) and the others make room.
"""

from math import inf, isnan, sqrt
from typing import Any, NamedTuple

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.risk.covariance import variance_of
from geobuk.risk.limits import fixed_weight, is_priced, shrink
from geobuk.risk.margin import maintenance_margin
from geobuk.risk.reasons import Reason
from geobuk.risk.regime import regime_gross
from geobuk.risk.state import Desk
from geobuk.risk.trace import Step, note_row

REGIME, VAR, CVAR = int(Reason.CLAMPED_REGIME), int(Reason.CLAMPED_VAR), int(Reason.CLAMPED_CVAR)
DISTANCE = int(Reason.CLAMPED_LIQUIDATION_DISTANCE)
PROBABILITY = int(Reason.CLAMPED_LIQUIDATION_PROBABILITY)
NOT_FINITE = int(Reason.NOT_FINITE)
TO_REGIME, TO_VAR, TO_CVAR = int(Step.REGIME_GROSS), int(Step.VAR), int(Step.CVAR)
TO_DISTANCE, TO_PROBABILITY = int(Step.LIQUIDATION_DISTANCE), int(Step.LIQUIDATION_PROBABILITY)
WANTED, FIXED, HELD, OUTCOME = 0, 1, 2, 3
"""Which weights a load is of."""


class Load(NamedTuple):
    """What weights weigh, as shares of equity: gross exposure, maintenance margin, standard deviation between
    decisions.
    """

    gross: float
    margin: float
    sigma: float


@step
def limit_account(desk: Desk, rules: Record, trace: Any) -> bool:
    """Scale a row of weights until every limit of the account holds; in place.

    Returns whether anything was scaled, or what is held lies above a limit.
    """
    account = desk.account[0]
    free, fixed = load_of(desk, rules, WANTED), load_of(desk, rules, FIXED)
    gross = free.gross
    if gross > 0.0:
        ceiling = regime_gross(account.regime, rules)
        free = cut(room_for(ceiling, fixed.gross, free.gross), REGIME, free, desk)
        note_row(trace, TO_REGIME, desk.book)
        free = cut(room_for(rules.var_sigma, fixed.sigma, free.sigma), VAR, free, desk)
        note_row(trace, TO_VAR, desk.book)
        free = cut(room_for(rules.cvar_sigma, fixed.sigma, free.sigma), CVAR, free, desk)
        note_row(trace, TO_CVAR, desk.book)
        if not rules.is_isolated:
            distance, quantile = rules.liquidation_distance, rules.liquidation_quantile * rules.daily_sigmas
            free = cut(room_for(1.0, loss_at(distance, fixed), loss_at(distance, free)), DISTANCE, free, desk)
            note_row(trace, TO_DISTANCE, desk.book)
            swing, still = quantile * free.sigma + free.margin, quantile * fixed.sigma + fixed.margin
            free = cut(room_for(1.0 if quantile > 0.0 else inf, still, swing), PROBABILITY, free, desk)
            note_row(trace, TO_PROBABILITY, desk.book)
    if free.gross < gross:
        return True
    wanted = Load(free.gross + fixed.gross, free.margin + fixed.margin, free.sigma + fixed.sigma)
    return is_held_over(desk, rules, wanted)


@step
def is_held_over(desk: Desk, rules: Record, wanted: Load) -> bool:
    """Whether the positions, as they are, lie above a limit of the account.

    What is wanted fits. Where it still does with all that positions differ from it, the covariance is not asked again.
    """
    away = distance_from_wanted(desk)
    most = Load(wanted.gross + away.gross, wanted.margin + away.margin, wanted.sigma + away.sigma)
    return not fits(most, desk, rules) and not fits(load_of(desk, rules, HELD), desk, rules)


@step
def distance_from_wanted(desk: Desk) -> Load:
    """The most by which positions that can change may weigh more than what is wanted; no margin rate exceeds one."""
    equity, gross, sigma = desk.account[0].equity, 0.0, 0.0
    for i in range(desk.book.shape[0]):
        state = desk.book[i]
        if is_priced(desk.rows[i]):
            away = abs(state.quantity * desk.rows[i].close / equity - state.target)
            gross += away
            sigma += sqrt(state.variance) * away
    return Load(gross, gross, sigma)


@step
def fits(load: Load, desk: Desk, rules: Record) -> bool:
    """Whether every limit of the account holds such a load."""
    if not (load.gross <= regime_gross(desk.account[0].regime, rules)):
        return False
    if not (load.sigma <= rules.var_sigma and load.sigma <= rules.cvar_sigma):
        return False
    quantile = rules.liquidation_quantile * rules.daily_sigmas
    is_far = loss_at(rules.liquidation_distance, load) <= 1.0
    return rules.is_isolated or (is_far and (quantile <= 0.0 or quantile * load.sigma + load.margin <= 1.0))


@step
def loss_at(distance: float, load: Load) -> float:
    """What a common move against every position takes of equity, margin included; 0 where no distance is asked for."""
    return distance * load.gross + (1.0 + distance) * load.margin if distance > 0.0 else 0.0


@step
def room_for(ceiling: float, fixed: float, free: float) -> float:
    """Factor in [0, 1] that brings fixed + factor * free under a ceiling, as far as it can."""
    if free <= 0.0 or fixed + free <= ceiling:
        return 1.0
    return max(0.0, ceiling - fixed) / free


@step
def cut(factor: float, reason: int, load: Load, desk: Desk) -> Load:
    """Shrink every weight by a factor; returns what they weigh then. A factor that is no number leaves nothing."""
    if factor >= 1.0:
        return load
    if not factor >= 0.0:
        factor, reason = 0.0, NOT_FINITE
    shrink(desk.book, 0.0, factor, reason)
    return Load(load.gross * factor, load.margin * factor, load.sigma * factor)


@step
def weight_in(which: int, market: Record, state: Record, equity: float) -> float:
    """Weight of one instrument in a load: wanted, that can't change now, held, or held once its target quantity is."""
    if which == WANTED:
        return state.target
    if which == FIXED or not is_priced(market):
        return fixed_weight(market, state, equity)
    quantity = state.target if which == OUTCOME and not isnan(state.target) else state.quantity
    return quantity * market.close / equity


@step
def load_of(desk: Desk, rules: Record, which: int) -> Load:
    """What the wanted weights weigh, the positions that can't change now, all positions, or all once targets are held.

    The undiversified standard deviation is an upper bound: where it already fits, the covariance is not asked. A
    covariance that gives no positive variance is not believed: the bound counts.
    """
    weights, equity = desk.work[2], desk.account[0].equity
    gross, margin, bound = 0.0, 0.0, 0.0
    for i in range(weights.shape[0]):
        weight = weight_in(which, desk.rows[i], desk.book[i], equity)
        weights[i] = weight
        size = abs(weight)
        if size > 0.0:
            gross += size
            margin += maintenance_margin(size * equity, desk.terms[i]) / equity
            bound += sqrt(desk.book[i].variance) * size
    if gross == 0.0 or not rules.by_covariance or is_small(bound, margin, rules):
        return Load(gross, margin, bound)
    variance = variance_of(weights, desk.covariance, desk.work[3])
    if not 0.0 < variance <= bound * bound:
        return Load(gross, margin, bound)
    return Load(gross, margin, sqrt(variance))


@step
def is_small(bound: float, margin: float, rules: Record) -> bool:
    """Whether half of every limit would hold such a standard deviation, so that its exact value does not matter."""
    swing = rules.liquidation_quantile * rules.daily_sigmas * bound + margin
    return 2.0 * bound <= min(rules.var_sigma, rules.cvar_sigma) and 2.0 * swing <= 1.0
