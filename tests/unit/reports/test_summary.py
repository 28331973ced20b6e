"""The JSON object: complete, finite, and true to the arrays."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.summary import finite_or_null, summary
from geobuk.simulate.result import BacktestResult


def numbers_of(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for part in value.values() for number in numbers_of(part)]
    if isinstance(value, list):
        return [number for part in value for number in numbers_of(part)]
    return [value] if isinstance(value, float) else []


@pytest.fixture(params=["report", "report_without_trades"])
def any_report(request: pytest.FixtureRequest) -> BacktestReport:
    return request.getfixturevalue(request.param)


def test_it_is_json_without_nan(any_report: BacktestReport) -> None:
    text = json.dumps(summary(any_report), allow_nan=False)
    assert np.isfinite(numbers_of(json.loads(text))).all()


def test_it_says_what_was_run(report: BacktestReport) -> None:
    found = summary(report)
    assert found["run_id"] == report.result.run_id
    assert set(found["hashes"]) == {"panel", "inputs", "parameters", "code", "result"}
    assert found["period"] == {
        "from": "2023-01-01T00:00:00Z",
        "to": "2023-07-28T08:00:00Z",
        "bars": 5_000,
        "interval": "1h",
    }
    assert found["is_synthetic"] is True
    assert found["strategies"][0] == {"name": "trend", "parameters": {"fast": 16, "slow": 64}}
    assert found["settings"]["account"]["capital"] == 7_700.0


def test_costs_and_contributions_add_up(report: BacktestReport) -> None:
    found = summary(report)
    costs = found["costs"]
    assert costs["total"] == pytest.approx(
        costs["fees"] + costs["slippage"] + costs["funding"] + costs["liquidation_fees"]
    )
    profit = found["statistics"]["profit"]
    assert sum(part["pnl"] for part in found["contributions"]["instruments"].values()) == pytest.approx(profit)
    assert sum(found["contributions"]["strategies"].values()) == pytest.approx(profit)


def test_refusals_are_counted_by_reason_and_instrument(report: BacktestReport) -> None:
    refused = summary(report)["refusals"]["inside_band"]
    assert refused["total"] == sum(refused["by_instrument"].values())
    assert refused["by_instrument"]["DOGEUSDT"] == 2_911


def test_zero_trades_are_explained_and_trades_are_not(
    report: BacktestReport, report_without_trades: BacktestReport
) -> None:
    assert summary(report)["refusals_explained"] is None
    explained = summary(report_without_trades)["refusals_explained"]
    assert "Not one trade" in explained
    assert "not worth its costs" in explained


def test_zero_trades_without_a_refusal_are_explained_too(
    make_report: Callable[..., BacktestReport], make_result: Callable[..., BacktestResult]
) -> None:
    silent = make_result(400, 2, has_trades=False)
    silent = replace(silent, refusals=np.zeros_like(silent.refusals))
    assert "no decision was due" in summary(make_report(silent))["refusals_explained"]


def test_halt_is_dated_at_the_close_of_its_bar(report: BacktestReport) -> None:
    halted = replace(report, result=replace(report.result, halted_at=23))
    assert summary(halted)["halted_at"] == "2023-01-02T00:00:00Z"
    assert summary(report)["halted_at"] is None


def test_only_finite_numbers_pass() -> None:
    value = {"a": [float("nan"), 1.0], "b": {"c": float("inf")}, "d": np.int64(3), "e": (True, "x")}
    assert finite_or_null(value) == {"a": [None, 1.0], "b": {"c": None}, "d": 3, "e": [True, "x"]}


def test_regimes_are_counted_where_there_are_any(report: BacktestReport) -> None:
    assert summary(report)["regime"] is None
    codes = np.resize(np.repeat([1, 2, 9], 240), len(report.result.equity)).astype(np.int64)
    found = summary(replace(report, result=replace(report.result, regimes=codes)))["regime"]
    assert sum(found["shares"].values()) == pytest.approx(1.0)
    assert found["mean_dwell_days"]["bear"] == pytest.approx(10.0, rel=0.1)
    assert found["mean_dwell_days"]["sideways"] is None
    assert found["high_volatility"] == pytest.approx(1 / 3, abs=0.02)
