"""Equal risk contribution, or any risk budgets: every asset adds its share to the portfolio's volatility."""

import numpy as np
import numpy.typing as npt

from geobuk.ops.compiled import kernel
from geobuk.panel import FloatArray
from geobuk.quant.portfolio.allocation import Allocation, allocation
from geobuk.quant.portfolio.covariance import correlation, require_variances, valid_covariance
from geobuk.quant.returns import finite

_SWEEPS = 1_000
_STEPS = 1_000
_TOLERANCE = 1e-12
_ACCEPTED = 1e-8
"""Largest gap between a risk contribution and its budget in a result."""


def equal_risk(covariance: npt.ArrayLike, budgets: npt.ArrayLike | None = None) -> Allocation:
    """Long-only weights whose risk contributions w_i (Sigma w)_i / w'Sigma w equal the budgets (equal ones if None).

    Minimises y'Sigma y / 2 - sum b_i ln y_i one coordinate at a time and puts y on sum 1. Where assets nearly hedge
    each other that is slow, and damped Newton steps finish it.

    Parameters
    ----------
    covariance : (N, N). budgets : (N,) positive, any scale.

    Raises
    ------
    ValueError : no covariance, an asset without variance, budgets of another length or not positive, or no convergence
        (a long-only mix without risk, such as two assets of correlation -1).

    **Source**: Maillard, Roncalli & Teiletche 2010; Griveau-Billion, Richard & Roncalli 2013 (cyclical coordinates).
    """
    matrix = valid_covariance(covariance)
    count = len(matrix)
    shares = np.full(count, 1.0 / count) if budgets is None else finite(budgets, "budgets")
    if len(shares) != count or not (shares > 0.0).all():
        raise ValueError(f"budgets {shares.tolist()}: give a positive one for each of the {count} assets")
    shares = shares / shares.sum()
    scaled = np.sqrt(shares)
    pairs = correlation(matrix)
    gap = balance_risk(pairs, shares, scaled, _SWEEPS, _TOLERANCE)
    if gap > _TOLERANCE:
        scaled, gap = _newton(pairs, shares, scaled)
    weights = scaled / np.sqrt(require_variances(matrix))
    result = allocation(weights / weights.sum(), matrix, "equal_risk" if budgets is None else "risk_budgets")
    if not gap <= _ACCEPTED or not np.abs(result.contributions - shares).max() <= _ACCEPTED:
        raise ValueError(
            f"risk contributions miss their budgets by {gap:.3g}: a mix without risk has none to share, shrink it"
        )
    return result


def _newton(correlations: FloatArray, budgets: FloatArray, scaled: FloatArray) -> tuple[FloatArray, float]:
    """Damped Newton steps, which can't leave y > 0 because the barrier is self-concordant; the gap that is left."""
    gap, width = np.inf, np.sqrt(float(budgets.min()))
    for _ in range(_STEPS):
        gradient = correlations @ scaled - budgets / scaled
        gap = float(np.abs(scaled * gradient).max())
        if gap <= _TOLERANCE:
            break
        try:
            move = np.linalg.solve(correlations + np.diag(budgets / scaled**2), gradient)
        except np.linalg.LinAlgError:  # y runs away to where nothing has risk
            break
        decrement = np.sqrt(max(0.0, float(gradient @ move))) / width
        scaled = scaled - move / (1.0 + decrement)
    return scaled, gap


@kernel
def balance_risk(
    correlations: FloatArray, budgets: FloatArray, scaled: FloatArray, sweeps: int, tolerance: float
) -> float:
    """Move ``scaled`` (N,), a start > 0 in units of each asset's risk, to the balance; returns the gap that is left.

    The positive root of y^2 + c y - b = 0 for each asset in turn, c being what the others contribute.
    """
    gap, count = np.inf, scaled.shape[0]
    for _ in range(sweeps):
        for i in range(count):
            others = -scaled[i]
            for j in range(count):
                others += correlations[i, j] * scaled[j]
            root = np.sqrt(others * others + 4.0 * budgets[i])
            # Both forms are the same root; each one subtracts nothing of the same sign.
            scaled[i] = 2.0 * budgets[i] / (others + root) if others > 0.0 else 0.5 * (root - others)
        gap = 0.0
        for i in range(count):
            marginal = 0.0
            for j in range(count):
                marginal += correlations[i, j] * scaled[j]
            gap = max(gap, abs(scaled[i] * marginal - budgets[i]))
        if gap <= tolerance:
            break
    return gap
