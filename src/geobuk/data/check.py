"""Looks at the catalog again: are the files what was written, and what does the gate say today? It changes nothing."""

from dataclasses import dataclass
from pathlib import Path

from geobuk.data.catalog import Catalog
from geobuk.data.findings import finding
from geobuk.data.layout import STAMPS, SeriesKey
from geobuk.data.manifest import Manifest
from geobuk.data.quality import Series, gate
from geobuk.data.series_store import IMPORT_CODES, current, folder_of, load_rows, read_stored
from geobuk.data.snapshots import rules_hours
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import interval_ns, interval_text
from geobuk.ops.progress import Progress
from geobuk.panel import Finding


@dataclass(frozen=True)
class SeriesCheck:
    """One series looked at again. ``verdict`` is pass, mask or quarantine."""

    key: SeriesKey
    rows: int
    masked: int
    is_intact: bool
    quarantine_reason: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> str:
        """The gravest consequence."""
        if self.quarantine_reason:
            return "quarantine"
        return "mask" if any(f.consequence == "mask" for f in self.findings) else "pass"


def check_catalog(
    catalog: Catalog, venue: str = "", interval: str = "", progress: Progress | None = None
) -> list[SeriesCheck]:
    """Check every series of a venue and interval (empty: all), funding of that venue included.

    Raises
    ------
    UnknownNameError
        Nothing is stored under that venue or interval.
    """
    manifests = catalog.manifests()
    keys = sorted(_chosen(list(manifests), venue, interval))
    hours = _rules_hours(catalog.root, [manifests[key] for key in keys if key.kind == "funding"])
    checks = []
    for number, key in enumerate(keys):
        if progress is not None:
            progress(str(key), number, len(keys))
        checks.append(_check(catalog.root, manifests[key], hours.get((key.venue, key.instrument), 0)))
    if progress is not None:
        progress("done", len(keys), len(keys))
    return checks


def _chosen(keys: list[SeriesKey], venue: str, interval: str) -> list[SeriesKey]:
    if venue and venue not in {key.venue for key in keys}:
        raise UnknownNameError(
            "venue", venue, {key.venue for key in keys}, cure="(import data with `geobuk data import`)"
        )
    of_venue = [key for key in keys if venue in {"", key.venue}]
    if not interval:
        return of_venue
    wanted = STAMPS if interval == STAMPS else interval_text(interval_ns(interval))
    known = {key.interval for key in of_venue}
    if wanted not in known:
        raise UnknownNameError("interval", interval, known)
    return [key for key in of_venue if key.interval in {wanted, STAMPS}]


def _rules_hours(root: Path, funding: list[Manifest]) -> dict[tuple[str, str], int]:
    """Hours between stamps by the rules, by venue and instrument."""
    found: dict[tuple[str, str], int] = {}
    for venue in {m.venue for m in funding}:
        of_venue = [m for m in funding if m.venue == venue]
        last = max(m.last_at_ns for m in of_venue)
        hours = rules_hours(root, venue, [m.instrument for m in of_venue], last)
        found |= {(venue, name): value for name, value in hours.items()}
    return found


def _check(root: Path, manifest: Manifest, rules: int) -> SeriesCheck:
    key = manifest.key
    broken = _broken_files(root, manifest)
    if broken:
        newer = current(root, key)
        if newer is not None and newer != manifest:  # imported again meanwhile
            return _check(root, newer, rules)
        span = (manifest.first_at_ns, manifest.last_at_ns)
        where = folder_of(root, manifest)
        detail = f"{', '.join(broken)} missing or changed since it was written; delete {where} and import again"
        found = finding("CHECKSUM", key.instrument, len(broken), span, detail=detail, series=key.kind)
        findings = (found, *manifest.findings)
        return SeriesCheck(key, manifest.rows, manifest.masked, False, found.text, findings)
    try:
        rows = load_rows(root, manifest)
    except DataError as error:
        return SeriesCheck(key, manifest.rows, manifest.masked, False, str(error), manifest.findings)
    verdict = gate(rows, Series(key.venue, key.instrument, key.kind, key.interval_ns, rules))
    at_import = tuple(f for f in manifest.findings if f.code in IMPORT_CODES)
    return SeriesCheck(key, len(rows), verdict.masked, True, verdict.quarantine_reason, (*at_import, *verdict.findings))


def _broken_files(root: Path, manifest: Manifest) -> list[str]:
    folder = folder_of(root, manifest)
    broken = []
    for file in manifest.files:
        try:
            read_stored(folder, file)
        except (OSError, DataError):
            broken.append(file.name)
    return broken
