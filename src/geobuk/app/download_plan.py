"""What a download will take: the venue is asked what there is, the catalog what it has, and the rest is planned."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geobuk.app.home import Home
from geobuk.app.settings import Settings
from geobuk.data.binance_rules import with_funding_info
from geobuk.data.catalog import Catalog
from geobuk.data.sources.binance_archive import ARCHIVE_KINDS, INTERVALS, ArchiveFile
from geobuk.data.sources.binance_rest import BinanceRest, listing_times
from geobuk.data.sources.collect import together
from geobuk.data.sources.coverage import NOTHING, Coverage, coverage_of
from geobuk.data.sources.pacing import Pacer
from geobuk.data.sources.plan import Plan, SeriesPlan, SeriesWant, plan_series
from geobuk.data.sources.tapes import days_fetched, first_instant, load_tape, tape_key, tape_keys
from geobuk.data.sources.wire import Host, NotThereError, Wire, WireSpec
from geobuk.domain.errors import DataError, NetworkError, UnknownNameError
from geobuk.domain.times import NS_PER_SECOND, at_text
from geobuk.ports import Clock

VENUE = "binance"
"""The one venue that has an archive."""

UP_TO_NOW = 1 << 62
"""An end that never comes: everything there is."""

_CLOCK_OFF_NS = 60 * NS_PER_SECOND


@dataclass(frozen=True)
class Prepared:
    """A plan, and what is needed to carry it out. ``rules`` is the venue's own document, None without an answer."""

    plan: Plan
    settings: Settings
    cache: Path
    rules: Mapping[str, Any] | None


@dataclass(frozen=True)
class Wanted:
    """Series to be brought. What the venue does not list is refused, unless it is said to be delisted or is skipped."""

    series: tuple[SeriesWant, ...]
    is_delisted: bool = False
    skips_unlisted: bool = False


def wants_of_catalog(home: Home) -> tuple[list[SeriesWant], list[str]]:
    """One want for each series that has a source, from its first row on, as older files may have failed; and notes."""
    catalog = Catalog(home.catalog_dir)
    wants, others = [], []
    for key, manifest in sorted(catalog.manifests().items()):
        has_source = key.venue == VENUE and key.kind in ARCHIVE_KINDS and not manifest.is_synthetic
        if has_source and (key.interval in INTERVALS or not ARCHIVE_KINDS[key.kind].has_interval):
            interval = key.interval if key.interval_ns else ""
            wants.append(SeriesWant(VENUE, key.instrument, key.kind, interval, manifest.first_at_ns, UP_TO_NOW))
        else:
            others.append(str(key))
    for key in tape_keys(catalog.root, VENUE):
        first = first_instant(load_tape(catalog.root, key))
        wants.append(SeriesWant(VENUE, key.instrument, key.kind, "", first, UP_TO_NOW))
    shown = ", ".join(others[:5]) + (f" and {len(others) - 5} more" if len(others) > 5 else "")
    return wants, [f"{len(others)} series have no source and stay as they are: {shown}"] if others else []


async def prepare(home: Home, settings: Settings, wanted: Wanted, clock: Clock) -> Prepared:
    """Ask, look and plan; nothing is fetched yet. Raises as :func:`geobuk.app.download.prepare_download`."""
    notes: list[str] = []
    async with open_sources(settings, clock) as (wire, archive, rest):
        now_ns, rules, times = clock.now_ns(), None, None
        try:
            now_ns = _agreed(now_ns, await rest.server_time_ns(), notes)
            info, funding_info = await rest.exchange_info(), await rest.funding_info()
            times = listing_times(info)
            rules = with_funding_info(info, funding_info)
        except (NetworkError, DataError) as error:
            notes.append(
                f"the newest days and the rules are left out, as the REST interface does not help: {error.message}"
            )
        listed = _listed(wanted, times, notes)
        plans = [plan_series(want, _coverage(home, want), now_ns) for want in listed]
        sized = [await _measured(wire, archive, one) for one in plans]
    return Prepared(Plan(tuple(sized), now_ns, tuple(notes)), settings, _cache(home, settings), rules)


def _agreed(ours_ns: int, theirs_ns: int, notes: list[str]) -> int:
    """The venue's time: its bars end by its clock, not by this machine's."""
    if abs(ours_ns - theirs_ns) > _CLOCK_OFF_NS:
        notes.append(
            f"this machine's clock says {at_text(ours_ns)}, the venue's {at_text(theirs_ns)} UTC: the venue's counts"
        )
    return theirs_ns


def _listed(wanted: Wanted, times: Mapping[str, tuple[int, int | None]] | None, notes: list[str]) -> list[SeriesWant]:
    """The wants with the dates of their instruments. Raises UnknownNameError for one that the venue does not list."""
    if times is None:
        return [replace(want, asks_rest=False) for want in wanted.series]
    result = []
    for want in wanted.series:
        if want.instrument in times:
            begins, ends = times[want.instrument]
            result.append(replace(want, listed_ns=begins, delisted_ns=ends))
        elif wanted.is_delisted:
            result.append(replace(want, asks_rest=False))
        elif wanted.skips_unlisted:
            notes.append(f"{want.instrument} {want.kind} stays as it is: {VENUE} does not list it (any more)")
        else:
            raise UnknownNameError(
                f"instrument of {VENUE}", want.instrument, times, cure="(one that was delisted: add --delisted)"
            )
    return result


def _coverage(home: Home, want: SeriesWant) -> Coverage:
    if ARCHIVE_KINDS[want.kind].is_tape:
        key = tape_key(want.venue, want.instrument, want.kind)
        return Coverage.of(NOTHING.at_ns, days_fetched(load_tape(home.catalog_dir, key)))
    return coverage_of(home.catalog_dir, want.key)


async def _measured(wire: Wire, archive: Host, plan: SeriesPlan) -> SeriesPlan:
    """Sizes of a tape's files, which no table could tell; a file that is not there has none."""

    async def size(file: ArchiveFile) -> int:
        try:
            return await wire.size(archive, f"/{file.path}")
        except NotThereError:
            return 0

    if not ARCHIVE_KINDS[plan.want.kind].is_tape:
        return plan
    return replace(plan, sizes=tuple(await together(*(size(file) for file in plan.files))))


def _cache(home: Home, settings: Settings) -> Path:
    named = settings.download.cache
    return Path(named).expanduser() if named else home.downloads_dir


@asynccontextmanager
async def open_sources(settings: Settings, clock: Clock) -> AsyncIterator[tuple[Wire, Host, BinanceRest]]:
    wanted = settings.download
    spec = WireSpec(
        connections=wanted.connections,
        connect_s=wanted.connect_seconds,
        silence_s=wanted.silence_seconds,
        tries=wanted.tries,
        backoff_s=wanted.backoff_seconds,
        patience_s=wanted.patience_seconds,
    )
    async with Wire(spec, clock) as wire:
        archive = Host(wanted.archive.rstrip("/"), Pacer(None))
        yield wire, archive, BinanceRest(wire, wanted.rest.rstrip("/"), clock, share=wanted.rate_share)
