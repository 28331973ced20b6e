"""Simulated paths of an account whose positions stay: notionals drift apart with prices, maintenance follows them.

Knows brackets as padded arrays only.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel, step
from geobuk.panel import FloatArray
from geobuk.quant.grid import band_of
from geobuk.quant.liquidation.brackets import BracketTable
from geobuk.quant.liquidation.monte_carlo import bridge_survival


class AccountPaths(NamedTuple):
    """What the simulation reads.

    ``room``: equity above the floor, before maintenance. exposures (N,); covariance of one step and its factor (N, N);
    floors, rates and cumulative amounts of brackets (N, B), unused floors infinite.
    """

    room: float
    exposures: FloatArray
    covariance: FloatArray
    factor: FloatArray
    floors: FloatArray
    rates: FloatArray
    cumulatives: FloatArray


def toward_common(covariance: npt.ArrayLike, share: float) -> FloatArray:
    """The covariance (N, N) with correlations moved by ``share`` toward 1; variances stay, it stays a covariance."""
    matrix = np.asarray(covariance, dtype=np.float64)
    deviations = np.sqrt(np.diag(matrix))
    return (1.0 - share) * matrix + share * np.outer(deviations, deviations)


def padded(brackets: list[BracketTable]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Floors, rates and cumulative amounts, each (N, B): a row a table, filled up to the longest of them.

    What is filled up has an infinite floor, which no notional reaches.
    """
    shape = (len(brackets), max(len(table.brackets) for table in brackets))
    floors, rates, cumulatives = np.full(shape, np.inf), np.zeros(shape), np.zeros(shape)
    for row, table in enumerate(brackets):
        count = len(table.brackets)
        floors[row, :count], rates[row, :count], cumulatives[row, :count] = table.floors, table.rates, table.cumulatives
    return floors, rates, cumulatives


@step
def _spare(paths: AccountPaths, now: FloatArray, slope: FloatArray) -> float:
    """Room above maintenance at the notionals of ``now``; ``slope`` (N,) is filled with what a return would change."""
    spare = paths.room
    for i in range(now.shape[0]):
        size = abs(now[i])
        band = band_of(size, paths.floors[i])
        spare += now[i] - paths.exposures[i] - size * paths.rates[i, band] + paths.cumulatives[i, band]
        slope[i] = now[i] - size * paths.rates[i, band]
    return spare


@kernel
def account_hits(
    generator: np.random.Generator,
    paths: AccountPaths,
    steps: int,
    work: FloatArray,
    hits: FloatArray,
) -> None:
    """Fill (paths,) ``hits`` with each path's probability of running out of room; ``work`` (4, N) is scratch."""
    exposures, covariance, factor = paths.exposures, paths.covariance, paths.factor
    now, slope, shocks, next_slope = work[0], work[1], work[2], work[3]
    count = exposures.shape[0]
    for path in range(hits.shape[0]):
        now[:] = exposures
        spare, survival = _spare(paths, now, slope), 1.0
        for _ in range(steps):
            variance = 0.0
            for i in range(count):
                shocks[i] = generator.standard_normal()
                for j in range(count):
                    variance += slope[i] * covariance[i, j] * slope[j]
            for i in range(count):
                move = -0.5 * covariance[i, i]
                for j in range(count):
                    move += factor[i, j] * shocks[j]
                now[i] *= np.exp(move)
            after = _spare(paths, now, next_slope)
            survival *= bridge_survival(spare, after, variance)
            if survival == 0.0:
                break
            spare = after
            slope[:] = next_slope
        hits[path] = 1.0 - survival
