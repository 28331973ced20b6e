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


def _compared(path: Path, summary: Mapping[str, Any]) -> Repetition:
    try:
        before = json.loads(path.read_bytes())
        earlier = before["hashes"]["result"]
    except (OSError, ValueError, KeyError, TypeError):
        return Repetition.FIRST
    return Repetition.SAME if earlier == summary["hashes"]["result"] else Repetition.DIFFERENT
