"""The statistics of an equity path, all in one value, each by one stated convention (see docs/report.md).

Owns which sample each statistic is taken from; the formulas are in the modules beside it. Knows no backtest.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import FloatArray, IntArray
from geobuk.quant.drawdown import Drawdown, deepest, ulcer
from geobuk.quant.ratios import (
    minimum_track_record,
    omega,
    probabilistic_sharpe,
    raw_kurtosis,
    sharpe,
    sharpe_error,
    skewness,
    sortino,
)
from geobuk.quant.returns import (
    MonthReturn,
    cagr,
    finite,
    monthly,
    sampled_daily,
    volatility,
)
from geobuk.quant.tails import expected_shortfall, tail_ratio, value_at_risk

_NEEDED = {
    "volatility": 2,
    "sharpe": 2,
    "sharpe_error": 2,
    "skewness": 3,
    "excess_kurtosis": 4,
    "probabilistic_sharpe": 4,
    "track_record_years": 4,
}
"""Returns that a statistic needs before it is defined."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What an equity path was worth, and how it felt.

    Fractions, not per cent. Annual figures use ``periods_per_year`` (365 for daily returns where the venue never
    closes). Returns are sampled at the last close of each UTC day; ``drawdown``, ``ulcer``, ``martin`` and ``calmar``
    look at every bar's close, because daily samples hide falls inside a day. ``track_record_years``: how many years of
    such returns would show with 95 % confidence that the Sharpe ratio is above 0. Value at risk and expected shortfall
    are per period, positive = loss. ``flags`` says why a number is NaN, infinite or weak: statistic -> ``too_short``,
    ``flat``, ``no_losses``, ``no_drawdown``, ``not_positive``, ``worst_only`` or ``ruined``.
    """

    from_ns: int
    to_ns: int
    bars: int
    periods: int
    periods_per_year: float
    capital: float
    equity_final: float
    profit: float
    total_return: float
    cagr: float
    volatility: float
    sharpe: float
    sharpe_error: float
    probabilistic_sharpe: float
    track_record_years: float
    sortino: float
    calmar: float
    omega: float
    drawdown: Drawdown
    ulcer: float
    martin: float
    tail_ratio: float
    value_at_risk_95: float
    value_at_risk_99: float
    expected_shortfall_95: float
    expected_shortfall_99: float
    skewness: float
    excess_kurtosis: float
    best_period: float
    worst_period: float
    positive_periods: float
    monthly: tuple[MonthReturn, ...]
    flags: dict[str, str]

    @property
    def max_drawdown(self) -> float:
        """Depth of the deepest drawdown, a negative fraction or 0."""
        return self.drawdown.depth


def statistics(
    equity: npt.ArrayLike, at_ns: IntArray, interval_ns: int, capital: float, year: TradingYear = ALWAYS_OPEN
) -> Statistics:
    """All statistics of one equity path.

    Parameters
    ----------
    equity : (T,) at each bar's close, account currency, finite.
    at_ns : (T,) open time of each bar, UTC nanoseconds. interval_ns : length of a bar.
    capital : equity before the first bar. year : how much of a year the venue trades.

    A statistic that is not defined is NaN (or infinity: no losses to divide by), with the reason in ``flags``.

    Raises
    ------
    ValueError : empty or non-finite equity, lengths that differ, capital that is not positive.
    """
    sampled = sampled_daily(equity, at_ns, interval_ns, capital, year)
    path, instants = _path_of_bars(finite(equity, "equity"), at_ns, interval_ns, capital)
    returns, per_year = sampled.returns, sampled.periods_per_year
    ratio = sharpe(returns, per_year)
    skew, kurtosis = skewness(returns), raw_kurtosis(returns)
    growth, fall, index = cagr(returns, per_year), deepest(path, instants), ulcer(path)
    return Statistics(
        from_ns=int(at_ns[0]),
        to_ns=int(at_ns[-1]) + interval_ns,
        bars=len(at_ns),
        periods=len(returns),
        periods_per_year=per_year,
        capital=float(capital),
        equity_final=float(path[-1]),
        profit=float(path[-1] - capital),
        total_return=float(path[-1] / capital - 1.0),
        cagr=growth,
        volatility=volatility(returns, per_year),
        sharpe=ratio,
        sharpe_error=sharpe_error(ratio, len(returns), per_year),
        probabilistic_sharpe=probabilistic_sharpe(ratio / math.sqrt(per_year), len(returns), skew, kurtosis),
        track_record_years=minimum_track_record(ratio / math.sqrt(per_year), skew, kurtosis) / per_year,
        sortino=sortino(returns, per_year),
        calmar=growth / -fall.depth if fall.depth < 0.0 else math.nan,
        omega=omega(returns),
        drawdown=fall,
        ulcer=index,
        martin=growth / index if index > 0.0 else math.nan,
        tail_ratio=tail_ratio(returns),
        value_at_risk_95=value_at_risk(returns, 0.95),
        value_at_risk_99=value_at_risk(returns, 0.99),
        expected_shortfall_95=expected_shortfall(returns, 0.95),
        expected_shortfall_99=expected_shortfall(returns, 0.99),
        skewness=skew,
        excess_kurtosis=kurtosis - 3.0,
        best_period=float(returns.max()),
        worst_period=float(returns.min()),
        positive_periods=float(np.mean(returns > 0.0)),
        monthly=monthly(sampled),
        flags=dict(_flags(returns, fall.depth, is_ruined=sampled.is_ruined)),
    )


def _path_of_bars(equity: FloatArray, at_ns: IntArray, interval_ns: int, capital: float) -> tuple[FloatArray, IntArray]:
    """(T + 1,) capital and every close with their instants; 0 from the first close at or below 0 on."""
    alive = np.minimum.accumulate((equity > 0.0).astype(np.float64))
    path = np.concatenate(([capital], np.maximum(equity, 0.0) * alive))
    return path, np.concatenate((at_ns[:1], at_ns + interval_ns))


def _flags(returns: FloatArray, depth: float, *, is_ruined: bool) -> Iterator[tuple[str, str]]:
    if is_ruined:
        yield "cagr", "ruined"
    for name, needed in _NEEDED.items():
        if len(returns) < needed:
            yield name, "too_short"
    if len(returns) >= 2 and math.isnan(sharpe(returns, 1.0)):
        yield from (
            (name, "flat") for name, needed in _NEEDED.items() if name != "volatility" and len(returns) >= needed
        )
    if len(returns) >= _NEEDED["track_record_years"] and sharpe(returns, 1.0) <= 0.0:
        yield "track_record_years", "not_positive"
    for name, value in (("sortino", sortino(returns, 1.0)), ("omega", omega(returns))):
        if not math.isfinite(value):
            yield name, "flat" if math.isnan(value) else "no_losses"
    if depth == 0.0:
        yield from ((name, "no_drawdown") for name in ("calmar", "martin"))
    if math.isnan(tail_ratio(returns)):
        yield "tail_ratio", "flat"
    for name, confidence in (("expected_shortfall_95", 0.95), ("expected_shortfall_99", 0.99)):
        if len(returns) * (1.0 - confidence) < 1.0 - 1e-9:
            yield name, "worst_only"
