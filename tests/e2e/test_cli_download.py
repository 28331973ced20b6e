"""`geobuk data download` and `geobuk data update` as a person types them, against a server on this machine."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from tests.e2e.geobuk_command import Answer, geobuk
from tests.servers import market
from tests.servers.binance import BinanceServer
from tests.servers.driving import NOW, content, leftovers

from geobuk.data.sources.tapes import bars_from_trades

COMMAND = "data download --venue binance --instruments BTCUSDT,ETHUSDT --interval 1h --from 2024-01-01 --to 2024-03-04"


@pytest.fixture
def server() -> Iterator[BinanceServer]:
    with BinanceServer(NOW) as running:
        yield running


def said(server: BinanceServer, home: Path, command: str, code: int = 0) -> Answer:
    environment = {"ARCHIVE": server.base, "REST": server.base, "BACKOFF_SECONDS": "0.01", "TRIES": "2"}
    settings = {f"GEOBUK_DOWNLOAD__{name}": value for name, value in environment.items()}
    answer = geobuk(*command.split(), GEOBUK_HOME=str(home), **settings)
    assert answer.code == code, answer.out + answer.err
    assert "Traceback" not in answer.err
    return answer


def test_the_plan_is_told_first_and_the_outcome_afterwards(server: BinanceServer, tmp_path: Path) -> None:
    answer = said(server, tmp_path, f"{COMMAND} --yes")
    head, tail = answer.out.split("To fetch: ")
    assert "binance BTCUSDT bars 1h" in head
    assert tail.startswith("28 files and 2 requests, about 0.2 MB, about 6,528 rows in 6 series.")
    assert "Done: 6,528 new rows in 6 series from 24 files." in tail, "the last day was not published yet"
    again = said(server, tmp_path, f"{COMMAND} --yes")
    assert "To fetch: nothing to fetch; 384 days of series are there already." in again.out
    assert leftovers(tmp_path) == []


def test_json_is_one_object_and_a_plan_fetches_nothing(server: BinanceServer, tmp_path: Path) -> None:
    plan = said(server, tmp_path, f"{COMMAND} --plan --json").value
    assert (plan["files"], plan["requests"], plan["rows"]) == (28, 2, 6528)
    assert plan["series"][0]["files"][0] == "data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip"
    assert not server.paths(".zip")
    assert not (tmp_path / "catalog").exists()
    done = said(server, tmp_path, f"{COMMAND} --json").value
    assert (done["ok"], done["rows_new"], done["failures"]) == (True, 6528, [])
    assert done["series"][0]["instrument"] == "BTCUSDT"
    assert Path(done["rules"]["file"]).is_file()


def test_every_row_says_where_it_came_from(server: BinanceServer, tmp_path: Path) -> None:
    said(server, tmp_path, f"{COMMAND} --kinds bars --json")
    series = said(server, tmp_path, "data ls --json").value["series"]
    assert [one["rows"] for one in series] == [64 * 24, 64 * 24]
    manifests = sorted(tmp_path.rglob("manifest.json"))
    sources = pl.DataFrame(pl.read_json(manifests[0])["sources"][0].to_list())
    assert sources["file"].to_list()[:2] == ["BTCUSDT-1h-2024-01.zip", "BTCUSDT-1h-2024-02.zip"]
    assert sources["url"][0] == "data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip"
    assert sources["file"][-1] == "BTCUSDT-1h-2024-03-04T00:00_2024-03-05T00:00.rest"
    assert sources["sha256"].str.len_chars().unique().to_list() == [64]
    assert (sources["fetched_at_ns"] > 0).all()
    assert sources["rows"].to_list()[:2] == [31 * 24, 29 * 24]


def test_an_update_brings_the_newest_bars_and_rules(server: BinanceServer, tmp_path: Path) -> None:
    said(server, tmp_path, f"{COMMAND} --yes")
    server.now_ms += 30 * 3_600_000
    server.rules["tickSize"] = "0.50"
    value = said(server, tmp_path, "data update --venue binance --json").value
    assert value["ok"]
    newest = {one["kind"]: one["rows_new"] for one in value["series"] if one["instrument"] == "BTCUSDT"}
    assert newest == {"bars": 40, "mark": 40, "funding": 6}, "from 2024-03-05 00:00 to 2024-03-06 16:30"
    assert value["rules"]["as_of"] == "2024-03-06"
    assert sorted(path.stem for path in (tmp_path / "catalog/instruments/binance").glob("*.json")) == [
        "2024-03-05",
        "2024-03-06",
    ]


def test_what_has_no_source_stays_and_is_named(server: BinanceServer, tmp_path: Path) -> None:
    bars = tmp_path / "005930.csv"
    rows = "".join(f"2024-01-{day:02},1,1,1,1,1\n" for day in range(2, 6))
    bars.write_text(f"date,open,high,low,close,volume\n{rows}")
    said(server, tmp_path, f"data import {bars} --venue test --interval 1d")
    refused = said(server, tmp_path, "data update --json", code=2).value["error"]
    assert "nothing of binance" in refused["message"]
    said(server, tmp_path, f"{COMMAND} --yes")
    assert (
        "1 series have no source and stay as they are: test 005930 bars 1d" in said(server, tmp_path, "data update").out
    )
    refused = said(server, tmp_path, "data update --venue krx --json", code=2).value["error"]
    assert refused["message"] == "nothing can be downloaded for venue 'krx'"


def test_tapes_are_stored_by_day_and_make_the_venues_bars(server: BinanceServer, tmp_path: Path) -> None:
    words = "data download --instruments BTCUSDT --from 2024-02-10 --to 2024-02-11 --kinds aggtrades,bookticker"
    plan = said(server, tmp_path, f"{words} --plan --json").value
    sizes = [one for one in server.seen if one.method == "HEAD"]
    assert (plan["files"], len(sizes)) == (4, 4)
    assert plan["bytes"] > 50_000
    done = said(server, tmp_path, f"{words} --json --keep").value
    assert (done["ok"], done["rows_new"]) == (True, 2 * 8640 + 2 * 1440)
    assert len(leftovers(tmp_path)) == 5, "four files and the rules"
    tapes = content(tmp_path)
    assert len(tapes) == 4
    bars = bars_from_trades(tapes["binance BTCUSDT aggtrades stamps 2024-02-10"], "1h")
    begin, _ = market.span_ms("2024-02-10")
    assert bars["at_ns"][0] == begin * 1_000_000
    assert bars["open"][0] == market.price("klines", "BTCUSDT", begin)
    assert bars["volume"].unique().to_list() == [1.5 * 360]
    assert "nothing to fetch" in said(server, tmp_path, words).out


def test_a_failed_file_ends_with_code_2_and_its_name(server: BinanceServer, tmp_path: Path) -> None:
    server.fail("BTCUSDT-1h-2024-01.zip", "wrong_checksum", -1)
    answer = said(server, tmp_path, f"{COMMAND} --kinds bars --yes", code=2)
    assert "failed: BTCUSDT-1h-2024-01.zip came twice with a checksum other than" in answer.out
    assert "binance ETHUSDT bars 1h: 1,536 new rows" in answer.out


WRONG = {
    "data download --instruments BTCUSD --from 2024-01-01": "unknown instrument of binance 'BTCUSD'",
    "data download --instruments ../x --from 2024-01-01": "can't name an instrument of Binance",
    "data download --instruments BTCUSDT --from 2024-01-01 --interval 7m": "bars of 7m can't be downloaded",
    "data download --instruments BTCUSDT --from 2024-01-01 --kinds candles": "'candles' can't be downloaded",
    "data download --instruments BTCUSDT --from soon": "'soon' is not a date",
    "data download --instruments BTCUSDT --from 2024-02-01 --to 2024-01-01": "ends before it begins",
    "data download --instruments BTCUSDT --from 2024-02-01 --venue krx": "nothing can be downloaded for venue 'krx'",
    "data download --instruments BTCUSDT --from 2024-02-01 --set download.connections=0": "connections",
    "data download --instruments , --from 2024-02-01": "nothing is asked for",
}


@pytest.mark.parametrize("command", WRONG)
def test_mistakes_are_told_before_anything_is_fetched(command: str, server: BinanceServer, tmp_path: Path) -> None:
    error = said(server, tmp_path, f"{command} --json", code=2).value["error"]
    assert WRONG[command] in error["message"]
    assert not server.paths(".zip")
