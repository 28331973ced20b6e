"""Carries out a plan: fetch, fall back from month to day to REST, unpack, keep. One broken file costs only itself."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from geobuk.data.layout import SeriesKey
from geobuk.data.series_store import Stored
from geobuk.data.sources.binance_archive import ARCHIVE_KINDS, ArchiveFile
from geobuk.data.sources.binance_rest import BinanceRest, RestSpan
from geobuk.data.sources.fetch import Fetched, Fetcher
from geobuk.data.sources.keep import Piece, archive_source, keep_day, keep_rows, rest_source
from geobuk.data.sources.plan import Plan, SeriesPlan, joined_spans
from geobuk.data.sources.tapes import TapeDay
from geobuk.data.sources.unpack import unpack
from geobuk.data.sources.wire import NotThereError
from geobuk.domain.errors import DataError, NetworkError, StorageError, UserError
from geobuk.ops.progress import Progress
from geobuk.panel import Finding

T = TypeVar("T")

_AT_ONCE = 2
"""Series that are unpacked at once; each takes a processor and its rows' memory."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch for which no source has anything."""

    from_ns: int
    to_ns: int
    why: str


@dataclass(frozen=True)
class SeriesOutcome:
    """What became of one series. ``failures`` are sentences about files that could not be had or used."""

    key: SeriesKey
    files: int = 0
    requests: int = 0
    rows_new: int = 0
    rows_known: int = 0
    rows_conflicting: int = 0
    rows_masked: int = 0
    quarantine_reason: str = ""
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    failures: tuple[str, ...] = ()


@dataclass
class _Gathered:
    """What a series has so far."""

    fetched: list[Fetched] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    spans: list[RestSpan] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    requests: int = 0


@dataclass
class Meter:
    """How much has come, and whom to tell. The total is an estimate."""

    tell: Progress
    total: int
    came: int = 0
    files: int = 0
    of_files: int = 0

    def add(self, count: int) -> None:
        """Bytes that came."""
        self.came += count
        self.tell(f"{self.files:,} of {self.of_files:,} files", min(self.came, self.total), self.total)


async def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    """All of them at once; the first error for a person ends the others and is raised."""
    tasks: list[asyncio.Task[T]] = []
    found: list[UserError] = []
    try:
        async with asyncio.TaskGroup() as group:
            tasks += [group.create_task(one) for one in work]
    except* UserError as errors:
        found += [error for error in errors.exceptions if isinstance(error, UserError)]
    if found:
        raise found[0]
    return [task.result() for task in tasks]


class Collector:
    """Brings the series of a plan into the catalog at ``root``."""

    def __init__(
        self, fetcher: Fetcher, rest: BinanceRest, root: Path, meter: Meter, *, keeps_files: bool, connections: int
    ) -> None:
        self._fetcher, self._rest, self._root, self._meter = fetcher, rest, root, meter
        self._keeps_files = keeps_files
        self._in_flight = asyncio.Semaphore(connections)
        self._unpacking = asyncio.Semaphore(_AT_ONCE)
        self._storing = asyncio.Lock()
        self._done = 0

    async def collect(self, plan: Plan) -> list[SeriesOutcome]:
        """Every series of the plan, in its order.

        Raises
        ------
        NetworkError
            A server can't be used. Series that were complete are stored, files that were complete are in the cache.
        StorageError
            The cache or the catalog can't be written; likewise.
        """
        wanted = [one for one in plan.series if one.files or one.spans or one.left_out]
        self._meter.of_files = plan.files
        try:
            return await together(*(self._series(one, plan.now_ns) for one in wanted))
        except (NetworkError, StorageError) as error:
            done = f"{error.message} ({self._done} of {len(wanted)} series were stored)"
            raise type(error)(done, cure=error.cure) from None

    async def _series(self, plan: SeriesPlan, now_ns: int) -> SeriesOutcome:
        async with self._in_flight:
            gathered = _Gathered(gaps=[Gap(*stretch, "only REST has it yet") for stretch in plan.left_out])
            if ARCHIVE_KINDS[plan.want.kind].is_tape:
                outcome = await self._tape(plan, gathered, now_ns)
            else:
                await self._files(plan, plan.files, gathered)
                await self._spans(plan, gathered, now_ns)
                outcome = await self._keep(plan, gathered, now_ns)
            self._done += 1
            return outcome

    async def _files(self, plan: SeriesPlan, files: Sequence[ArchiveFile], gathered: _Gathered) -> None:
        """Fetch files; a month that is not there is looked for day by day, a day by REST."""
        missing = [file for file in await together(*(self._file(file, gathered) for file in files)) if file is not None]
        days = [day for month in missing if month.is_month for day in month.days()]
        first, last = plan.want.from_ns, plan.want.to_ns
        for file in missing:
            begin, end = max(file.span[0], first), min(file.span[1], last)
            if file.is_month and days:
                continue
            if plan.want.asks_rest and begin < end:
                gathered.spans.append(RestSpan(file.kind, file.instrument, file.interval, begin, end))
            else:
                gathered.gaps.append(Gap(begin, end, f"the archive has no {file.name}"))
        wanted = [day for day in days if day.span[1] > first and day.span[0] < last]
        if wanted:
            self._meter.of_files += len(wanted)
            await self._files(plan, wanted, gathered)

    async def _file(self, file: ArchiveFile, gathered: _Gathered) -> ArchiveFile | None:
        """Fetch one file; the file itself where the archive does not have it."""
        try:
            gathered.fetched.append(await self._fetcher.fetch(file))
        except NotThereError:
            return file
        except DataError as error:
            gathered.failures.append(str(error))
        finally:
            self._meter.files += 1
            self._meter.add(0)
        return None

    async def _spans(self, plan: SeriesPlan, gathered: _Gathered, now_ns: int) -> None:
        for span in joined_spans([*plan.spans, *gathered.spans]):
            gathered.requests += span.requests
            try:
                rows = await self._rest.rows(span)
            except DataError as error:
                gathered.failures.append(f"{span.instrument} {span.kind}: {error}")
                continue
            if rows.frame.height == 0:
                if span.interval or span.to_ns - span.from_ns > span.longest_silence_ns:
                    gathered.gaps.append(Gap(span.from_ns, span.to_ns, "neither the archive nor REST has anything"))
            else:
                gathered.pieces.append(Piece(rows.frame, rest_source(rows, now_ns)))

    async def _keep(self, plan: SeriesPlan, gathered: _Gathered, now_ns: int) -> SeriesOutcome:
        async with self._unpacking:
            unpacked = await asyncio.to_thread(_unpacked, gathered, now_ns)
        pieces = [*unpacked, *gathered.pieces]
        stored: Stored | None = None
        if pieces:
            async with self._storing:
                try:
                    stored = await asyncio.to_thread(keep_rows, self._root, plan.want.key, pieces, now_ns)
                except DataError as error:
                    gathered.failures.append(str(error))
        if stored is not None:
            self._forget(gathered.fetched)
        return _outcome(plan.want.key, gathered, stored)

    async def _tape(self, plan: SeriesPlan, gathered: _Gathered, now_ns: int) -> SeriesOutcome:
        key = plan.want.key
        stored = await together(*(self._day(key, file, gathered, now_ns) for file in plan.files))
        days = [day for day in stored if day is not None]
        findings = tuple(found for day in sorted(days, key=lambda d: d.day) for found in day.findings)
        return replace(_outcome(key, gathered, None), rows_new=sum(day.rows for day in days), findings=findings)

    async def _day(self, key: SeriesKey, file: ArchiveFile, gathered: _Gathered, now_ns: int) -> TapeDay | None:
        """Fetch and store one day of a tape at once: a year of them does not fit into memory."""
        missing = await self._file(file, gathered)
        if missing is not None:
            gathered.gaps.append(Gap(*file.span, f"the archive has no {file.name}"))
        mine = next((one for one in gathered.fetched if one.file == file), None)
        if mine is None:
            return None
        try:
            async with self._unpacking:
                frame = await asyncio.to_thread(unpack, mine.path, file)
            async with self._storing:
                piece = Piece(frame, archive_source(mine, now_ns))
                day = await asyncio.to_thread(keep_day, self._root, key, file.period, piece)
        except DataError as error:
            gathered.failures.append(str(error))
            return None
        self._forget([mine])
        return day

    def _forget(self, fetched: Sequence[Fetched]) -> None:
        if not self._keeps_files:
            for one in fetched:
                self._fetcher.forget(one.file)


def _unpacked(gathered: _Gathered, now_ns: int) -> list[Piece]:
    """Frames of the files in order of time; what can't be unpacked is a failure of that file."""
    pieces = []
    for fetched in sorted(gathered.fetched, key=lambda f: f.file.span):
        try:
            frame = unpack(fetched.path, fetched.file)
        except DataError as error:
            gathered.failures.append(str(error))
            continue
        if frame.height:
            pieces.append(Piece(frame, archive_source(fetched, now_ns)))
    return pieces


def _outcome(key: SeriesKey, gathered: _Gathered, stored: Stored | None) -> SeriesOutcome:
    common = SeriesOutcome(
        key,
        files=len(gathered.fetched),
        requests=gathered.requests,
        gaps=tuple(sorted(gathered.gaps, key=lambda gap: gap.from_ns)),
        failures=tuple(gathered.failures),
    )
    if stored is None:
        return common
    return replace(
        common,
        rows_new=stored.added,
        rows_known=stored.known,
        rows_conflicting=stored.conflicts,
        rows_masked=stored.manifest.masked,
        quarantine_reason=stored.manifest.quarantine_reason,
        findings=stored.manifest.findings,
    )
