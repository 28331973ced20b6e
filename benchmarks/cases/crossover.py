"""The crossover that several cases trade: what it costs, how it is sized, and our side of it."""

from time import perf_counter

import numpy as np
from markets import crossover_forecast, frictionless

from geobuk.matching.spec import Costs
from geobuk.panel import FloatArray, Panel
from geobuk.risk.profiles import UNLIMITED
from geobuk.risk.spec import AccountSpec, LossLimits, Sizing, Stops
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

FAST, SLOW = 20, 50
FEE, CAPITAL, SHARE = 0.00005, 10_000.0, 0.9
TERMS = {"fast": FAST, "slow": SLOW, "fee": FEE, "capital": CAPITAL, "share": SHARE}


def fees_only(capital: float = CAPITAL, share: float = SHARE, fee: float = FEE) -> BacktestSpec:
    """The rules that both tools have: market orders at the next open, a fee on the notional, one fixed share of equity.

    A position is held until the forecast changes sign. Everything else is switched off.
    """
    return BacktestSpec(
        account=AccountSpec(capital=capital, leverage=5),
        sizing=Sizing(method="notional", diversification=share, risk_per_trade=0.0, rebalance_band=1.0),
        limits=UNLIMITED.limits,
        conditions=UNLIMITED.conditions,
        stops=Stops(fixed=0.0, atr=0.0, trailing=0.0, trailing_atr=0.0),
        loss=LossLimits(daily=1.0, drawdown=1.0),
        costs=Costs(taker_fee=fee, maker_fee=fee, half_spread_bps=0.0, impact=0.0, participation=1.0),
    )


def without_marks_and_funding(panel: Panel) -> Panel:
    """The same bars where neither mark prices nor funding exist."""
    from dataclasses import replace

    nothing = np.full(panel.shape, np.nan)
    return replace(panel, mark=nothing, funding=nothing, funding_hours=np.zeros_like(panel.funding_hours))


class OurCrossover:
    """Geobuk's side: seconds from prices to the equity curve, and from given forecasts to it."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.instruments = frictionless(panel)
        self.spec = fees_only()
        self.forecast = self._forecast()
        self.equity: FloatArray = np.empty(0)
        self.fills = 0

    def from_prices(self) -> float:
        """Seconds for averages, crossings, simulation and equity."""
        start = perf_counter()
        self.forecast = self._forecast()
        return perf_counter() - start + self.from_forecasts()

    def from_forecasts(self) -> float:
        """Seconds for simulation and equity."""
        start = perf_counter()
        result = simulate(self.panel, self.forecast, self.instruments, self.spec)
        elapsed = perf_counter() - start
        self.equity, self.fills = result.equity, len(result.fills)
        return elapsed

    def _forecast(self) -> FloatArray:
        return crossover_forecast(self.panel.close[:, 0], FAST, SLOW)[:, None]
