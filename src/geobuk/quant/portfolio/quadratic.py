"""The one quadratic programme behind minimum variance and mean-variance, and the limits that both take.

Knows the solver; a problem that is not solved to the end raises, the last iterate is never handed out.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from geobuk.panel import FloatArray
from geobuk.quant.portfolio.allocation import clipped
from geobuk.quant.returns import finite

_ACCURACY = 1e-10
_SLACK = 1e-7


@dataclass(frozen=True, eq=False, slots=True)
class WeightLimits:
    """What weights (N,) may be; they always sum to 1.

    Attributes
    ----------
    lower, upper : bounds of each weight, one number or (N,); the default is long only.
    gross : largest sum of |w|, None for no limit.
    previous : (N,) weights held now; None where turnover is free.
    turnover_cost : cost of a turnover of 1, in units of the expected return of the period.
    """

    lower: float | FloatArray = 0.0
    upper: float | FloatArray = 1.0
    gross: float | None = None
    previous: FloatArray | None = None
    turnover_cost: float = 0.0

    def bounds(self, count: int) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds (N,); raises ValueError where no weights can meet them."""
        sides = []
        for name, value in (("lower", self.lower), ("upper", self.upper)):
            side = np.full(count, value) if np.ndim(value) == 0 else np.asarray(value, dtype=np.float64)
            if side.shape != (count,) or not np.isfinite(side).all():
                raise ValueError(
                    f"{name} {value} is not a finite bound for each of {count} assets: give one number or all"
                )
            sides.append(side.astype(np.float64))
        lower, upper = sides
        if (lower > upper).any() or lower.sum() > 1.0 + _SLACK or upper.sum() < 1.0 - _SLACK:
            raise ValueError(f"bounds from {lower.tolist()} to {upper.tolist()} allow no weights of sum 1: widen them")
        if self.gross is not None and not self.gross >= 1.0 - _SLACK:
            raise ValueError(f"gross {self.gross} is below 1, which weights of sum 1 need: raise it")
        return lower, upper

    def held(self, count: int) -> FloatArray | None:
        """Previous weights where turnover costs something; raises ValueError on a length or a cost that can't be."""
        if not 0.0 <= self.turnover_cost < np.inf:
            raise ValueError(f"turnover_cost {self.turnover_cost} is not a cost >= 0: give a fraction")
        if self.turnover_cost > 0.0 and self.previous is None:
            raise ValueError("turnover costs something but previous weights are not given: give the weights held now")
        if self.previous is None:
            return None
        previous = finite(self.previous, "previous")
        if len(previous) != count:
            raise ValueError(f"previous has {len(previous)} weights for {count} assets: use one order")
        return previous if self.turnover_cost > 0.0 else None


class _Block(NamedTuple):
    """Rows of A x + s = b with s >= 0, over the weights and one extra column block for each absolute value."""

    matrix: FloatArray
    bound: FloatArray


def solved_weights(covariance: FloatArray, expected: FloatArray, limits: WeightLimits) -> FloatArray:
    """(N,) weights that minimise w'Sigma w / 2 - expected'w + cost |w - previous| within the limits.

    Raises
    ------
    ValueError : limits that nothing meets, or a solver that does not reach its accuracy.
    """
    count = len(covariance)
    lower, upper = limits.bounds(count)
    previous = limits.held(count)
    blocks, prices = _inequalities(lower, upper, limits.gross, previous)
    columns = count * (1 + len(prices))
    quadratic = np.zeros((columns, columns))
    quadratic[:count, :count] = covariance
    linear = np.concatenate((-expected, *(np.full(count, limits.turnover_cost * price) for price in prices)))
    solution = _solve(quadratic, linear, blocks, count)
    weights = clipped(solution[:count], lower)
    _require_met(weights, upper, limits.gross)
    return weights


def _inequalities(
    lower: FloatArray, upper: FloatArray, gross: float | None, previous: FloatArray | None
) -> tuple[list[_Block], list[float]]:
    """Bounds, and for each absolute value a block of columns a >= |w - centre|; its price is 1 where it costs."""
    count = len(lower)
    centres = [(previous, 1.0)] if previous is not None else []
    if gross is not None:
        centres.append((np.zeros(count), 0.0))
    eye, columns = np.eye(count), count * (1 + len(centres))

    def widened(weights: FloatArray, place: int | None = None, sign: float = 0.0) -> FloatArray:
        """(N, columns) rows of ``weights`` (N, N) and, at extra block ``place``, ``sign`` times the identity."""
        matrix = np.zeros((count, columns))
        matrix[:, :count] = weights
        if place is not None:
            matrix[:, count * (place + 1) : count * (place + 2)] = sign * eye
        return matrix

    blocks = [_Block(widened(-eye), -lower), _Block(widened(eye), upper)]
    for place, (centre, _) in enumerate(centres):
        blocks.append(_Block(widened(eye, place, -1.0), centre))
        blocks.append(_Block(widened(-eye, place, -1.0), -centre))
    if gross is not None:
        total = np.zeros((1, columns))
        total[0, -count:] = 1.0
        blocks.append(_Block(total, np.array([gross])))
    return blocks, [price for _, price in centres]


def _solve(quadratic: FloatArray, linear: FloatArray, blocks: list[_Block], count: int) -> FloatArray:
    """The solution, with variances near 1; where expected returns dwarf them, once more with those near 1."""
    budget = np.zeros((1, len(linear)))
    budget[0, :count] = 1.0
    rows = _Block(
        np.vstack([budget, *(block.matrix for block in blocks)]),
        np.concatenate([[1.0], *(block.bound for block in blocks)]),
    )
    variance = float(np.trace(quadratic)) / count
    status, solution = _attempt(quadratic / variance, linear / variance, rows)
    if status not in {"Solved", "PrimalInfeasible"}:
        scale = max(variance, float(np.abs(linear).max()))
        status, solution = _attempt(quadratic / scale, linear / scale, rows)
    if status == "PrimalInfeasible":
        raise ValueError("no weights meet the limits together: widen the bounds or the gross limit")
    if status != "Solved" or not np.isfinite(solution).all():
        raise ValueError(
            f"the weights were not solved to the end ({status}): shrink the covariance or the expectations"
        )
    return solution


def _attempt(quadratic: FloatArray, linear: FloatArray, rows: _Block) -> tuple[str, FloatArray]:
    import clarabel
    from scipy.sparse import csc_matrix

    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = _ACCURACY
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(len(rows.bound) - 1)]
    triangle, matrix = csc_matrix(np.triu(quadratic)), csc_matrix(rows.matrix)
    found = clarabel.DefaultSolver(triangle, linear, matrix, rows.bound, cones, settings).solve()
    return str(found.status), np.asarray(found.x)


def _require_met(weights: FloatArray, upper: FloatArray, gross: float | None) -> None:
    over = float((weights - upper).max())
    if over > _SLACK or (gross is not None and float(np.abs(weights).sum()) > gross + _SLACK):
        raise ValueError(f"weights {weights.tolist()} break a limit: the solver was not exact enough, widen the limits")
