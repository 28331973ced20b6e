"""A record leads back to its request, and a name to its record."""

import json
import os
from dataclasses import replace
from pathlib import Path

from geobuk.app.home import Home
from geobuk.app.recorded_request import request_read
from geobuk.app.rerun import run_again
from geobuk.app.run_request import RunRequest, perform
from geobuk.app.runs import find_run

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
    settings, again = run_again(home, request_read(found.record))
    assert again.result.hashes == first.run.result.hashes
    assert settings.backtest == first.settings.backtest


def test_a_run_under_regimes_and_a_matrix_is_run_again_as_it_was(tmp_path: Path) -> None:
    home = Home(tmp_path)
    asked = replace(
        ASKED,
        strategies=("trend", "mean_reversion"),
        params=(),
        period=("", ""),
        sets=("synthetic.days=60", "regime_detector.min_days=20", "matrix.method=inverse_volatility"),
        wants_regime=True,
    )
    first = perform(home, asked)
    assert first.run.regimes is not None
    _, again = run_again(home, request_read(find_run(home, "last").record))
    assert again.result.hashes == first.run.result.hashes
    assert again.regimes is not None


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
