"""What an account holds and how that moves: the one thing that the risk controller's checks look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from geobuk.domain.errors import UserError
from geobuk.domain.regime import Regime
from geobuk.panel import FloatArray


@dataclass(frozen=True, eq=False)
class PortfolioState:
    """An account at one moment. Amounts in account currency, exposures signed (negative = short).

    Attributes ---------- equity : wallet plus unrealised profit at mark. positions : instrument -> signed notional at
    mark. covariance : (N, N) of daily returns, in the order of ``positions``; or returns : (T, N) daily returns, oldest
    first, of which the covariance is taken; or volatility : instrument -> standard deviation of daily returns: all are
    then taken to move together. peak_equity, day_start_equity : highest equity so far and equity at the day's start;
    None: not known, or kept in the controller's ledger. sectors : instrument -> sector. maintenance_rates : instrument
    -> maintenance margin as a fraction of notional. liquidation_prices, mark_prices : instrument -> price, where the
    venue tells them. open_orders : orders at work. mark_age_seconds : age of the oldest mark price. regime : of the
    market, None: not asked.
    """

    equity: float
    positions: Mapping[str, float]
    covariance: npt.ArrayLike | None = None
    returns: npt.ArrayLike | None = None
    volatility: Mapping[str, float] | None = None
    peak_equity: float | None = None
    day_start_equity: float | None = None
    sectors: Mapping[str, str] = field(default_factory=dict)
    maintenance_rates: Mapping[str, float] = field(default_factory=dict)
    liquidation_prices: Mapping[str, float] = field(default_factory=dict)
    mark_prices: Mapping[str, float] = field(default_factory=dict)
    open_orders: int = 0
    mark_age_seconds: float = 0.0
    regime: Regime | None = None

    names: tuple[str, ...] = field(init=False, repr=False)
    notionals: FloatArray = field(init=False, repr=False)
    matrix: FloatArray | None = field(init=False, repr=False)
    work: FloatArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = tuple(self.positions)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "notionals", np.array([float(self.positions[name]) for name in names]))
        object.__setattr__(self, "matrix", self._matrix())
        object.__setattr__(self, "work", np.zeros((2, len(names))))

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

    def _matrix(self) -> FloatArray | None:
        """Covariance (N, N) of daily returns; None where nothing is known of some instrument."""
        count = len(self.names)
        if self.covariance is not None:
            return _shaped(self.covariance, count)
        if self.returns is not None:
            table = np.asarray(self.returns, dtype=np.float64)
            if table.ndim != 2 or table.shape[1] != count:
                raise UserError(f"returns have shape {table.shape}", cure=f"give (days, {count}), a column a position")
            return np.atleast_2d(np.cov(table, rowvar=False)) if table.shape[0] > 1 else None
        if self.volatility is None or not set(self.names) <= set(self.volatility):
            return None
        spread = np.array([float(self.volatility[name]) for name in self.names])
        return np.outer(spread * np.sign(self.notionals), spread * np.sign(self.notionals))


def _shaped(covariance: npt.ArrayLike, count: int) -> FloatArray:
    matrix = np.ascontiguousarray(covariance, dtype=np.float64)
    if matrix.shape != (count, count):
        raise UserError(f"the covariance has shape {matrix.shape}", cure=f"give ({count}, {count}), a row a position")
    return matrix
