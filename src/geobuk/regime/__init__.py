"""What kind of market it is: regimes told causally from history, live and in a simulation by the same step.

Knows features of prices and models of them; must not know strategies, sizes, orders or money.
"""

from geobuk.regime.detector import RegimeDetector, RegimeReading, detect
from geobuk.regime.path import RegimePath
from geobuk.regime.refit import Refit
from geobuk.regime.spec import RegimeSpec
from geobuk.regime.statistics import RegimeStatistics, directions_of, regime_statistics
from geobuk.regime.stored import restore, store

__all__ = [
    "Refit",
    "RegimeDetector",
    "RegimePath",
    "RegimeReading",
    "RegimeSpec",
    "RegimeStatistics",
    "detect",
    "directions_of",
    "regime_statistics",
    "restore",
    "store",
]
