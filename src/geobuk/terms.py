"""Trading rules of instruments in the form that kernels read: one record an instrument. Beside the panel, below the
rooms.
"""

from collections.abc import Sequence

import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.panel import FloatArray, RecordArray

_FIRST = ("first_tick_below", "first_tick", "first_tier_below", "first_rate", "first_cumulative", "first_leverage")


def terms_of(instruments: Sequence[Instrument], fees: Sequence[tuple[float, float]]) -> RecordArray:
    """Records (N,) of the instruments' rules; ``fees`` are maker and taker rates that apply to the account.

    Fields: ``step``, ``min_quantity``, ``max_quantity`` in base units; ``min_notional`` in quote currency;
    ``maker_fee``, ``taker_fee``, ``sell_tax``, ``liquidation_fee`` as fractions; ``can_short``; ``tick_floor`` and
    ``tick`` (B,): price bands; ``bracket_floor``, ``bracket_rate``, ``bracket_cumulative``, ``bracket_leverage`` (K,):
    margin tiers. Unused bands and tiers have an infinite floor; an instrument without brackets has one tier of rate 0
    and leverage 1. ``first_tick_below``, ``first_tick`` and ``first_tier_below``, ``first_rate``,
    ``first_cumulative``, ``first_leverage`` repeat the first band and tier, in which nearly every price and position
    of a small account lies: they spare the search.
    """
    ticks = [[(float(b.floor), float(b.tick)) for b in i.ticks] for i in instruments]
    brackets = [
        [(float(b.floor), float(b.maintenance_rate), float(b.cumulative), float(b.max_leverage)) for b in i.brackets]
        or [(0.0, 0.0, 0.0, 1.0)]
        for i in instruments
    ]
    terms = np.zeros(len(instruments), dtype=_dtype(max(map(len, ticks)), max(map(len, brackets))))
    for name in ("step", "min_quantity", "max_quantity", "min_notional", "sell_tax", "liquidation_fee", "can_short"):
        terms[name] = [float(getattr(i, name)) for i in instruments]
    terms["maker_fee"] = [maker for maker, _ in fees]
    terms["taker_fee"] = [taker for _, taker in fees]
    _fill_table(terms, ("tick_floor", "tick"), ticks)
    _fill_table(terms, ("bracket_floor", "bracket_rate", "bracket_cumulative", "bracket_leverage"), brackets)
    terms["first_tick_below"] = _second(terms["tick_floor"])
    terms["first_tick"] = terms["tick"][:, 0]
    terms["first_tier_below"] = _second(terms["bracket_floor"])
    terms["first_rate"] = terms["bracket_rate"][:, 0]
    terms["first_cumulative"] = terms["bracket_cumulative"][:, 0]
    terms["first_leverage"] = terms["bracket_leverage"][:, 0]
    return terms


def _second(floors: FloatArray) -> FloatArray:
    """Floor of the second row of a table, infinite where there is none."""
    return floors[:, 1] if floors.shape[1] > 1 else np.full(len(floors), np.inf)


def _dtype(bands: int, tiers: int) -> np.dtype[np.void]:
    scalars = ("step", "min_quantity", "max_quantity", "min_notional", "maker_fee", "taker_fee", "sell_tax")
    return np.dtype(
        [(name, np.float64) for name in (*scalars, "liquidation_fee", *_FIRST)]
        + [("can_short", np.bool_)]
        + [(name, np.float64, (bands,)) for name in ("tick_floor", "tick")]
        + [
            (name, np.float64, (tiers,))
            for name in ("bracket_floor", "bracket_rate", "bracket_cumulative", "bracket_leverage")
        ],
        align=True,
    )


def _fill_table(terms: RecordArray, fields: tuple[str, ...], tables: Sequence[Sequence[tuple[float, ...]]]) -> None:
    """Ragged tables into fixed columns; padding repeats the last row with an infinite floor."""
    for n, table in enumerate(tables):
        for row in range(terms[fields[0]].shape[1]):
            values = table[min(row, len(table) - 1)]
            for column, field in enumerate(fields):
                terms[field][n, row] = values[column] if column or row < len(table) else np.inf
