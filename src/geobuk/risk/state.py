"""What a decision knows about an instrument: the present market row, and the running state of the position in it."""

from typing import Any, NamedTuple

import numpy as np

from geobuk.panel import FloatArray, IntArray, RecordArray
from geobuk.risk.reasons import REASONS

MARKET_DTYPE = np.dtype(
    [(name, np.float64) for name in ("open", "high", "low", "close", "volume", "mark", "forecast")]
    + [("is_tradable", np.bool_)],
    align=True,
)
"""One bar of one instrument with the forecast made on its close; NaN where the panel has NaN."""

ESTIMATE_FIELDS: list[tuple[str, Any]] = [
    *((name, np.float64) for name in ("anchor", "highest", "lowest", "variance", "volatility", "atr")),
    *((name, np.float64) for name in ("change", "fast_variance", "traded", "usual_volume", "fast_volume")),
    *((name, np.float64) for name in ("belief", "edge", "edge_square")),
    *((name, np.int64) for name in ("observed", "believed", "resting", "unrest")),
]
"""Fields that :mod:`geobuk.risk.volatility` and its neighbours estimate; no position is needed for them."""

ESTIMATE_DTYPE = np.dtype(ESTIMATE_FIELDS, align=True)

LEDGER_FIELDS: list[tuple[str, Any]] = [
    *((name, np.float64) for name in ("equity", "peak", "day_start", "size_scale", "size_cap")),
    *((name, np.int64) for name in ("day", "lock", "halted_at", "daily_locks", "losses_in_row", "paused_until")),
    ("is_reduce_only", np.bool_),
]
"""Fields of an account that its losses are judged by.

``equity`` at the last mark; ``peak`` its highest value; ``day_start`` at the opening of ``day``; ``size_scale`` in [0,
1] what targets are multiplied by, after a mark equal to ``size_cap``, which grows back with the days; ``lock`` as in
:mod:`geobuk.risk.loss_locks`; ``halted_at`` bar or time of the halt (-1: none); ``daily_locks`` how often a day was
locked; ``losses_in_row`` losing trades since the last winning one; ``paused_until`` the instant (UTC nanoseconds) up to
which nothing is entered because of them; ``is_reduce_only`` positions may only shrink.
"""

DECISION_FIELDS: list[tuple[Any, ...]] = [
    *((name, np.float64) for name in ("quantity", "entry", "stop", "peak", "target")),
    *ESTIMATE_FIELDS,
    ("refusals", np.int64, (REASONS,)),
    *((name, np.float64) for name in ("first_risk", "largest", "taken", "box_low", "box_high")),
    *((name, np.int64) for name in ("entered_ns", "left_day")),
]
"""Fields of an instrument's state that the risk room reads and writes.

``quantity`` signed; ``entry`` average price; ``stop`` protective stop (0: none); ``peak`` best price since entry;
``target`` wanted quantity (NaN: as it is); ``anchor``, ``highest``, ``lowest`` close at and range since the last
decision; ``change`` the return since then (NaN where there was none); ``variance`` of returns between decisions,
``fast_variance`` the same over the last hours; ``volatility`` annual (0: not known yet); ``atr`` average true range in
price units; ``traded`` volume since the last decision, ``usual_volume`` and ``fast_volume`` its means between
decisions, base units; ``belief`` the forecast of the last decision, ``edge`` and ``edge_square`` mean and mean square
of belief times the return that followed; ``observed`` returns and ``believed`` products seen; ``resting`` decisions
left of a cool-down, ``unrest`` of the calm that must follow a crash; ``refusals`` counts by Reason.
For exits: ``first_risk`` distance from entry to first stop, the trade's R (0: none); ``largest`` size held in this
trade and ``taken`` by its ladder, base units; ``box_low`` and ``box_high`` of the last decision; ``entered_ns`` opening
of the bar of the entry; ``left_day`` local day on which a trade was left that may not be followed on it (-1: none).
"""

DESK_FIELDS: list[tuple[str, Any]] = [("regime", np.int64), ("grouped_on", np.int64), ("now_ns", np.int64)]
"""Fields of an account that a decision reads beside LEDGER_FIELDS: ``regime`` a code of :mod:`geobuk.domain.regime`;
``grouped_on`` the day on which instruments were last grouped by correlation; ``now_ns`` the instant, UTC.
"""

WORK_ROWS = 6


class Desk(NamedTuple):
    """What a decision works on, N instruments: ``rows`` of MARKET_DTYPE, ``book`` with DECISION_FIELDS, ``terms`` of
    :mod:`geobuk.terms`, ``account`` (1,) with LEDGER_FIELDS and DESK_FIELDS, ``covariance`` (N, P) of returns between
    decisions (P >= N, see :mod:`geobuk.risk.covariance`), ``groups`` (2, N) sector and bucket of each, -1 for none, and
    ``work`` (WORK_ROWS, P) working space.
    """

    rows: RecordArray
    book: RecordArray
    terms: RecordArray
    account: RecordArray
    covariance: FloatArray
    groups: IntArray
    work: FloatArray
