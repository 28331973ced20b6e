"""What an account is beside what it may be: readings of every limit, from a state and the settings."""

from collections.abc import Iterator
from math import inf, isfinite, nan, sqrt

import numpy as np

from geobuk.domain.regime import HIGH_VOLATILITY, NO_REGIME, Regime
from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray
from geobuk.quant.portfolio.correlation_buckets import bucket_labels
from geobuk.risk.covariance import variance_of
from geobuk.risk.ledger import Ledger
from geobuk.risk.portfolio_state import PortfolioState
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import Limits
from geobuk.risk.tail_ceilings import LEAST_DEGREES, cvar_multiple, var_multiple
from geobuk.risk.violations import Limit, Reading

DEFAULT_MAINTENANCE = 0.01
"""Maintenance rate where a state names none: above the first tier of most liquid perpetuals, to be safe."""


@kernel
def money_sigma(notionals: FloatArray, covariance: FloatArray, work: FloatArray) -> float:
    """Standard deviation of a day's profit in account currency; NaN where the covariance does not give one.

    As in the decision path a variance of nothing, such as that of a perfect hedge, is not believed: the sum of the
    single standard deviations counts. A position whose own variance is not positive, or a negative variance, is not
    known. ``work`` (2, N) is working space.
    """
    bound = 0.0
    for i in range(notionals.shape[0]):
        work[1, i] = notionals[i]
        if notionals[i] != 0.0:
            if not covariance[i, i] > 0.0:
                return np.nan
            bound += np.sqrt(covariance[i, i]) * abs(notionals[i])
    variance, dust = variance_of(work[1], covariance, work[0]), 1e-12 * bound * bound
    if not variance >= -dust:
        return np.nan
    return np.sqrt(variance) if variance > dust else bound


def daily_sigma(state: PortfolioState) -> float:
    """Standard deviation of a day's profit as a share of equity; NaN where it is not known."""
    if state.matrix is None or not state.equity > 0.0:
        return nan if state.notionals.any() else 0.0
    return float(money_sigma(state.notionals, state.matrix, state.work)) / state.equity


def var_reading(state: PortfolioState, limits: Limits) -> Reading:
    """Daily value at risk by the covariance and a Student-t tail; a share of equity."""
    value = daily_sigma(state) * var_multiple(limits.var_confidence, limits.tail_degrees)
    return Reading(Limit.VAR_DAILY, value, limits.var_daily or inf)


def cvar_reading(state: PortfolioState, limits: Limits) -> Reading:
    """Daily expected shortfall by the covariance and a Student-t tail; a share of equity."""
    value = daily_sigma(state) * cvar_multiple(limits.var_confidence, limits.tail_degrees)
    return Reading(Limit.CVAR_DAILY, value, limits.cvar_daily or inf)


def known_reading(state: PortfolioState, limits: Limits) -> Reading:
    """Whether the risk of what is held can be told at all, where any limit asks for it."""
    is_asked = max(limits.var_daily, limits.cvar_daily, limits.max_liquidation_probability) > 0.0
    return Reading(Limit.RISK_KNOWN, float(isfinite(daily_sigma(state))), float(is_asked))


def finite_reading(state: PortfolioState) -> Reading:
    """Whether equity is positive and every number of the state is one."""
    if not (isfinite(state.equity) and state.equity > 0.0):
        return Reading(Limit.FINITE, 0.0, 1.0, "equity")
    for name, notional in zip(state.names, state.notionals, strict=True):
        if not isfinite(notional):
            return Reading(Limit.FINITE, 0.0, 1.0, name)
    return Reading(Limit.FINITE, 1.0, 1.0)


def known_or(reading: Reading) -> Reading:
    """The reading itself, or in its place that the risk is not known."""
    return reading if isfinite(reading.value) else Reading(Limit.RISK_KNOWN, 0.0, float(reading.limit < inf))


def leverage_reading(state: PortfolioState, most: float) -> Reading:
    """Portfolio leverage: gross notional by equity."""
    return Reading(Limit.LEVERAGE, _shares(state)[0], most)


def mark_age_reading(state: PortfolioState, most_seconds: float) -> Reading:
    """How old the oldest mark price is."""
    return Reading(Limit.MARK_AGE, state.mark_age_seconds, most_seconds)


def exposure_readings(state: PortfolioState, spec: RiskSpec) -> Iterator[Reading]:
    """Gross and net exposure, and the gross that the regime allows; multiples of equity."""
    gross, net = _shares(state)
    limits = spec.limits
    yield Reading(Limit.GROSS, gross, limits.max_gross)
    yield Reading(Limit.NET, abs(net), limits.max_net)
    if state.regime_code != NO_REGIME:
        name = Regime(state.regime_code % HIGH_VOLATILITY).name.lower()
        yield Reading(Limit.REGIME_GROSS, gross, float(getattr(spec.regime, f"max_gross_{name}")))


def concentration_readings(state: PortfolioState, limits: Limits) -> Iterator[Reading]:
    """Each position's share of equity, and shorts where none are allowed."""
    for name, notional in zip(state.names, state.notionals, strict=True):
        share = _share(abs(notional), state.equity)
        yield Reading(Limit.CONCENTRATION, share, limits.max_weight, name)
        if notional < 0.0 and not limits.allow_short:
            yield Reading(Limit.SHORT, share, 0.0, name)


def sector_readings(state: PortfolioState, limits: Limits) -> Iterator[Reading]:
    """What sectors, and instruments that move together, come to."""
    for sector in sorted({state.sectors[name] for name in state.names if state.sectors.get(name)}):
        is_in = np.array([state.sectors.get(name) == sector for name in state.names])
        total = float(np.abs(state.notionals[is_in]).sum())
        yield Reading(Limit.SECTOR, _share(total, state.equity), limits.max_sector, sector)
    if state.matrix is None or limits.bucket_correlation <= 0.0 or not state.names:
        return
    together = state.matrix if state.is_measured else np.abs(state.matrix)
    labels = np.empty(len(state.names), dtype=np.int64)
    for bucket in range(bucket_labels(together, limits.bucket_correlation, labels)):
        inside = labels == bucket
        names = sorted(name for name, is_in in zip(state.names, inside, strict=True) if is_in)
        if len(names) < 2:
            continue
        held = float(np.abs(state.notionals[inside]).sum())
        subject = " + ".join(names[:4]) + (f" (+{len(names) - 4})" if len(names) > 4 else "")
        yield Reading(Limit.BUCKET, _share(held, state.equity), limits.max_bucket, subject)


def liquidation_readings(state: PortfolioState, limits: Limits) -> Iterator[Reading]:
    """How far liquidation is from every position and from the account, and how probable it is within 24 hours.

    Positions: by the venue's liquidation price where it is told. The account in cross mode: the common move against
    every position that leaves no more than maintenance margin. A price without a mark, or one that is no number, leaves
    the distance unknown.
    """
    for name, notional in zip(state.names, state.notionals, strict=True):
        price = float(state.liquidation_prices.get(name, 0.0))
        if notional and not price <= 0.0:
            mark, side = float(state.mark_prices.get(name, nan)), 1.0 if notional > 0.0 else -1.0
            away = side * (mark - price) / mark if mark > 0.0 else nan
            yield Reading(Limit.LIQUIDATION_DISTANCE, away, limits.min_liquidation_distance, name)
    gross = float(np.abs(state.notionals).sum())
    if gross == 0.0:
        return
    margin = float(np.abs(state.notionals) @ maintenance_rates(state))
    distance = (state.equity - margin) / (gross + margin) if isfinite(state.equity) and isfinite(gross) else nan
    yield Reading(Limit.LIQUIDATION_DISTANCE, distance, limits.min_liquidation_distance, "account")
    if limits.max_liquidation_probability > 0.0:
        chance = closed_form_liquidation(state, margin, limits.tail_degrees)
        yield Reading(Limit.LIQUIDATION_PROBABILITY, chance, limits.max_liquidation_probability)


def maintenance_rates(state: PortfolioState) -> FloatArray:
    """(N,) maintenance margin of each position as a fraction of its notional."""
    return np.array([float(state.maintenance_rates.get(name, DEFAULT_MAINTENANCE)) for name in state.names])


def closed_form_liquidation(state: PortfolioState, margin: float, degrees: float) -> float:
    """Probability that equity touches the maintenance margin within 24 hours: the larger of a Brownian path's and of
    twice a Student t's tail, at most 1; NaN where the risk is not known.
    """
    from scipy.special import ndtr, stdtr

    sigma = daily_sigma(state) * state.equity
    if state.equity <= margin:
        return 1.0
    if not 0.0 < sigma < inf:
        return 0.0 if sigma == 0.0 else nan
    away, tail = (state.equity - margin) / sigma, max(degrees, LEAST_DEGREES)
    fat = stdtr(tail, -away / sqrt((tail - 2.0) / tail)) if degrees > 0.0 else 0.0
    return min(1.0, 2.0 * max(float(ndtr(-away)), float(fat)))


def count_readings(state: PortfolioState, limits: Limits) -> Iterator[Reading]:
    """How many positions are held and orders are at work."""
    yield Reading(Limit.POSITIONS, float(np.count_nonzero(state.notionals)), float(limits.max_positions or inf))
    yield Reading(Limit.ORDERS, float(state.open_orders), float(limits.max_orders or inf))


def loss_readings(state: PortfolioState, spec: RiskSpec, ledger: Ledger) -> Iterator[Reading]:
    """The fall below the peak and the loss since the day's start, shares of these.

    Peak and day start are the state's, or the ledger's where the state names none; where they are not positive, all of
    it is lost.
    """
    peak = ledger.peak if state.peak_equity is None else state.peak_equity
    start = float(ledger.record["day_start"][0]) if state.day_start_equity is None else state.day_start_equity
    most, daily = (limit if limit < 1.0 else inf for limit in (spec.loss.drawdown, spec.loss.daily))
    yield Reading(Limit.DRAWDOWN, max(_loss(state.equity, peak), 0.0), most)
    yield Reading(Limit.DAILY_LOSS, _loss(state.equity, start), daily)


def _loss(equity: float, before: float) -> float:
    """Fall of equity as a share of what it was, negative for a gain; NaN where either is no number."""
    if not (isfinite(equity) and isfinite(before)):
        return nan
    return 1.0 - equity / before if before > 0.0 else 1.0


def _shares(state: PortfolioState) -> tuple[float, float]:
    with np.errstate(invalid="ignore"):
        gross, net = float(np.abs(state.notionals).sum()), float(state.notionals.sum())
    return _share(gross, state.equity), _share(net, state.equity)


def _share(amount: float, whole: float) -> float:
    """Amount by whole; infinite where nothing is left to bear it, NaN where either is no number."""
    if not (isfinite(amount) and isfinite(whole)):
        return nan
    if amount == 0.0 and whole >= 0.0:
        return 0.0
    return float(amount) / whole if whole > 0.0 else inf
