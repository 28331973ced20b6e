"""What a decision knows about an instrument: the present market row, and the running state of the position in it."""

from typing import Any

import numpy as np

from geobuk.risk.reasons import REASONS

MARKET_DTYPE = np.dtype(
    [(name, np.float64) for name in ("open", "high", "low", "close", "volume", "mark", "forecast")]
    + [("is_tradable", np.bool_)],
    align=True,
)
"""One bar of one instrument with the forecast made on its close; NaN where the panel has NaN."""

ESTIMATE_DTYPE = np.dtype(
    [
        *((name, np.float64) for name in ("anchor", "highest", "lowest", "variance", "volatility", "atr")),
        *((name, np.int64) for name in ("observed", "resting")),
    ],
    align=True,
)
"""The part of DECISION_FIELDS that :mod:`geobuk.risk.volatility` reads and writes, where no position is held."""

DECISION_FIELDS: list[tuple[Any, ...]] = [
    *((name, np.float64) for name in ("quantity", "entry", "stop", "peak", "target")),
    *((name, np.float64) for name in ("anchor", "highest", "lowest", "variance", "volatility", "atr")),
    *((name, np.int64) for name in ("observed", "resting")),
    ("refusals", np.int64, (REASONS,)),
    *((name, np.float64) for name in ("first_risk", "largest", "taken", "box_low", "box_high")),
    *((name, np.int64) for name in ("entered_ns", "left_day")),
]
"""Fields of an instrument's state that the risk room reads and writes.

``quantity`` signed; ``entry`` average price; ``stop`` protective stop (0: none); ``peak`` best price since entry;
``target`` wanted quantity (NaN: as it is); ``anchor``, ``highest``, ``lowest`` close at and range since the last
decision;
``variance`` of returns between decisions; ``volatility`` annual (0: not known yet); ``atr`` average true range in price
units; ``observed`` returns seen; ``resting`` decisions left of a cool-down; ``refusals`` counts by Reason.
For exits: ``first_risk`` distance from entry to first stop, the trade's R (0: none); ``largest`` size held in this
trade and ``taken`` by its ladder, base units; ``box_low`` and ``box_high`` of the last decision; ``entered_ns`` opening
of the bar of the entry; ``left_day`` local day on which a trade was left that may not be followed on it (-1: none).
"""
