"""The documented commands on real history, word for word."""

from pathlib import Path

import pytest
from tests.e2e.geobuk_command import Answer, geobuk

pytestmark = pytest.mark.real_data

ALL = "trend,mean_reversion,funding_carry,box_breakout"


@pytest.fixture(scope="module")
def home(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home into which the hourly file and the funding file were imported."""
    home = tmp_path_factory.mktemp("documented")
    crypto = shared_data / "crypto"
    bars = said(home, f"data import {crypto}/binance_um_1h_2023_2025-06.parquet --venue binance --interval 1h --json")
    assert bars.value["rows_new"] == 425_634
    funding = said(
        home, f"data import {crypto}/binance_um_funding_2023_2025-06.parquet --venue binance --kind funding --json"
    )
    assert funding.value["rows_new"] == 9_224
    return home


def said(home: Path, command: str) -> Answer:
    answer = geobuk(*command.split(), folder=home, GEOBUK_HOME=str(home))
    assert (answer.code, answer.err) == (0, "")
    return answer


def test_the_check_finds_every_series_fit_for_use(home: Path) -> None:
    value = said(home, "data check --venue binance --interval 1h --json").value
    assert value["ok"] is True
    assert len({one["instrument"] for one in value["series"] if one["kind"] == "bars"}) == 20


def test_trend_over_the_whole_period_as_json(home: Path) -> None:
    value = said(
        home, "backtest --strategy trend --venue binance --interval 1h --from 2023-01-01 --to 2025-06-30 --json"
    ).value
    assert (value["period"]["from"], value["period"]["to"]) == ("2023-01-01T00:00:00Z", "2025-07-01T00:00:00Z")
    assert (len(value["instruments"]), value["period"]["bars"], value["is_synthetic"]) == (20, 21_888, False)
    assert value["trades"]["fills"] > 0
    assert any("Funding rates are not known" in note["text"] for note in value["notes"])


def test_four_strategies_with_a_report(home: Path) -> None:
    answer = said(home, f"backtest --strategy {ALL} --venue binance --interval 1h --report out.html")
    assert "out.html" in answer.out
    page = (home / "out.html").read_text(encoding="utf-8")
    assert "BTCUSDT" in page
    assert not [tag for tag in ('src="http', 'href="http', "@import") if tag in page]


def test_a_strategy_is_checked_on_real_history(home: Path) -> None:
    value = said(home, "strategy check trend --venue binance --interval 1h --instruments BTCUSDT,SUIUSDT --json").value
    assert value["passed"] is True
    assert len(value["panels"]) == 3


def test_230_usdt_are_told_what_they_cannot_trade(home: Path) -> None:
    value = said(home, "backtest --strategy trend --venue binance --interval 1h --capital 230 --json").value
    refused = {one["instrument"] for one in value["affordability"] if not one["can_trade"]}
    assert "BTCUSDT" in refused


def test_minutes_are_imported_and_decided_by_the_hour(home: Path, shared_data: Path) -> None:
    said(home, f"data import {shared_data}/crypto/binance_um_1m_2025-05.parquet --venue binance --interval 1m --json")
    value = said(
        home,
        "backtest --strategy trend --venue binance --interval 1m --instruments BTCUSDT,ETHUSDT"
        " --param trend.fast_days=0.5 --param trend.volatility_days=2 --set decide_every=1h --json",
    ).value
    assert value["period"]["interval"] == "1m"
    assert value["trades"]["decisions"] < value["period"]["bars"] / 30
