"""The schedule that balances impact against the risk of waiting, for linear impact. Source: Almgren & Chriss 2000."""

import math
from dataclasses import dataclass

import numpy as np

from geobuk.panel import FloatArray


@dataclass(frozen=True, slots=True)
class LinearImpact:
    """A market where trading n within tau costs fixed * |n| + temporary * n^2 / tau and moves the price for good.

    ``volatility``: price per square root of a day; ``temporary`` eta: price per (unit / day); ``permanent`` gamma:
    price per unit; ``fixed`` epsilon: price, half the spread plus fees.

    Raises
    ------
    ValueError : a number that is negative or not finite.
    """

    volatility: float
    temporary: float
    permanent: float = 0.0
    fixed: float = 0.0

    def __post_init__(self) -> None:
        for name in ("volatility", "temporary", "permanent", "fixed"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ValueError(f"{name} {value} is not a finite number >= 0: fit the market again")


@dataclass(frozen=True, eq=False, slots=True)
class ExecutionPlan:
    """What is left after each interval, and what the plan is expected to cost.

    Attributes
    ----------
    holdings : (N + 1,) from the whole quantity to 0. trades : (N,) parts of the quantity. Both empty for none.
    cost : expected, currency, positive = loss. variance : of the cost, currency squared.
    kappa : urgency per day. half_life : 1 / kappa in days, infinite for the even schedule.
    flags : ``empty`` for no quantity, ``even`` where risk does not matter.
    """

    holdings: FloatArray
    trades: FloatArray
    cost: float
    variance: float
    kappa: float
    half_life: float
    flags: tuple[str, ...]


def almgren_chriss(
    quantity: float, days: float, intervals: int, risk_aversion: float, market: LinearImpact
) -> ExecutionPlan:
    """Minimise E + lambda V of trading ``quantity`` (either sign) in ``intervals`` equal parts of ``days``.

    x_j = X sinh(kappa (T - t_j)) / sinh(kappa T) with cosh(kappa tau) = 1 + (lambda sigma^2 / eta~) tau^2 / 2 and
    eta~ = eta - gamma tau / 2. ``risk_aversion`` lambda >= 0 is per currency; at 0 the schedule is even.

    Raises
    ------
    ValueError : a number that is not finite, days <= 0, intervals < 1, negative lambda, or eta~ <= 0 (the intervals are
        too long for so much permanent impact).
    """
    _require(quantity, days, intervals, risk_aversion)
    tau = days / intervals
    temporary = market.temporary - 0.5 * market.permanent * tau
    if temporary <= 0.0:
        raise ValueError(f"eta - gamma tau / 2 is {temporary:.3g}, it must be positive: take more intervals")
    urgency = math.sqrt(risk_aversion / temporary) * market.volatility
    kappa = 2.0 / tau * math.asinh(0.5 * urgency * tau)
    half_life = 1.0 / kappa if kappa > 0.0 else math.inf
    if quantity == 0.0:
        return ExecutionPlan(np.empty(0), np.empty(0), 0.0, 0.0, kappa, half_life, ("empty",))
    holdings = quantity * _share_left(kappa * tau, intervals)
    trades = holdings[:-1] - holdings[1:]
    cost = (
        0.5 * market.permanent * quantity**2
        + market.fixed * float(np.abs(trades).sum())
        + temporary / tau * float(np.sum(trades**2))
    )
    variance = market.volatility**2 * tau * float(np.sum(holdings[1:] ** 2))
    return ExecutionPlan(holdings, trades, cost, variance, kappa, half_life, () if kappa > 0.0 else ("even",))


def _share_left(urgency: float, intervals: int) -> FloatArray:
    """(N + 1,) sinh(urgency (N - j)) / sinh(urgency N), without overflow; an even line where urgency is 0."""
    left = np.arange(intervals, -1, -1, dtype=np.float64)
    whole = math.expm1(-2.0 * urgency * intervals)
    if whole == 0.0:
        return left / intervals
    return np.exp(-urgency * (intervals - left)) * np.expm1(-2.0 * urgency * left) / whole


def _require(quantity: float, days: float, intervals: int, risk_aversion: float) -> None:
    if not math.isfinite(quantity):
        raise ValueError(f"quantity {quantity} is not finite: give the size to trade")
    if not 0.0 < days < math.inf:
        raise ValueError(f"days {days} is not a positive number: give the horizon in days")
    if intervals < 1:
        raise ValueError(f"intervals {intervals} is below 1: one interval trades all at once")
    if not 0.0 <= risk_aversion < math.inf:
        raise ValueError(f"risk_aversion {risk_aversion} is not a finite number >= 0: 0 gives the even schedule")
