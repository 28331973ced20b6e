"""A recorded market played again, shifted in time, once or without end."""

from collections.abc import Iterable, Mapping

import numpy as np

from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_SECOND
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.market_rules import MarketRules


class ReplayMarket:
    """Recorded rows, so shifted that the first of them happens at ``start_ns``; instruments keep their distances.

    ``is_looped`` begins again one second after the end, with trade numbers that go on; else the market falls silent.
    """

    def __init__(
        self,
        rules: Iterable[MarketRules],
        streams: Mapping[str, MarketArray],
        start_ns: int,
        *,
        is_looped: bool = False,
    ) -> None:
        by_name = {one.name: one for one in rules}
        for name, rows in streams.items():
            _require_stream(name, rows, by_name)
        self._rules = tuple(rule for name, rule in by_name.items() if name in streams)
        self._start_ns = start_ns
        first = min((int(rows["at_ns"][0]) for rows in streams.values()), default=0)
        last = max((int(rows["at_ns"][-1]) for rows in streams.values()), default=0)
        lap = last - first + NS_PER_SECOND if is_looped else 0
        self._streams = {name: _Stream(rows, start_ns - first, lap) for name, rows in streams.items()}
        self._end_ns = None if is_looped else start_ns + last - first

    @property
    def rules(self) -> tuple[MarketRules, ...]:
        return self._rules

    @property
    def start_ns(self) -> int:
        return self._start_ns

    @property
    def end_ns(self) -> int | None:
        """The moment of the last row, None where it never ends."""
        return self._end_ns

    def until(self, at_ns: int) -> list[tuple[str, MarketArray]]:
        """See :class:`Market`."""
        told = ((name, stream.until(at_ns)) for name, stream in self._streams.items())
        return [(name, rows) for name, rows in told if rows.size]


class _Stream:
    """One instrument's recording and how far it has been told."""

    def __init__(self, rows: MarketArray, shift_ns: int, lap_ns: int) -> None:
        self._rows = rows
        self._shift_ns = shift_ns
        self._lap_ns = lap_ns
        self._next = 0
        self._id_shift = 0
        ids = rows["id"][rows["kind"] == Happening.TRADE]
        self._ids = int(ids.max() - ids.min() + 1) if ids.size else 0

    def until(self, at_ns: int) -> MarketArray:
        parts = [self._part(at_ns)]
        while self._next == self._rows.size and self._lap_ns:
            self._next = 0
            self._shift_ns += self._lap_ns
            self._id_shift += self._ids
            parts.append(self._part(at_ns))
        return np.concatenate(parts) if len(parts) > 1 else parts[0]

    def _part(self, at_ns: int) -> MarketArray:
        end = int(np.searchsorted(self._rows["at_ns"], at_ns - self._shift_ns, side="right"))
        part = self._rows[self._next : max(end, self._next)].copy()
        self._next += part.size
        part["at_ns"] += self._shift_ns
        part["id"][part["kind"] == Happening.TRADE] += self._id_shift
        return part


def with_marks(rows: MarketArray) -> MarketArray:
    """Add mark and index to a recording that has neither: once a second the middle of the last second's trades.

    An engine needs a mark to judge margin; the middle of trades is near it and is not the last price.
    """
    trades = rows[rows["kind"] == Happening.TRADE]
    if not trades.size or (rows["kind"] == Happening.MARK).any():
        return rows
    starts = np.flatnonzero(np.diff(trades["at_ns"] // NS_PER_SECOND, prepend=-1))
    ends = np.append(starts[1:], trades.size) - 1
    high = np.maximum.reduceat(trades["price"], starts)
    low = np.minimum.reduceat(trades["price"], starts)
    added = np.zeros(2 * starts.size, MARKET_EVENT)
    for offset, kind in enumerate((Happening.INDEX, Happening.MARK)):
        added["kind"][offset::2] = kind
        added["at_ns"][offset::2] = trades["at_ns"][ends]
        added["price"][offset::2] = (high + low) // 2
    both = np.concatenate([rows, added])
    return both[np.argsort(both["at_ns"], kind="stable")]


def _require_stream(name: str, rows: MarketArray, rules: Mapping[str, MarketRules]) -> None:
    if name not in rules:
        raise DataError(f"the recording has {name}, for which there are no rules", cure="give its rules too")
    if not rows.size:
        raise DataError(f"the recording of {name} is empty", cure="record again, or leave the instrument out")
    falls = np.flatnonzero(np.diff(rows["at_ns"]) < 0)
    if falls.size:
        raise DataError(f"the recording of {name}: time falls after row {falls[0]}", cure="sort it by its time")
