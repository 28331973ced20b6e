"""Which files and requests bring a stretch of history: whole months, then days, then REST. It asks nobody and stores
nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from geobuk.data.layout import STAMPS, SeriesKey
from geobuk.data.sources.binance_archive import ARCHIVE_KINDS, ArchiveFile, day_text, months_between, span_of
from geobuk.data.sources.binance_rest import RestSpan
from geobuk.data.sources.coverage import Coverage
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, interval_ns

FEW_DAYS = 6
"""So many missing days of a month are fetched one by one; more of them as the whole month."""

_REST_BYTES_PER_ROW = 110


@dataclass(frozen=True, slots=True)
class SeriesWant:
    """[from_ns, to_ns) of one series. ``listed_ns`` and ``delisted_ns`` are when the instrument began and ended.

    ``asks_rest`` False leaves out what only REST has: the instrument is not listed any more, or REST does not answer.
    """

    venue: str
    instrument: str
    kind: str
    interval: str
    from_ns: int
    to_ns: int
    listed_ns: int = 0
    delisted_ns: int | None = None
    asks_rest: bool = True

    @property
    def key(self) -> SeriesKey:
        """The series' name in the catalog."""
        return SeriesKey(self.venue, self.instrument, self.kind, self.interval or STAMPS)

    @property
    def step_ns(self) -> int:
        """Bar length; 0 for stamps and tapes."""
        return interval_ns(self.interval) if self.interval else 0


@dataclass(frozen=True)
class SeriesPlan:
    """What one series takes. ``sizes`` are bytes of files that were asked for; ``days_had`` are in the catalog.

    ``left_out`` are stretches that only REST has, and REST is not asked.
    """

    want: SeriesWant
    files: tuple[ArchiveFile, ...] = ()
    spans: tuple[RestSpan, ...] = ()
    days_had: int = 0
    sizes: tuple[int, ...] = ()
    left_out: tuple[tuple[int, int], ...] = ()

    @property
    def rows(self) -> int:
        """About how many rows will come."""
        return sum(self._rows_of(file) for file in range(len(self.files))) + sum(map(self._rest_rows, self.spans))

    @property
    def bytes(self) -> int:
        """About how many bytes will come."""
        return sum(self.bytes_of(number) for number in range(len(self.files))) + sum(
            self._rest_rows(span) * _REST_BYTES_PER_ROW for span in self.spans
        )

    def bytes_of(self, number: int) -> int:
        """About the bytes of a file: as the archive said, else by its rows."""
        if self.sizes:
            return self.sizes[number]
        return int(self._rows_of(number) * ARCHIVE_KINDS[self.want.kind].bytes_per_row)

    def _rows_of(self, number: int) -> int:
        kind = ARCHIVE_KINDS[self.want.kind]
        if self.sizes:
            return int(self.sizes[number] / kind.bytes_per_row)
        if kind.is_tape:
            return 0
        first, last = self.files[number].span
        return max(0, last - max(first, self.want.listed_ns)) // (self.want.step_ns or 8 * NS_PER_HOUR)

    def _rest_rows(self, span: RestSpan) -> int:
        return (span.to_ns - span.from_ns) // (span.step_ns or 8 * NS_PER_HOUR)


@dataclass(frozen=True)
class Plan:
    """A whole download, told beforehand. ``now_ns`` is the moment up to which it goes; ``notes`` are for the person."""

    series: tuple[SeriesPlan, ...]
    now_ns: int
    notes: tuple[str, ...] = field(default=())

    @property
    def files(self) -> int:
        """Files of the archive."""
        return sum(len(one.files) for one in self.series)

    @property
    def requests(self) -> int:
        """Requests to the REST interface."""
        return sum(span.requests for one in self.series for span in one.spans)

    @property
    def rows(self) -> int:
        """About how many rows will come."""
        return sum(one.rows for one in self.series)

    @property
    def bytes(self) -> int:
        """About how many bytes will come."""
        return sum(one.bytes for one in self.series)

    @property
    def days_had(self) -> int:
        """Days of all series that are in the catalog."""
        return sum(one.days_had for one in self.series)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be fetched."""
        return self.files == 0 and self.requests == 0

    @property
    def text(self) -> str:
        """One sentence for a person."""
        had = f"; {self.days_had:,} days of series are there already" if self.days_had else ""
        if self.is_empty:
            return f"nothing to fetch{had}"
        return (
            f"{self.files:,} files and {self.requests:,} requests, about {self.bytes / 1e6:,.1f} MB, "
            f"about {self.rows:,} rows in {sum(1 for one in self.series if one.files or one.spans)} series{had}"
        )


def plan_series(want: SeriesWant, have: Coverage, now_ns: int) -> SeriesPlan:
    """What brings a series to [from_ns, to_ns), as far as it has happened, given what is there."""
    kind = ARCHIVE_KINDS[want.kind]
    first = max(want.from_ns, want.listed_ns)
    last = min(want.to_ns, now_ns, want.delisted_ns or want.to_ns)
    if want.step_ns:
        last = last // want.step_ns * want.step_ns  # the bar that runs now is not asked for
    if first >= last:
        return SeriesPlan(want)
    want = replace(want, from_ns=first, to_ns=last)
    if kind.is_tape:
        return _tape_plan(want, have, now_ns)
    planner = _stamps_plan if not want.step_ns else _bars_plan
    files, spans, had = planner(want, have)
    spans = joined_spans(spans)
    if want.asks_rest:
        return SeriesPlan(want, tuple(files), tuple(spans), had)
    further, left_out = _without_rest(want, spans, now_ns)
    return SeriesPlan(want, tuple(sorted({*files, *further})), (), had, left_out=tuple(left_out))


_Parts = tuple[list[ArchiveFile], list[RestSpan], int]


def _bars_plan(want: SeriesWant, have: Coverage) -> _Parts:
    files: list[ArchiveFile] = []
    spans: list[RestSpan] = []
    had = 0
    for month in months_between(want.from_ns, want.to_ns):
        begin, end, is_whole = _clipped(want, month)
        days = list(_days(begin, end))
        lacking = [day for day in days if not have.has(*day, want.step_ns)]
        had += len(days) - len(lacking)
        if is_whole and len(lacking) > FEW_DAYS:
            files.append(_file(want, month))
            continue
        for day in lacking:
            name = day_text(day[0])
            if _clipped(want, name)[2] and have.is_empty_between(*day):
                files.append(_file(want, name))
            else:
                spans.append(_span(want, have.missing(*day, want.step_ns)))
    return files, spans, had


def _stamps_plan(want: SeriesWant, have: Coverage) -> _Parts:
    files: list[ArchiveFile] = []
    spans: list[RestSpan] = []
    had = 0
    for month in months_between(want.from_ns, want.to_ns):
        begin, end, is_whole = _clipped(want, month)
        if have.has(begin, end, 0):
            had += len(list(_days(begin, end)))
        elif is_whole:
            files.append(_file(want, month))
        else:
            spans.append(_span(want, have.missing(begin, end, 0)))
    return files, spans, had


def _without_rest(
    want: SeriesWant, spans: Sequence[RestSpan], now_ns: int
) -> tuple[list[ArchiveFile], list[tuple[int, int]]]:
    """The files that hold what REST would be asked for, and the stretches whose day or month has not ended."""
    files: list[ArchiveFile] = []
    left_out: list[tuple[int, int]] = []
    for span in spans:
        for begin, end in _days(span.from_ns, span.to_ns):
            day = day_text(begin)
            file = _file(want, day if ARCHIVE_KINDS[want.kind].has_days else day[: len("2024-01")])
            if file.span[1] <= now_ns:
                files.append(file)
            elif left_out and left_out[-1][1] == begin:
                left_out[-1] = (left_out[-1][0], end)
            else:
                left_out.append((begin, end))
    return files, left_out


def _tape_plan(want: SeriesWant, have: Coverage, now_ns: int) -> SeriesPlan:
    """Whole days that have ended; any part of a day asks for all of it."""
    first = want.from_ns // NS_PER_DAY * NS_PER_DAY
    days = [day for day in range(first, want.to_ns, NS_PER_DAY) if day + NS_PER_DAY <= now_ns]
    lacking = [day for day in days if not any(a <= day and day + NS_PER_DAY <= b for a, b in have.fetched)]
    return SeriesPlan(want, tuple(_file(want, day_text(day)) for day in lacking), (), len(days) - len(lacking))


def _clipped(want: SeriesWant, period: str) -> tuple[int, int, bool]:
    """What is wanted of a period, and whether that is all there can be of it."""
    first, last = span_of(period)
    begin, end = max(first, want.from_ns), min(last, want.to_ns)
    return begin, end, begin == max(first, want.listed_ns) and end == last


def _days(begin: int, end: int) -> Iterator[tuple[int, int]]:
    at = begin
    while at < end:
        after = min(end, at // NS_PER_DAY * NS_PER_DAY + NS_PER_DAY)
        yield at, after
        at = after


def _file(want: SeriesWant, period: str) -> ArchiveFile:
    return ArchiveFile(want.kind, want.instrument, want.interval, period)


def _span(want: SeriesWant, stretch: tuple[int, int]) -> RestSpan:
    return RestSpan(want.kind, want.instrument, want.interval, *stretch)


def joined_spans(spans: Sequence[RestSpan]) -> list[RestSpan]:
    """Neighbouring stretches of one series as one."""
    joined: list[RestSpan] = []
    for span in sorted(spans, key=lambda s: s.from_ns):
        if joined and span.from_ns <= joined[-1].to_ns:
            joined[-1] = replace(joined[-1], to_ns=max(joined[-1].to_ns, span.to_ns))
        else:
            joined.append(span)
    return joined
