"""The record of runs: a repetition is recognised, and a different result never overwrites the first."""

import json
from pathlib import Path

from geobuk.app.home import Home
from geobuk.app.runs import Repetition, record_run


def summary(result: str) -> dict[str, object]:
    return {"run_id": "abc", "hashes": {"inputs": "1", "parameters": "2", "code": "3", "result": result}}


def test_the_first_run_is_kept(tmp_path: Path) -> None:
    record = record_run(Home(tmp_path), summary("r1"))
    assert (record.repetition, record.path) == (Repetition.FIRST, tmp_path / "store" / "runs" / "abc.json")
    assert json.loads(record.path.read_text()) == summary("r1")


def test_a_repetition_with_the_same_result_is_recognised(tmp_path: Path) -> None:
    record_run(Home(tmp_path), summary("r1"))
    assert record_run(Home(tmp_path), summary("r1")).repetition is Repetition.SAME


def test_a_different_result_is_kept_beside_the_first(tmp_path: Path) -> None:
    first = record_run(Home(tmp_path), summary("r1"))
    other = record_run(Home(tmp_path), summary("r2"))
    assert other.repetition is Repetition.DIFFERENT
    assert other.path != first.path
    assert json.loads(first.path.read_text())["hashes"]["result"] == "r1"


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    first = record_run(Home(tmp_path), summary("r1"))
    first.path.write_text("{")
    assert record_run(Home(tmp_path), summary("r2")).repetition is Repetition.FIRST
