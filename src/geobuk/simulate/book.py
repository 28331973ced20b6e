"""The state that the loop carries from bar to bar, and the records it writes. Arrays made once, before the first
bar.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from geobuk.domain.regime import NO_REGIME
from geobuk.panel import FloatArray, IntArray, Record, RecordArray
from geobuk.risk.covariance import row_length
from geobuk.risk.state import DECISION_FIELDS, DESK_FIELDS, LEDGER_FIELDS, MARKET_DTYPE, WORK_ROWS
from geobuk.simulate.result import FILL_DTYPE


class OrderKind(IntEnum):
    """What works for an instrument at the venue."""

    NOTHING = 0
    MARKET = 1
    LIMIT = 2
    STOP = 3


class Status(IntEnum):
    """Why the loop handed control back."""

    FINE = 0
    LOG_FULL = 1
    FUNDING_UNKNOWN = 2


STATE_DTYPE = np.dtype(
    [
        *DECISION_FIELDS,
        *((name, np.float64) for name in ("wallet", "ledger", "value", "last", "profit", "order", "order_price")),
        *((name, np.float64) for name in ("base", "limit_low", "limit_high")),
        *((name, np.float64) for name in ("fees", "slippage", "funding", "liquidation_fees")),
        *((name, np.int64) for name in ("order_kind", "order_from", "order_reason", "index")),
        ("is_joining", np.bool_),
        ("entry_ledger", np.float64),
    ],
    align=True,
)
"""State of one instrument: DECISION_FIELDS of the risk room, and

``wallet`` margin set aside for an isolated position; ``ledger`` realised profit minus all costs so far; ``value``
ledger plus unrealised profit at the last mark; ``last`` last good price; ``profit`` of the present bar; ``order``
signed quantity still working, ``order_price`` its limit or trigger, ``order_kind``, ``order_from`` first bar on
which it works, ``order_reason``; ``base`` last close of any bar, of which ``limit_low``
and ``limit_high`` are the day's price limits, 0 where there are none;
``fees`` to ``liquidation_fees`` costs so far (positive = paid); ``index`` column in the panel; ``is_joining`` while the
position was entered inside the present bar; ``entry_ledger`` the ledger when it was entered, before its costs
(kept where a finished trade forbids anything).
"""

SETTLEMENT_SLOTS = 4
"""One more than the longest settlement in sessions."""

ACCOUNT_DTYPE = np.dtype(
    [
        *((name, np.float64) for name in ("cash", "insurance", "available")),
        *LEDGER_FIELDS,  # not first: a record that began with them would be taken for a ledger's
        *DESK_FIELDS,
        *((name, np.float64) for name in ("gross", "net", "margin", "set_aside", "unsettled")),
        ("due", np.float64, (SETTLEMENT_SLOTS,)),
        *((name, np.int64) for name in ("bar", "decisions", "sessions", "terms_at")),
        *((name, np.int64) for name in ("held", "working", "fills", "funding_at", "status", "status_instrument")),
    ],
    align=True,
)
"""State of the account: LEDGER_FIELDS of the risk room (``halted_at`` a bar), and

amounts in its currency; ``set_aside`` the isolated wallets together; ``unsettled`` what sales will still bring, in
``due`` by session modulo its length; ``bar`` the present row; ``sessions`` seen so far; ``terms_at`` the row of terms
in force; ``held`` and ``working`` count positions and orders; ``fills`` those logged so far; ``funding_at`` the next
funding event.
"""

CURVE = ("equity", "cash", "gross", "net", "margin")
"""Rows of the account's history, one column a bar: amounts at its close."""
EQUITY = CURVE.index("equity")


class Book(NamedTuple):
    """The whole state: ``rows`` (N,) the present bar, ``states`` (N,), ``account`` (1,); ``covariance``, ``groups`` and
    ``work`` as in :class:`geobuk.risk.state.Desk`.
    """

    rows: RecordArray
    states: RecordArray
    account: RecordArray
    covariance: FloatArray
    groups: IntArray
    work: FloatArray


class Cashbook(NamedTuple):
    """Where a fill is booked: the account's record, and the log (F,) of FILL_DTYPE."""

    account: Record
    fills: RecordArray


class Log(NamedTuple):
    """What the loop writes down.

    ``curve`` (5, T), rows as in CURVE; ``position`` and ``pnl`` (T, N), or (0, N) where they are not wanted; ``fills``
    (F,) of FILL_DTYPE, or length 0.
    """

    curve: FloatArray
    position: FloatArray
    pnl: FloatArray
    fills: RecordArray


def new_book(instruments: int, capital: float) -> Book:
    """A flat account with ``capital`` in cash."""
    states = np.zeros(instruments, dtype=STATE_DTYPE)
    states["index"] = np.arange(instruments)
    states["left_day"] = -1
    account = np.zeros(1, dtype=ACCOUNT_DTYPE)
    for name in ("cash", "equity", "peak", "day_start", "available"):
        account[name] = capital
    account["day"] = account["halted_at"] = account["grouped_on"] = -1
    account["regime"] = NO_REGIME
    account["size_scale"] = account["size_cap"] = 1.0
    return Book(
        rows=np.zeros(instruments, dtype=MARKET_DTYPE),
        states=states,
        account=account,
        covariance=np.zeros((instruments, row_length(instruments))),
        groups=np.full((2, instruments), -1, dtype=np.int64),
        work=np.zeros((WORK_ROWS, row_length(instruments))),
    )


def new_log(bars: int, instruments: int, fills: int, *, detail: bool = True) -> Log:
    """Room for ``bars`` rows and ``fills`` fills; without ``detail`` only the account's curve is kept."""
    rows = bars if detail else 0
    return Log(
        curve=np.zeros((len(CURVE), bars)),
        position=np.zeros((rows, instruments)),
        pnl=np.zeros((rows, instruments)),
        fills=np.zeros(fills, dtype=FILL_DTYPE),
    )
