"""The demo and backtests on generated markets, as installed: no key, network or file from outside."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.geobuk_command import geobuk

SMALL = {"GEOBUK_SYNTHETIC__DAYS": "200", "GEOBUK_SYNTHETIC__INSTRUMENTS": "3"}
TREND = ("backtest", "--strategy", "trend", "--venue", "synthetic", "--param", "trend.fast_days=1")


def test_the_demo_tells_its_story_and_says_that_it_is_synthetic(tmp_path: Path) -> None:
    report = tmp_path / "demo.html"
    answer = geobuk("demo", "--report", str(report))
    assert (answer.code, answer.err) == (0, "")
    assert "SYNTHETIC" in answer.out
    assert str(report) in answer.out
    page = report.read_text(encoding="utf-8")
    assert "synthetic" in page.lower()
    for name in ("trend", "mean_reversion", "funding_carry", "box_breakout"):
        assert name in page


def test_the_summary_is_one_json_object_with_the_promised_parts() -> None:
    value = geobuk(*TREND, "--json", **SMALL).value
    promised = {"run_id", "hashes", "period", "instruments", "statistics", "costs", "findings", "refusals"}
    assert promised <= set(value)
    assert value["is_synthetic"] is True
    assert value["instruments"] == ["SYN1USDT", "SYN2USDT", "SYN3USDT"]
    assert set(value["hashes"]) >= {"inputs", "parameters", "code", "result"}
    assert value["report"] is None


def test_the_same_run_twice_gives_the_same_and_says_so(geobuk_home: Path) -> None:
    first, second = (geobuk(*TREND, "--json", **SMALL).value for _ in range(2))
    assert (first["repetition"], second["repetition"]) == ("first", "same")
    assert first["hashes"] == second["hashes"]
    record = Path(second["record"])
    assert record.parent == geobuk_home / "store" / "runs"
    assert json.loads(record.read_text())["run_id"] == second["run_id"]


def test_another_seed_parameter_or_setting_is_another_run() -> None:
    changes = ("--seed=8", "--param=trend.pairs=1", "--set=costs.impact=0", "--capital=230")
    runs = [geobuk(*TREND, *more, "--json", **SMALL).value for more in ((), *((change,) for change in changes))]
    assert len({run["run_id"] for run in runs}) == len(runs)
    assert len({run["hashes"]["inputs"] for run in runs[:2]}) == 2
    assert len({run["hashes"]["parameters"] for run in runs[2:]}) == 3


def test_period_instruments_and_resampling_are_obeyed() -> None:
    more = ("--from", "2023-02-01", "--to", "2023-02-28", "--instruments", "SYN2USDT", "--resample", "4h", "--json")
    value = geobuk(*TREND, *more, **SMALL).value
    period = value["period"]
    assert value["instruments"] == ["SYN2USDT"]
    assert (period["from"], period["to"]) == ("2023-02-01T00:00:00Z", "2023-03-01T00:00:00Z")
    assert (period["bars"], period["interval"]) == (28 * 6, "4h")


def test_a_small_account_is_told_what_it_cannot_trade_and_why() -> None:
    value = geobuk(*TREND, "--capital", "5", "--json", **SMALL).value
    refused = [one for one in value["affordability"] if not one["can_trade"]]
    assert refused
    assert all(one["text"] and one["text_ko"] and one["capital_needed"] > 5 for one in refused)


def test_a_persons_own_strategy_runs_from_its_file(tmp_path: Path) -> None:
    assert geobuk("strategy", "new", "mine", folder=tmp_path).code == 0
    answer = geobuk("backtest", "--strategy", "mine.py", "--venue", "synthetic", "--json", folder=tmp_path, **SMALL)
    assert answer.value["strategies"] == [{"name": "mine", "parameters": {"days": 5.0}}]


def test_the_summary_speaks_korean(tmp_path: Path) -> None:
    answer = geobuk(*TREND, "--lang", "ko", "--report", str(tmp_path / "ko.html"), **SMALL)
    assert answer.code == 0
    assert "총수익률" in answer.out


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("backtest", "--help")])
def test_help_loads_no_heavy_library(arguments: tuple[str, ...]) -> None:
    program = (
        "import sys; from geobuk.cli.main import main; main(sys.argv[1:]);"
        "heavy = {'numpy', 'numba', 'polars', 'talib', 'jinja2'} & set(sys.modules);"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = "import sys, geobuk; dir(geobuk); sys.exit('numpy' in sys.modules or 'msgspec' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
