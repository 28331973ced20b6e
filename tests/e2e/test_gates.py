"""The gates as installed: the demo, and trend on the recorded hourly file; neither is shown as passed."""

from pathlib import Path

import pytest
from tests.e2e.geobuk_command import Answer, geobuk


def asked(home: Path, command: str) -> Answer:
    return geobuk(*command.split(), folder=home, GEOBUK_HOME=str(home))


def test_the_demo_is_judged_and_not_passed(tmp_path: Path) -> None:
    run = asked(tmp_path, "demo --json").value
    answer = asked(tmp_path, "gates last")
    assert (answer.code, answer.err) == (6, "")
    assert answer.out.startswith(f"Gates to LIVE of run {run['run_id']}")
    assert "NOT PASSED" in answer.out
    assert "never passes" in answer.out


@pytest.mark.real_data
def test_trend_on_recorded_history_fails_where_it_fails(shared_data: Path, tmp_path: Path) -> None:
    file = shared_data / "crypto" / "binance_um_1h_2023_2025-06.parquet"
    assert asked(tmp_path, f"data import {file} --venue binance --interval 1h --json").code == 0
    run = asked(tmp_path, "backtest --strategy trend --venue binance --interval 1h --json").value
    answer = asked(tmp_path, f"gates {run['run_id'][:8]} --json")
    value = answer.value
    assert (answer.code, answer.err, value["passed"]) == (6, "", False)
    verdicts = {line["code"]: line["verdict"] for line in value["lines"]}
    assert (verdicts["WALK_FORWARD_SHARPE"], verdicts["DEFLATED_SHARPE"]) == ("fail", "fail")
    assert {name for name, verdict in verdicts.items() if verdict == "no_evidence"} == {
        "PAPER_DAYS",
        "PAPER_FILL_RATE",
        "PAPER_SLIPPAGE",
        "PAPER_AGREEMENT",
        "PAPER_POST_ONLY",
    }
    assert len(value["windows"]) == 11
    assert value["fingerprint"]["panel"] == run["hashes"]["panel"]
