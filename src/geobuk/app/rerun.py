"""From a recorded run back to the request that made it: how a record is found, and how its request is read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geobuk.app.home import Home
from geobuk.app.run_request import RunRequest, hash_of_file
from geobuk.domain.errors import SettingsError, UnknownNameError, UserError

GATES_ENDING = ".gates.json"
"""Ends the name of the evidence that lies beside a run's record."""

_TEXTS = ("strategies", "instruments", "period", "sets", "params")


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


def find_run(home: Home, name: str) -> Recorded:
    """A recorded run by its id, the beginning of one, the path of its record, or ``last``.

    Raises
    ------
    UnknownNameError : no such run. UserError : a beginning that several share, a file that is no record of a run.
    """
    path = Path(name)
    if path.suffix == ".json" and path.is_file():
        return read_run(path)
    paths = run_paths(home)
    if name == "last" and paths:
        return read_run(max(paths, key=lambda one: (one.stat().st_mtime_ns, one.name)))
    found = [one for one in paths if one.stem == name] or [one for one in paths if name and one.stem.startswith(name)]
    if not found:
        known = [one.stem for one in paths]
        raise UnknownNameError("run", name, known, cure="(or `last`, or the path of a record)")
    if len(found) > 1:
        names = ", ".join(one.stem for one in found[:6])
        raise UserError(f"{len(found)} runs begin with {name}: {names}", cure="write more of the id")
    return read_run(found[0])


def run_paths(home: Home) -> list[Path]:
    """The records of runs, by name; evidence beside them left out."""
    return sorted(one for one in home.runs_dir.glob("*.json") if not one.name.endswith(GATES_ENDING))


def read_run(path: Path) -> Recorded:
    """A record; raises UserError where the file is none."""
    try:
        record = json.loads(path.read_bytes())
        if record["run_id"] and record["hashes"]["parameters"]:
            return Recorded(path, record)
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise UserError(
        f"{path} is not the record of a run", cure="run `geobuk backtest` and name the run it records (not --stream)"
    )


def request_of(record: Mapping[str, Any]) -> RunRequest:
    """The request that a run was made by; nothing is written to a report.

    Raises
    ------
    UserError : the record holds no request. SettingsError : its settings file is gone or has changed since.
    """
    said = record.get("request")
    if not isinstance(said, Mapping) or not said.get("strategies"):
        raise UserError(
            f"the record of run {record.get('run_id', '')} does not say what was asked for",
            cure="run the backtest again: runs with --stream or of older versions record no request",
        )
    file = Path(said["settings_file"]) if said.get("settings_file") else None
    if file is not None and hash_of_file(file) != said.get("settings_hash"):
        raise SettingsError(f"the settings file {file} is not what it was", cure="run the backtest again")
    fields: dict[str, Any] = {name: tuple(said.get(name) or ()) for name in _TEXTS}
    fields["period"] = fields["period"] or ("", "")
    return RunRequest(
        **fields,
        venue=said.get("venue") or "",
        interval=said.get("interval") or "",
        resample=said.get("resample") or "",
        capital=said.get("capital"),
        seed=said.get("seed"),
        wants_regime=bool(said.get("wants_regime")),
        settings_file=file,
        wants_report=False,
    )
