"""Finds in a catalog what the gate may know beyond a series: rules, mark price, other series of the instrument."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from geobuk.data.calendars import hours_of
from geobuk.data.checks.context import NOTHING_KNOWN, Context, Reference, TickEra
from geobuk.data.checks.folding import fold
from geobuk.data.checks.identity import MULTIPLES, PREFIXES, multiple_of
from geobuk.data.findings import FINDINGS, PRICE_BITS
from geobuk.data.krx_import import is_korean_code
from geobuk.data.krx_rules import KOSDAQ, Listed, korean_instrument
from geobuk.data.layout import MANIFEST, SeriesKey, series_folder
from geobuk.data.manifest import Manifest, load_manifest
from geobuk.data.membership import listed
from geobuk.data.rows import Rows
from geobuk.data.series_files import read_rows
from geobuk.data.sessions import KOREAN_VENUES, sessions_of
from geobuk.data.snapshots import rules_in_force, snapshots_of
from geobuk.domain.instrument import Instrument, TickBand
from geobuk.domain.times import NS_PER_DAY

_STILL_COUNT = np.uint32(sum(FINDINGS[code].bit for code in ("SOURCES", "MARK", "SPLIT")))
"""Marks of rows that are compared all the same: those that differ from others, and good ones from before a split."""


@dataclass(frozen=True)
class Surroundings:
    """What a catalog holds in use beside one series: manifests of its instrument and of its contract of many coins."""

    root: Path
    manifests: Mapping[SeriesKey, Manifest]

    def usable(self, venues: Iterable[str], instrument: str, kind: str) -> list[Manifest]:
        """Series of a kind, those with the shorter intervals first. Quarantined ones are never here."""
        found = (m for m in self.manifests.values() if (m.instrument, m.kind) == (instrument, kind))
        return sorted((m for m in found if m.venue in venues), key=_interval)


def _surroundings(root: Path, key: SeriesKey) -> Surroundings:
    wanted = {key.instrument, *(prefix + key.instrument for prefix in PREFIXES)}
    folders = (
        folder.parent
        for venue in sister_venues(key.venue)
        for name in wanted
        for folder in _instrument_folder(root, venue, name).glob(f"kind=*/interval=*/{MANIFEST}")
    )
    manifests = (load_manifest(folder) for folder in folders)
    return Surroundings(root, {m.key: m for m in manifests if m is not None})


def _instrument_folder(root: Path, venue: str, instrument: str) -> Path:
    return series_folder(root, SeriesKey(venue, instrument, "bars", "1d")).parent.parent


def sister_venues(venue: str) -> tuple[str, ...]:
    """Venues through which one and the same market is seen: itself, and those with the same sessions."""
    market = sessions_of(venue)
    return (venue,) if market is None else tuple(KOREAN_VENUES)


def context_of(root: Path, key: SeriesKey, *, volume_is_base: bool = True) -> Context:
    """What is known around one series; nothing for other kinds than bars.

    Parameters
    ----------
    root : the catalog's folder.
    volume_is_base : False where volumes were made from quote volumes: they have no lot step then.
    """
    if key.kind != "bars":
        return NOTHING_KNOWN
    around = _surroundings(root, key)
    snapshots = snapshots_of(root, key.venue)
    rules = rules_in_force(snapshots, [key.instrument], None).get(key.instrument) or _korean(root, key)
    names = {instrument.name for snapshot in snapshots for instrument in snapshot.instruments}
    stored = {found.instrument for found in around.manifests if found.instrument != key.instrument}
    known = frozenset(names | stored | MULTIPLES.get(key.venue, frozenset()))
    context = Context(
        mark=_mark(around, key),
        references=tuple(_references(around, key)),
        thousandfold=_thousandfold(around, key, known),
        known_names=known,
    )
    return context if rules is None else _with_rules(context, rules, volume_is_base=volume_is_base)


def _korean(root: Path, key: SeriesKey) -> Instrument | None:
    """The built-in rules of a Korean code; where the market is not known with KOSDAQ's ticks, which all others fit."""
    if key.venue not in KOREAN_VENUES or not is_korean_code(key.instrument):
        return None
    known = listed(root, [key.instrument]).get(key.instrument, Listed(key.instrument))
    return korean_instrument(key.venue, known if known.market else replace(known, market=KOSDAQ))


def _with_rules(context: Context, rules: Instrument, *, volume_is_base: bool) -> Context:
    return replace(
        context,
        ticks=_ticks(rules),
        step=float(rules.step) if volume_is_base else 0.0,
        price_band=float(rules.price_band or 0.0),
        rules_as_of=rules.as_of.isoformat(),
    )


def _ticks(rules: Instrument) -> tuple[TickEra, ...]:
    dated = [(entry.from_day, entry.ticks) for entry in rules.dated_ticks] or [(rules.as_of, rules.ticks)]
    return tuple(_era(day, ticks) for day, ticks in dated)


def _era(day: date, ticks: tuple[TickBand, ...]) -> TickEra:
    from_ns = (day - date(1970, 1, 1)).days * NS_PER_DAY
    return TickEra(from_ns, tuple(float(band.floor) for band in ticks), tuple(float(band.tick) for band in ticks))


def _references(around: Surroundings, key: SeriesKey) -> list[Reference]:
    """Bars of the same instrument at other intervals, and at sister venues."""
    step = key.interval_ns
    others = around.usable(sister_venues(key.venue), key.instrument, "bars")
    found = [m for m in others if m.key != key and _fits(m, step)]
    return [_reference(around, manifest) for manifest in found]


def _interval(manifest: Manifest) -> int:
    return manifest.key.interval_ns


def _fits(manifest: Manifest, step: int) -> bool:
    short, long = sorted((manifest.key.interval_ns, step))
    return long % short == 0


def _reference(around: Surroundings, manifest: Manifest) -> Reference:
    key = manifest.key
    label = f"{key.venue} {key.interval}"
    return Reference(label, key.interval_ns, _loader(around.root, manifest))


def _loader(root: Path, manifest: Manifest) -> Callable[[], Rows]:
    def load() -> Rows:
        return trusted(read_rows(series_folder(root, manifest.key), manifest))

    return load


def trusted(rows: Rows) -> Rows:
    """Those that nothing but another series speaks against."""
    good = rows.mask & np.uint32(PRICE_BITS) & ~_STILL_COUNT == 0
    return rows if good.all() else rows.take(good)


def _mark(around: Surroundings, key: SeriesKey) -> Reference | None:
    """The mark price at the next coarser interval, or a finer one made as coarse as the bars."""
    step = key.interval_ns
    marks = [m for m in around.usable((key.venue,), key.instrument, "mark") if _fits(m, step)]
    coarse = [m for m in marks if m.key.interval_ns >= step]
    if coarse or not marks:
        return _reference(around, coarse[0]) if coarse else None
    source = _reference(around, marks[-1])

    def load() -> Rows:
        folded = fold(source.rows, source.interval_ns, step, hours_of(key.venue))
        mask = np.zeros(len(folded.first), dtype=np.uint32)
        return Rows(source.rows.at_ns[folded.first], folded.values, mask).take(folded.is_whole)

    return Reference(source.label, step, load)


def _thousandfold(around: Surroundings, key: SeriesKey, known: frozenset[str]) -> Reference | None:
    contract = multiple_of(key.instrument, known)
    if not contract or key.instrument in known:
        return None
    found = around.usable((key.venue,), contract, "bars")
    return _reference(around, found[0]) if found else None
