"""Dated snapshots of trading rules: the built-in ones of the package and those imported into a catalog."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from geobuk.data.atomic import write_atomic
from geobuk.data.layout import INSTRUMENTS
from geobuk.data.synthetic_rules import synthetic_instruments
from geobuk.domain.errors import DataError
from geobuk.domain.instrument import Instrument

_PACKAGED = Path(__file__).resolve().parent / "snapshots"


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of one venue as they were read on a day; ``source`` says where.

    ``filters`` are the venue's own filters of each instrument, word for word, by their type.
    """

    schema: int = 1
    venue: str
    as_of: date
    source: str
    instruments: tuple[Instrument, ...]
    filters: dict[str, dict[str, dict[str, Any]]] = {}


def load_snapshot(path: Path) -> Snapshot:
    """Read one snapshot.

    Raises
    ------
    DataError
        The file is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Snapshot)
    except (msgspec.DecodeError, OSError) as error:
        raise DataError(
            f"the instrument snapshot {path} can't be read ({error})", cure="delete it and import the rules again"
        ) from None


def save_snapshot(root: Path, snapshot: Snapshot) -> Path:
    """Write a snapshot under its venue and day, if it says anything new; one of the same day is replaced.

    Returns the file that holds these rules: an earlier one where nothing has changed since. Raises StorageError.
    """
    unchanged = _unchanged_since(root, snapshot)
    if unchanged is not None:
        return unchanged
    path = root / INSTRUMENTS / snapshot.venue / f"{snapshot.as_of.isoformat()}.json"
    write_atomic(path, msgspec.json.format(msgspec.json.encode(snapshot), indent=1) + b"\n")
    return path


def _unchanged_since(root: Path, snapshot: Snapshot) -> Path | None:
    """The newest imported snapshot not after this one, if what is in force says the same of every instrument."""
    earlier = [one for one in snapshots_of(root, snapshot.venue) if one.as_of <= snapshot.as_of]
    imported = root / INSTRUMENTS / snapshot.venue
    files = [path for one in earlier if (path := imported / f"{one.as_of.isoformat()}.json").is_file()]
    if not files:
        return None
    rules: dict[str, Instrument] = {}
    filters: dict[str, dict[str, dict[str, Any]]] = {}
    for one in earlier:
        rules |= {instrument.name: instrument for instrument in one.instruments}
        filters |= one.filters
    for instrument in snapshot.instruments:
        before = rules.get(instrument.name)
        if before is None or replace(before, as_of=instrument.as_of, source=instrument.source) != instrument:
            return None
        if filters.get(instrument.name, {}) != snapshot.filters.get(instrument.name, {}):
            return None
    return files[-1]


@cache
def packaged_snapshots() -> tuple[Snapshot, ...]:
    """The snapshots that come with Geobuk, the synthetic venue's included."""
    made_up = synthetic_instruments()
    synthetic = Snapshot(venue="synthetic", as_of=made_up[0].as_of, source=made_up[0].source, instruments=made_up)
    return (synthetic, *(load_snapshot(path) for path in sorted(_PACKAGED.glob("*/*.json"))))


def snapshots_of(root: Path | None, venue: str) -> list[Snapshot]:
    """Every snapshot of a venue, oldest first; of the same day the imported one comes last."""
    found = [snapshot for snapshot in packaged_snapshots() if snapshot.venue == venue]
    if root is not None:
        found += [load_snapshot(path) for path in sorted((root / INSTRUMENTS / venue).glob("*.json"))]
    return sorted(found, key=lambda snapshot: snapshot.as_of)


def known_instruments(
    root: Path | None, venue: str, names: Iterable[str], at_ns: int | None = None
) -> dict[str, Instrument]:
    """Rules in force at a moment: for each name the newest snapshot not after it, else the oldest that has the name.

    Names that no snapshot has are left out. ``at_ns`` None asks for the newest.
    """
    return rules_in_force(snapshots_of(root, venue), names, at_ns)


def rules_hours(root: Path | None, venue: str, names: Iterable[str], at_ns: int | None = None) -> dict[str, int]:
    """Hours between funding stamps by the rules, 0 for those that pay none; names without rules are left out."""
    known = known_instruments(root, venue, names, at_ns)
    return {name: instrument.funding_interval_hours or 0 for name, instrument in known.items()}


def rules_in_force(snapshots: Sequence[Snapshot], names: Iterable[str], at_ns: int | None) -> dict[str, Instrument]:
    """As :func:`known_instruments`, from snapshots in order of their days."""
    day = _day_of(at_ns)
    chosen: dict[str, Instrument] = {}
    wanted = set(names)
    for snapshot in snapshots:
        for instrument in snapshot.instruments:
            if instrument.name in wanted and (snapshot.as_of <= day or instrument.name not in chosen):
                chosen[instrument.name] = instrument
    return chosen


def _day_of(at_ns: int | None) -> date:
    if at_ns is None:
        return date.max
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at_ns // 1000)).date()
