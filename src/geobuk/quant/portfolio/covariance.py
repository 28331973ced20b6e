"""What a covariance matrix must be, its explicit repair, and estimates that shrink toward a simple target.

Nothing is repaired unasked, and a repair is flagged.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray

_SYMMETRY = 1e-8
_DEFINITE = 1e-10
_NO_VARIANCE = 1e-14
"""A variance up to this share of the largest is none."""


@dataclass(frozen=True, eq=False, slots=True)
class Estimate:
    """A covariance (N, N) with the share of the target in it (0 where nothing was shrunk), its method, its flags.

    ``flags``: ``repaired`` where negative eigenvalues were cut off, ``short`` where there are fewer rows than assets.
    """

    covariance: FloatArray
    shrinkage: float
    method: str
    flags: tuple[str, ...] = ()


def valid_covariance(values: npt.ArrayLike) -> FloatArray:
    """The matrix (N, N), symmetric to the last bit.

    Raises
    ------
    ValueError : not square, empty, NaN or infinite; asymmetric by more than 1e-8 of its largest entry; an eigenvalue
        below -1e-10 of the trace (:func:`nearest_covariance` repairs that, if asked).
    """
    matrix = _square(values)
    lowest, trace = float(np.linalg.eigvalsh(matrix)[0]), float(np.trace(matrix))
    if lowest < -_DEFINITE * abs(trace) or trace < 0.0:
        raise ValueError(
            f"the covariance has eigenvalue {lowest:.3g} at trace {trace:.3g}, it must not be negative: "
            "estimate it from one sample, or repair it by nearest_covariance"
        )
    return matrix


def require_variances(covariance: FloatArray) -> FloatArray:
    """(N,) variances of a covariance (N, N); raises ValueError naming the first asset that has none."""
    variances = np.diag(covariance)
    still = np.flatnonzero(variances <= _NO_VARIANCE * variances.max())
    if still.size:
        raise ValueError(
            f"asset {still[0]} has variance {variances[still[0]]:.3g}: leave it out, it has no risk to share"
        )
    return variances


def correlation(covariance: FloatArray) -> FloatArray:
    """(N, N) correlations of a covariance (N, N); ValueError names an asset without variance."""
    deviations = np.sqrt(require_variances(covariance))
    result = np.clip(covariance / np.outer(deviations, deviations), -1.0, 1.0)
    np.fill_diagonal(result, 1.0)
    return result


def factor_of(covariance: npt.ArrayLike) -> FloatArray:
    """F (N, N) with F F' = covariance (N, N), also where that is singular (eigenvalues below 0 count as 0)."""
    values, vectors = np.linalg.eigh(np.asarray(covariance, dtype=np.float64))
    return np.ascontiguousarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def nearest_covariance(values: npt.ArrayLike) -> Estimate:
    """The matrix (N, N) with negative eigenvalues cut off at 0: nearest positive semidefinite in Frobenius norm.

    Flagged ``repaired`` where anything was cut. Variances grow by what is cut. Source: Higham 1988, Computing a nearest
    symmetric positive semidefinite matrix.

    Raises
    ------
    ValueError : not square, empty, not finite or not symmetric.
    """
    matrix = _square(values)
    eigenvalues, vectors = np.linalg.eigh(matrix)
    if eigenvalues[0] >= 0.0:
        return Estimate(matrix, 0.0, "nearest")
    repaired = (vectors * np.maximum(eigenvalues, 0.0)) @ vectors.T
    return Estimate(0.5 * (repaired + repaired.T), 0.0, "nearest", ("repaired",))


def sample_covariance(returns: npt.ArrayLike) -> Estimate:
    """Covariance of (T, N) returns with T - 1; flagged ``short`` where T <= N (singular: shrink before inverting).

    Raises
    ------
    ValueError : fewer than 2 rows, or a value that is NaN or infinite.
    """
    table = _returns(returns)
    return Estimate(_moments(table, len(table) - 1), 0.0, "sample", _short(table))


def ledoit_wolf(returns: npt.ArrayLike) -> Estimate:
    """Covariance of (T, N) returns (divided by T) shrunk toward the identity times the mean variance.

    The matrix is small-sample safe: it can be inverted where T <= N. Source: Ledoit & Wolf 2004, A well-conditioned
    estimator for large-dimensional covariance matrices; computed by scikit-learn.

    Raises
    ------
    ValueError : fewer than 2 rows, or a value that is NaN or infinite.
    """
    from sklearn.covariance import LedoitWolf

    table = _returns(returns)
    fitted = LedoitWolf().fit(table)
    return Estimate(np.asarray(fitted.covariance_), float(fitted.shrinkage_), "ledoit_wolf_identity", _short(table))


def constant_correlation(returns: npt.ArrayLike, *, divisor: str = "n") -> Estimate:
    """Covariance of (T, N) returns shrunk toward the same variances with one correlation, the mean of all pairs.

    ``divisor`` "n" starts from the covariance divided by T as the paper does, "n-1" from the unbiased one as some
    libraries do; the method's name says which. **Source**: Ledoit & Wolf 2004, Honey, I shrunk the sample covariance.

    Raises
    ------
    ValueError : fewer than 2 rows or assets, a value that is not finite, an asset without variance, another divisor.
    """
    if divisor not in {"n", "n-1"}:
        raise ValueError(f"divisor {divisor!r} is not known: write 'n' (the paper) or 'n-1' (unbiased)")
    table = _returns(returns)
    rows, count = table.shape
    if count < 2:
        raise ValueError("one asset has no correlation: use the sample covariance")
    sample = _moments(table, rows if divisor == "n" else rows - 1)
    deviations = np.sqrt(require_variances(sample))
    pairs = correlation(sample)
    mean = (pairs.sum() - count) / (count * (count - 1))
    target = mean * np.outer(deviations, deviations)
    np.fill_diagonal(target, deviations**2)
    distance = float(np.sum((sample - target) ** 2))
    share = 0.0 if distance == 0.0 else _intensity(table, sample, deviations, mean) / distance / rows
    share = min(1.0, max(0.0, share))
    return Estimate(share * target + (1.0 - share) * sample, share, f"constant_correlation_{divisor}", _short(table))


def _intensity(table: FloatArray, sample: FloatArray, deviations: FloatArray, mean: float) -> float:
    """pi - rho of the paper: what sampling noise adds up to, less what the target shares of it.

    ``table`` (T, N) returns, ``sample`` (N, N), ``deviations`` (N,), ``mean`` of the correlations.
    """
    rows = len(table)
    centred = table - table.mean(axis=0)
    squares = centred**2
    unbiased_by_n = centred.T @ centred / rows
    noise = squares.T @ squares / rows - 2.0 * unbiased_by_n * sample + sample**2
    theta = (centred**3).T @ centred / rows
    variances = np.diag(sample)
    theta -= np.diag(unbiased_by_n)[:, None] * sample + variances[:, None] * (unbiased_by_n - sample)
    np.fill_diagonal(theta, 0.0)
    shared = float(np.trace(noise)) + mean * float(np.sum(theta * np.outer(1.0 / deviations, deviations)))
    return float(noise.sum()) - shared


def _square(values: npt.ArrayLike) -> FloatArray:
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or matrix.size == 0:
        raise ValueError(f"the covariance has shape {matrix.shape}: it must be square, one row for each asset")
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise ValueError(f"covariance[{row}, {column}] is {matrix[row, column]}: every value must be finite")
    gap = float(np.abs(matrix - matrix.T).max())
    if gap > _SYMMETRY * float(np.abs(matrix).max()):
        raise ValueError(f"the covariance is asymmetric by {gap:.3g}: entries [i, j] and [j, i] must be equal")
    return np.ascontiguousarray(0.5 * (matrix + matrix.T))


def _returns(values: npt.ArrayLike) -> FloatArray:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2 or table.shape[1] < 1:
        raise ValueError(f"returns have shape {table.shape}: give (T, N) with 2 rows or more")
    if not np.isfinite(table).all():
        row, column = np.argwhere(~np.isfinite(table))[0]
        raise ValueError(f"returns[{row}, {column}] is {table[row, column]}: every value must be finite")
    return table


def _moments(table: FloatArray, divisor: int) -> FloatArray:
    centred = table - table.mean(axis=0)
    return np.asarray(centred.T @ centred / divisor)


def _short(table: FloatArray) -> tuple[str, ...]:
    return ("short",) if table.shape[0] <= table.shape[1] else ()
