"""The catalog: what history there is, and panels made of it. Importing is :mod:`geobuk.data.importer`'s."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from geobuk.data.layout import SeriesKey, series_folders
from geobuk.data.manifest import Manifest, Source, StoredFile, load_manifest
from geobuk.data.panel_chunks import read_chunks
from geobuk.data.panel_query import PanelQuery, Selection, select_series
from geobuk.data.panel_reader import read_selection
from geobuk.data.resample import resample
from geobuk.data.series_commit import PLACES, folder_of
from geobuk.data.series_files import damaged
from geobuk.data.snapshots import rules_hours
from geobuk.domain.errors import DataError
from geobuk.panel import Finding, Panel

_TRIES = 20
"""Readings of one panel before giving up; each further one means that an import replaced files in between."""


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
    files: tuple[StoredFile, ...]
    content_hash: str
    revision: int

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.size for file in self.files)

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
        seen: set[Path] = set()
        for quarantined in PLACES:
            for folder in series_folders(self.root, quarantined=quarantined, venue=venue):
                manifest = None if folder in seen else load_manifest(folder)
                seen.add(folder)
                if manifest is None:
                    continue
                other = found.get(manifest.key)
                if other is None or manifest.age > other.age:
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
        panel = self._read_in_force(query)
        return resample(panel, query.resample) if query.resample else panel

    def read_chunks(self, query: PanelQuery, bars_per_chunk: int) -> Iterator[Panel]:
        """The same rows as :meth:`read_panel`, in panels of ``bars_per_chunk`` rows: a long history needs no memory.

        The next panel is read in a thread meanwhile. Resampled bars are never cut; see
        :func:`geobuk.data.panel_chunks.read_chunks`. Every panel names the same source hash, and the findings of its
        own range.

        Raises
        ------
        UnknownNameError, DataError
            As :meth:`read_panel`; DataError also where imports removed a file before it was reached.
        """
        selection = self._select(query)
        try:
            yield from read_chunks(self.root, selection, query, self._rules_hours(selection, query), bars_per_chunk)
        except FileNotFoundError as error:
            if self._select(query) == selection:
                raise damaged(Path(error.filename).parent, error) from None
            raise DataError(
                f"{query.venue} {query.interval} was imported anew while it was being read",
                cure="run the command again",
            ) from None

    def panel(self, venue: str, instruments: Sequence[str], interval: str, from_ns: int, to_ns: int) -> Panel:
        """Bars that open in [from_ns, to_ns), as the port asks for them."""
        return self.read_panel(PanelQuery(venue, interval, tuple(instruments), from_ns, to_ns))

    def _read_in_force(self, query: PanelQuery) -> Panel:
        """Read by the manifests in force, anew as long as imports replace them (and their files) meanwhile."""
        selection = self._select(query)
        for _ in range(_TRIES):
            try:
                return self._read(selection, query)
            except FileNotFoundError as error:
                before, selection = selection, self._select(query)
                if selection == before:
                    raise damaged(Path(error.filename).parent, error) from None
        raise DataError(
            f"{query.venue} {query.interval} is being imported faster than it can be read",
            cure="wait until the imports have finished, then run the command again",
        )

    def _select(self, query: PanelQuery) -> Selection:
        return select_series(self.manifests(query.venue) or self.manifests(), query)

    def _read(self, selection: Selection, query: PanelQuery) -> Panel:
        return read_selection(self.root, selection, query, self._rules_hours(selection, query))

    def _rules_hours(self, selection: Selection, query: PanelQuery) -> dict[str, int]:
        names, last = [m.instrument for m in selection.bars], max(m.last_at_ns for m in selection.bars)
        return rules_hours(self.root, query.venue, names, last)

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
            files=manifest.files,
            content_hash=manifest.content_hash,
            revision=manifest.revision,
        )
