"""What can be counted of regime codes alone: switches, shares of time, lengths of visits."""

from dataclasses import dataclass

import numpy as np

from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.domain.times import NS_PER_DAY
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import IntArray


@dataclass(frozen=True, slots=True)
class RegimeStatistics:
    """Counts over bars in which the direction was known, except ``shares``, which are of all bars.

    ``switches`` from one direction to another, and per year; ``shares`` name -> fraction of bars; ``mean_dwell_days``
    name -> mean length of a visit, in days of trading, the first and the last visit cut where the bars end (NaN where
    there was none); ``high_volatility`` fraction of bars with the flag.
    """

    bars: int
    switches: int
    switches_per_year: float
    shares: dict[str, float]
    mean_dwell_days: dict[str, float]
    high_volatility: float


def directions_of(codes: IntArray) -> IntArray:
    """(T,) Regime of codes, without the flag of high volatility; a negative code (no detector) is UNKNOWN.

    >>> directions_of(np.array([1, 10, 8, -1])).tolist()
    [1, 2, 0, 0]
    """
    return np.where(codes >= 0, codes % HIGH_VOLATILITY, int(Regime.UNKNOWN))


def regime_statistics(codes: IntArray, interval_ns: int, year: TradingYear = ALWAYS_OPEN) -> RegimeStatistics:
    """Count (T,) codes of bars of ``interval_ns``; NaN where nothing is there to divide by."""
    held = directions_of(codes)
    known = held != Regime.UNKNOWN
    is_switch = (np.diff(held) != 0) & known[1:] & known[:-1]
    years = np.count_nonzero(known) / year.per_year(interval_ns)
    edges = np.flatnonzero(np.diff(held) != 0) + 1
    starts = np.concatenate([[0], edges]) if len(held) else edges
    lengths = np.diff(np.append(starts, len(held)))
    days_per_bar = max(interval_ns, NS_PER_DAY) / NS_PER_DAY / max(year.per_day(interval_ns), 1.0)
    shares, dwell = {}, {}
    for regime in Regime:
        visits = lengths[held[starts] == regime] if len(held) else lengths
        shares[regime.name] = float(np.mean(held == regime)) if len(held) else np.nan
        dwell[regime.name] = float(visits.mean() * days_per_bar) if len(visits) else np.nan
    return RegimeStatistics(
        bars=len(held),
        switches=int(is_switch.sum()),
        switches_per_year=float(is_switch.sum() / years) if years > 0.0 else np.nan,
        shares=shares,
        mean_dwell_days=dwell,
        high_volatility=float(np.mean(codes >= HIGH_VOLATILITY)) if len(held) else np.nan,
    )
