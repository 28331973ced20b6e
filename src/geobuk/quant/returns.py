"""From an equity path to returns: sampling by UTC day, growth, dispersion, the monthly table.

Owns the conventions that every other statistic builds on. Reads no clock and knows no backtest.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.domain.times import NS_PER_DAY
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import FloatArray, IntArray

_FLAT = 1e-12
"""A standard deviation up to this share of max(1, |mean|) is rounding noise, not dispersion."""


@dataclass(frozen=True, eq=False, slots=True)
class SampledEquity:
    """Equity at the start and at the end of each of n periods.

    Attributes
    ----------
    at_ns : (n + 1,) instants, UTC; the first is the opening of the first bar, the others are closes.
    equity : (n + 1,) account currency, never below 0; the first is the capital. It ends where the account is ruined.
    periods_per_year : sessions of a year for daily samples (365 where the venue never closes); fewer where the bars
        themselves are longer than a day.
    """

    at_ns: IntArray
    equity: FloatArray
    periods_per_year: float

    @property
    def returns(self) -> FloatArray:
        """(n,) simple returns per period, oldest first; -1 where the account is ruined."""
        return self.equity[1:] / self.equity[:-1] - 1.0

    @property
    def is_ruined(self) -> bool:
        """Whether nothing is left at the end."""
        return bool(self.equity[-1] <= 0.0)


@dataclass(frozen=True, slots=True)
class MonthReturn:
    """Simple return of one calendar month (UTC); the first and last month may be parts of one."""

    year: int
    month: int
    value: float


def finite(values: npt.ArrayLike, name: str) -> FloatArray:
    """The values as a float array; raises ValueError where empty, not one-dimensional, NaN or infinite."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} has shape {array.shape}: give a row of at least one number")
    if not np.isfinite(array).all():
        bad = int(np.flatnonzero(~np.isfinite(array))[0])
        raise ValueError(f"{name}[{bad}] is {array[bad]}: every value must be finite")
    return array


def daily_ends(at_ns: IntArray, interval_ns: int) -> IntArray:
    """Indices of the bars with the last close of each UTC day; every bar where bars last a day or longer."""
    if interval_ns >= NS_PER_DAY:
        return np.arange(len(at_ns))
    day = (np.asarray(at_ns, dtype=np.int64) + interval_ns - 1) // NS_PER_DAY
    return np.append(np.flatnonzero(np.diff(day)), len(day) - 1)


def samples_per_year(interval_ns: int, year: TradingYear = ALWAYS_OPEN) -> float:
    """Sessions of a year for daily samples; fewer where the bars themselves are longer than a day."""
    return year.per_year(max(interval_ns, NS_PER_DAY))


def sampled_daily(
    equity: npt.ArrayLike, at_ns: IntArray, interval_ns: int, capital: float, year: TradingYear = ALWAYS_OPEN
) -> SampledEquity:
    """Equity at the last close of each UTC day; bars of a day or longer are kept as they are.

    Parameters
    ----------
    equity : (T,) at each bar's close, account currency.
    at_ns : (T,) open time of each bar. A bar belongs to the day in which its last nanosecond lies.
    capital : equity before the first bar. year : how much of a year the venue trades.

    A first or last day that is only partly covered counts as one period. From the first close at or below 0 on the
    account is ruined: equity is 0 and later samples are dropped.

    Raises
    ------
    ValueError : empty or non-finite equity, lengths that differ, capital that is not positive.
    """
    values = finite(equity, "equity")
    if len(values) != len(at_ns):
        raise ValueError(f"equity has {len(values)} values, at_ns {len(at_ns)}: they must be the same bars")
    if not (np.isfinite(capital) and capital > 0.0):
        raise ValueError(f"capital {capital} is not a positive number")
    closes = np.asarray(at_ns, dtype=np.int64) + interval_ns
    keep = daily_ends(at_ns, interval_ns)
    ruined = np.flatnonzero(values <= 0.0)
    if ruined.size:
        keep = np.append(keep[keep < ruined[0]], ruined[0])
        values = np.maximum(values, 0.0)
    return SampledEquity(
        at_ns=np.concatenate(([int(at_ns[0])], closes[keep])),
        equity=np.concatenate(([capital], values[keep])),
        periods_per_year=samples_per_year(interval_ns, year),
    )


def wealth(returns: npt.ArrayLike) -> FloatArray:
    """(n + 1,) growth of 1, starting with the 1. After a return of -1 or worse wealth stays 0."""
    growth = np.maximum(1.0 + finite(returns, "returns"), 0.0)
    return np.concatenate(([1.0], np.cumprod(growth)))


def total_return(returns: npt.ArrayLike) -> float:
    """Growth over all periods, as a fraction.

    >>> round(total_return([0.1, -0.5]), 12)
    -0.45
    """
    return float(wealth(returns)[-1] - 1.0)


def cagr(returns: npt.ArrayLike, periods_per_year: float) -> float:
    """Compound annual growth: prod(1 + r) ** (P / n) - 1. A ruined account gives -1; an overflow gives infinity."""
    values = finite(returns, "returns")
    growth = wealth(values)[-1]
    if growth <= 0.0:
        return -1.0
    with np.errstate(over="ignore"):
        return float(np.expm1(np.log(growth) * periods_per_year / len(values)))


def deviation(returns: npt.ArrayLike) -> float:
    """Standard deviation with n - 1; NaN for one value, 0 where the spread is only rounding."""
    values = finite(returns, "returns")
    if len(values) < 2:
        return float("nan")
    spread = float(np.std(values, ddof=1))
    return 0.0 if spread <= _FLAT * max(1.0, abs(float(np.mean(values)))) else spread


def mean_absolute_deviation(returns: npt.ArrayLike) -> float:
    """Mean distance from the mean, per period."""
    values = finite(returns, "returns")
    return float(np.mean(np.abs(values - np.mean(values))))


def volatility(returns: npt.ArrayLike, periods_per_year: float) -> float:
    """Annualised standard deviation: sd (n - 1) times the square root of the periods in a year."""
    return float(deviation(returns) * np.sqrt(periods_per_year))


def monthly(sampled: SampledEquity) -> tuple[MonthReturn, ...]:
    """Return of each calendar month in UTC, oldest first; a month without a sample is left out."""
    inside = (sampled.at_ns[1:] - 1).astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    last = np.append(np.flatnonzero(np.diff(inside)), len(inside) - 1)
    ends = sampled.equity[1:][last]
    starts = np.concatenate(([sampled.equity[0]], ends[:-1]))
    return tuple(
        MonthReturn(int(1970 + month // 12), int(month % 12 + 1), float(end / start - 1.0))
        for month, start, end in zip(inside[last], starts, ends, strict=True)
    )
