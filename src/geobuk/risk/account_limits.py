"""Limits on the account as a whole: gross of the regime, value at risk, expected shortfall, the way to liquidation.

All of them are answered by one factor on every weight that can still change. What can't change, because its bar is
masked, counts in full (standard deviations are added as if they moved together) and the others make room.
"""

from math import isnan, sqrt
from typing import Any, NamedTuple

from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record
from geobuk.risk.covariance import variance_of
from geobuk.risk.limits import fixed_weight, is_priced
from geobuk.risk.margin import maintenance_margin
from geobuk.risk.reasons import Reason
from geobuk.risk.regime import regime_gross
from geobuk.risk.state import Desk
from geobuk.risk.trace import Step, note

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


NOTHING = Load(0.0, 0.0, 0.0)


class Cuts(NamedTuple):
    """Factors in [0, 1] that the limits ask for one after the other; NaN where a load is no number."""

    regime: float
    var: float
    cvar: float
    distance: float
    probability: float


@step
def limit_account(desk: Desk, rules: Record, trace: Any) -> bool:
    """Scale a row of weights until every limit of the account holds; in place.

    Returns whether anything was scaled, or what is held lies above a limit.
    """
    free, has_fixed = load_of(desk, rules, WANTED)
    fixed = NOTHING
    if has_fixed:
        fixed, _ = load_of(desk, rules, FIXED)
    if free.gross > 0.0:
        cuts = cuts_for(free, fixed, desk, rules)
        is_whole = leaves_all(cuts)
        if trace is not None or not is_whole:
            apply_cuts(cuts, desk, trace)
        if not is_whole:
            return True
    wanted = Load(free.gross + fixed.gross, free.margin + fixed.margin, free.sigma + fixed.sigma)
    return is_held_over(desk, rules, wanted)


@step
def leaves_all(cuts: Cuts) -> bool:
    """Whether no limit asks for less; a cut that is no number does."""
    is_whole = cuts.regime >= 1.0 and cuts.var >= 1.0 and cuts.cvar >= 1.0
    return is_whole and cuts.distance >= 1.0 and cuts.probability >= 1.0


@step
def cuts_for(free: Load, fixed: Load, desk: Desk, rules: Record) -> Cuts:
    """What each limit asks for, given the cuts before it."""
    regime = room_for(regime_gross(desk.account[0].regime, rules), fixed.gross, free.gross)
    free = scaled_load(free, regime)
    var = room_for(rules.var_sigma, fixed.sigma, free.sigma)
    free = scaled_load(free, var)
    cvar = room_for(rules.cvar_sigma, fixed.sigma, free.sigma)
    free = scaled_load(free, cvar)
    distance, probability = 1.0, 1.0
    if not rules.is_isolated:
        away, quantile = rules.liquidation_distance, rules.liquidation_quantile * rules.daily_sigmas
        distance = room_for(1.0, loss_at(away, fixed), loss_at(away, free))
        free = scaled_load(free, distance)
        if quantile > 0.0:
            still, swing = quantile * fixed.sigma + fixed.margin, quantile * free.sigma + free.margin
            probability = room_for(1.0, still, swing)
    return Cuts(regime, var, cvar, distance, probability)


@step
def scaled_load(load: Load, factor: float) -> Load:
    """What weights weigh after a cut."""
    return Load(load.gross * factor, load.margin * factor, load.sigma * factor)


@kernel
def apply_cuts(cuts: Cuts, desk: Desk, trace: Any) -> None:
    """Shrink every weight by each cut in turn, counting it. A cut that is no number leaves nothing."""
    is_known = not isnan(cuts.regime + cuts.var + cuts.cvar + cuts.distance + cuts.probability)
    for i in range(desk.book.shape[0]):
        state = desk.book[i]
        if not is_known and state.target != 0.0:
            state.target = 0.0
            state.refusals[NOT_FINITE] += 1
        cut(i, cuts.regime, REGIME, TO_REGIME, state, trace)
        cut(i, cuts.var, VAR, TO_VAR, state, trace)
        cut(i, cuts.cvar, CVAR, TO_CVAR, state, trace)
        cut(i, cuts.distance, DISTANCE, TO_DISTANCE, state, trace)
        cut(i, cuts.probability, PROBABILITY, TO_PROBABILITY, state, trace)


@step
def cut(i: int, factor: float, reason: int, at: int, state: Record, trace: Any) -> None:
    """One cut on one weight."""
    if factor < 1.0 and state.target != 0.0:
        state.target *= factor
        state.refusals[reason] += 1
    note(trace, i, at, state.target)


@step
def is_held_over(desk: Desk, rules: Record, wanted: Load) -> bool:
    """Whether the positions, as they are, lie above a limit of the account.

    What is wanted fits. Where it still does with all that positions differ from it, the covariance is not asked again.
    """
    away = distance_from_wanted(desk, rules)
    most = Load(wanted.gross + away.gross, wanted.margin + away.margin, wanted.sigma + away.sigma)
    return not fits(most, desk, rules) and not fits(load_of(desk, rules, HELD)[0], desk, rules)


@step
def distance_from_wanted(desk: Desk, rules: Record) -> Load:
    """The most by which positions that can change may weigh more than what is wanted; no margin rate exceeds one."""
    equity, gross, sigma = desk.account[0].equity, 0.0, 0.0
    per_decision = 1.0 / sqrt(rules.decisions_per_year)
    for i in range(desk.book.shape[0]):
        state = desk.book[i]
        if is_priced(desk.rows[i]):
            away = abs(state.quantity * desk.rows[i].close / equity - state.target)
            gross += away
            sigma += state.volatility * per_decision * away
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
def weight_in(which: int, market: Record, state: Record, equity: float) -> float:
    """Weight of one instrument in a load: wanted, that can't change now, held, or held once its target quantity is."""
    if which == WANTED:
        return state.target
    if which == FIXED or not is_priced(market):
        return fixed_weight(market, state, equity)
    quantity = state.target if which == OUTCOME and not isnan(state.target) else state.quantity
    return quantity * market.close / equity


@step
def load_of(desk: Desk, rules: Record, which: int) -> tuple[Load, bool]:
    """What the wanted weights weigh, the positions that can't change now, all positions, or all once targets are held;
    and whether any position can't change now.

    The undiversified standard deviation is an upper bound: where it already fits, the covariance is not asked. A
    covariance that gives no positive variance is not believed: the bound counts.
    """
    weights, equity = desk.work[2], desk.account[0].equity
    gross, margin, bound, has_fixed = 0.0, 0.0, 0.0, False
    per_equity, per_decision = 1.0 / equity, 1.0 / sqrt(rules.decisions_per_year)
    for i in range(desk.book.shape[0]):
        market, state = desk.rows[i], desk.book[i]
        weight = weight_in(which, market, state, equity)
        weights[i] = weight
        size = abs(weight)
        has_fixed |= state.quantity != 0.0 and not is_priced(market)
        if size > 0.0:
            gross += size
            margin += maintenance_margin(size * equity, desk.terms[i]) * per_equity
            bound += state.volatility * per_decision * size
    if gross == 0.0 or not rules.by_covariance or is_small(bound, margin, rules):
        return Load(gross, margin, bound), has_fixed
    variance = variance_of(weights, desk.covariance, desk.work[3])
    if not 0.0 < variance <= bound * bound:
        return Load(gross, margin, bound), has_fixed
    return Load(gross, margin, sqrt(variance)), has_fixed


@step
def is_small(bound: float, margin: float, rules: Record) -> bool:
    """Whether half of every limit would hold such a standard deviation, so that its exact value does not matter."""
    swing = rules.liquidation_quantile * rules.daily_sigmas * bound + margin
    return 2.0 * bound <= min(rules.var_sigma, rules.cvar_sigma) and 2.0 * swing <= 1.0
