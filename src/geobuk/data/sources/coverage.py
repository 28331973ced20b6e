"""What the catalog has of a series already, so that it is not fetched again: by its rows and by its sources."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geobuk.data.layout import SeriesKey
from geobuk.data.series_store import current, load_rows
from geobuk.data.sources.binance_archive import span_of
from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE, at_text, parse_at
from geobuk.panel import IntArray

_WIDEST_STAMPS_NS = 8 * NS_PER_HOUR + NS_PER_MINUTE
"""Funding is settled every 8 hours or more often."""

_ARCHIVE_NAME = re.compile(r"-(\d{4}-\d{2}(?:-\d{2})?)\.zip$")
_REST_NAME = re.compile(r"-(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})_(\d{4}-\d{2}-\d{2}T\d{2}:\d{2})\.rest$")


def rest_name(instrument: str, what: str, from_ns: int, to_ns: int) -> str:
    """What a REST answer is called among the sources: its name says which stretch it covers.

    >>> rest_name("BTCUSDT", "1h", 0, NS_PER_HOUR)
    'BTCUSDT-1h-1970-01-01T00:00_1970-01-01T01:00.rest'
    """
    first, last = (at_text(at).replace(" ", "T") for at in (from_ns, to_ns))
    return f"{instrument}-{what}-{first}_{last}.rest"


def covered_span(source_file: str) -> tuple[int, int] | None:
    """The stretch that a source covers whole, by its name; None for a file of a person's own.

    >>> covered_span("BTCUSDT-1h-1970-01-02.zip") == (24 * NS_PER_HOUR, 48 * NS_PER_HOUR)
    True
    >>> covered_span(rest_name("BTCUSDT", "1h", 0, NS_PER_HOUR)) == (0, NS_PER_HOUR)
    True
    """
    archived = _ARCHIVE_NAME.search(source_file)
    if archived:
        return span_of(archived[1])
    asked = _REST_NAME.search(source_file)
    return (parse_at(asked[1]), parse_at(asked[2])) if asked else None


@dataclass(frozen=True)
class Coverage:
    """Stored times of a series, sorted, and the stretches (joined, sorted) that were fetched whole."""

    at_ns: IntArray
    fetched: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, at_ns: IntArray, source_files: list[str]) -> "Coverage":
        """From stored times and the names of sources."""
        spans = [span for name in source_files if (span := covered_span(name)) is not None]
        return cls(at_ns, tuple(_joined(spans)))

    def has(self, from_ns: int, to_ns: int, step_ns: int) -> bool:
        """Whether nothing of [from_ns, to_ns) need be fetched; ``step_ns`` is 0 for funding stamps."""
        if any(first <= from_ns and to_ns <= last for first, last in self.fetched):
            return True
        stored = self._between(from_ns, to_ns)
        if step_ns:
            return len(stored) >= -(-(to_ns - from_ns) // step_ns)
        edges = np.concatenate(([from_ns], stored, [to_ns]))
        return bool(np.diff(edges).max() <= _WIDEST_STAMPS_NS)

    def is_empty_between(self, from_ns: int, to_ns: int) -> bool:
        """Whether no row is stored there."""
        return len(self._between(from_ns, to_ns)) == 0

    def missing(self, from_ns: int, to_ns: int, step_ns: int) -> tuple[int, int]:
        """The stretch from the first to the last bar of [from_ns, to_ns) that is not stored."""
        first = -(-from_ns // step_ns) * step_ns
        lacking = np.setdiff1d(np.arange(first, to_ns, step_ns), self._between(from_ns, to_ns))
        return (int(lacking[0]), int(lacking[-1]) + step_ns) if len(lacking) else (to_ns, to_ns)

    def _between(self, from_ns: int, to_ns: int) -> IntArray:
        first, last = np.searchsorted(self.at_ns, [from_ns, to_ns])
        return self.at_ns[first:last]


NOTHING = Coverage(np.empty(0, dtype=np.int64))


def coverage_of(root: Path, key: SeriesKey) -> Coverage:
    """What is stored of bars, marks or funding. Raises DataError where the series is damaged."""
    manifest = current(root, key)
    if manifest is None:
        return NOTHING
    return Coverage.of(load_rows(root, manifest).at_ns, [source.file for source in manifest.sources])


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
