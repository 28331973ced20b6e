"""Kelly for several assets at once, free or within limits.

Drifts and covariance share one unit of time. Fractions are multiples of capital, negative = short.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.inputs import number, table
from geobuk.quant.returns import finite

_SYMMETRY = 1e-8
_NEGATIVE = 1e-10
_RANK = 1e-10
"""An eigenvalue of the correlations below this is 0: one asset repeats others."""


@dataclass(frozen=True, eq=False, slots=True)
class SeveralKelly:
    """Exposures (N,) of fastest growth; growth is per unit of time, ``excess_growth`` above the risk-free rate.

    ``flags``: ``singular`` (assets repeat each other: the smallest exposures of equal growth were taken), ``riskless``
    (an edge without risk, which no finite exposure exhausts, was left out), ``limited`` (a limit binds).
    """

    fractions: FloatArray
    growth: float
    excess_growth: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KellyLimits:
    """What the exposures must obey, all multiples of capital.

    ``gross``: sum of sizes. ``each``: size of any one, or one limit for each asset. ``is_long_only``: none below 0.
    """

    gross: float = math.inf
    each: float | tuple[float, ...] = math.inf
    is_long_only: bool = False

    def __post_init__(self) -> None:
        for name, value in (("gross", self.gross), *(("each", v) for v in np.atleast_1d(self.each))):
            if not value >= 0.0:
                raise ValueError(f"limit {name} is {value}: give 0 or more, or infinity for none")


def covariance_matrix(values: npt.ArrayLike) -> FloatArray:
    """(N, N) the matrix itself, made exactly symmetric.

    Raises
    ------
    ValueError : not square, not finite, not symmetric within 1e-8 of its largest value, or an eigenvalue below -1e-10
        of its trace.
    """
    matrix = table(values, "covariance")
    if matrix.shape[0] != matrix.shape[1]:
        raise ValueError(f"covariance has shape {matrix.shape}: it must be square")
    if np.abs(matrix - matrix.T).max() > _SYMMETRY * np.abs(matrix).max():
        raise ValueError("covariance is not symmetric: average it with its transpose if that is rounding")
    matrix = (matrix + matrix.T) / 2.0
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest < -_NEGATIVE * abs(float(np.trace(matrix))) or np.diag(matrix).min() < 0.0:
        raise ValueError(
            f"covariance has the eigenvalue {smallest:.3g}: it is not positive semidefinite, repair or shrink it first"
        )
    return matrix


def several_kelly(drift: npt.ArrayLike, covariance: npt.ArrayLike, risk_free: float = 0.0) -> SeveralKelly:
    """F* = Sigma^-1 (mu - r 1), growth r + (mu - r)' Sigma^-1 (mu - r) / 2; pseudo-inverse where Sigma is singular.

    Parameters
    ----------
    drift : (N,) arithmetic drifts. covariance : (N, N). ``fractions`` of the result are (N,).

    Raises
    ------
    ValueError : shapes that differ, values that are not finite, a covariance as in :func:`covariance_matrix`.

    Notes
    -----
    Source: Merton 1969; Thorp 2006; MacLean, Thorp & Ziemba 2011.
    """
    excess, sigma, rate = _inputs(drift, covariance, risk_free)
    flags: tuple[str, ...] = ()
    if _is_singular(sigma):
        flags = ("singular",)
        fractions = np.asarray(np.linalg.pinv(sigma, rcond=_RANK, hermitian=True) @ excess, dtype=np.float64)
        if np.abs(excess - sigma @ fractions).max() > 1e-8 * max(float(np.abs(excess).max()), 1e-300):
            flags = (*flags, "riskless")
    else:
        fractions = np.asarray(np.linalg.solve(sigma, excess), dtype=np.float64)
    gain = _excess_growth(fractions, excess, sigma)
    return SeveralKelly(fractions, rate + gain, gain, flags)


def limited_kelly(
    drift: npt.ArrayLike, covariance: npt.ArrayLike, limits: KellyLimits, risk_free: float = 0.0
) -> SeveralKelly:
    """The exposures (N,) within ``limits`` that maximise w'(mu - r) - w' Sigma w / 2, by a quadratic programme.

    ``drift`` (N,), ``covariance`` (N, N). The result obeys the limits exactly: what the solver leaves beyond one by
    rounding is cut back.

    Raises
    ------
    ValueError : as in :func:`several_kelly`, one limit per asset but not N of them, or no solution (an edge without
        risk and without a limit).
    """
    excess, sigma, rate = _inputs(drift, covariance, risk_free)
    each = np.asarray(limits.each, dtype=np.float64)
    if each.ndim and each.shape != excess.shape:
        raise ValueError(f"limits name {each.size} assets, drift {excess.size}: give one limit, or one for each asset")
    each = np.broadcast_to(each, excess.shape)
    solved = _solve(excess, sigma, limits, each)
    fractions = np.clip(solved, 0.0 if limits.is_long_only else -each, each)
    gross = float(np.abs(fractions).sum())
    if gross > limits.gross:
        fractions = fractions * (limits.gross / gross)
    gain = _excess_growth(fractions, excess, sigma)
    slope = excess - sigma @ fractions
    is_free = float(np.abs(slope).max()) <= 1e-6 * max(float(np.abs(excess).max()), 1e-300)
    return SeveralKelly(fractions, rate + gain, gain, () if is_free else ("limited",))


def _inputs(drift: npt.ArrayLike, covariance: npt.ArrayLike, risk_free: float) -> tuple[FloatArray, FloatArray, float]:
    means, sigma, rate = finite(drift, "drift"), covariance_matrix(covariance), number(risk_free, "risk_free")
    if len(means) != len(sigma):
        raise ValueError(f"drift has {len(means)} assets, covariance {len(sigma)}: they must be the same")
    return means - rate, sigma, rate


def _is_singular(sigma: FloatArray) -> bool:
    scale = np.sqrt(np.diag(sigma))
    if scale.min() <= 0.0:
        return True
    return bool(np.linalg.eigvalsh(sigma / np.outer(scale, scale))[0] <= _RANK)


def _excess_growth(fractions: FloatArray, excess: FloatArray, sigma: FloatArray) -> float:
    return float(fractions @ excess - 0.5 * fractions @ sigma @ fractions)


def _solve(excess: FloatArray, sigma: FloatArray, limits: KellyLimits, each: FloatArray) -> FloatArray:
    """(N,) exposures by interior points over (w, t) with -t <= w <= t <= each and sum t <= gross."""
    import clarabel
    from scipy import sparse

    assets = len(excess)
    unit = sparse.identity(assets)
    rows: list[Any] = [sparse.hstack([unit, -unit]), sparse.hstack([-unit, -unit])]
    bounds = [np.zeros(2 * assets)]
    if limits.is_long_only:
        rows.append(sparse.hstack([-unit, 0.0 * unit]))
        bounds.append(np.zeros(assets))
    has_limit = np.isfinite(each)
    if has_limit.any():
        rows.append(sparse.hstack([0.0 * unit, unit]).tocsr()[has_limit])
        bounds.append(each[has_limit])
    if math.isfinite(limits.gross):
        rows.append(sparse.csr_matrix(np.concatenate([np.zeros(assets), np.ones(assets)])[None, :]))
        bounds.append(np.array([limits.gross]))
    right = np.concatenate(bounds)
    scale = max(float(np.abs(excess).max()), float(np.abs(sigma).max()), 1e-300)
    quadratic = sparse.block_diag([np.triu(sigma / scale), sparse.csc_matrix((assets, assets))], format="csc")
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    settings.reduced_tol_gap_abs = settings.reduced_tol_gap_rel = settings.reduced_tol_feas = 1e-7
    linear = np.concatenate([-excess / scale, np.zeros(assets)])
    cones = [clarabel.NonnegativeConeT(len(right))]
    answer = clarabel.DefaultSolver(
        quadratic, linear, sparse.vstack(rows, format="csc"), right, cones, settings
    ).solve()
    if str(answer.status) not in {"Solved", "AlmostSolved"}:
        raise ValueError(f"no exposures of fastest growth within the limits ({answer.status}): set a gross limit")
    return np.asarray(answer.x[:assets], dtype=np.float64)
