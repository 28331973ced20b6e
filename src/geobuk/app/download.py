"""Downloads as a person asks for them: what is wanted becomes a plan to be told, and the plan is carried out."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from geobuk.app.download_plan import UP_TO_NOW, VENUE, Prepared, Wanted, open_sources, prepare, wants_of_catalog
from geobuk.app.history import period_of
from geobuk.app.home import Home
from geobuk.app.settings import Settings, load_settings, override
from geobuk.data.atomic import write_atomic, write_lock
from geobuk.data.catalog import Catalog
from geobuk.data.instruments import RulesImport, import_exchange_info
from geobuk.data.sources.binance_archive import ARCHIVE_KINDS, require_fetchable, require_instrument_name
from geobuk.data.sources.collect import Collector, Meter, SeriesOutcome
from geobuk.data.sources.fetch import Fetcher
from geobuk.data.sources.plan import Plan, SeriesWant
from geobuk.domain.errors import UserError
from geobuk.domain.times import interval_ns, interval_text
from geobuk.ops.clock import WallClock
from geobuk.ops.progress import Progress
from geobuk.ports import Clock


@dataclass(frozen=True, slots=True)
class DownloadRequest:
    """A stretch of history as it was asked for. ``period`` is two ISO dates, both inclusive; the second may be empty.

    ``is_delisted`` says that the instruments are not listed any more: only the archive has them. ``sets`` are texts
    such as ``download.connections=4``.
    """

    instruments: tuple[str, ...]
    period: tuple[str, str]
    venue: str = VENUE
    kinds: tuple[str, ...] = ("bars", "mark", "funding")
    interval: str = ""
    is_delisted: bool = False
    settings_file: Path | None = None
    sets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Downloaded:
    """What a download did. ``rules`` is None where the venue gave none; ``bytes`` are those of files."""

    plan: Plan
    series: tuple[SeriesOutcome, ...]
    rules: RulesImport | None
    bytes: int

    @property
    def failures(self) -> tuple[str, ...]:
        """What could not be had, in sentences."""
        return tuple(text for one in self.series for text in one.failures)

    @property
    def rows_new(self) -> int:
        """Rows that the catalog did not have."""
        return sum(one.rows_new for one in self.series)

    @property
    def text(self) -> str:
        """One sentence for a person."""
        gaps = sum(len(one.gaps) for one in self.series)
        extra = f", {gaps} stretches that no source has" if gaps else ""
        extra += f", {len(self.failures)} files failed" if self.failures else ""
        files = sum(one.files for one in self.series)
        return f"{self.rows_new:,} new rows in {len(self.series)} series from {files:,} files{extra}"


def prepare_download(home: Home, request: DownloadRequest, clock: Clock | None = None) -> Prepared:
    """Ask the venue what there is, look at what the catalog has, and plan the rest. Nothing is fetched yet.

    Raises
    ------
    UnknownNameError
        The venue does not list an instrument.
    UserError
        A venue, kind, interval or period that can't be downloaded.
    NetworkError
        The size of tapes could not be asked for.
    """
    _require_venue(request.venue)
    settings = _settings(home, request.settings_file, request.sets)
    interval = request.interval or settings.data.interval
    interval = interval_text(interval_ns(interval))
    for kind in request.kinds:
        require_fetchable(kind, interval)
    for name in request.instruments:
        require_instrument_name(name)
    if not (request.instruments and request.kinds and request.period[0]):
        raise UserError("nothing is asked for", cure="name --instruments, --kinds and --from")
    from_ns, to_ns = period_of(*request.period)
    assert from_ns is not None
    end_ns = to_ns if to_ns is not None else UP_TO_NOW
    wants = [
        SeriesWant(VENUE, name, kind, interval if ARCHIVE_KINDS[kind].has_interval else "", from_ns, end_ns)
        for name in request.instruments
        for kind in request.kinds
    ]
    return asyncio.run(prepare(home, settings, Wanted(tuple(wants), request.is_delisted), clock or WallClock()))


def prepare_update(
    home: Home, venue: str = "", settings_file: Path | None = None, sets: Sequence[str] = (), clock: Clock | None = None
) -> Prepared:
    """Plan what brings every series of the catalog up to now.

    Raises
    ------
    UserError
        A venue that has no source, or nothing of it is in the catalog.
    """
    if venue:
        _require_venue(venue)
    settings = _settings(home, settings_file, sets)
    wants, notes = wants_of_catalog(home)
    if not wants:
        raise UserError(
            f"the catalog holds nothing of {VENUE} that could be updated",
            cure="start with `geobuk data download --instruments BTCUSDT --interval 1h --from 2024-01-01`",
        )
    prepared = asyncio.run(prepare(home, settings, Wanted(tuple(wants), skips_unlisted=True), clock or WallClock()))
    return replace(prepared, plan=replace(prepared.plan, notes=(*notes, *prepared.plan.notes)))


def perform(
    home: Home,
    prepared: Prepared,
    progress: Progress | None = None,
    *,
    keeps_files: bool = False,
    clock: Clock | None = None,
) -> Downloaded:
    """Carry a plan out.

    Raises
    ------
    NetworkError, StorageError
        With what was stored before; the same command resumes.
    """
    tell = progress or (lambda stage, done, total: None)
    with write_lock(prepared.cache):
        rules = _keep_rules(home, prepared, clock or WallClock(), keeps_files=keeps_files)
        meter = Meter(tell, max(1, prepared.plan.bytes))
        series = asyncio.run(_collect(home, prepared, meter, clock or WallClock(), keeps_files=keeps_files))
    return Downloaded(prepared.plan, tuple(series), rules, meter.came)


def _require_venue(venue: str) -> None:
    if venue != VENUE:
        raise UserError(
            f"nothing can be downloaded for venue {venue!r}",
            cure=f"only {VENUE} has a public archive; bring files with `geobuk data import`",
        )


def _settings(home: Home, file: Path | None, sets: Sequence[str]) -> Settings:
    return load_settings(file, home=home, overrides=[override(text, "--set") for text in sets])


def _keep_rules(home: Home, prepared: Prepared, clock: Clock, *, keeps_files: bool) -> RulesImport | None:
    """The venue's rules as a dated snapshot; a new one only where something changed."""
    if prepared.rules is None:
        return None
    path = prepared.cache / "exchangeInfo.json"
    write_atomic(path, json.dumps(prepared.rules).encode())
    try:
        return import_exchange_info(Catalog(home.catalog_dir), path, None, clock, venue=VENUE)
    finally:
        if not keeps_files:
            path.unlink(missing_ok=True)


async def _collect(
    home: Home, prepared: Prepared, meter: Meter, clock: Clock, *, keeps_files: bool
) -> list[SeriesOutcome]:
    settings = prepared.settings
    async with open_sources(settings, clock) as (wire, archive, rest):
        fetcher = Fetcher(wire, archive, prepared.cache, clock, meter.add)
        connections = settings.download.connections
        collector = Collector(fetcher, rest, home.catalog_dir, meter, keeps_files=keeps_files, connections=connections)
        return await collector.collect(prepared.plan)
