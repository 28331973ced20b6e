"""The documented choice of instruments on the real hourly file, word for word."""

from pathlib import Path

import pytest
from tests.e2e.geobuk_command import Answer, geobuk

pytestmark = pytest.mark.real_data

COMMAND = "universe --venue binance --interval 1h --at 2025-01-01 --capital 230 --explain"


@pytest.fixture(scope="module")
def home(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("universe")
    file = shared_data / "crypto" / "binance_um_1h_2023_2025-06.parquet"
    said(home, f"data import {file} --venue binance --interval 1h --json")
    return home


def said(home: Path, command: str) -> Answer:
    answer = geobuk(*command.split(), folder=home, GEOBUK_HOME=str(home))
    assert (answer.code, answer.err) == (0, "")
    return answer


def test_the_documented_command_explains_every_candidate(home: Path) -> None:
    out = said(home, COMMAND).out
    assert out.startswith("Universe of binance 1h as known at 2025-01-01 00:00 UTC\n")
    assert sum(line.startswith(("✔", "✘")) for line in out.splitlines()) == 20
    assert "− AFFORDABLE with 230 USDT shared among" in out
    assert "geobuk backtest --strategy trend --venue binance --interval 1h --capital 230 --instruments " in out


def test_whoever_is_chosen_can_be_afforded_and_bitcoin_can_not(home: Path) -> None:
    value = said(home, f"{COMMAND} --json").value
    chosen = [one for one in value["candidates"] if one["is_chosen"]]
    assert [one["instrument"] for one in chosen] == value["chosen"]
    assert 1 <= len(chosen) <= 15
    for one in chosen:
        assert one["fit"]["position"] >= one["fit"]["smallest_order"]
        assert not any(why["is_veto"] for why in one["reasons_against"])
    bitcoin = next(one for one in value["candidates"] if one["instrument"] == "BTCUSDT")
    assert [why["code"] for why in bitcoin["reasons_against"] if why["is_veto"]] == ["AFFORDABLE"]


def test_more_capital_affords_bitcoin(home: Path) -> None:
    value = said(home, "universe --venue binance --interval 1h --at 2025-01-01 --capital 7700 --json").value
    assert "BTCUSDT" in value["chosen"]
    assert len(value["chosen"]) == 15


def test_the_line_to_paste_runs(home: Path) -> None:
    out = said(home, COMMAND).out
    line = next(line for line in out.splitlines() if line.startswith("geobuk backtest"))
    value = said(home, line.removeprefix("geobuk ") + " --from 2025-01-01 --json").value
    assert len(value["instruments"]) == line.count("USDT")
