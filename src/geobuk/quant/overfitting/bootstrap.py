"""Stationary bootstrap: resampling that keeps the dependence of neighbouring returns, and intervals from it.

Every random result takes a seed. Blocks have geometric lengths and wrap around the end of the sample.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray, IntArray
from geobuk.quant.returns import deviation, finite

Statistic = Callable[[FloatArray], float]
"""A number from (n,) values."""

_CHUNK = 256


@dataclass(frozen=True, slots=True)
class BootstrapSpec:
    """How an interval is drawn.

    Attributes
    ----------
    seed : of the random numbers; the same seed gives the same interval.
    mean_block : mean block length in periods, at least 1; None finds it by :func:`optimal_block_length`.
    replications : samples drawn. confidence : of the two-sided interval.
    method : ``percentile``, or ``studentised``, which divides each deviation by its own standard error.
    inner : samples drawn from each sample to find that error, where no formula for it is given.
    """

    seed: int
    mean_block: float | None = None
    replications: int = 2000
    confidence: float = 0.95
    method: Literal["percentile", "studentised"] = "percentile"
    inner: int = 50

    def __post_init__(self) -> None:
        if self.mean_block is not None and not 1.0 <= self.mean_block < math.inf:
            raise ValueError(f"mean_block {self.mean_block} is below one period: give 1 or more")
        if self.replications < 2 or self.inner < 2:
            raise ValueError(f"{self.replications} replications, {self.inner} inner ones: give at least 2 of each")
        if not 0.0 < self.confidence < 1.0:
            raise ValueError(f"confidence {self.confidence} is not between 0 and 1: write 0.95 for 95 %")
        if self.method not in {"percentile", "studentised"}:
            raise ValueError(f"method {self.method!r} is unknown: write percentile or studentised")


@dataclass(frozen=True, slots=True)
class BootstrapInterval:
    """A statistic with its interval.

    ``standard_error`` is the deviation over the samples, ``monte_carlo_error`` how far it may be off for having drawn
    only so many. ``flags``: ``undefined`` (the statistic is NaN), ``some_undefined`` (in some samples, which were left
    out), ``flat`` (no sample differs).
    """

    estimate: float
    low: float
    high: float
    standard_error: float
    monte_carlo_error: float
    mean_block: float
    flags: tuple[str, ...] = ()


def stationary_indices(periods: int, mean_block: float, samples: int, seed: int) -> IntArray:
    """(samples, periods) rows to draw: blocks of geometric length begin anywhere and wrap around.

    Raises
    ------
    ValueError : no period, no sample, a mean block below 1.

    Notes
    -----
    Source: Politis & Romano 1994, The Stationary Bootstrap.
    """
    if periods < 1 or samples < 1:
        raise ValueError(f"{samples} samples of {periods} periods: give at least one of each")
    return _draw(periods, _renewal(mean_block), samples, np.random.default_rng(seed))


def _renewal(mean_block: float) -> float:
    """Probability that a block ends after a period."""
    if not 1.0 <= mean_block < math.inf:
        raise ValueError(f"mean_block {mean_block} is below one period: give 1 or more")
    return 1.0 / mean_block


def _draw(periods: int, renewal: float, samples: int, generator: np.random.Generator) -> IntArray:
    out = np.empty((samples, periods), dtype=np.int64)
    _fill(out, renewal, generator)
    return out


@kernel
def _fill(out: IntArray, renewal: float, generator: Any) -> None:
    samples, periods = out.shape
    for sample in range(samples):
        row = 0
        for t in range(periods):
            if t == 0 or generator.random() < renewal:
                row = int(generator.random() * periods)
            else:
                row = row + 1 if row + 1 < periods else 0
            out[sample, t] = row


def optimal_block_length(returns: npt.ArrayLike) -> float:
    """Mean block length for the stationary bootstrap of the mean, at least 1; 1 where the returns never move.

    Raises
    ------
    ValueError : values not finite, fewer than 8.

    Notes
    -----
    Source: Politis & White 2004, with the correction of Patton, Politis & White 2009.
    """
    values = finite(returns, "returns")
    if len(values) < 8:
        raise ValueError(f"{len(values)} returns are too few to find a block length: give 8 or more, or the length")
    if not deviation(values) > 0.0:
        return 1.0
    from arch.bootstrap import optimal_block_length as politis_white

    found = float(politis_white(values)["stationary"].iloc[0])
    return max(1.0, found) if math.isfinite(found) else 1.0


def variance_of_bootstrap_mean(returns: npt.ArrayLike, mean_block: float) -> float:
    """Exact variance of the mean under the stationary bootstrap, without drawing a sample.

    [R0 + 2 sum_k (1 - k/n)(1 - p)^k R_k] / n, p = 1 / mean block, R_k circular autocovariances with divisor n.

    Notes
    -----
    Source: Politis & Romano 1994, lemma 1.

    >>> round(variance_of_bootstrap_mean([1.0, 2.0, 4.0, 3.0], 2.0), 12)
    0.234375
    """
    values = finite(returns, "returns")
    n, kept = len(values), 1.0 - _renewal(mean_block)
    centred = values - values.mean()
    spectrum = np.abs(np.fft.rfft(centred)) ** 2
    covariances = np.fft.irfft(spectrum, n) / n if n > 1 else np.zeros(1)
    lags = np.arange(1, n)
    total = covariances[0] + 2.0 * float(np.sum((1.0 - lags / n) * kept**lags * covariances[1:]))
    return max(0.0, float(total) / n)


def bootstrap_interval(
    returns: npt.ArrayLike, statistic: Statistic, spec: BootstrapSpec, error: Statistic | None = None
) -> BootstrapInterval:
    """A two-sided interval for any statistic of (n,) returns.

    Parameters
    ----------
    statistic : from n values to a number. error : its standard error from n values, for ``studentised``; without it
        each sample is sampled again.

    Raises
    ------
    ValueError : returns not finite, or fewer than 8 where the block length is to be found.

    Notes
    -----
    Sources: Politis & Romano 1994; Efron & Tibshirani 1993, chapters 12 (bootstrap t) and 13 (percentile).
    """
    values = finite(returns, "returns")
    block = optimal_block_length(values) if spec.mean_block is None else spec.mean_block
    renewal, generator = _renewal(block), np.random.default_rng(spec.seed)
    estimate = float(statistic(values))
    if not math.isfinite(estimate):
        return BootstrapInterval(estimate, math.nan, math.nan, math.nan, math.nan, block, ("undefined",))
    spread_of = error or (lambda sample: _inner_error(sample, statistic, renewal, spec.inner, generator))
    draws = np.empty((spec.replications, 2))
    for first in range(0, spec.replications, _CHUNK):
        rows = _draw(len(values), renewal, min(_CHUNK, spec.replications - first), generator)
        for row, picked in enumerate(rows, first):
            sample = values[picked]
            draws[row] = statistic(sample), spread_of(sample) if spec.method == "studentised" else 1.0
    own_error = float(error(values)) if error and spec.method == "studentised" else None
    return _interval(estimate, draws, spec, block, own_error)


def _inner_error(
    sample: FloatArray, statistic: Statistic, renewal: float, inner: int, generator: np.random.Generator
) -> float:
    rows = _draw(len(sample), renewal, inner, generator)
    return float(np.std([statistic(sample[picked]) for picked in rows], ddof=1))


def _interval(
    estimate: float, draws: FloatArray, spec: BootstrapSpec, block: float, own_error: float | None
) -> BootstrapInterval:
    """The interval from (B, 2) statistics and their standard errors; ``own_error`` is that of the sample itself."""
    is_sound = np.isfinite(draws).all(axis=1) & (draws[:, 1] > 0.0)
    sound, flags = draws[is_sound], () if is_sound.all() else ("some_undefined",)
    if len(sound) < 2:
        return BootstrapInterval(estimate, math.nan, math.nan, math.nan, math.nan, block, ("undefined",))
    spread = float(np.std(sound[:, 0], ddof=1))
    if spread <= 1e-12 * max(1e-3, abs(estimate)):
        return BootstrapInterval(estimate, estimate, estimate, 0.0, 0.0, block, ("flat",))
    tails = ((1.0 - spec.confidence) / 2.0, (1.0 + spec.confidence) / 2.0)
    if spec.method == "percentile":
        low, high = np.quantile(sound[:, 0], tails)
    else:
        right, left = np.quantile((sound[:, 0] - estimate) / sound[:, 1], tails)
        scale = spread if own_error is None else own_error
        low, high = estimate - left * scale, estimate - right * scale
    noise = spread / math.sqrt(2.0 * (len(sound) - 1))
    return BootstrapInterval(estimate, float(low), float(high), spread, noise, block, flags)
