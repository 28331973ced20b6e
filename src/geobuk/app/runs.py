"""The record of runs: what went in, what came out, and whether a repetition gave the same."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from geobuk.app.home import Home
from geobuk.data.atomic import write_atomic
from geobuk.domain.errors import DataError, UnknownNameError, UserError

LAST = "last"
"""Names the run that was recorded last."""

GATES_ENDING = ".gates.json"
"""Ends the name of the evidence that lies beside a run's record."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run's record: where it is, and what it says."""

    path: Path
    record: Mapping[str, Any]

    @property
    def run_id(self) -> str:
        """Names the run by its inputs, parameters and code."""
        return str(self.record["run_id"])

    @property
    def gates_path(self) -> Path:
        """Where the evidence of this run's gates is kept."""
        return self.path.with_name(self.path.name.removesuffix(".json") + GATES_ENDING)


class Repetition(StrEnum):
    """FIRST of its inputs, parameters and code; SAME result as before; DIFFERENT although nothing had changed."""

    FIRST = "first"
    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Where a run's summary is kept, and how it compares with an earlier run of the same id."""

    path: Path
    repetition: Repetition


def record_run(home: Home, summary: Mapping[str, Any]) -> RunRecord:
    """Keep a summary (with ``run_id`` and ``hashes``) as JSON under the home; raises StorageError.

    Equal inputs, parameters and code have one id, so a repetition overwrites its like. A different result is kept
    beside the first, never over it.
    """
    path = home.runs_dir / f"{summary['run_id']}.json"
    repetition = _compared(path, summary)
    if repetition is Repetition.DIFFERENT:
        path = path.with_name(f"{summary['run_id']}-{summary['hashes']['result'][:12]}.json")
    write_atomic(path, msgspec.json.format(msgspec.json.encode(summary)))
    return RunRecord(path, repetition)


def find_run(home: Home, name: str) -> Recorded:
    """A recorded run by its id, the beginning of one, the path of its record, or ``last``.

    Raises
    ------
    UnknownNameError : no record has that name.
    UserError : several do, or there is none at all. DataError : a record that can't be read.
    """
    path = Path(name)
    return read_run(path if path.suffix == ".json" and path.is_file() else _record_named(home, name))


def run_paths(home: Home) -> list[Path]:
    """The records of runs, the oldest first; evidence beside them left out."""
    paths = (one for one in home.runs_dir.glob("*.json") if not one.name.endswith(GATES_ENDING))
    return sorted(paths, key=lambda path: (path.stat().st_mtime_ns, path.name))


def read_run(path: Path) -> Recorded:
    """The record in a file; raises DataError where it is none."""
    try:
        record = json.loads(path.read_bytes())
        if _is_record(record):
            return Recorded(path, record)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise DataError(f"{path} is no record of a run", cure="run the backtest again, which writes it anew")


def _record_named(home: Home, name: str) -> Path:
    records = run_paths(home)
    if not records:
        raise UserError(
            f"no run is recorded in {home.runs_dir}",
            cure="run `geobuk backtest` first; streamed runs (--stream) are not recorded",
        )
    if name == LAST:
        return records[-1]
    named = [path for path in records if path.stem == name] or [path for path in records if path.stem.startswith(name)]
    if not named or not name:
        known = [path.stem for path in records]
        raise UnknownNameError("run", name, known, cure="(or `last`; streamed runs are not recorded)")
    if len(named) > 1:
        listed = ", ".join(sorted(path.stem for path in named)[:6])
        raise UserError(f"{len(named)} runs begin with {name!r}: {listed}", cure="write more of the id")
    return named[0]


def _is_record(record: Any) -> bool:
    """Whether the parts that others rely on are there and of their kind."""
    hashes, measured = record["hashes"], record.get("statistics") or {}
    return bool(
        isinstance(record["run_id"], str)
        and record["run_id"]
        and isinstance(hashes, dict)
        and hashes["parameters"]
        and all(isinstance(one, str) for one in hashes.values())
        and isinstance(measured, dict)
        and isinstance(measured.get("sharpe"), float | int | None)
    )


def _compared(path: Path, summary: Mapping[str, Any]) -> Repetition:
    try:
        before = json.loads(path.read_bytes())
        earlier = before["hashes"]["result"]
    except (OSError, ValueError, KeyError, TypeError):
        return Repetition.FIRST
    return Repetition.SAME if earlier == summary["hashes"]["result"] else Repetition.DIFFERENT
