"""How near to liquidation an account came: its 24-hour probability on the days of its largest exposure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geobuk.domain.instrument import InstrumentKind
from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.quant.liquidation import (
    AccountRisk,
    BracketTable,
    Simulation,
    account_liquidation_probability,
)
from geobuk.quant.portfolio.covariance import sample_covariance
from geobuk.quant.returns import daily_ends
from geobuk.risk.reasons import Reason
from geobuk.simulate.result import BacktestResult

_HOURS = 24.0
_QUICK = 2_000
"""Paths on each day; the worst day is simulated again with ten times as many."""

_LEAST_ROWS = 60
"""Of returns that a covariance is taken from."""


@dataclass(frozen=True, slots=True)
class WorstDay:
    """The largest probability, the close at which it held, and the model that said so; over ``days`` days.

    ``value`` is NaN where no covariance could be estimated on a day that had positions: the bar is then that one.
    """

    value: float
    at_ns: int
    model: str
    standard_error: float
    days: int


class DaysSpec(NamedTuple):
    """``most`` days of largest exposure; covariance of the last ``covariance_days`` days; seed of the simulation."""

    most: int = 50
    covariance_days: int = 30
    seed: int = 1


def worst_day(result: BacktestResult, spec: DaysSpec) -> WorstDay | None:
    """The largest 24-hour liquidation probability over the days of largest gross exposure and the last; None if flat.

    Exposures are those held at a day's last close; the covariance is of the returns up to it. A cross account is judged
    as one; with isolated margin the probabilities of the single positions are added, which can only be too high. Where
    the run was liquidated it is 1: it has happened.
    """
    hit = np.flatnonzero(result.fills["reason"] == Reason.LIQUIDATION)
    if len(hit):
        bar = int(result.fills["bar"][hit[0]])
        return WorstDay(1.0, int(result.panel.at_ns[bar]), "happened", 0.0, 1)
    bars = _days(result, spec.most)
    if not len(bars):
        return None
    found = [(_at(result, int(bar), spec, _QUICK), int(bar)) for bar in bars]
    unknown = next((bar for (value, *_), bar in found if np.isnan(value)), None)
    bar = unknown if unknown is not None else max(found, key=lambda one: one[0][0])[1]
    value, model, error = _at(result, bar, spec, 10 * _QUICK)
    at_ns = int(result.panel.at_ns[bar]) + result.panel.interval_ns
    return WorstDay(value, at_ns, model, error, len(bars))


def is_borrowing(result: BacktestResult) -> bool:
    """Whether anything is traded on margin."""
    return any(one.kind is not InstrumentKind.SHARE for one in result.instruments)


def _days(result: BacktestResult, most: int) -> IntArray:
    """Bars that end a day with positions: those of largest gross exposure over equity, and the last; ascending."""
    ends = daily_ends(result.panel.at_ns, result.panel.interval_ns)
    ends = ends[result.gross[ends] > 0.0]
    load = result.gross[ends] / np.maximum(result.equity[ends], 1e-9)
    largest = ends[np.argsort(-load, kind="stable")[:most]]
    return np.unique(np.append(largest, ends[-1:])).astype(np.int64)


def _at(result: BacktestResult, bar: int, spec: DaysSpec, paths: int) -> tuple[float, str, float]:
    """Probability, model and standard error at a bar's close."""
    panel = result.panel
    held = np.flatnonzero(result.position[bar])
    covariance = _covariance(panel, bar, held, spec.covariance_days)
    if covariance is None:
        return float("nan"), "", float("nan")
    notionals = result.position[bar, held] * _prices(panel, bar)[held]
    tables = [BracketTable.from_rules(result.instruments[n].brackets) for n in held]
    simulation = Simulation(paths=paths, seed=spec.seed)
    if result.spec.account.margin == "cross":
        account = AccountRisk(float(result.equity[bar]), notionals, covariance)
        chance = account_liquidation_probability(account, tables, _HOURS, simulation)
        return chance.value, chance.model, chance.standard_error
    return _isolated(notionals, covariance, tables, result.spec.account.leverage, simulation)


def _isolated(
    notionals: FloatArray,
    covariance: FloatArray,
    tables: Sequence[BracketTable],
    leverage: int,
    simulation: Simulation,
) -> tuple[float, str, float]:
    """Sum over positions, each with its initial margin as if it had just been opened; at most 1."""
    total, error = 0.0, 0.0
    for place, notional in enumerate(notionals):
        variance = covariance[place : place + 1, place : place + 1]
        account = AccountRisk(abs(float(notional)) / leverage, notionals[place : place + 1], variance)
        chance = account_liquidation_probability(account, [tables[place]], _HOURS, simulation)
        total, error = total + chance.value, error + chance.standard_error
    return min(1.0, total), "isolated", error


def _prices(panel: Panel, bar: int) -> FloatArray:
    """(N,) mark prices, closes where a mark is not known, the last known ones where there is no bar."""
    first = max(0, bar - 10_000)
    prices = np.where(
        np.isfinite(panel.mark[first : bar + 1]), panel.mark[first : bar + 1], panel.close[first : bar + 1]
    )
    known = np.isfinite(prices)
    last = len(prices) - 1 - known[::-1].argmax(axis=0)
    return np.asarray(prices[last, np.arange(prices.shape[1])])


def _covariance(panel: Panel, bar: int, held: IntArray, days: int) -> FloatArray | None:
    """Per hour, of the returns up to a bar in which every held instrument has one; None where there are too few."""
    rows = max(_LEAST_ROWS, round(days * panel.year.per_day(panel.interval_ns)))
    close = panel.close[max(0, bar - rows) : bar + 1][:, held]
    returns = close[1:] / close[:-1] - 1.0
    returns = returns[np.isfinite(returns).all(axis=1)]
    if len(returns) < max(_LEAST_ROWS, 2 * len(held)):
        return None
    return sample_covariance(returns).covariance * (NS_PER_HOUR / panel.interval_ns)
