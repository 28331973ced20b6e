"""The catalog: what history there is, and panels made of it. Importing is :mod:`geobuk.data.importer`'s."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from geobuk.data.calendars import hours_of
from geobuk.data.layout import SeriesKey, series_folders
from geobuk.data.manifest import Manifest, Source, load_manifest
from geobuk.data.panel_query import PanelQuery, select_series
from geobuk.data.panel_reader import read_selection
from geobuk.data.resample import resample
from geobuk.data.series_store import damaged, folder_of
from geobuk.data.snapshots import known_instruments
from geobuk.panel import Finding, Panel


@dataclass(frozen=True)
class SeriesEntry:
    """One stored series. ``interval`` is ``stamps`` for funding; ``masked`` rows never trade.

    ``quarantine_reason`` is empty where the series may be used.
    """

    venue: str
    instrument: str
    kind: str
    interval: str
    rows: int
    masked: int
    first_at_ns: int
    last_at_ns: int
    is_synthetic: bool
    findings: tuple[Finding, ...]
    provenance: tuple[Source, ...]
    quarantine_reason: str
    folder: Path

    @property
    def is_quarantined(self) -> bool:
        """Whether panels leave the series out."""
        return bool(self.quarantine_reason)


class Catalog:
    """History that has passed the quality gate, under one folder. Satisfies :class:`geobuk.ports.Catalog`.

    Reading needs no write access and creates nothing.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def series(self) -> list[SeriesEntry]:
        """Every series, quarantined ones included, in order of venue, instrument, kind, interval."""
        manifests = self.manifests()
        return [self._entry(manifests[key]) for key in sorted(manifests)]

    def manifests(self, venue: str = "*") -> dict[SeriesKey, Manifest]:
        """The manifest in force of every series of a venue, or of all.

        Raises
        ------
        DataError
            A manifest is damaged.
        """
        found: dict[SeriesKey, Manifest] = {}
        for quarantined in (True, False):
            for folder in series_folders(self.root, quarantined=quarantined, venue=venue):
                manifest = load_manifest(folder)
                if manifest is None:
                    continue
                other = found.get(manifest.key)
                if other is None or len(manifest.sources) > len(other.sources):
                    found[manifest.key] = manifest
        return found

    def read_panel(self, query: PanelQuery) -> Panel:
        """Aligned bars with marks and funding; the grid runs from the first to the last bar of the union in range.

        Bars whose prices the gate distrusts are NaN and not tradable; bars in runs without volume keep their prices
        and are not tradable. Rates that are not known stay NaN.

        Raises
        ------
        UnknownNameError
            Venue, interval or instrument is not in the catalog.
        DataError
            Nothing lies in the range, a named series is quarantined, or a stored file is damaged.
        """
        try:
            panel = self._read(query)
        except FileNotFoundError:  # an import replaced the files between manifest and scan
            try:
                panel = self._read(query)
            except FileNotFoundError as error:
                raise damaged(Path(error.filename or self.root).parent, error) from None
        return resample(panel, query.resample) if query.resample else panel

    def panel(self, venue: str, instruments: Sequence[str], interval: str, from_ns: int, to_ns: int) -> Panel:
        """Bars that open in [from_ns, to_ns), as the port asks for them."""
        return self.read_panel(PanelQuery(venue, interval, tuple(instruments), from_ns, to_ns))

    def _read(self, query: PanelQuery) -> Panel:
        manifests = self.manifests(query.venue) or self.manifests()
        selection = select_series(manifests, query)
        last = max(m.last_at_ns for m in selection.bars)
        names = [m.instrument for m in selection.bars]
        usual = hours_of(query.venue).funding_hours
        hours = dict.fromkeys(names, usual)
        for instrument in known_instruments(self.root, query.venue, names, last).values():
            hours[instrument.name] = instrument.funding_interval_hours or 0
        return read_selection(self.root, selection, query, hours)

    def _entry(self, manifest: Manifest) -> SeriesEntry:
        return SeriesEntry(
            venue=manifest.venue,
            instrument=manifest.instrument,
            kind=manifest.kind,
            interval=manifest.interval,
            rows=manifest.rows,
            masked=manifest.masked,
            first_at_ns=manifest.first_at_ns,
            last_at_ns=manifest.last_at_ns,
            is_synthetic=manifest.is_synthetic,
            findings=manifest.findings,
            provenance=manifest.sources,
            quarantine_reason=manifest.quarantine_reason,
            folder=folder_of(self.root, manifest),
        )
