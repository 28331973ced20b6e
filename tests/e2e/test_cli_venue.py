"""`geobuk venue` as a user types it, at an emulator that was started the same way."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.geobuk_command import COMMAND, geobuk

KEYS = {"GEOBUK_BINANCE_KEY": "emulator-key", "GEOBUK_BINANCE_SECRET": "emulator-secret"}
OPEN_KEY = ("--set", "venues.binance.allow_unrestricted_ip=true")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    arguments = ["emulator", "binance", "--instruments", "BTCUSDT,ETHUSDT", "--port", "0", "--json"]
    process = subprocess.Popen([str(COMMAND), *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = ""
    while not said.rstrip().endswith("}"):
        said += process.stdout.readline()
    yield json.loads(said)["rest"]
    process.terminate()
    assert process.wait(20) == 0
    process.stdout.close()


def test_the_capability_table_names_every_venue(tmp_path: Path) -> None:
    answer = geobuk("venue", "ls", "--json", folder=tmp_path)
    venues = answer.value["venues"]
    assert set(venues) == {"paper", "binance"}
    assert venues["binance"]["trailing stop"] is True
    assert venues["binance"]["time in force day"] is False


def test_the_account_is_shown(url: str, tmp_path: Path) -> None:
    answer = geobuk("venue", "show", "binance", "--url", url, "--json", folder=tmp_path, **KEYS)
    assert answer.code == 0
    assert answer.value["account"]["wallet"] == "10000.00000000"
    assert (answer.value["positions"], answer.value["orders"]) == ([], [])
    assert "any IP address" in answer.value["blocked"]
    people = geobuk("venue", "show", "binance", "--url", url, folder=tmp_path, **KEYS)
    assert "10,000.00 USDT" in people.out
    assert "nothing is held" in people.out


def test_a_key_that_works_from_anywhere_is_not_traded_with(url: str, tmp_path: Path) -> None:
    answer = geobuk("venue", "check", "binance", "--url", url, folder=tmp_path, **KEYS)
    assert answer.code == 7
    assert "works from any IP address" in answer.out


def test_the_self_test_passes_and_leaves_nothing(url: str, tmp_path: Path) -> None:
    answer = geobuk("venue", "check", "binance", "--url", url, *OPEN_KEY, "--json", folder=tmp_path, **KEYS)
    assert answer.code == 0
    assert all(check["is_ok"] for check in answer.value["checks"])
    names = {check["name"] for check in answer.value["checks"]}
    assert {"clock", "trading rules", "post-only order", "stop order", "reply fields"} <= names
    left = geobuk("venue", "show", "binance", "--url", url, "--json", folder=tmp_path, **KEYS)
    assert left.value["orders"] == []


def test_the_market_is_recorded(url: str, tmp_path: Path) -> None:
    options = ("--instruments", "BTCUSDT", "--out", "tapes", "--for", "4", "--json")
    answer = geobuk("venue", "record", "binance", "--url", url, *options, folder=tmp_path)
    assert answer.code == 0
    assert answer.value["frames"] > 20
    assert list((tmp_path / "tapes").glob("*.jsonl.gz"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "binance"), "GEOBUK_BINANCE_KEY"),
        (("show", "bybit"), "bybit"),
        (("record", "binance", "--instruments", ",", "--out", "x"), "no instrument to record"),
        (("record", "binance", "--instruments", "A", "--out", "x", "--for", "-1"), "--for -1"),
        (("show", "binance", "--url", "localhost:1"), "http://127.0.0.1:8790"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    answer = geobuk("venue", *arguments, folder=tmp_path)
    assert answer.code == 2
    assert said in answer.err.replace("\n", " ")
    assert "Traceback" not in answer.err


def test_a_server_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    answer = geobuk("venue", "show", "binance", "--url", "http://127.0.0.1:9", folder=tmp_path, **KEYS)
    assert answer.code == 2
    assert "not connected" in answer.err
