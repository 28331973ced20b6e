"""A recorded run is taken again and explained; what is not as it was is named; the clock of the question is stated."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support.small_runs import QUICK, SMALL, home_with_settings, small_request

import geobuk as gb
from geobuk.app.explain import asked_instant, explain_run
from geobuk.app.home import Home
from geobuk.app.new_strategy import new_strategy
from geobuk.app.run_request import Performed, perform
from geobuk.domain.errors import DataError, UnknownNameError, UserError
from geobuk.domain.times import NS_PER_HOUR, parse_at
from geobuk.risk.reasons import Reason
from geobuk.strategies.registry import load

AT = "2023-02-01T12:30"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_with_settings(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def performed(home: Home) -> Performed:
    return perform(home, small_request())


def run_id(performed: Performed) -> str:
    return performed.run.result.run_id


def record_of(performed: Performed) -> dict[str, Any]:
    value = json.loads(performed.record.path.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def changed_record(performed: Performed, folder: Path, **changes: Any) -> Path:
    path = folder / "record.json"
    path.write_text(json.dumps({**record_of(performed), **changes}), encoding="utf-8")
    return path


def test_a_record_keeps_what_it_takes_to_run_again(performed: Performed) -> None:
    asked = record_of(performed)["request"]
    assert asked["strategies"][0]["name"] == "trend"
    assert asked["strategies"][0]["parameters"]["pairs"] == 2
    assert (asked["venue"], asked["interval"], asked["seed"]) == ("synthetic", "1h", 7)
    assert asked["instruments"] == ["SYN1USDT", "SYN2USDT"]
    assert asked["period"] == ["", "2023-02-10T00:00:00Z"]
    assert (asked["sets"], asked["params"]) == (list(SMALL), list(QUICK))
    assert asked["settings"] == {
        "backtest": {"account": {"capital": 900.0}},
        "synthetic": {"days": 40, "instruments": 2},
        "report": {"language": "ko"},
    }


def test_the_run_is_explained_as_the_run_itself_would(home: Home, performed: Performed) -> None:
    found = explain_run(home, run_id(performed), AT)
    assert (found.run_id, found.changed, found.language, found.is_synthetic) == (run_id(performed), (), "ko", True)
    own = performed.run.explain_row(AT)
    assert [one.lines() for one in found.row.decisions] == [one.lines() for one in own.decisions]
    assert found.row.account.decided_ns == parse_at("2023-02-01T12:00")
    assert found.row.decisions[0].parts["trend"] == found.row.decisions[0].explanation.forecast


def test_settings_that_changed_since_do_not_matter(home: Home, performed: Performed, tmp_path: Path) -> None:
    other = Home(tmp_path)
    other.settings_file.write_text("[backtest.account]\ncapital = 5.0\n", encoding="utf-8")
    assert explain_run(other, str(performed.record.path), AT).changed == ()


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("panel", "the data has changed"),
        ("inputs", "the forecasts or the trading rules have changed"),
        ("parameters", "the parameters or settings have changed"),
        ("code", "Geobuk's code has changed"),
        ("result", "the result alone has changed"),
    ],
)
def test_what_changed_since_is_named_and_can_be_overruled(
    home: Home, performed: Performed, tmp_path: Path, key: str, named: str
) -> None:
    hashes = {**record_of(performed)["hashes"], key: "another"}
    path = str(changed_record(performed, tmp_path, hashes=hashes))
    with pytest.raises(DataError, match="add --anyway") as refused:
        explain_run(home, path, AT)
    assert named in str(refused.value)
    assert explain_run(home, path, AT, anyway=True).changed == (key,)


def test_changed_data_are_named_once(home: Home, performed: Performed, tmp_path: Path) -> None:
    request_ = record_of(performed)["request"]
    request_["settings"]["synthetic"]["seed"] = 8
    path = str(changed_record(performed, tmp_path, request=request_))
    with pytest.raises(DataError, match="as it was: the data has changed since"):
        explain_run(home, path, AT)


def test_a_strategy_file_is_found_from_elsewhere_and_its_change_noticed(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    new_strategy("mine", Path())
    mine = perform(home, small_request(strategies=("mine.py",), params=("mine.py.days=2.0",)))
    monkeypatch.chdir("/")
    found = explain_run(home, run_id(mine), AT)
    assert list(found.row.decisions[0].parts) == ["mine"]
    file = tmp_path / "mine.py"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("np.clip(place, -1.0, 1.0)", "np.clip(place, -0.5, 0.5)"), encoding="utf-8")
    with pytest.raises(DataError, match="the forecasts or the trading rules have changed"):
        explain_run(home, run_id(mine), AT)


def test_a_record_without_its_request_is_refused_with_the_cure(
    home: Home, performed: Performed, tmp_path: Path
) -> None:
    old = {name: value for name, value in record_of(performed).items() if name != "request"}
    path = tmp_path / "old.json"
    path.write_text(json.dumps(old), encoding="utf-8")
    with pytest.raises(DataError, match=r"an older version wrote it: run the backtest again"):
        explain_run(home, str(path))
    path.write_text(json.dumps({**old, "request": {"venue": 1}}), encoding="utf-8")
    with pytest.raises(DataError, match="request can't be read"):
        explain_run(home, str(path))


def test_settings_of_another_version_are_refused(home: Home, performed: Performed, tmp_path: Path) -> None:
    request_ = {**record_of(performed)["request"], "settings": {"backtest": {"wings": 2}}}
    with pytest.raises(DataError, match="do not fit this version of Geobuk"):
        explain_run(home, str(changed_record(performed, tmp_path, request=request_)))


def test_an_unknown_instrument_is_refused_before_anything_runs(home: Home, performed: Performed) -> None:
    stages: list[str] = []
    with pytest.raises(UnknownNameError, match="SYN2USDT"):
        explain_run(home, run_id(performed), instrument="SYN2USD", progress=lambda what, *_: stages.append(what))
    assert "simulation" not in stages


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("", None),
        ("2023-01-03T12:30", "2023-01-03T12:30"),
        ("2023-01-03T12:30+09:00", "2023-01-03T03:30"),
        ("2023-01-03", "2023-01-04T00:00"),
        ("2023-01-05", "2023-01-05T06:00"),
        ("2023-01-06", "2023-01-07T00:00"),
    ],
)
def test_a_date_means_the_close_of_its_last_bar(text: str, instant: str | None) -> None:
    panel = gb.synthetic_panel(days=5, instruments=1).rows(0, 4 * 24 + 6)
    assert asked_instant(text, panel) == (None if instant is None else parse_at(instant))


def test_a_date_of_daily_bars_that_open_in_the_morning_means_its_own_bar() -> None:
    daily = gb.synthetic_panel(days=5, instruments=1, interval="1d")
    korean = replace(daily, utc_offset_ns=9 * NS_PER_HOUR)
    assert asked_instant("2023-01-03", korean) == parse_at("2023-01-04T09:00+09:00")
    assert asked_instant("2023-01-06", korean) == parse_at("2023-01-07T00:00+09:00")
    assert asked_instant("2022-12-31", korean) == parse_at("2023-01-01T00:00+09:00")


def test_without_an_offset_the_venues_clock_counts() -> None:
    korean = replace(gb.synthetic_panel(days=5, instruments=1), utc_offset_ns=9 * NS_PER_HOUR)
    assert asked_instant("2023-01-03T12:30", korean) == parse_at("2023-01-03T12:30+09:00")
    assert asked_instant("2023-01-03T12:30+00:00", korean) == parse_at("2023-01-03T12:30")
    assert asked_instant("2023-01-03", korean) == parse_at("2023-01-04T00:00+09:00")


def test_a_time_that_can_not_be_read_is_refused() -> None:
    with pytest.raises(UserError, match="'noon' is not a date"):
        asked_instant("noon", gb.synthetic_panel(days=5, instruments=1))


@pytest.fixture(scope="module")
def run() -> gb.BacktestRun:
    trend = load("trend", {"fast_days": 1.0, "pairs": 2, "volatility_days": 5.0})
    return gb.backtest(gb.synthetic_panel(days=60, instruments=2), {trend: 0.7, "funding_carry": 0.3}, capital=1_000)


def test_a_run_explains_itself_in_python(run: gb.BacktestRun) -> None:
    one = run.explain(at="2023-02-20T12:00", instrument="SYN2USDT")
    assert one.instrument == "SYN2USDT"
    assert sum(one.parts.values()) == pytest.approx(one.explanation.forecast)
    assert list(one.parts) == ["trend", "funding_carry"]
    assert one.lines("ko")[0] == "SYN2USDT"
    assert len(run.explain_row().decisions) == 2
    with pytest.raises(UnknownNameError):
        run.explain()


def test_one_instrument_needs_no_name() -> None:
    single = gb.backtest(gb.synthetic_panel(days=60, instruments=1), "funding_carry", capital=1_000)
    assert single.explain().instrument == "SYN1USDT"


def test_a_run_tells_its_binding_caps(run: gb.BacktestRun) -> None:
    caps = run.binding_caps()
    assert [cap.count for cap in caps] == sorted((cap.count for cap in caps), reverse=True)
    assert all(cap.count == run.result.refusals[cap.reason].sum() for cap in caps)
    assert Reason.INSIDE_BAND not in {cap.reason for cap in caps}
