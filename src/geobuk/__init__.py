"""Geobuk: risk-first trading research.

>>> import geobuk as gb
>>> run = gb.backtest(gb.synthetic_panel(days=120, instruments=3), "trend", capital=1_000)
>>> bool(run.result.panel.is_synthetic)
True

Names load when they are first used, so that importing costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from geobuk.app.api import backtest, gates, load_panel, regimes, report, sweep, synthetic_panel
    from geobuk.app.backtest import BacktestRun
    from geobuk.app.universe import universe
    from geobuk.domain.errors import GeobukError, UserError
    from geobuk.matching.spec import Costs, Funding, Orders
    from geobuk.panel import Panel
    from geobuk.regime import RegimePath, RegimeSpec
    from geobuk.research.gate_limits import GateLimits
    from geobuk.research.universe import Universe
    from geobuk.research.universe_spec import UniverseSpec
    from geobuk.risk.controller import RiskController
    from geobuk.risk.decide_once import Moment
    from geobuk.risk.ledger import Ledger
    from geobuk.risk.portfolio_state import PortfolioState
    from geobuk.risk.profiles import profile
    from geobuk.risk.spec import AccountSpec, Conditions, Kelly, Limits, LossLimits, RegimeScales, Sizing, Stops
    from geobuk.risk.stake import TradePlan
    from geobuk.risk.violations import Violation
    from geobuk.simulate.result import BacktestResult
    from geobuk.simulate.spec import BacktestSpec
    from geobuk.strategies.matrix_spec import MatrixSpec
    from geobuk.strategies.strategy import Strategy

_HOMES = {
    "geobuk.app.api": ("backtest", "gates", "load_panel", "regimes", "report", "sweep", "synthetic_panel"),
    "geobuk.app.backtest": ("BacktestRun",),
    "geobuk.app.universe": ("universe",),
    "geobuk.domain.errors": ("GeobukError", "UserError"),
    "geobuk.matching.spec": ("Costs", "Funding", "Orders"),
    "geobuk.panel": ("Panel",),
    "geobuk.regime": ("RegimePath", "RegimeSpec"),
    "geobuk.research.gate_limits": ("GateLimits",),
    "geobuk.research.universe": ("Universe",),
    "geobuk.research.universe_spec": ("UniverseSpec",),
    "geobuk.risk.controller": ("RiskController",),
    "geobuk.risk.decide_once": ("Moment",),
    "geobuk.risk.ledger": ("Ledger",),
    "geobuk.risk.portfolio_state": ("PortfolioState",),
    "geobuk.risk.profiles": ("profile",),
    "geobuk.risk.spec": (
        "AccountSpec",
        "Conditions",
        "Kelly",
        "Limits",
        "LossLimits",
        "RegimeScales",
        "Sizing",
        "Stops",
    ),
    "geobuk.risk.stake": ("TradePlan",),
    "geobuk.risk.violations": ("Violation",),
    "geobuk.simulate.result": ("BacktestResult",),
    "geobuk.simulate.spec": ("BacktestSpec",),
    "geobuk.strategies.matrix_spec": ("MatrixSpec",),
    "geobuk.strategies.strategy": ("Strategy",),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AccountSpec",
    "BacktestResult",
    "BacktestRun",
    "BacktestSpec",
    "Conditions",
    "Costs",
    "Funding",
    "GateLimits",
    "GeobukError",
    "Kelly",
    "Ledger",
    "Limits",
    "LossLimits",
    "MatrixSpec",
    "Moment",
    "Orders",
    "Panel",
    "PortfolioState",
    "RegimePath",
    "RegimeScales",
    "RegimeSpec",
    "RiskController",
    "Sizing",
    "Stops",
    "Strategy",
    "TradePlan",
    "Universe",
    "UniverseSpec",
    "UserError",
    "Violation",
    "backtest",
    "gates",
    "load_panel",
    "profile",
    "regimes",
    "report",
    "sweep",
    "synthetic_panel",
    "universe",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("geobuk")
    if name not in _HOME_OF:
        raise AttributeError(f"module 'geobuk' has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
