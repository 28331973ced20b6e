"""The record of runs: a repetition is recognised, a different result never overwrites the first, a name finds one."""

import json
import os
from pathlib import Path

import pytest

from geobuk.app.home import Home
from geobuk.app.runs import Repetition, find_run, record_run
from geobuk.domain.errors import DataError, UnknownNameError, UserError


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


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the runs abc1, abd2 and abd3, recorded in this order."""
    home = Home(tmp_path)
    for second, name in enumerate(("abc1", "abd2", "abd3")):
        path = record_run(home, {**summary("r"), "run_id": name}).path
        os.utime(path, (second, second))
    return home


@pytest.mark.parametrize(("name", "found"), [("abc1", "abc1"), ("abc", "abc1"), ("abd2", "abd2"), ("last", "abd3")])
def test_a_run_is_found_by_its_id_its_beginning_or_as_the_last(home: Home, name: str, found: str) -> None:
    assert find_run(home, name).run_id == found


def test_an_id_wins_over_longer_ones_that_begin_with_it(home: Home) -> None:
    record_run(home, {**summary("other"), "run_id": "abc1"})
    assert find_run(home, "abc1").record["hashes"]["result"] == "r"


def test_a_run_is_found_by_its_path(home: Home) -> None:
    assert find_run(Home(home.root / "elsewhere"), str(home.runs_dir / "abd2.json")).run_id == "abd2"


def test_a_beginning_that_several_share_is_refused_with_their_names(home: Home) -> None:
    with pytest.raises(UserError, match="2 runs begin with 'abd': abd2, abd3: write more of the id"):
        find_run(home, "abd")


@pytest.mark.parametrize("name", ["abx1", "", "nowhere.json"])
def test_an_unknown_run_is_refused_and_streamed_runs_are_mentioned(home: Home, name: str) -> None:
    with pytest.raises(UnknownNameError, match="streamed runs are not recorded"):
        find_run(home, name)


def test_without_any_record_the_cure_is_to_run_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="run `geobuk backtest` first; streamed runs"):
        find_run(Home(tmp_path), "last")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"run_id": 3, "hashes": {}}'])
def test_a_file_that_is_no_record_is_refused(home: Home, text: str) -> None:
    path = home.runs_dir / "abc1.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="is no record of a run"):
        find_run(home, "abc1")
