"""Looks at the catalog again: are the files what was written, and what does the gate say today? It changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geobuk.data.catalog import Catalog
from geobuk.data.check_context import context_of, sister_venues
from geobuk.data.check_sketch import Sketch, sketch_of
from geobuk.data.checks.identity import PREFIXES
from geobuk.data.findings import finding
from geobuk.data.layout import STAMPS, SeriesKey
from geobuk.data.manifest import Manifest
from geobuk.data.quality import Series, Verdict, gate
from geobuk.data.rows import Rows
from geobuk.data.series_store import IMPORT_CODES, current, folder_of, load_rows, read_stored
from geobuk.data.snapshots import rules_hours
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import interval_ns, interval_text
from geobuk.ops.progress import Progress
from geobuk.panel import Finding


@dataclass(frozen=True)
class SeriesCheck:
    """One series looked at again. ``verdict`` is pass, mask or quarantine; ``sketch`` is for pictures, if asked for."""

    key: SeriesKey
    rows: int
    masked: int
    is_intact: bool
    quarantine_reason: str
    findings: tuple[Finding, ...]
    sketch: Sketch | None = None

    @property
    def verdict(self) -> str:
        """The gravest consequence."""
        if self.quarantine_reason:
            return "quarantine"
        return "mask" if any(f.consequence == "mask" for f in self.findings) else "pass"


@dataclass(frozen=True)
class CheckRequest:
    """Which series to look at: empty means all. ``with_sketches`` keeps what a report draws."""

    venue: str = ""
    interval: str = ""
    instruments: tuple[str, ...] = ()
    with_sketches: bool = False


def check_series(catalog: Catalog, request: CheckRequest, progress: Progress | None = None) -> list[SeriesCheck]:
    """Check the series asked for, funding of that venue included, each in its context.

    Raises
    ------
    UnknownNameError
        Nothing is stored under that venue, interval or instrument.
    """
    manifests = catalog.manifests()
    keys = sorted(_chosen(list(manifests), request))
    checks = []
    for number, key in enumerate(keys):
        if progress is not None:
            progress(str(key), number, len(keys))
        checks.append(_check(catalog.root, manifests[key], request.with_sketches))
    if progress is not None:
        progress("done", len(keys), len(keys))
    return checks


def judge(root: Path, manifest: Manifest) -> Verdict:
    """What the gate says today of a stored series, other series of its instrument considered.

    Raises
    ------
    DataError
        A stored file is damaged.
    """
    return judge_rows(root, manifest, load_rows(root, manifest))


def judge_rows(root: Path, manifest: Manifest, rows: Rows) -> Verdict:
    """As :func:`judge`, of the series' rows that were read already."""
    key = manifest.key
    hours = 0
    if key.kind == "funding":
        hours = rules_hours(root, key.venue, [key.instrument], manifest.last_at_ns).get(key.instrument, 0)
    series = Series(key.venue, key.instrument, key.kind, key.interval_ns, hours)
    volume_is_base = all(source.volume_unit == "base" for source in manifest.sources)
    return gate(rows, series, context_of(root, key, volume_is_base=volume_is_base))


def compared_with(manifests: Mapping[SeriesKey, Manifest], key: SeriesKey) -> tuple[SeriesKey, ...]:
    """Series of bars whose verdict may change when ``key`` does: those of its instrument in the same market.

    Those of the single coin, too, where the instrument is a contract of many.
    """
    if key.kind not in {"bars", "mark"}:
        return ()
    venues, names = sister_venues(key.venue), named_beside(key.instrument)
    return tuple(
        other
        for other in sorted(manifests)
        if other != key and other.kind == "bars" and other.instrument in names and other.venue in venues
    )


def named_beside(instrument: str) -> tuple[str, ...]:
    """The instrument, and the coins of which it may be a contract of many.

    >>> named_beside("1000PEPEUSDT")
    ('1000PEPEUSDT', 'PEPEUSDT')
    """
    coins = (instrument.removeprefix(prefix) for prefix in PREFIXES if instrument.startswith(prefix))
    return (instrument, *(coin for coin in coins if coin))


def _chosen(keys: Sequence[SeriesKey], request: CheckRequest) -> list[SeriesKey]:
    _require_known("venue", request.venue, {key.venue for key in keys}, "(import data with `geobuk data import`)")
    chosen = [key for key in keys if request.venue in {"", key.venue}]
    names = {key.instrument for key in chosen}
    for name in request.instruments:
        _require_known("instrument", name, names)
    chosen = [key for key in chosen if not request.instruments or key.instrument in request.instruments]
    if not request.interval:
        return chosen
    wanted = STAMPS if request.interval == STAMPS else interval_text(interval_ns(request.interval))
    known = {key.interval for key in chosen}
    if wanted not in known:
        raise UnknownNameError("interval", request.interval, known)
    return [key for key in chosen if key.interval in {wanted, STAMPS}]


def _require_known(what: str, name: str, known: set[str], cure: str = "") -> None:
    if name and name not in known:
        raise UnknownNameError(what, name, known, cure=cure)


def _check(root: Path, manifest: Manifest, with_sketch: bool) -> SeriesCheck:
    key = manifest.key
    broken = _broken_files(root, manifest)
    if broken:
        newer = current(root, key)
        if newer is not None and newer != manifest:  # imported again meanwhile
            return _check(root, newer, with_sketch)
        return _broken(root, manifest, broken)
    try:
        verdict = judge(root, manifest)
    except DataError as error:
        return SeriesCheck(key, manifest.rows, manifest.masked, False, str(error), manifest.findings)
    at_import = tuple(f for f in manifest.findings if f.code in IMPORT_CODES)
    findings = (*at_import, *verdict.findings)
    sketch = sketch_of(verdict.rows, key) if with_sketch else None
    return SeriesCheck(key, len(verdict.rows), verdict.masked, True, verdict.quarantine_reason, findings, sketch)


def _broken(root: Path, manifest: Manifest, broken: list[str]) -> SeriesCheck:
    key, span = manifest.key, (manifest.first_at_ns, manifest.last_at_ns)
    names, where = ", ".join(broken), folder_of(root, manifest)
    detail = (
        f"{names} missing or changed since it was written; delete {where} and import again",
        f"{names}이 없거나 바뀜. {where}을 지우고 다시 가져오십시오",
    )
    found = finding("CHECKSUM", key.instrument, len(broken), span, detail=detail, series=key.kind)
    return SeriesCheck(key, manifest.rows, manifest.masked, False, found.text, (found, *manifest.findings))


def _broken_files(root: Path, manifest: Manifest) -> list[str]:
    folder = folder_of(root, manifest)
    broken = []
    for file in manifest.files:
        try:
            read_stored(folder, file)
        except (OSError, DataError):
            broken.append(file.name)
    return broken
