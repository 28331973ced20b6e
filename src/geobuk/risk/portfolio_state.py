"""What an account holds and how that moves: the one thing that the risk controller's checks look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import index
from typing import Any

import numpy as np
import numpy.typing as npt

from geobuk.domain.errors import UnknownNameError, UserError
from geobuk.domain.regime import HIGH_VOLATILITY, NO_REGIME, Regime
from geobuk.panel import FloatArray

_MAPPINGS = ("daily_volatility", "sectors", "maintenance_rates", "liquidation_prices", "mark_prices")
_SYMMETRY = 1e-8
"""Share of the largest entry by which a covariance may differ from its transpose."""


@dataclass(frozen=True, eq=False)
class PortfolioState:
    """An account at one moment. Amounts in account currency, exposures signed (negative = short).

    Attributes
    ----------
    equity : wallet plus unrealised profit at mark.
    positions : instrument -> signed notional at mark.
    covariance : (N, N) of daily returns, in the order of ``positions``; or
    returns : (T, N) daily returns, oldest first, of which the covariance is taken; or
    daily_volatility : instrument -> standard deviation of daily returns: all are then taken to move against the account
        together.
    peak_equity, day_start_equity : highest equity so far, equity at the day's start; None: kept in the controller's
        ledger.
    sectors : instrument -> sector.
    maintenance_rates : instrument -> maintenance margin as a fraction of notional.
    liquidation_prices, mark_prices : instrument -> price, where the venue tells them; 0: it tells none.
    open_orders : orders at work. mark_age_seconds : age of the oldest mark price.
    regime : of the market by name, member or code; None: not asked.

    Raises
    ------
    UserError : something that is no number or no mapping, a negative volatility or rate, a covariance or returns of
        another shape, an asymmetric covariance.
    UnknownNameError : an unknown regime.

    Numbers that are NaN or infinite are taken: the checks say so.
    """

    equity: float
    positions: Mapping[str, float]
    covariance: npt.ArrayLike | None = None
    returns: npt.ArrayLike | None = None
    daily_volatility: Mapping[str, float] | None = None
    peak_equity: float | None = None
    day_start_equity: float | None = None
    sectors: Mapping[str, str] = field(default_factory=dict)
    maintenance_rates: Mapping[str, float] = field(default_factory=dict)
    liquidation_prices: Mapping[str, float] = field(default_factory=dict)
    mark_prices: Mapping[str, float] = field(default_factory=dict)
    open_orders: int = 0
    mark_age_seconds: float = 0.0
    regime: str | int | None = None

    names: tuple[str, ...] = field(init=False, repr=False)
    notionals: FloatArray = field(init=False, repr=False)
    matrix: FloatArray | None = field(init=False, repr=False)
    work: FloatArray = field(init=False, repr=False)
    regime_code: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("positions", *_MAPPINGS):
            _require_mapping(name, getattr(self, name))
        names = tuple(self.positions)
        derived = {
            "equity": _number(self.equity, "equity"),
            "peak_equity": None if self.peak_equity is None else _number(self.peak_equity, "peak_equity"),
            "day_start_equity": (
                None if self.day_start_equity is None else _number(self.day_start_equity, "day_start_equity")
            ),
            "mark_age_seconds": _number(self.mark_age_seconds, "mark_age_seconds", "an age in seconds"),
            "open_orders": _number(self.open_orders, "open_orders", "a count"),
            "maintenance_rates": _numbers(self.maintenance_rates, "maintenance rate", "a fraction such as 0.01"),
            "liquidation_prices": _numbers(self.liquidation_prices, "liquidation price", "a price, 0 for none"),
            "mark_prices": _numbers(self.mark_prices, "mark price", "a price"),
            "names": names,
            "notionals": np.array([_number(self.positions[name], name) for name in names], dtype=np.float64),
            "work": np.zeros((2, len(names))),
            "regime_code": regime_code(self.regime),
        }
        for name, value in derived.items():
            object.__setattr__(self, name, value)
        _require_not_negative(self.maintenance_rates, "maintenance rate")
        object.__setattr__(self, "matrix", self._matrix())

    @classmethod
    def of(cls, given: "PortfolioState | Mapping[str, Any]") -> "PortfolioState":
        """The state itself, or one made of a mapping with the same names; raises UserError for other names."""
        if isinstance(given, PortfolioState):
            return given
        known = {one.name for one in fields(cls) if one.init}
        if not isinstance(given, Mapping) or not {"equity", "positions"} <= set(given) <= known:
            names = sorted(given) if isinstance(given, Mapping) else type(given).__name__
            raise UserError(
                f"a portfolio state can't be made of {names}",
                cure=f"give equity and positions, and if known {', '.join(sorted(known - {'equity', 'positions'}))}",
            )
        return cls(**given)

    @property
    def is_measured(self) -> bool:
        """Whether it is known how the instruments move with each other, not only how much each moves."""
        return self.covariance is not None or self.returns is not None

    @property
    def table(self) -> FloatArray | None:
        """Daily returns (T, N), None where they are not given. Raises UserError for another shape."""
        if self.returns is None:
            return None
        table = _array(self.returns, "returns")
        if table.ndim == 1 and len(self.names) == 1:
            table = table[:, None]
        if table.ndim != 2 or table.shape[1] != len(self.names):
            raise UserError(
                f"returns have shape {table.shape}", cure=f"give (days, {len(self.names)}), a column a position"
            )
        return table

    def _matrix(self) -> FloatArray | None:
        """Covariance (N, N) of daily returns; None where nothing is known of some instrument."""
        table = self.table
        if self.covariance is not None:
            return covariance_of(self.covariance, len(self.names), "position")
        if not self.names:
            return None
        if table is not None:
            with np.errstate(all="ignore"):
                return np.atleast_2d(np.cov(table, rowvar=False)) if len(table) > 1 else None
        if self.daily_volatility is None or not set(self.names) <= set(self.daily_volatility):
            return None
        given = {name: self.daily_volatility[name] for name in self.names}
        known = _numbers(given, "daily_volatility", "a fraction a day")
        _require_not_negative(known, "daily_volatility")
        spread = np.array([known[name] for name in self.names])
        sided = np.where(self.notionals < 0.0, -spread, spread)
        with np.errstate(all="ignore"):
            return np.outer(sided, sided)


def covariance_of(given: npt.ArrayLike, count: int, what: str) -> FloatArray:
    """A covariance (count, count) as an array; NaN passes. Raises UserError for another shape or an asymmetric one."""
    matrix = np.ascontiguousarray(_array(given, "covariance"))
    if matrix.shape != (count, count):
        raise UserError(f"the covariance has shape {matrix.shape}", cure=f"give ({count}, {count}), a row a {what}")
    with np.errstate(all="ignore"):
        if count and np.abs(matrix - matrix.T).max() > _SYMMETRY * np.abs(matrix).max():
            raise UserError("the covariance is not symmetric", cure="average it with its transpose")
    return matrix


def regime_code(regime: str | int | None) -> int:
    """Code of a regime given by name, member or code; NO_REGIME for None.

    Raises
    ------
    UnknownNameError : no such regime.

    >>> regime_code("BULL"), regime_code("bear+high_volatility"), regime_code(None)
    (1, 10, -1)
    """
    if regime is None or regime == NO_REGIME:
        return NO_REGIME
    if isinstance(regime, str):
        name, _, flag = regime.upper().partition("+")
        if name in Regime.__members__ and flag in {"", "HIGH_VOLATILITY"}:
            return int(Regime[name]) + (HIGH_VOLATILITY if flag else 0)
    else:
        code = _whole(regime)
        if 0 <= code < 2 * HIGH_VOLATILITY and code % HIGH_VOLATILITY in set(Regime):
            return code
    raise UnknownNameError("regime", str(regime), Regime.__members__)


def _whole(given: Any) -> int:
    """A whole number of any kind; -2, which names nothing, for anything else."""
    try:
        return index(given)
    except TypeError:
        return -2


def _number(given: Any, what: str, cure: str = "an amount in account currency") -> float:
    try:
        return float(given)
    except (TypeError, ValueError):
        raise UserError(f"{what} {given!r} is not a number", cure=f"give {cure}") from None


def _numbers(given: Mapping[str, Any], what: str, cure: str) -> dict[str, float]:
    return {name: _number(value, f"{what} of {name}", cure) for name, value in given.items()}


def _require_not_negative(given: Mapping[str, float], what: str) -> None:
    for name, value in given.items():
        if value < 0.0:
            raise UserError(f"{what} of {name} {value:g} is negative", cure="give its size: the side is the position's")


def _require_mapping(name: str, given: Any) -> None:
    if not isinstance(given, Mapping) and not (given is None and name == "daily_volatility"):
        raise UserError(
            f"{name} is {type(given).__name__}, not a mapping", cure="write {'BTCUSDT': ...}, by instrument"
        )


def _array(given: Any, what: str) -> FloatArray:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise UserError(f"{what} can't be read as numbers", cure="give rows of numbers, all of one length") from None
