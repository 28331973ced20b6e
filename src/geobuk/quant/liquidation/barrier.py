"""How likely a price touches a barrier within a horizon, by closed forms that name what each of them assumes.

Years are the venue's (365 days for crypto); volatility is per square root of a year, drift mu of dS/S per year.
"""

import math
from dataclasses import dataclass

_LOOK = 0.5826
"""-zeta(1/2) / sqrt(2 pi): how far a barrier that is seen only now and then moves, in deviations between two looks."""

_STILL = 1e-150
"""A spread below this moves no price that a float can tell from another."""


@dataclass(frozen=True, slots=True)
class Barrier:
    """A level below the price (``is_below``) or above it, and the price now.

    A level <= 0 below the price can't be touched. A price at or beyond the level has touched it.

    Raises
    ------
    ValueError : a spot that is not a positive number, a level that is not finite, a level <= 0 above.
    """

    spot: float
    level: float
    is_below: bool = True

    def __post_init__(self) -> None:
        if not 0.0 < self.spot < math.inf:
            raise ValueError(f"spot {self.spot} is not a positive price: give a fresh mark price")
        if not math.isfinite(self.level) or (self.level <= 0.0 and not self.is_below):
            raise ValueError(f"level {self.level} is not a price that can be reached: give a finite price")

    @property
    def is_touched(self) -> bool:
        """Whether the price is at the level or beyond."""
        return self.spot <= self.level if self.is_below else self.spot >= self.level

    @property
    def log_distance(self) -> float:
        """ln of level by spot, seen so that a barrier ahead is negative; -inf where it can't be touched."""
        if self.level <= 0.0:
            return -math.inf
        distance = math.log(self.level / self.spot)
        return distance if self.is_below else -distance


def hit_probability(barrier: Barrier, volatility: float, years: float, *, drift: float = 0.0) -> float:
    """Probability that a geometric Brownian motion touches the barrier within ``years``, watched all the time.

    With nu = drift - volatility^2 / 2. A touched barrier gives 1; no time or no volatility gives 0 where it is ahead.
    Source: Karatzas & Shreve 1991, Brownian Motion and Stochastic Calculus, section 3.5.C.

    Raises
    ------
    ValueError : a number that is not finite, negative volatility or years.

    >>> round(hit_probability(Barrier(100.0, 90.0), 0.8, 1 / 365), 10)
    0.0125044823
    """
    log_drift = drift - 0.5 * volatility * volatility
    return _first_passage(barrier, volatility, years, log_drift if barrier.is_below else -log_drift)


def driftless_probability(barrier: Barrier, volatility: float, years: float) -> float:
    """The same without a drift of the logarithm: 2 Phi(-|b| / (sigma sqrt T)), by the reflection principle."""
    return _first_passage(barrier, volatility, years, 0.0)


def discrete_probability(
    barrier: Barrier, volatility: float, years: float, look_years: float, *, drift: float | None = 0.0
) -> float:
    """Probability that a look every ``look_years`` finds the price beyond the barrier: it is moved away from the price.

    ``drift`` None: no drift of the logarithm. Source: Broadie, Glasserman & Kou 1997, A continuity correction for
    discrete barrier options (a first-order correction, good where many looks fit into the horizon).

    Raises
    ------
    ValueError : ``look_years`` that is negative or not finite, and as :func:`hit_probability`.
    """
    _require_size("volatility", volatility)
    _require_size("look_years", look_years)
    if barrier.is_touched or barrier.level <= 0.0:
        return hit_probability(barrier, volatility, years)
    away = _LOOK * volatility * math.sqrt(look_years)
    moved = Barrier(barrier.spot, barrier.level * math.exp(-away if barrier.is_below else away), barrier.is_below)
    if drift is None:
        return driftless_probability(moved, volatility, years)
    return hit_probability(moved, volatility, years, drift=drift)


def student_bound(barrier: Barrier, volatility: float, years: float, degrees: float) -> float:
    """Fat-tailed bound without drift: 2 P(X <= b), X Student-t with ``degrees`` and the variance of the horizon.

    Raises
    ------
    ValueError : ``degrees`` not above 2 (no variance), and as :func:`hit_probability`.
    """
    from scipy.special import stdtr

    if not 2.0 < degrees < math.inf:
        raise ValueError(f"degrees {degrees} is not a number above 2: below, the variance is infinite")
    spread = _spread(volatility, years)
    if barrier.is_touched:
        return 1.0
    if spread < _STILL or barrier.level <= 0.0:
        return 0.0
    scale = spread * math.sqrt((degrees - 2.0) / degrees)
    return min(1.0, 2.0 * float(stdtr(degrees, barrier.log_distance / scale)))


def with_jumps(probability: float, jumps_per_year: float, years: float) -> float:
    """1 - (1 - P) exp(-lambda T): a diffusion, or one of the jumps that would end the position whatever its distance.

    Raises
    ------
    ValueError : a probability outside [0, 1], negative or non-finite intensity or years.
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"probability {probability} is not between 0 and 1: give a fraction")
    _require_size("jumps_per_year", jumps_per_year)
    _require_size("years", years)
    return probability - (1.0 - probability) * math.expm1(-jumps_per_year * years)


def _first_passage(barrier: Barrier, volatility: float, years: float, away: float) -> float:
    """``away``: drift of the logarithm per year, positive where it leads away from the barrier."""
    spread = _spread(volatility, years)
    if not math.isfinite(away):
        raise ValueError(f"log drift {away} is not finite: give a finite drift and volatility")
    if barrier.is_touched:
        return 1.0
    if spread < _STILL or barrier.level <= 0.0:
        return 0.0
    return passage(barrier.log_distance / spread, away * years / spread)


def passage(distance: float, drift: float) -> float:
    """P(min over [0, 1] of W_t + drift t <= distance) for a distance < 0, in deviations of the horizon.

    Phi(d - m) + exp(2 m d) Phi(d + m), with the second term scaled where the exponential alone would overflow.
    """
    from scipy.special import erfcx, ndtr

    direct = float(ndtr(distance - drift))
    if distance + drift >= 0.0:
        reflected = math.exp(2.0 * drift * distance) * float(ndtr(distance + drift))
    else:
        at = distance - drift
        reflected = 0.5 * math.exp(-0.5 * at * at) * float(erfcx(-(distance + drift) / math.sqrt(2.0)))
    return min(1.0, direct + reflected)


def _spread(volatility: float, years: float) -> float:
    _require_size("volatility", volatility)
    _require_size("years", years)
    return volatility * math.sqrt(years)


def _require_size(name: str, value: float) -> None:
    if not 0.0 <= value < math.inf:
        raise ValueError(f"{name} {value} is not a finite number >= 0: check what it was computed from")
