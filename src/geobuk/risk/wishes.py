"""What one instrument may be at most: its forecast, made a weight, then scaled and clamped by what concerns it alone.

Risk only reduces here: each step leaves the weight as it is or makes it smaller.
"""

from math import inf, isfinite, isnan
from typing import Any

from geobuk.ops.compiled import step
from geobuk.panel import Record
from geobuk.risk.conditions import is_dry, is_jumping, must_leave
from geobuk.risk.exit_ladder import kept_ceiling
from geobuk.risk.exits import entry_distance, needs_atr
from geobuk.risk.kelly import kelly_stake
from geobuk.risk.limits import clamp, is_priced
from geobuk.risk.loss_locks import OPEN
from geobuk.risk.reasons import Reason
from geobuk.risk.reentry import entry_refusal
from geobuk.risk.regime import regime_scale
from geobuk.risk.sizing import wanted_weight
from geobuk.risk.state import Desk
from geobuk.risk.trace import Step, note

NO_FORECAST, ZERO_FORECAST = int(Reason.NO_FORECAST), int(Reason.ZERO_FORECAST)
MASKED, NOT_FINITE = int(Reason.MASKED), int(Reason.NOT_FINITE)
NO_VOLATILITY, NO_EDGE = int(Reason.NO_VOLATILITY), int(Reason.NO_EDGE)
SHORT_FORBIDDEN, COOLING_DOWN = int(Reason.SHORT_FORBIDDEN), int(Reason.COOLING_DOWN)
SCALED_REGIME, SCALED_CONDITION = int(Reason.SCALED_REGIME), int(Reason.SCALED_CONDITION)
SCALED_DRAWDOWN, REDUCE_ONLY = int(Reason.SCALED_DRAWDOWN), int(Reason.REDUCE_ONLY)
LOCKED = int(Reason.LOCKED)
CLAMPED_KELLY, CLAMPED_WEIGHT = int(Reason.CLAMPED_KELLY), int(Reason.CLAMPED_WEIGHT)
CLAMPED_RISK, CLAMPED_LIQUIDITY = int(Reason.CLAMPED_RISK), int(Reason.CLAMPED_LIQUIDITY)
DISTANCE = int(Reason.CLAMPED_LIQUIDATION_DISTANCE)
PROBABILITY = int(Reason.CLAMPED_LIQUIDATION_PROBABILITY)
DRY_VOLUME, CRASHED, LADDER_TAKEN = int(Reason.DRY_VOLUME), int(Reason.CRASHED), int(Reason.LADDER_TAKEN)
FROM_FORECAST, TO_WANTED, TO_REGIME = int(Step.FORECAST), int(Step.WANTED), int(Step.REGIME)
TO_CONDITION, TO_DRAWDOWN, TO_KELLY = int(Step.CONDITION), int(Step.DRAWDOWN), int(Step.KELLY)
TO_WEIGHT, TO_RISK, TO_LIQUIDITY = int(Step.WEIGHT), int(Step.RISK), int(Step.LIQUIDITY)
TO_PROTECTION = int(Step.PROTECTION)


@step
def weight_of(i: int, desk: Desk, rules: Record, share: float, trace: Any) -> float:
    """Wanted weight of instrument ``i`` after everything that concerns it alone; 0 with a reason where it is no."""
    market, state, term, account = desk.rows[i], desk.book[i], desk.terms[i], desk.account[0]
    note(trace, i, FROM_FORECAST, market.forecast)
    refusal = refusal_of(market, state, term, rules)
    if refusal >= 0:
        state.refusals[refusal] += 1
        return 0.0
    forecast = clamp(market.forecast, 1.0)
    weight = wanted_weight(forecast, state.volatility, share, rules)
    note(trace, i, TO_WANTED, weight)
    weight = scaled(weight, regime_scale(account.regime, forecast, rules), SCALED_REGIME, state)
    note(trace, i, TO_REGIME, weight)
    if is_jumping(state, rules):
        weight = scaled(weight, rules.jump_scale, SCALED_CONDITION, state)
    note(trace, i, TO_CONDITION, weight)
    weight = scaled(weight, account.size_scale, SCALED_DRAWDOWN, state)
    note(trace, i, TO_DRAWDOWN, weight)
    if rules.kelly > 0.0:
        stake = kelly_stake(state, rules) * share * abs(forecast)
        weight = clamped(weight, stake, CLAMPED_KELLY if stake > 0.0 else NO_EDGE, state)
    note(trace, i, TO_KELLY, weight)
    weight = clamped(weight, rules.max_weight, CLAMPED_WEIGHT, state)
    note(trace, i, TO_WEIGHT, weight)
    weight = clamped(weight, risk_ceiling(market, state, term, rules, account.equity), CLAMPED_RISK, state)
    note(trace, i, TO_RISK, weight)
    if rules.by_volume:
        weight = clamped(weight, volume_ceiling(market, state, rules, account.equity), CLAMPED_LIQUIDITY, state)
    note(trace, i, TO_LIQUIDITY, weight)
    weight = protected(weight, market, state, account, rules)
    note(trace, i, TO_PROTECTION, weight)
    return weight


@step
def scaled(weight: float, factor: float, reason: int, state: Record) -> float:
    """A weight times a factor in [0, 1]; a factor that is no number leaves nothing."""
    if factor >= 1.0:
        return weight
    state.refusals[reason] += 1
    return weight * factor if factor > 0.0 else 0.0


@step
def clamped(weight: float, ceiling: float, reason: int, state: Record) -> float:
    """A weight no larger in size than a ceiling; a ceiling that is no number leaves nothing."""
    if abs(weight) <= ceiling:
        return weight
    state.refusals[reason] += 1
    return clamp(weight, ceiling) if ceiling > 0.0 else 0.0


@step
def risk_ceiling(market: Record, state: Record, term: Record, rules: Record, equity: float) -> float:
    """Largest weight whose stop, fees and sales tax included, loses no more than ``risk_per_trade`` of equity.

    Infinite without a cap or a stop. Adding to a position counts the way to the stop that already rests; what is held
    may stay.
    """
    side = 1.0 if market.forecast > 0.0 else -1.0
    distance = entry_distance(side, market.close, term.first_tick, state, rules)
    if rules.risk_per_trade <= 0.0 or distance == inf:
        return inf
    fees = (2.0 * term.taker_fee + term.sell_tax) * market.close
    is_adding = state.stop > 0.0 and state.quantity * market.forecast > 0.0
    if not is_adding:
        return rules.risk_per_trade * market.close / (distance + fees)
    distance = max(distance, abs(market.close - state.stop))
    return max(rules.risk_per_trade * market.close / (distance + fees), abs(state.quantity) * market.close / equity)


@step
def volume_ceiling(market: Record, state: Record, rules: Record, equity: float) -> float:
    """Weight of the share of a usual day's volume that a position may be; what is held may stay."""
    daily = state.usual_volume * rules.daily_sigmas * rules.daily_sigmas
    return max(rules.volume_share * daily, abs(state.quantity)) * market.close / equity


@step
def protected(weight: float, market: Record, state: Record, account: Record, rules: Record) -> float:
    """A weight that no longer enlarges a position while entries are refused; leaving is always allowed."""
    if must_leave(state, rules):
        state.refusals[CRASHED] += 1
        return 0.0
    held = state.quantity * market.close / account.equity
    refusal = entry_refusal_of(state, account, rules)
    if refusal >= 0:
        weight = clamped(weight, abs(held) if held * weight > 0.0 else 0.0, refusal, state)
    if held * weight > 0.0:
        weight = clamped(weight, kept_ceiling(state) * market.close / account.equity, LADDER_TAKEN, state)
    return weight


@step
def entry_refusal_of(state: Record, account: Record, rules: Record) -> int:
    """The first reason against a new or larger position that leaves what is held alone, or -1."""
    if account.lock != OPEN:
        return LOCKED
    if account.is_reduce_only:
        return REDUCE_ONLY
    if state.unrest > 0:
        return CRASHED
    if is_dry(state, rules):
        return DRY_VOLUME
    return entry_refusal(state, account, rules)


@step
def refusal_of(market: Record, state: Record, term: Record, rules: Record) -> int:
    """The first reason to want nothing of an instrument, or -1."""
    refusal = -1
    if not market.is_tradable and not isnan(market.close):
        refusal = MASKED
    elif isnan(market.close) or isnan(market.forecast):
        refusal = NO_FORECAST
    elif market.forecast == 0.0:
        refusal = ZERO_FORECAST
    elif not (isfinite(market.forecast) and is_priced(market) and is_estimated(state)):
        refusal = NOT_FINITE
    elif state.resting > 0:
        refusal = COOLING_DOWN
    elif market.forecast < 0.0 and not (rules.allow_short and term.can_short):
        refusal = SHORT_FORBIDDEN
    elif not state.volatility > 0.0 and (rules.by_volatility or rules.by_covariance or needs_atr(rules)):
        refusal = NO_VOLATILITY
    elif rules.is_isolated:
        refusal = isolated_refusal(state, term, rules)
    return refusal


@step
def is_estimated(state: Record) -> bool:
    """Whether every estimate is a number; one that is not would lift the ceilings that are made of it."""
    sizes = state.anchor + state.variance + state.volatility + state.atr + state.fast_variance
    return isfinite(sizes + state.usual_volume + state.fast_volume + state.edge + state.edge_square)


@step
def isolated_refusal(state: Record, term: Record, rules: Record) -> int:
    """Whether an isolated position would be liquidated too near, or too probably within a day; or -1.

    Its way to liquidation is (1 / leverage - rate) / (1 + rate) whatever its size, so that no smaller one would do:
    the way of a short, whose maintenance margin grows with the price.
    """
    distance = (1.0 / min(rules.leverage, term.first_leverage) - term.first_rate) / (1.0 + term.first_rate)
    if distance < rules.liquidation_distance:
        return DISTANCE
    if rules.liquidation_quantile * rules.daily_sigmas * state.variance**0.5 > distance:
        return PROBABILITY
    return -1
