"""What the catalog has of a series already, so that it is not fetched again: by its rows and by its sources."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from geobuk.data.funding import schedule_of
from geobuk.data.layout import SeriesKey
from geobuk.data.series_store import current, load_rows
from geobuk.data.snapshots import rules_hours
from geobuk.data.sources.binance_archive import span_of
from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE, at_text, parse_at
from geobuk.panel import IntArray

_WIDEST_HOURS = 8
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
    """Stored times of a series, sorted, and the stretches (joined, sorted) that were fetched whole.

    ``rules_hours`` are the hours between funding stamps by the rules, 0 where they are not known.
    """

    at_ns: IntArray
    fetched: tuple[tuple[int, int], ...] = ()
    rules_hours: int = 0

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
        if step_ns and len(stored) >= -(-(to_ns - from_ns) // step_ns):
            return True
        is_known = step_ns > 0 or len(self.at_ns) > 0  # without a stamp nobody knows when others were due
        return is_known and len(self._lacking(from_ns, to_ns, step_ns)) == 0

    def is_empty_between(self, from_ns: int, to_ns: int) -> bool:
        """Whether no row is stored there."""
        return len(self._between(from_ns, to_ns)) == 0

    def missing(self, from_ns: int, to_ns: int, step_ns: int) -> tuple[int, int]:
        """The stretch from the first to the last row of [from_ns, to_ns) that need be fetched; stamps: to its end."""
        if len(self.at_ns) == 0 and step_ns == 0:
            return from_ns, to_ns
        lacking = self._lacking(from_ns, to_ns, step_ns)
        if len(lacking) == 0:
            return to_ns, to_ns
        if step_ns == 0:
            return max(from_ns, int(lacking[0]) - NS_PER_MINUTE), to_ns
        return int(lacking[0]), int(lacking[-1]) + step_ns

    def _lacking(self, from_ns: int, to_ns: int, step_ns: int) -> IntArray:
        """Times of [from_ns, to_ns) at which a row is due, none is stored, and nothing was fetched."""
        if step_ns:
            first = -(-from_ns // step_ns) * step_ns
            times = np.setdiff1d(np.arange(first, to_ns, step_ns), self._between(from_ns, to_ns))
        else:
            times = self._lost_stamps(from_ns, to_ns)
        if not self.fetched:
            return times
        starts, ends = np.array(self.fetched, dtype=np.int64).T
        place = np.searchsorted(starts, times, side="right") - 1
        lacking: IntArray = times[(place < 0) | (times >= ends[place])]
        return lacking

    def _lost_stamps(self, from_ns: int, to_ns: int) -> IntArray:
        """Minutes of [from_ns, to_ns) at which funding was due, by the spacing around them, and is not stored."""
        stamps, every = self._stamps
        before = np.arange(stamps[0] - every[0], from_ns - 1, -every[0])
        after = np.arange(stamps[-1] + every[-1], to_ns, every[-1])
        between = [
            np.arange(stamps[row] + every[row], stamps[row + 1], every[row])
            for row in np.flatnonzero(np.diff(stamps) > every[: len(stamps) - 1])
            if stamps[row] < to_ns and stamps[row + 1] > from_ns
        ]
        times = np.concatenate([before[::-1], *between, after])
        return times[(times >= from_ns) & (times < to_ns)]

    @cached_property
    def _stamps(self) -> tuple[IntArray, IntArray]:
        """Stored times to the minute, and how far apart stamps are after each; one more for what follows the last."""
        stamps = np.unique((self.at_ns + NS_PER_MINUTE // 2) // NS_PER_MINUTE * NS_PER_MINUTE)
        hours = self.rules_hours or _WIDEST_HOURS
        spacing = schedule_of(stamps, hours).spacing if len(stamps) > 1 else np.array([hours], dtype=np.int64)
        return stamps, np.append(spacing, spacing[-1]) * NS_PER_HOUR

    def _between(self, from_ns: int, to_ns: int) -> IntArray:
        first, last = np.searchsorted(self.at_ns, [from_ns, to_ns])
        return self.at_ns[first:last]


NOTHING = Coverage(np.empty(0, dtype=np.int64))


def coverage_of(root: Path, key: SeriesKey) -> Coverage:
    """What is stored of bars, marks or funding. Raises DataError where the series is damaged."""
    manifest = current(root, key)
    if manifest is None:
        return NOTHING
    hours = rules_hours(root, key.venue, [key.instrument], manifest.last_at_ns) if key.kind == "funding" else {}
    spans = [
        (max(span[0], source.kept_from_ns), span[1])
        for source in manifest.sources
        if (span := covered_span(source.file)) is not None and source.kept_from_ns < span[1]
    ]
    return Coverage(load_rows(root, manifest).at_ns, tuple(_joined(spans)), hours.get(key.instrument, 0))


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined
