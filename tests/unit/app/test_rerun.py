"""A record leads back to its request, and a name to its record."""

import json
import os
from pathlib import Path

import pytest

from geobuk.app.home import Home
from geobuk.app.rerun import find_run, request_of
from geobuk.app.run_request import RunRequest, perform
from geobuk.domain.errors import SettingsError, UnknownNameError, UserError

ASKED = RunRequest(
    strategies=("trend",),
    venue="synthetic",
    interval="1h",
    instruments=("SYN1USDT", "SYN2USDT"),
    period=("2023-01-02", "2023-01-30"),
    capital=900.0,
    seed=3,
    sets=("synthetic.days=40", "costs.impact=0.5"),
    params=("trend.fast_days=0.5", "trend.pairs=2", "trend.volatility_days=2.0"),
    wants_report=False,
)


def write_record(home: Home, name: str, *, at: int = 1, **changes: object) -> Path:
    home.runs_dir.mkdir(parents=True, exist_ok=True)
    path = home.runs_dir / f"{name}.json"
    record = {"run_id": name, "hashes": {"parameters": "p"}, **changes}
    path.write_text(json.dumps(record), encoding="utf-8")
    os.utime(path, (at, at))
    return path


def test_a_performed_run_can_be_asked_for_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = perform(home, ASKED)
    found = find_run(home, "last")
    assert request_of(found.record) == ASKED
    again = perform(home, request_of(found.record))
    assert again.run.result.hashes == first.run.result.hashes


def test_every_field_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[backtest.account]\ncapital = 500.0\n", encoding="utf-8")
    asked = RunRequest(strategies=("a.py", "trend"), resample="4h", settings_file=file, wants_report=False)
    assert request_of({"request": json.loads(json.dumps(asked.as_json()))}) == asked


def test_a_settings_file_that_has_changed_or_gone_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("", encoding="utf-8")
    record = {"request": RunRequest(strategies=("trend",), settings_file=file).as_json()}
    file.write_text("[gates]\nmax_ruin = 0.5\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"mine\.toml is not what it was"):
        request_of(record)
    file.unlink()
    with pytest.raises(SettingsError, match=r"mine\.toml is not what it was"):
        request_of(record)


@pytest.mark.parametrize(
    "record", [{"run_id": "x"}, {"request": None}, {"request": {}}, {"request": {"strategies": []}}]
)
def test_a_record_without_a_request_is_told(record: dict[str, object]) -> None:
    with pytest.raises(UserError, match=r"does not say what was asked for.*--stream"):
        request_of(record)


def test_a_run_is_found_by_id_beginning_path_and_last(tmp_path: Path) -> None:
    home = Home(tmp_path)
    one, two = write_record(home, "abc1", at=200), write_record(home, "abd2", at=100)
    write_record(home, "abc1-other", at=50)
    (home.runs_dir / "abc1.gates.json").write_text("{}")
    assert find_run(home, "abc1").path == one
    assert find_run(home, "abd").path == two
    assert find_run(home, str(two)).run_id == "abd2"
    assert find_run(home, "last").path == one
    assert find_run(home, "abc1").gates_path == home.runs_dir / "abc1.gates.json"


def test_a_name_that_fits_several_or_none_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(UnknownNameError, match="unknown run 'last'"):
        find_run(home, "last")
    write_record(home, "abc1")
    write_record(home, "abd2")
    with pytest.raises(UserError, match="2 runs begin with ab: abc1, abd2"):
        find_run(home, "ab")
    with pytest.raises(UnknownNameError, match="abd2"):
        find_run(home, "abd3")
    with pytest.raises(UnknownNameError):
        find_run(home, "")


def test_a_file_that_is_no_record_is_told(tmp_path: Path) -> None:
    file = tmp_path / "streamed.json"
    file.write_text('{"run_id": null}')
    with pytest.raises(UserError, match="is not the record of a run"):
        find_run(Home(tmp_path), str(file))
