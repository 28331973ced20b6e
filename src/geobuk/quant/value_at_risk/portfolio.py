"""Value at risk of positions in money, and whose it is: marginal, component, incremental, undiversified."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.returns import finite
from geobuk.quant.tails import require_confidence
from geobuk.quant.value_at_risk.normal import normal_quantiles


@dataclass(frozen=True, eq=False, slots=True)
class PortfolioRisk:
    """Normal VaR of a portfolio at a mean of zero, in the currency of the positions; losses positive.

    Attributes
    ----------
    var : z sqrt(x' S x). multiplier : z.
    marginal : (N,) rise of the VaR for one more unit of money in each; NaN where the VaR is 0 (``flags``: ``no_risk``).
    component : (N,) position times marginal; sums to the VaR, negative for a hedge.
    single : (N,) VaR of each position alone. undiversified : their sum.
    """

    var: float
    multiplier: float
    marginal: FloatArray
    component: FloatArray
    single: FloatArray
    flags: tuple[str, ...] = ()

    @property
    def undiversified(self) -> float:
        """Sum of the single VaRs: what it would be if all moved together against us."""
        return float(self.single.sum())


def portfolio_risk(positions: npt.ArrayLike, covariance: npt.ArrayLike, multiplier: float) -> PortfolioRisk:
    """Decompose the normal VaR of a portfolio.

    Parameters
    ----------
    positions : (N,) money, above 0 long, below 0 short. covariance : (N, N) of returns per period.
    multiplier : z, the standard deviations at risk; see :func:`normal_multiplier`.

    Raises
    ------
    ValueError : values that aren't finite, shapes that don't fit, a covariance that isn't symmetric (1e-8) and positive
        semidefinite (-1e-10 of its trace), a multiplier that isn't positive.

    Source: Jorion 2006, Value at Risk.
    """
    held, matrix = finite(positions, "positions"), _covariance(covariance)
    if matrix.shape != (len(held), len(held)):
        raise ValueError(f"covariance has shape {matrix.shape}: {len(held)} positions need as many rows and columns")
    if not (np.isfinite(multiplier) and multiplier > 0.0):
        raise ValueError(f"multiplier {multiplier} is not a positive number: 1.645 stands for 95 %")
    tied = matrix @ held
    spread = float(np.sqrt(max(float(held @ tied), 0.0)))
    single = multiplier * np.abs(held) * np.sqrt(np.maximum(np.diagonal(matrix), 0.0))
    if spread <= 1e-12 * max(float(single.sum()), 1e-300):
        nothing = np.zeros(len(held))
        return PortfolioRisk(0.0, multiplier, np.full(len(held), np.nan), nothing, single, ("no_risk",))
    marginal = multiplier * tied / spread
    return PortfolioRisk(multiplier * spread, multiplier, marginal, held * marginal, single)


def incremental_risk(
    positions: npt.ArrayLike, change: npt.ArrayLike, covariance: npt.ArrayLike, multiplier: float
) -> float:
    """Rise of the VaR when ``change`` (N,) is added to the positions, recomputed exactly; negative for a hedge."""
    before, added = finite(positions, "positions"), finite(change, "change")
    if before.shape != added.shape:
        raise ValueError(f"change has {len(added)} values, positions {len(before)}: they must be the same instruments")
    after = portfolio_risk(before + added, covariance, multiplier)
    return after.var - portfolio_risk(before, covariance, multiplier).var


def normal_multiplier(confidence: float) -> float:
    """Standard deviations at risk for a normal loss: 2.326 at 0.99. Raises ValueError outside 0.5 to 1."""
    require_confidence(confidence)
    if confidence <= 0.5:
        raise ValueError(f"confidence {confidence} is not above 0.5: write 0.95 for 95 %")
    return normal_quantiles(confidence)[0]


def _covariance(covariance: npt.ArrayLike) -> FloatArray:
    matrix = np.asarray(covariance, dtype=np.float64)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
        raise ValueError(f"covariance has shape {matrix.shape} or a value that is not finite: give (N, N) numbers")
    if np.abs(matrix - matrix.T).max() > 1e-8 * np.abs(matrix).max():
        raise ValueError("covariance is not symmetric: average it with its transpose")
    if np.linalg.eigvalsh(matrix)[0] < -1e-10 * abs(np.trace(matrix)):
        raise ValueError("covariance has a negative eigenvalue: shrink it or clip its eigenvalues first")
    return matrix
