"""From a request to a recorded, reported backtest: layers of settings, what is written, what is not."""

import json
from pathlib import Path

import pytest
from tests.support.small_runs import home_with_settings, small_request

from geobuk.app.home import Home
from geobuk.app.run_request import Performed, perform
from geobuk.app.runs import Repetition
from geobuk.domain.errors import DataError, SettingsError, UnknownNameError


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_with_settings(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def performed(home: Home) -> Performed:
    return perform(home, small_request())


def test_the_homes_settings_hold_and_the_request_wins(home: Home, performed: Performed) -> None:
    assert performed.run.result.spec.account.capital == 900.0
    assert performed.settings.report.language == "ko"
    changed = perform(home, small_request(capital=450.0, seed=8, language="en"))
    assert changed.run.result.spec.account.capital == 450.0
    assert (changed.settings.synthetic.seed, changed.settings.report.language) == (8, "en")
    assert changed.run.result.run_id != performed.run.result.run_id


def test_a_run_is_recorded_and_its_repetition_recognised(home: Home, performed: Performed) -> None:
    assert json.loads(performed.record.path.read_text())["run_id"] == performed.run.result.run_id
    again = perform(home, small_request())
    assert again.record.repetition is Repetition.SAME
    assert again.as_json()["repetition"] == "same"
    assert again.as_json()["report"] is None


def test_the_report_lies_where_it_is_asked_for_or_in_the_home(home: Home, tmp_path: Path) -> None:
    asked = perform(home, small_request(wants_report=True, report=tmp_path / "mine.html"))
    assert asked.report == tmp_path / "mine.html"
    assert 'lang="ko"' in asked.report.read_text(encoding="utf-8")[:300]
    kept = perform(home, small_request(wants_report=True))
    assert kept.report == home.reports_dir / f"{kept.run.result.run_id}.html"
    assert kept.report.is_file()


def test_progress_is_told_from_history_to_report(home: Home) -> None:
    told: list[str] = []
    perform(home, small_request(), lambda what, _done, _total: told.append(what))
    assert (told[0], told[-1]) == ("history", "report")
    assert "simulation" in told


def test_a_mistake_is_told_and_nothing_is_recorded(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(SettingsError, match=r"--set costs\.impact=-1"):
        perform(home, small_request(sets=("costs.impact=-1",)))
    with pytest.raises(UnknownNameError, match="SYN1USDT"):
        perform(home, small_request(instruments=("SIN1USDT",)))
    with pytest.raises(DataError, match="ends before it begins"):
        perform(home, small_request(period=("2023-02-01", "2023-01-01")))
    with pytest.raises(DataError, match="0 bars of synthetic 1h lie in that period"):
        perform(home, small_request(period=("2030-01-01", "")))
    assert not home.runs_dir.exists()
