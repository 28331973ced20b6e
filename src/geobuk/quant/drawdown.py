"""How far and how long an account is below its best: depth, dates, duration, ulcer and pain.

Drawdown is a negative fraction. The starting wealth counts as a peak.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray, IntArray
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True)
class Drawdown:
    """The deepest fall and the longest time below a peak, which need not be the same episode.

    ``depth`` is negative or 0. Dates are None where there was no fall; ``recovered_at_ns`` also where the old peak was
    not reached again. ``longest_ns`` runs from a peak to the return to it, or to the end where that never came.
    """

    depth: float
    peak_at_ns: int | None
    trough_at_ns: int | None
    recovered_at_ns: int | None
    longest_ns: int
    longest_periods: int


def drawdown(wealth: npt.ArrayLike) -> FloatArray:
    """(n,) fall below the running peak, as a fraction in [-1, 0]. The first value must be positive."""
    values = finite(wealth, "wealth")
    if values[0] <= 0.0:
        raise ValueError(f"wealth starts at {values[0]}: it must start above 0")
    return np.asarray(np.maximum(values, 0.0) / np.maximum.accumulate(values) - 1.0)


def max_drawdown(wealth: npt.ArrayLike) -> float:
    """The deepest fall, a negative fraction or 0.

    >>> max_drawdown([1.0, 1.2, 0.9, 1.3])
    -0.25
    """
    return float(drawdown(wealth).min())


def longest_below_peak(falls: FloatArray) -> tuple[int, int]:
    """First index and length of the longest run of negative values; (0, 0) where there is none."""
    below = np.concatenate(([False], falls < 0.0, [False]))
    edges = np.flatnonzero(np.diff(below))
    starts, stops = edges[::2], edges[1::2]
    if not starts.size:
        return (0, 0)
    longest = int(np.argmax(stops - starts))
    return (int(starts[longest]), int(stops[longest] - starts[longest]))


def deepest(wealth: npt.ArrayLike, at_ns: IntArray) -> Drawdown:
    """The deepest drawdown with its dates, and the longest one.

    Parameters
    ----------
    wealth : (n,) starting with the capital. at_ns : (n,) instants of these values.

    The peak is the last instant at the old high, the recovery the first instant back at it or above.
    ``longest_periods`` counts the values below the peak; a run that has not ended counts up to the last value.
    """
    values = finite(wealth, "wealth")
    falls = drawdown(values)
    first, length = longest_below_peak(falls)
    if length == 0:
        return Drawdown(0.0, None, None, None, 0, 0)
    after = min(first + length, len(values) - 1)
    trough = int(np.argmin(falls))
    peak = int(np.flatnonzero(falls[:trough] == 0.0)[-1])
    back = np.flatnonzero(falls[trough:] == 0.0)
    return Drawdown(
        depth=float(falls[trough]),
        peak_at_ns=int(at_ns[peak]),
        trough_at_ns=int(at_ns[trough]),
        recovered_at_ns=int(at_ns[trough + back[0]]) if back.size else None,
        longest_ns=int(at_ns[after] - at_ns[first - 1]),
        longest_periods=length,
    )


def ulcer(wealth: npt.ArrayLike) -> float:
    """Ulcer index (Martin 1989): root of the mean squared drawdown, a fraction.

    ``wealth`` starts with the capital, which is no observation: the mean is over the n values after it.
    """
    falls = drawdown(wealth)[1:]
    return float(np.sqrt(np.mean(falls**2))) if falls.size else float("nan")


def pain(wealth: npt.ArrayLike) -> float:
    """Pain index: mean depth below the peak, a positive fraction, over the n values after the capital."""
    falls = drawdown(wealth)[1:]
    return float(np.mean(-falls)) if falls.size else float("nan")
