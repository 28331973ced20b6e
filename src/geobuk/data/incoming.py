"""From a user's file to the rows of each instrument, in the house's columns. Nothing is judged or stored here."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl

from geobuk.data.canonical import Reading, canonical, instrument_in_file_name
from geobuk.data.columns import ColumnMap, map_columns
from geobuk.data.formats import RawFile, open_file
from geobuk.data.import_spec import ImportSpec
from geobuk.data.rows import KIND_COLUMNS
from geobuk.data.spacing import choose_interval, run_starts
from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import NS_PER_DAY, at_text

_TOO_EARLY_NS = 90 * NS_PER_DAY
"""Times of our century read in too fine a unit end up in the first weeks of 1970."""


@dataclass(frozen=True)
class Incoming:
    """A file that was read: ``parts`` are the rows of each instrument, in the file's order.

    ``interval_ns`` is 0 for funding; ``last_at_ns`` the latest time of the file.
    """

    parts: Mapping[str, pl.DataFrame]
    mapping: Mapping[str, str]
    sha256: str
    interval_ns: int
    last_at_ns: int


def read_incoming(spec: ImportSpec, now_ns: int) -> Incoming:
    """Read a file whole.

    Raises
    ------
    DataError
        The file or a value in it can't be used.
    UserError
        What was said of it can't be meant.
    """
    raw = open_file(spec.path)
    with ThreadPoolExecutor(1) as pool:
        checksum: Future[str] = pool.submit(lambda: raw.sha256)
        frame, mapping = _read(raw, spec)
        _refuse_impossible_times(frame["at_ns"], now_ns)
        grouped, parts = by_instrument(frame)
        step = 0 if spec.kind == "funding" else choose_interval(grouped, spec.interval)
        _refuse_unfinished(frame["at_ns"], spec, step, now_ns)
        return Incoming(parts, dict(mapping.columns), checksum.result(), step, _greatest(frame["at_ns"]))


def by_instrument(frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.DataFrame]]:
    """The frame with each instrument's rows together, and the rows of each; nobody's order changes.

    A file that holds one instrument after the other is cut, not copied.
    """
    starts = run_starts(frame["instrument"])
    heads = frame["instrument"].gather(starts)
    if heads.n_unique() < len(starts):
        found = frame.partition_by("instrument", maintain_order=True)
        return pl.concat(found), {str(one["instrument"][0]): one.drop("instrument") for one in found}
    stops = [*starts[1:].tolist(), frame.height]
    columns = frame.drop("instrument")
    parts = {
        str(name): columns.slice(start, stop - start)
        for name, start, stop in zip(heads, starts.tolist(), stops, strict=True)
    }
    return frame, parts


def _read(raw: RawFile, spec: ImportSpec) -> tuple[pl.DataFrame, ColumnMap]:
    mapping = map_columns(raw.columns, spec.kind, spec.columns, volume_unit=spec.volume_unit)
    numbers = {mapping[role] for role in KIND_COLUMNS[spec.kind]}
    table = raw.read(list(dict.fromkeys(mapping.columns.values())), numbers, mapping["at"])
    instrument = spec.instrument
    if spec.instrument and mapping.instrument:
        _require_one(table[mapping.instrument], spec)
        mapping = ColumnMap({role: name for role, name in mapping.columns.items() if role != "instrument"})
    elif not mapping.instrument:
        instrument = instrument or instrument_in_file_name(spec.path.name)
        if not instrument:
            raise DataError(
                f"{spec.path.name} has no column that names the instrument, and its own name does not either",
                cure="add --instrument BTCUSDT, or map the column with --column instrument=NAME; "
                f"the file has {', '.join(raw.columns)}",
            )
    reading = Reading(spec.kind, mapping, spec.time_unit, spec.time_zone, spec.volume_unit, instrument)
    return canonical(table, reading), mapping


def _require_one(names: pl.Series, spec: ImportSpec) -> None:
    if "instrument" in spec.columns or "symbol" in spec.columns:
        raise UserError(
            "both an instrument and a column of instruments are named", cure="use --instrument or --column, not both"
        )
    count = names.cast(pl.String).n_unique()
    if count > 1:
        raise DataError(
            f"{spec.path.name} holds {count} instruments in column {names.name!r}, not only {spec.instrument}",
            cure="leave out --instrument; each is stored under its own name",
        )


def _refuse_impossible_times(at_ns: pl.Series, now_ns: int) -> None:
    latest, earliest = _greatest(at_ns), _least(at_ns)
    if earliest < _TOO_EARLY_NS:
        raise DataError(
            f"the times begin at {at_text(earliest)} UTC, which a wrong unit makes of later ones",
            cure="check the time column and its unit (--time-unit auto tells s, ms, us and ns apart)",
        )
    if latest > now_ns + NS_PER_DAY:
        row = int(at_ns.arg_max() or 0) + 1
        raise DataError(
            f"data row {row} is of {at_text(latest)} UTC, in the future (now is {at_text(now_ns)} UTC)",
            cure="check the time column, its unit (--time-unit) and zone (--time-zone), and this machine's clock",
        )


def _refuse_unfinished(at_ns: pl.Series, spec: ImportSpec, step: int, now_ns: int) -> None:
    if step and _least(at_ns) + step > now_ns:
        raise DataError(f"no bar of {spec.path.name} has ended yet", cure="import it again when its bars have ended")


def _greatest(at_ns: pl.Series) -> int:
    return int(at_ns.to_frame("at").select(pl.col("at").max()).item())


def _least(at_ns: pl.Series) -> int:
    return int(at_ns.to_frame("at").select(pl.col("at").min()).item())
