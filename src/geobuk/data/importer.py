"""Brings a user's file into the catalog: read, map, judge, store. It explains what it refuses and reports the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import polars as pl

from geobuk.data.arrange import arrange
from geobuk.data.atomic import write_lock
from geobuk.data.canonical import Reading, canonical, instrument_in_file_name
from geobuk.data.catalog import Catalog
from geobuk.data.columns import ColumnMap, map_columns
from geobuk.data.findings import finding
from geobuk.data.formats import read_table
from geobuk.data.layout import SeriesKey, require_kind, require_venue, series_key
from geobuk.data.manifest import Source
from geobuk.data.rows import Rows
from geobuk.data.series_store import Batch, Stored, store
from geobuk.data.snapshots import rules_hours
from geobuk.data.spacing import choose_interval
from geobuk.domain.errors import DataError, StorageError, UserError
from geobuk.domain.times import NS_PER_DAY, at_text, interval_text
from geobuk.ops.progress import Progress
from geobuk.panel import Finding
from geobuk.ports import Clock

_TOO_EARLY_NS = 90 * NS_PER_DAY
"""Times of our century read in too fine a unit end up in the first weeks of 1970."""


@dataclass(frozen=True)
class ImportSpec:
    """A file and how to read it.

    ``interval`` may be empty: it is then read from the spacing of the rows. ``columns`` is role → column (roles: at,
    instrument, open, high, low, close, volume, rate). ``instrument`` names the one instrument of a file without such
    a column; else the file's name must begin with it. Funding has no interval; one that is given is ignored.
    """

    path: Path
    venue: str
    interval: str = ""
    kind: str = "bars"
    instrument: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    time_unit: str = "auto"
    time_zone: str = "UTC"
    is_synthetic: bool = False
    volume_unit: str = "base"


@dataclass(frozen=True)
class SeriesImport:
    """What became of one instrument's rows."""

    key: SeriesKey
    rows_read: int
    rows_new: int
    rows_known: int
    rows_conflicting: int
    rows_masked: int
    quarantine_reason: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class ImportReport:
    """What an import did. ``mapping`` is role → column as used."""

    path: Path
    venue: str
    kind: str
    interval: str
    mapping: Mapping[str, str]
    source_sha256: str
    series: tuple[SeriesImport, ...]
    is_unchanged: bool

    @property
    def rows_read(self) -> int:
        """Rows of the file."""
        return sum(s.rows_read for s in self.series)

    @property
    def rows_new(self) -> int:
        """Rows that the catalog did not have."""
        return sum(s.rows_new for s in self.series)

    @property
    def rows_conflicting(self) -> int:
        """Rows that contradict stored ones, which were kept."""
        return sum(s.rows_conflicting for s in self.series)

    @property
    def quarantined(self) -> tuple[SeriesImport, ...]:
        """Series that may not be used."""
        return tuple(s for s in self.series if s.quarantine_reason)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of every series."""
        return tuple(f for s in self.series for f in s.findings)

    @property
    def text(self) -> str:
        """One sentence for a person."""
        extra = f", {self.rows_conflicting:,} rows contradict stored ones, which were kept"
        extra = extra if self.rows_conflicting else ""
        if self.is_unchanged:
            return f"nothing changed: {self.path.name} was imported before, 0 new rows of {self.rows_read:,}{extra}"
        extra += f", {len(self.quarantined)} quarantined" if self.quarantined else ""
        return (
            f"{self.rows_new:,} new rows of {self.rows_read:,} in {len(self.series)} {self.venue} {self.kind} "
            f"series ({self.interval}){extra}"
        )


def import_file(catalog: Catalog, spec: ImportSpec, clock: Clock, progress: Progress | None = None) -> ImportReport:
    """Import one file; each instrument is stored whole or not at all, and the same file twice changes nothing.

    Parameters
    ----------
    progress
        Called with a stage, how much is done, and how much there is.

    Raises
    ------
    DataError
        The file or a value in it can't be used; nothing was stored.
    StorageError
        The catalog can't be written. Instruments stored before the failure stay; the same command carries on.
    """
    _require_readable_spec(spec)
    tell = progress or (lambda stage, done, total: None)
    with write_lock(catalog.root):
        tell("reading", 0, 1)
        frame, mapping = _read(spec)
        now_ns = clock.now_ns()
        _refuse_impossible_times(frame, now_ns)
        step = 0 if spec.kind == "funding" else choose_interval(frame, spec.interval)
        source = Source(
            file=spec.path.name,
            sha256=sha256(spec.path.read_bytes()).hexdigest(),
            imported_at_ns=now_ns,
            mapping=dict(mapping.columns),
            time_unit=spec.time_unit,
            time_zone=spec.time_zone,
            volume_unit=spec.volume_unit,
        )
        hours = _rules_hours(catalog.root, spec, frame)
        batches = _batches(frame, spec, source, step, now_ns, hours)
        return _store_all(catalog, spec, batches, source, tell)


@dataclass(frozen=True)
class _Incoming:
    batch: Batch
    rows_read: int


def _require_readable_spec(spec: ImportSpec) -> None:
    require_kind(spec.kind)
    require_venue(spec.venue)
    if spec.volume_unit not in {"base", "quote"}:
        raise UserError(f"{spec.volume_unit!r} is not a volume unit", cure="use base or quote")


def _read(spec: ImportSpec) -> tuple[pl.DataFrame, ColumnMap]:
    table = read_table(spec.path)
    mapping = map_columns(table.columns, spec.kind, spec.columns, volume_unit=spec.volume_unit)
    instrument = spec.instrument
    if spec.instrument and mapping.instrument:
        if "instrument" in spec.columns or "symbol" in spec.columns:
            raise UserError(
                "both an instrument and a column of instruments are named",
                cure="use --instrument or --column, not both",
            )
        found = table[mapping.instrument].cast(pl.String).unique()
        if found.len() > 1:
            raise DataError(
                f"{spec.path.name} holds {found.len()} instruments in column {mapping.instrument!r}, not only "
                f"{spec.instrument}",
                cure="leave out --instrument; each is stored under its own name",
            )
        mapping = ColumnMap({role: name for role, name in mapping.columns.items() if role != "instrument"})
    elif not mapping.instrument:
        instrument = instrument or instrument_in_file_name(spec.path.name)
        if not instrument:
            raise DataError(
                f"{spec.path.name} has no column that names the instrument, and its own name does not either",
                cure="add --instrument BTCUSDT, or map the column with --column instrument=NAME; "
                f"the file has {', '.join(table.columns)}",
            )
    reading = Reading(spec.kind, mapping, spec.time_unit, spec.time_zone, spec.volume_unit, instrument)
    return canonical(table, reading), mapping


def _refuse_impossible_times(frame: pl.DataFrame, now_ns: int) -> None:
    latest, earliest = int(frame["at_ns"].to_numpy().max()), int(frame["at_ns"].to_numpy().min())
    if earliest < _TOO_EARLY_NS:
        raise DataError(
            f"the times begin at {at_text(earliest)} UTC, which a wrong unit makes of later ones",
            cure="check the time column and its unit (--time-unit auto tells s, ms, us and ns apart)",
        )
    if latest > now_ns + NS_PER_DAY:
        row = int(frame["at_ns"].arg_max() or 0) + 1
        raise DataError(
            f"data row {row} is of {at_text(latest)} UTC, in the future (now is {at_text(now_ns)} UTC)",
            cure="check the time column, its unit (--time-unit) and zone (--time-zone), and this machine's clock",
        )


def _rules_hours(root: Path, spec: ImportSpec, frame: pl.DataFrame) -> dict[str, int]:
    """Hours between funding stamps by the rules in force at the last of them."""
    if spec.kind != "funding":
        return {}
    names = [str(name) for name in frame["instrument"].unique()]
    return rules_hours(root, spec.venue, names, int(frame["at_ns"].to_numpy().max()))


def _batches(
    frame: pl.DataFrame, spec: ImportSpec, source: Source, step: int, now_ns: int, hours: Mapping[str, int]
) -> list[_Incoming]:
    result = []
    parts = frame.partition_by("instrument", maintain_order=True, as_dict=True)
    for (instrument,), part in parts.items():
        key = series_key(spec.venue, str(instrument), spec.kind, interval_text(step) if step else "")
        rows, notes = arrange(Rows.from_frame(part, spec.kind), spec.kind, key.instrument)
        unfinished = rows.at_ns + step > now_ns
        if step and unfinished.any():
            times = rows.at_ns[unfinished]
            span = (int(times[0]), int(times[-1]))
            notes.append(finding("UNFINISHED", key.instrument, len(times), span, series=spec.kind))
            rows = rows.take(~unfinished)
        if len(rows):
            rules = hours.get(key.instrument, 0)
            result.append(_Incoming(Batch(key, rows, source, spec.is_synthetic, tuple(notes), rules), part.height))
    if not result:
        raise DataError(f"no bar of {spec.path.name} has ended yet", cure="import it again when its bars have ended")
    return result


def _store_all(
    catalog: Catalog, spec: ImportSpec, incoming: list[_Incoming], source: Source, tell: Progress
) -> ImportReport:
    done: list[SeriesImport] = []
    unchanged = True
    for number, item in enumerate(incoming):
        tell(item.batch.key.instrument, number, len(incoming))
        try:
            stored = store(catalog.root, item.batch)
        except StorageError as error:
            raise StorageError(
                f"{error.message} ({number} of {len(incoming)} instruments were stored)", cure=error.cure
            ) from error
        unchanged = unchanged and stored.is_unchanged
        done.append(_outcome(item, stored))
    tell("done", len(incoming), len(incoming))
    return ImportReport(
        path=spec.path,
        venue=spec.venue,
        kind=spec.kind,
        interval=incoming[0].batch.key.interval,
        mapping=source.mapping,
        source_sha256=source.sha256,
        series=tuple(done),
        is_unchanged=unchanged,
    )


def _outcome(item: _Incoming, stored: Stored) -> SeriesImport:
    return SeriesImport(
        key=item.batch.key,
        rows_read=item.rows_read,
        rows_new=stored.added,
        rows_known=stored.known,
        rows_conflicting=stored.conflicts,
        rows_masked=stored.manifest.masked,
        quarantine_reason=stored.manifest.quarantine_reason,
        findings=stored.manifest.findings,
    )
