"""Trading rules of instruments in the form that kernels read: one record an instrument. Beside the panel, below the
rooms.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from geobuk.domain.instrument import Instrument, InstrumentKind
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import FloatArray, IntArray, RecordArray

_FIRST = ("first_tick_below", "first_tick", "first_tier_below", "first_rate", "first_cumulative", "first_leverage")


_BANDS, _TIERS = 8, 16
"""Room for tick bands and margin tiers: kernels are compiled for a size, so that nearly every table has the same."""

_EPOCH = date(1970, 1, 1)


def dated_terms(
    instruments: Sequence[Instrument], fees: Sequence[tuple[float, float]], at_ns: IntArray, utc_offset_ns: int = 0
) -> tuple[RecordArray, IntArray]:
    """Rules in force over a history: records (K, N) of :func:`terms_of`, and (K,) the bar from which each row holds.

    A new row begins with the first bar of a day, in the venue's local time, on which any rule changed.
    """
    days = (at_ns + utc_offset_ns) // NS_PER_DAY
    changes = sorted({(day - _EPOCH).days for instrument in instruments for day in _change_days(instrument)})
    starts = [int(days[0]), *(day for day in changes if days[0] < day <= days[-1])]
    rows = [terms_of(instruments, fees, _EPOCH + timedelta(days=day)) for day in starts]
    return np.stack(rows), np.searchsorted(days, starts).astype(np.int64)


def _change_days(instrument: Instrument) -> list[date]:
    ticks = [entry.from_day for entry in instrument.dated_ticks]
    return ticks + [entry.from_day for entry in (*instrument.sell_taxes, *instrument.price_bands)]


def terms_of(
    instruments: Sequence[Instrument], fees: Sequence[tuple[float, float]], day: date | None = None
) -> RecordArray:
    """Records (N,) of the instruments' rules on a ``day`` (None: of the snapshot); ``fees`` are maker and taker rates
    that apply to the account.

    Fields: ``step``, ``min_quantity``, ``max_quantity`` in base units; ``min_notional`` in quote currency;
    ``maker_fee``, ``taker_fee``, ``sell_tax``, ``liquidation_fee``, ``price_band`` (0: none) as fractions;
    ``can_short``; ``is_share``; ``settlement_days``, 0 on margin; ``sector``, equal numbers for equal sectors, -1 where
    it is not known; ``tick_floor`` and ``tick`` (B,): price bands; ``bracket_floor``, ``bracket_rate``,
    ``bracket_cumulative``, ``bracket_leverage`` (K,): margin tiers.
    Unused bands and tiers have an infinite floor; an instrument without
    brackets has one tier of rate 0 and leverage 1. ``first_tick_below``, ``first_tick`` and ``first_tier_below``,
    ``first_rate``, ``first_cumulative``, ``first_leverage`` repeat the first band and tier, in which nearly every price
    and position of a small account lies: they spare the search.
    """
    tables = [i.ticks if day is None else i.ticks_on(day) for i in instruments]
    ticks = [[(float(b.floor), float(b.tick)) for b in table] for table in tables]
    brackets = [
        [(float(b.floor), float(b.maintenance_rate), float(b.cumulative), float(b.max_leverage)) for b in i.brackets]
        or [(0.0, 0.0, 0.0, 1.0)]
        for i in instruments
    ]
    bands, tiers = _room(_BANDS, max(map(len, ticks))), _room(_TIERS, max(map(len, brackets)))
    terms = np.zeros(len(instruments), dtype=_dtype(bands, tiers))
    for name in ("step", "min_quantity", "max_quantity", "min_notional", "liquidation_fee", "can_short"):
        terms[name] = [float(getattr(i, name)) for i in instruments]
    terms["sell_tax"] = [float(i.sell_tax if day is None else i.sell_tax_on(day)) for i in instruments]
    terms["price_band"] = [float((i.price_band if day is None else i.price_band_on(day)) or 0) for i in instruments]
    terms["is_share"] = [i.kind is InstrumentKind.SHARE for i in instruments]
    terms["settlement_days"] = [i.settlement_days for i in instruments] * terms["is_share"]
    sectors = sorted({i.sector for i in instruments} - {""})
    terms["sector"] = [sectors.index(i.sector) if i.sector else -1 for i in instruments]
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


def _room(least: int, needed: int) -> int:
    """``least``, doubled until it holds what is needed."""
    while least < needed:
        least *= 2
    return least


def _second(floors: FloatArray) -> FloatArray:
    """Floor of the second row of a table, infinite where there is none."""
    return np.asarray(floors[:, 1])


def _dtype(bands: int, tiers: int) -> np.dtype[np.void]:
    scalars = ("step", "min_quantity", "max_quantity", "min_notional", "maker_fee", "taker_fee", "sell_tax")
    return np.dtype(
        [(name, np.float64) for name in (*scalars, "liquidation_fee", "price_band", *_FIRST)]
        + [("settlement_days", np.int64), ("sector", np.int64), ("can_short", np.bool_), ("is_share", np.bool_)]
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
