"""Everything a report of one backtest is made from. Gathers values that others computed, and computes none."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geobuk.quant.performance import Statistics
from geobuk.simulate.result import BacktestResult

if TYPE_CHECKING:
    from geobuk.risk.affordability import Affordability
    from geobuk.simulate.pessimism import Pessimism


@dataclass(frozen=True)
class BacktestReport:
    """One backtest, ready to be shown.

    ``wall_seconds`` is how long the run took; ``currency`` names the account's currency, empty where it is not known.
    """

    result: BacktestResult
    statistics: Statistics
    pessimism: "Pessimism"
    affordability: tuple["Affordability", ...]
    wall_seconds: float
    currency: str = ""
