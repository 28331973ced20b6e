"""Portfolio insurance: an exposure that shrinks as capital nears a floor (CPPI), with a floor that can rise (TIPP).

Gaps larger than 1 / multiplier breach the floor; the floor itself is no order and no promise.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geobuk.panel import FloatArray
from geobuk.quant.inputs import not_negative, number, positive
from geobuk.quant.returns import finite


@dataclass(frozen=True, slots=True)
class CppiSpec:
    """The rule: exposure = multiplier x (value - floor), at most cap x value.

    ``ratchet`` k makes it TIPP: after each period the floor is at least k x value; None leaves the floor alone.
    """

    multiplier: float
    cap: float = 1.0
    ratchet: float | None = None

    def __post_init__(self) -> None:
        positive(self.multiplier, "multiplier")
        positive(self.cap, "cap")
        if self.ratchet is not None and not 0.0 < self.ratchet < 1.0:
            raise ValueError(f"ratchet {self.ratchet} is not between 0 and 1: write 0.8 to keep 80 % of every high")

    def survivable_fall(self) -> float:
        """Largest fall of the asset in one period that leaves the floor whole where the cap does not bind: 1 / m."""
        return 1.0 / self.multiplier


@dataclass(frozen=True, slots=True)
class CppiState:
    """Capital and floor, account currency. ``is_locked``: the floor was reached, exposure is 0 from then on."""

    value: float
    floor: float
    is_locked: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class CppiPath:
    """One period a row: exposure (T,) held over it; value and floor (T + 1,) beginning with the start.

    ``locked_at`` is the row of ``value`` from which nothing is invested; None where that never came. ``flags``:
    ``cash_locked``, and ``floor_breached`` where a gap took the value below the floor.
    """

    exposure: FloatArray
    value: FloatArray
    floor: FloatArray
    locked_at: int | None
    flags: tuple[str, ...]


def start_cppi(value: float, spec: CppiSpec, floor: float | None = None) -> CppiState:
    """The first state; without a floor it is ratchet x value.

    Raises
    ------
    ValueError : value not above 0, floor negative or above the value, neither floor nor ratchet.
    """
    capital = positive(value, "value")
    if floor is None and spec.ratchet is None:
        raise ValueError("there is neither a floor nor a ratchet: give one of them")
    kept = (spec.ratchet or 0.0) * capital
    lowest = max(kept, not_negative(floor, "floor")) if floor is not None else kept
    if lowest > capital:
        raise ValueError(f"floor {floor} is above the value {value}: lower it, or there is nothing to invest")
    return CppiState(capital, lowest, lowest >= capital)


def cppi_exposure(state: CppiState, spec: CppiSpec) -> float:
    """What to hold in the asset, account currency: min(m (V - F), cap V), 0 once the floor was reached."""
    if state.is_locked or state.value <= state.floor:
        return 0.0
    return min(spec.multiplier * (state.value - state.floor), spec.cap * state.value)


def cppi_step(state: CppiState, spec: CppiSpec, asset_return: float, safe_return: float = 0.0) -> CppiState:
    """The state after one period: V' = e (1 + r) + (V - e)(1 + rf), F' = F (1 + rf), TIPP: F' = max(F', k V')."""
    exposure = cppi_exposure(state, spec)
    safe = 1.0 + number(safe_return, "safe_return")
    value = exposure * (1.0 + number(asset_return, "asset_return")) + (state.value - exposure) * safe
    floor = max(state.floor * safe, spec.ratchet * value) if spec.ratchet is not None else state.floor * safe
    return CppiState(value, floor, state.is_locked or value <= floor)


def cppi_path(
    returns: npt.ArrayLike, start: CppiState, spec: CppiSpec, safe_returns: npt.ArrayLike | None = None
) -> CppiPath:
    """The whole path; row t of ``exposure`` was fixed before return t was known.

    Parameters
    ----------
    returns, safe_returns : (T,) simple, per period; without the latter cash earns nothing.

    Raises
    ------
    ValueError : returns that are empty or not finite, lengths that differ.

    Notes
    -----
    Sources: Black & Jones 1987; Perold & Sharpe 1988; Estep & Kritzman 1988 (TIPP).
    """
    risky = finite(returns, "returns")
    safe = np.zeros(len(risky)) if safe_returns is None else finite(safe_returns, "safe_returns")
    if len(safe) != len(risky):
        raise ValueError(f"{len(risky)} returns have {len(safe)} safe_returns: give one for each")
    states = [start]
    exposure = np.empty(len(risky))
    for row, (up, rate) in enumerate(zip(risky.tolist(), safe.tolist(), strict=True)):
        exposure[row] = cppi_exposure(states[-1], spec)
        states.append(cppi_step(states[-1], spec, up, rate))
    locked = next((row for row, state in enumerate(states) if state.is_locked), None)
    breached = any(state.value < state.floor for state in states)
    flags = [name for name, holds in (("cash_locked", locked is not None), ("floor_breached", breached)) if holds]
    value, floor = (np.array([getattr(state, name) for state in states]) for name in ("value", "floor"))
    return CppiPath(exposure, value, floor, locked, tuple(flags))


def cppi_continuous(
    start: CppiState, multiplier: float, price_ratio: float, volatility: float, years: float, rate: float = 0.0
) -> float:
    """Value after ``years`` of continuous rebalancing without a cap, where the asset has grown to ``price_ratio``.

    F_T + (V0 - F0) ratio^m exp[(r - m (r - sigma^2 / 2) - m^2 sigma^2 / 2) T]. ``volatility`` and ``rate`` are annual.

    Raises
    ------
    ValueError : multiplier or price ratio not above 0, negative volatility or years, values not finite.

    Notes
    -----
    Source: Black & Perold 1992, for geometric Brownian motion.
    """
    m, ratio = positive(multiplier, "multiplier"), positive(price_ratio, "price_ratio")
    square, time = not_negative(volatility, "volatility") ** 2, not_negative(years, "years")
    r = number(rate, "rate")
    grown = (r - m * (r - 0.5 * square) - 0.5 * m * m * square) * time
    cushion = max(0.0, start.value - start.floor)
    return start.floor * math.exp(r * time) + cushion * math.exp(m * math.log(ratio) + grown)
