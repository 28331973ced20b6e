"""The whole way from a row of forecasts to a row of target quantities: the decision path, one moment at a time.

The simulation calls :func:`set_targets` for each decision, a live trader for the present one. ``rows`` are records of
MARKET_DTYPE, ``book`` holds DECISION_FIELDS, ``terms`` come from :mod:`geobuk.terms`, ``rules`` holds RISK_FIELDS.
"""

from math import inf, isnan, nan

from geobuk.ops.compiled import step
from geobuk.panel import Record, RecordArray
from geobuk.risk.exits import entry_distance, needs_atr
from geobuk.risk.limits import (
    Exposure,
    clamp,
    exposure_of,
    exposure_with,
    is_over_limit,
    limit_gross_and_net,
    limit_leverage,
    limit_sectors,
)
from geobuk.risk.reasons import Reason
from geobuk.risk.sizing import is_inside_band, on_step, wanted_weight

NO_FORECAST = int(Reason.NO_FORECAST)
ZERO_FORECAST = int(Reason.ZERO_FORECAST)
MASKED = int(Reason.MASKED)
NO_VOLATILITY = int(Reason.NO_VOLATILITY)
SHORT_FORBIDDEN = int(Reason.SHORT_FORBIDDEN)
CLAMPED_WEIGHT = int(Reason.CLAMPED_WEIGHT)
CLAMPED_RISK = int(Reason.CLAMPED_RISK)
BELOW_MIN_NOTIONAL = int(Reason.BELOW_MIN_NOTIONAL)
BELOW_STEP = int(Reason.BELOW_STEP)
INSIDE_BAND = int(Reason.INSIDE_BAND)
COOLING_DOWN = int(Reason.COOLING_DOWN)


@step
def set_targets(rows: RecordArray, book: RecordArray, terms: RecordArray, rules: Record, equity: float) -> None:
    """Write each instrument's target quantity into ``book.target``; NaN means: leave the position as it is.

    Every no, clamp and rounding is counted in ``book.refusals``.
    """
    believers = 0
    for i in range(book.shape[0]):
        if not isnan(rows[i].forecast):
            believers += 1
    share = rules.diversification / max(believers, 1)
    exposure = Exposure(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    is_over = False
    for i in range(book.shape[0]):
        book[i].target = weight_of(rows[i], book[i], terms[i], rules, share, equity)
        exposure = exposure_with(exposure, rows[i], book[i], equity)
    if rules.by_sector:
        is_over = limit_sectors(rows, book, terms, rules, equity)
        exposure = exposure_of(rows, book, equity)
    if limit_gross_and_net(exposure, book, rules) > 1.0:  # up to 1, any leverage of at least 1 has margin to spare
        limit_leverage(rows, book, terms, rules, equity)
    is_over |= is_over_limit(exposure, rules, equity)
    for i in range(book.shape[0]):
        book[i].target = quantity_of(rows[i], book[i], terms[i], rules, equity, is_over)


@step
def weight_of(market: Record, state: Record, term: Record, rules: Record, share: float, equity: float) -> float:
    """Wanted weight of one instrument after its own limits; 0 with a reason where the answer is no."""
    refusal = refusal_of(market, state, term, rules)
    if refusal >= 0:
        state.refusals[refusal] += 1
        return 0.0
    weight = wanted_weight(market.forecast, state.volatility, share, rules)
    if abs(weight) > rules.max_weight:
        weight = clamp(weight, rules.max_weight)
        state.refusals[CLAMPED_WEIGHT] += 1
    ceiling = risk_ceiling(market, state, rules, equity)
    if abs(weight) > ceiling:
        weight = clamp(weight, ceiling)
        state.refusals[CLAMPED_RISK] += 1
    return weight


@step
def risk_ceiling(market: Record, state: Record, rules: Record, equity: float) -> float:
    """Largest weight whose stop loses no more than ``risk_per_trade`` of equity; infinite without a cap or a stop.

    Adding to a position counts the way to the stop that already rests; what is held may stay.
    """
    side = 1.0 if market.forecast > 0.0 else -1.0
    distance = entry_distance(side, market.close, 0.0, state, rules)
    if rules.risk_per_trade <= 0.0 or distance == inf:
        return inf
    is_adding = state.stop > 0.0 and state.quantity * market.forecast > 0.0
    if not is_adding:
        return rules.risk_per_trade * market.close / distance
    distance = max(distance, abs(market.close - state.stop))
    return max(rules.risk_per_trade * market.close / distance, abs(state.quantity) * market.close / equity)


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
    elif state.resting > 0:
        refusal = COOLING_DOWN
    elif market.forecast < 0.0 and not (rules.allow_short and term.can_short):
        refusal = SHORT_FORBIDDEN
    elif state.volatility <= 0.0 and (rules.by_volatility or needs_atr(rules)):
        refusal = NO_VOLATILITY
    return refusal


@step
def quantity_of(market: Record, state: Record, term: Record, rules: Record, equity: float, is_over: bool) -> float:
    """Target quantity on the venue's grid, or NaN to leave the position as it is.

    A position above a limit (its own, or the account's when ``is_over``) is cut back however small the change.
    """
    weight, held = state.target, state.quantity
    if not market.is_tradable:
        return nan
    if weight == 0.0 or equity <= 0.0:
        return 0.0
    target = on_step(weight, equity, market.close, term.step)
    is_smaller = target * held > 0.0 and abs(target) <= abs(held)
    if is_smaller and (is_over or abs(held) * market.close > rules.max_weight * equity):
        return target
    if is_inside_band(target, held, rules.band):
        state.refusals[INSIDE_BAND] += 1
        return nan
    if is_smaller:
        return target
    return enlarged(target, held, market.close, state, term)


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
