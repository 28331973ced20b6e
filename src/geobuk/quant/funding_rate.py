"""What a perpetual's funding will be from its premium, who pays it, and how long a carry needs to earn its costs.

Caps, floors, intervals and interest are rules of the venue that change: read them from it, don't assume them.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.quant.inputs import not_negative, number, positive
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True)
class FundingRules:
    """One instrument's rules.

    ``interval_hours``: between two stamps. ``interest_8h``: interest per 8 hours. ``damper``: how far interest may pull
    the premium. ``cap``, ``floor``: of the rate of one interval; None for none.
    """

    interval_hours: float = 8.0
    interest_8h: float = 0.0001
    damper: float = 0.0005
    cap: float | None = None
    floor: float | None = None

    def __post_init__(self) -> None:
        positive(self.interval_hours, "interval_hours")
        number(self.interest_8h, "interest_8h")
        not_negative(self.damper, "damper")
        low = -math.inf if self.floor is None else number(self.floor, "floor")
        high = math.inf if self.cap is None else number(self.cap, "cap")
        if low > high:
            raise ValueError(f"floor {self.floor} is above cap {self.cap}: exchange them")


def funding_rate(mean_premium: float, rules: FundingRules = FundingRules()) -> float:
    """Rate of one interval, [P + clamp(I - P, -d, d)] / (8 / N), then cap and floor; positive = longs pay.

    ``mean_premium`` is the time-weighted premium index of the interval, a fraction.

    Source: Binance, Introduction to Binance Futures Funding Rates.

    >>> round(funding_rate(0.0008), 10)
    0.0003
    """
    premium = number(mean_premium, "mean_premium")
    pull = min(max(rules.interest_8h - premium, -rules.damper), rules.damper)
    rate = (premium + pull) * rules.interval_hours / 8.0
    if rules.cap is not None:
        rate = min(rate, rules.cap)
    return rate if rules.floor is None else max(rate, rules.floor)


def funding_payment(quantity: float, mark_price: float, rate: float) -> float:
    """What a position open at the stamp pays: quantity x mark x rate; negative = it receives. Short quantity < 0."""
    return number(quantity, "quantity") * positive(mark_price, "mark_price") * number(rate, "rate")


def carry_result(rates: npt.ArrayLike, entry_cost: float, exit_cost: float, basis_move: float = 0.0) -> float:
    """Net result of short perpetual and long spot over the stamps ``rates``, a fraction of the notional of one leg.

    Sum of the rates minus the costs of both legs in and out, minus how far the perpetual rose against spot.
    """
    costs = not_negative(entry_cost, "entry_cost") + not_negative(exit_cost, "exit_cost")
    return float(np.sum(finite(rates, "rates"))) - costs - number(basis_move, "basis_move")


def break_even_stamps(round_trip_cost: float, mean_rate: float) -> float:
    """Stamps until funding has earned the costs of both legs; infinite where the mean rate is not above 0.

    >>> round(break_even_stamps(0.003, 0.0001))
    30
    """
    cost, rate = not_negative(round_trip_cost, "round_trip_cost"), number(mean_rate, "mean_rate")
    return cost / rate if rate > 0.0 else math.inf
