"""What one generated instrument is made with, and what it remembers: two flat records.

Prices and quantities are in the book's whole units, rates are per slot, and a slot is the generator's step of time.
"""

import numpy as np

DEEPEST = 80
"""Levels a side at most; the worst makes room for a better one."""

FULL = 60
"""Levels a side that the book is filled up to."""

ROWS_A_SLOT = 2_048
"""No slot writes more rows than this."""

FLOW = np.dtype(
    [
        ("slot_ns", "i8"),
        ("tick", "i8"),
        ("step", "i8"),
        ("lowest", "i8"),
        ("highest", "i8"),
        ("interval_ns", "i8"),
        ("volatility", "f8", (2,)),
        ("leave", "f8", (2,)),
        ("jump_chance", "f8"),
        ("jump_size", "f8"),
        ("correlation", "f8"),
        ("trades", "f8"),
        ("excitement", "f8"),
        ("calming", "f8"),
        ("persistence", "f8"),
        ("tail", "f8"),
        ("smallest_trade", "f8"),
        ("largest_trade", "f8"),
        ("impact", "f8"),
        ("breath", "f8"),
        ("depth", "f8"),
        ("spread", "f8"),
        ("spacing", "f8"),
        ("band", "f8"),
        ("premium_pull", "f8"),
        ("premium_size", "f8"),
        ("interest", "f8"),
        ("funding_share", "f8"),
        ("funding_cap", "f8"),
    ],
    align=True,
)
"""``volatility`` and ``leave`` (the chance to change over) are those of calm and storm. ``funding_share`` is the
interval as a part of 8 hours."""

STATE = np.dtype(
    [
        ("own", "u8"),
        ("common", "u8"),
        ("next_ns", "i8"),
        ("is_open", "i8"),
        ("storm", "i8"),
        ("side", "i8"),
        ("last", "i8"),
        ("trade_id", "i8"),
        ("mark_ns", "i8"),
        ("rate_ns", "i8"),
        ("interval", "i8"),
        ("samples", "i8"),
        ("price", "f8"),
        ("excited", "f8"),
        ("premium", "f8"),
        ("premium_sum", "f8"),
    ],
    align=True,
)
"""``own`` and ``common`` are the states of two random streams; all instruments of a market share the second."""
