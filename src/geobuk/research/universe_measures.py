"""What is measured of every instrument up to a moment: liquidity, costs, age, data, volatility, funding. No limits."""

from dataclasses import dataclass

import numpy as np

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_YEAR
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel
from geobuk.research.universe_days import MIN_DAYS, Days, correlations, days_of, last_known
from geobuk.research.universe_spec import UniverseSpec
from geobuk.research.universe_spread import abdi_ranaldo, corwin_schultz

_ESTIMATORS = {"corwin_schultz": corwin_schultz, "abdi_ranaldo": abdi_ranaldo}
_FUNDING_KNOWN = 0.9


@dataclass(frozen=True, slots=True)
class Measures:
    """One instrument; NaN where something can't be said. Shares and rates are fractions.

    Attributes
    ----------
    price : last close that could be traded.
    turnover, turnover_recent : median of a day, quote currency, over the look-back and over its recent part.
    illiquidity : Amihud's mean of |daily return| / turnover, per unit of quote currency.
    spread, spread_low : estimate as a fraction of the price, and two standard errors less.
    age_days : since the first trading day where that is known, else since the first bar.
    history_days, silent_days : since the first bar; since the last good bar, against the venue's last one.
    missing, masked, zero_volume : of the bars of open hours since the instrument's first bar.
    volatility : standard deviation of daily log returns, a year.
    funding : sum of the rates of a year, paid by longs; 0 where none is paid.
    """

    price: float
    turnover: float
    turnover_recent: float
    illiquidity: float
    spread: float
    spread_low: float
    age_days: float
    history_days: float
    silent_days: float
    missing: float
    masked: float
    zero_volume: float
    volatility: float
    funding: float
    pays_funding: bool

    @property
    def liquidity(self) -> float:
        """The smaller of the two turnovers."""
        return min(self.turnover, self.turnover_recent)

    @property
    def unusable(self) -> float:
        """Share of bars that can't be traded on."""
        return self.missing + self.masked


@dataclass(frozen=True)
class Survey:
    """Measures in the panel's order, and the correlations (N, N) of daily log returns, NaN where not known."""

    measures: tuple[Measures, ...]
    correlation: FloatArray


@dataclass(frozen=True)
class Calendar:
    """What is known of times beside the bars.

    Attributes
    ----------
    first_ns : (N,) opening time of each instrument's first bar in all its history.
    listed_ns : (N,) first trading moment, 0 where it is not known.
    is_open : (T,) rows in which the venue was open.
    """

    first_ns: IntArray
    listed_ns: IntArray
    is_open: BoolArray


def measure(panel: Panel, at_ns: int, spec: UniverseSpec, calendar: Calendar) -> Survey:
    """Measure every instrument of a panel whose rows all closed by ``at_ns``."""
    window = panel.between(at_ns - spec.lookback_days * NS_PER_DAY, None)
    is_open = calendar.is_open[panel.shape[0] - window.shape[0] :]
    days = days_of(window, at_ns, is_open)
    usable = [np.where(window.tradable, prices, np.nan)[is_open] for prices in (window.high, window.low, window.close)]
    estimate = _ESTIMATORS[spec.spread_estimator](*usable, zero_negatives=spec.spread_negatives == "zero")
    first_ns, returns = calendar.first_ns, days.returns
    missing, masked, zero = _shares(window, is_open, first_ns)
    began = np.where(calendar.listed_ns > 0, calendar.listed_ns, first_ns)
    columns = {
        "price": last_known(panel.close, panel.tradable),
        "turnover": _median_turnover(days, spec.lookback_days, at_ns, first_ns),
        "turnover_recent": _median_turnover(days, spec.recent_days, at_ns, first_ns),
        "illiquidity": _illiquidity(returns, days.turnover[1:]),
        "spread": estimate.spread,
        "spread_low": estimate.low,
        "age_days": (at_ns - began) / NS_PER_DAY,
        "history_days": (at_ns - first_ns) / NS_PER_DAY,
        "silent_days": _silence(panel),
        "missing": missing,
        "masked": masked,
        "zero_volume": zero,
        "volatility": _deviation(returns) * np.sqrt(days.per_year),
        "funding": _funding(window),
    }
    pays = panel.funding_hours > 0
    measures = tuple(
        Measures(**{name: float(values[n]) for name, values in columns.items()}, pays_funding=bool(pays[n]))
        for n in range(panel.shape[1])
    )
    return Survey(measures, correlations(returns))


def _silence(panel: Panel) -> FloatArray:
    """Days between each instrument's last good bar and the last good bar of any."""
    ends = np.repeat((panel.at_ns + panel.interval_ns).astype(np.float64)[:, None], panel.shape[1], axis=1)
    last = last_known(ends, panel.tradable)
    if np.isnan(last).all():
        return last
    return (np.nanmax(last) - last) / NS_PER_DAY


def _median_turnover(days: Days, length: int, at_ns: int, first_ns: IntArray) -> FloatArray:
    """Median over the open days of the last ``length`` on which the instrument had begun; NaN if there is none."""
    rows = days.age < length
    out = np.full(days.turnover.shape[1], np.nan)
    whole_days = (at_ns - first_ns) // NS_PER_DAY
    for column, lived in enumerate(whole_days):
        chosen = rows & (days.age < max(lived, 1))
        if lived >= 0 and chosen.any():
            out[column] = np.median(days.turnover[chosen, column])
    return out


def _illiquidity(returns: FloatArray, turnover: FloatArray) -> FloatArray:
    known = np.isfinite(returns) & (turnover > 0.0)
    ratio = np.abs(np.where(known, returns, 0.0)) / np.where(known, turnover, 1.0)
    return _mean(ratio, known)


def _mean(values: FloatArray, known: BoolArray) -> FloatArray:
    count = known.sum(axis=0).astype(np.float64)
    count[count < MIN_DAYS] = np.nan
    found: FloatArray = np.where(known, values, 0.0).sum(axis=0) / count
    return found


def _deviation(returns: FloatArray) -> FloatArray:
    """Standard deviation (N,) of what is known."""
    known = np.isfinite(returns)
    mean = _mean(returns, known)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: FloatArray = np.sqrt(_mean((returns - mean) ** 2, known) * count / (count - 1.0))
    return found


def _shares(window: Panel, is_open: BoolArray, first_ns: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    expected = is_open[:, None] & (window.at_ns[:, None] >= first_ns)
    count = expected.sum(axis=0).astype(np.float64)
    count[count == 0.0] = np.nan
    has_price = np.isfinite(window.close)
    parts = (~has_price, has_price & ~window.tradable, window.volume == 0.0)
    missing, masked, zero = ((part & expected).sum(axis=0) / count for part in parts)
    return missing, masked, zero


def _funding(window: Panel) -> FloatArray:
    """Yearly sum of the rates; NaN where fewer than nine in ten stamps of the window are known, 0 where none is due."""
    out = np.where(window.funding_hours > 0, np.nan, 0.0)
    for column, hours in enumerate(window.funding_hours):
        if hours <= 0:
            continue
        step = int(hours) * NS_PER_HOUR
        rates, expected = window.funding[:, column], window.shape[0] * window.interval_ns / step
        each_ns = step
        if window.interval_ns > step:
            rates = rates + window.funding_inside[:, column]
            expected, each_ns = float(window.shape[0]), window.interval_ns
        known = np.isfinite(rates)
        if known.any() and known.sum() >= _FUNDING_KNOWN * np.floor(expected):
            out[column] = rates[known].mean() * NS_PER_YEAR / each_ns
    return out
