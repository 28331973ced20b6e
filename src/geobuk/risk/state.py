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

LEDGER_FIELDS: list[tuple[str, Any]] = [
    *((name, np.float64) for name in ("equity", "peak", "day_start", "size_scale", "size_cap")),
    *((name, np.int64) for name in ("day", "lock", "halted_at", "daily_locks", "losses_in_row", "paused_until")),
    ("is_reduce_only", np.bool_),
]
"""Fields of an account that its losses are judged by.

``equity`` at the last mark; ``peak`` its highest value; ``day_start`` at the opening of ``day``; ``size_scale`` in [0,
1] what targets are multiplied by, after a mark equal to ``size_cap``, which grows back with the days; ``lock`` as in
:mod:`geobuk.risk.loss_locks`; ``halted_at`` bar or time of the halt (-1: none); ``daily_locks`` how often a day was
locked; ``losses_in_row`` losing trades since the last winning one; ``paused_until`` bar or time up to which nothing is
entered because of them; ``is_reduce_only`` positions may only shrink.
"""

DECISION_FIELDS: list[tuple[Any, ...]] = [
    *((name, np.float64) for name in ("quantity", "entry", "stop", "peak", "target")),
    *((name, np.float64) for name in ("anchor", "highest", "lowest", "variance", "volatility", "atr")),
    *((name, np.int64) for name in ("observed", "resting")),
    ("refusals", np.int64, (REASONS,)),
]
"""Fields of an instrument's state that the risk room reads and writes.

``quantity`` signed; ``entry`` average price; ``stop`` protective stop (0: none); ``peak`` best price since entry;
``target`` wanted quantity (NaN: as it is); ``anchor``, ``highest``, ``lowest`` close at and range since the last
decision;
``variance`` of returns between decisions; ``volatility`` annual (0: not known yet); ``atr`` average true range in price
units; ``observed`` returns seen; ``resting`` decisions left of a cool-down; ``refusals`` counts by Reason.
"""
