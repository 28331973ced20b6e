"""Synthetic history, always labelled so: a panel for demonstrations, a long table with defects for testing imports."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from geobuk.data.arrange import arrange
from geobuk.data.defects import spoil
from geobuk.data.findings import PRICE_BITS
from geobuk.data.funding import due_inside, settle_inside
from geobuk.data.market_model import Market, Shape, make_market
from geobuk.data.quality import Series, gate
from geobuk.data.rows import KIND_COLUMNS, Rows
from geobuk.data.synthetic_rules import MAX_INSTRUMENTS, VENUE
from geobuk.domain.errors import SettingsError
from geobuk.domain.times import interval_ns, parse_at
from geobuk.panel import Finding, FloatArray, IntArray, Panel


@dataclass(frozen=True)
class MarketSpec:
    """A made-up market: equal specs give equal bytes. ``defects`` are names of :data:`geobuk.data.defects.DEFECTS`."""

    seed: int = 7
    instruments: int = 8
    bars: int = 24 * 365
    interval: str = "1h"
    start: str = "2023-01-01"
    funding_hours: int = 8
    defects: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("instruments", self.instruments, 1, MAX_INSTRUMENTS),
            ("bars", self.bars, 1, 20_000_000),
            ("seed", self.seed, 0, 2**32 - 1),
        ):
            if not low <= value <= high:
                raise SettingsError(f"synthetic market: {name} = {value}", cure=f"choose {low} to {high}")
        if self.funding_hours not in {1, 2, 4, 8}:
            raise SettingsError(f"synthetic market: funding_hours = {self.funding_hours}", cure="choose 1, 2, 4 or 8")

    @property
    def names(self) -> tuple[str, ...]:
        """SYN1USDT, SYN2USDT, …"""
        return tuple(f"SYN{number}USDT" for number in range(1, self.instruments + 1))


def synthetic_panel(spec: MarketSpec | None = None) -> Panel:
    """A panel of venue ``synthetic``, with marks and funding; ``is_synthetic`` is True.

    With defects the bars are spoiled first and then pass the same quality gate as imported ones.

    Raises
    ------
    UnknownNameError
        A defect that does not exist.
    """
    spec = spec or MarketSpec()
    shape = _shape(spec)
    market = make_market(shape)
    funding, inside = _settled(shape, market)
    panel = Panel(
        venue=VENUE,
        interval_ns=shape.interval_ns,
        instruments=spec.names,
        at_ns=shape.at_ns,
        open=market.open,
        high=market.high,
        low=market.low,
        close=market.close,
        volume=market.volume,
        mark=market.mark,
        funding=funding,
        funding_inside=inside,
        tradable=np.ones(market.close.shape, dtype=np.bool_),
        funding_hours=np.full(spec.instruments, spec.funding_hours, dtype=np.int64),
        is_synthetic=True,
        source_hash=f"synthetic-{spec.seed}",
    )
    return _through_the_gate(panel, synthetic_frame(spec), spec) if spec.defects else panel


def synthetic_frame(spec: MarketSpec | None = None) -> pl.DataFrame:
    """The same bars as a long table: instrument, at_ns, open, high, low, close, volume; spoiled by ``defects``.

    Rows of an instrument stand together. What a user's file could hold, to try an import with.
    """
    spec = spec or MarketSpec()
    shape = _shape(spec)
    market = make_market(shape)
    parts = [_part(shape, market, column, name) for column, name in enumerate(spec.names)]
    return pl.concat(
        spoil(part, spec.defects, shape.interval_ns, seed=spec.seed + column) for column, part in enumerate(parts)
    )


def synthetic_funding_frame(spec: MarketSpec | None = None) -> pl.DataFrame:
    """Settled rates as a long table: instrument, at_ns, rate."""
    spec = spec or MarketSpec()
    market = make_market(_shape(spec))
    return pl.concat(
        pl.DataFrame(
            {
                "instrument": pl.repeat(name, len(market.stamps), eager=True),
                "at_ns": market.stamps,
                "rate": np.ascontiguousarray(market.rates[:, column]),
            }
        )
        for column, name in enumerate(spec.names)
    )


def _shape(spec: MarketSpec) -> Shape:
    step = interval_ns(spec.interval)
    start = parse_at(spec.start) // step * step
    at_ns = start + step * np.arange(spec.bars, dtype=np.int64)
    return Shape(at_ns, step, spec.instruments, spec.seed, spec.funding_hours)


def _part(shape: Shape, market: Market, column: int, name: str) -> pl.DataFrame:
    values = {field: np.ascontiguousarray(getattr(market, field)[:, column]) for field in KIND_COLUMNS["bars"]}
    names = pl.repeat(name, len(shape.at_ns), eager=True)
    return pl.DataFrame({"instrument": names, "at_ns": shape.at_ns, **values})


def _settled(shape: Shape, market: Market) -> tuple[FloatArray, FloatArray]:
    """Rates at the opening instants and sums strictly inside the bars."""
    size = (len(shape.at_ns), shape.count)
    opening, total = np.full(size, np.nan), np.zeros(size)
    row = (market.stamps - shape.at_ns[0]) // shape.interval_ns
    is_open = (market.stamps - shape.at_ns[0]) % shape.interval_ns == 0
    opening[row[is_open]] = market.rates[is_open]
    np.add.at(total, row[~is_open], market.rates[~is_open])
    known: IntArray = np.bincount(row[~is_open], minlength=size[0]).astype(np.int64)
    due = due_inside(shape.at_ns, shape.interval_ns, shape.funding_hours)
    return opening, settle_inside(total, np.repeat(known[:, None], shape.count, axis=1), due[:, None])


def _through_the_gate(panel: Panel, frame: pl.DataFrame, spec: MarketSpec) -> Panel:
    arrays = {name: np.full(panel.shape, np.nan) for name in KIND_COLUMNS["bars"]}
    tradable = np.zeros(panel.shape, dtype=np.bool_)
    findings: list[Finding] = []
    for column, part in enumerate(frame.partition_by("instrument", maintain_order=True)):
        name = spec.names[column]
        rows, noticed = arrange(Rows.from_frame(part, "bars"), "bars", name)
        verdict = gate(rows, Series(VENUE, name, "bars", panel.interval_ns))
        findings += [*noticed, *verdict.findings]
        place, off = np.divmod(verdict.rows.at_ns - panel.at_ns[0], panel.interval_ns)
        fits = (off == 0) & (verdict.rows.mask & PRICE_BITS == 0)
        for field, array in arrays.items():
            array[place[fits], column] = verdict.rows.values[field][fits]
        tradable[place[fits], column] = verdict.rows.mask[fits] == 0
    spoiled: dict[str, Any] = arrays
    return replace(panel, **spoiled, tradable=tradable, findings=tuple(findings))
