"""Zip files of the archive become frames; what is not what its name says is refused by name."""

import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from tests.servers import market

from geobuk.data.sources.binance_archive import ArchiveFile
from geobuk.data.sources.unpack import unpack
from geobuk.domain.errors import DataError
from geobuk.domain.times import parse_at

DAY = "2024-02-10"
FOLDERS = {
    "bars": "klines",
    "mark": "markPriceKlines",
    "index": "indexPriceKlines",
    "aggtrades": "aggTrades",
    "bookticker": "bookTicker",
}


def saved(folder: Path, file: ArchiveFile, content: bytes, member: str = "") -> Path:
    path = folder / file.name
    path.write_bytes(market.zipped(member or file.name.replace(".zip", ".csv"), content))
    return path


def archived(kind: str, *, with_header: bool = True, micro: bool = False) -> bytes:
    return market.archive_csv(FOLDERS[kind], "BTCUSDT", "1h", DAY, with_header=with_header, micro=micro)


def file_of(kind: str) -> ArchiveFile:
    return ArchiveFile(kind, "BTCUSDT", "1h" if kind in {"bars", "mark", "index"} else "", DAY)


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize("with_header", [True, False])
@pytest.mark.parametrize("micro", [True, False])
def test_every_kind_reads_alike_with_and_without_header_in_ms_and_us(
    kind: str, with_header: bool, micro: bool, tmp_path: Path
) -> None:
    file = file_of(kind)
    plain = unpack(saved(tmp_path, file, archived(kind)), file)
    assert plain.height in {24, 8640, 1440}
    assert unpack(saved(tmp_path, file, archived(kind, with_header=with_header, micro=micro)), file).equals(plain)


def test_bars_have_the_cells_of_the_file(tmp_path: Path) -> None:
    file = file_of("bars")
    frame = unpack(saved(tmp_path, file, archived("bars")), file)
    begin, end = market.span_ms(DAY)
    rows = list(market.klines("klines", "BTCUSDT", "1h", begin, end))
    assert frame.columns == ["at_ns", "open", "high", "low", "close", "volume"]
    assert frame["at_ns"].to_list() == [int(str(row[0])) * 1_000_000 for row in rows]
    for place, name in enumerate(frame.columns[1:], start=1):
        assert frame[name].to_list() == [float(str(row[place])) for row in rows]


def test_funding_is_stamps_and_rates(tmp_path: Path) -> None:
    file = ArchiveFile("funding", "BTCUSDT", "", "2024-02")
    content = market.archive_csv("fundingRate", "BTCUSDT", "", "2024-02", with_header=True, micro=False)
    frame = unpack(saved(tmp_path, file, content), file)
    begin, end = market.span_ms("2024-02")
    assert list(frame.iter_rows()) == [(at * 1_000_000, rate) for at, rate in market.funding("BTCUSDT", begin, end)]


def test_quotes_are_put_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    file = file_of("bookticker")
    frame = unpack(saved(tmp_path, file, archived("bookticker")), file)
    assert frame["update_id"].is_sorted()
    assert frame["at_ns"].is_sorted()
    assert (frame["event_at_ns"] - frame["at_ns"]).unique().to_list() == [4_000_000]
    assert frame.schema["bid"] == pl.Float64


def test_an_empty_month_of_a_header_only_has_no_rows(tmp_path: Path) -> None:
    file = file_of("bars")
    assert unpack(saved(tmp_path, file, market.KLINE_HEADER.encode() + b"\n"), file).height == 0


BAD = {
    "another member": (b"1", "BTCUSDT-1d-2024-02-10.csv", "holds BTCUSDT-1d-2024-02-10.csv, not"),
    "nothing": (b"", "", "can't be read: it is empty"),
    "other columns": (b"a,b,c\n1,2,3\n", "", "its first line is 'a,b,c', where open_time, open"),
    "too few cells": (b"1707523200000,1,1,1\n", "", "its first line is '1707523200000,1,1,1'"),
    "no number": (market.KLINE_HEADER.encode() + b"\n1707523200000,1,x,1,1,1,0,0,0,0,0,0\n", "", "can't be read"),
    "another month": (
        market.archive_csv("klines", "BTCUSDT", "1h", "2024-03-10", with_header=True, micro=False),
        "",
        "holds rows from 2024-03-10 00:00 to 2024-03-10 23:00 UTC",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_what_its_name_says_is_refused(case: str, tmp_path: Path) -> None:
    content, member, words = BAD[case]
    file = file_of("bars")
    with pytest.raises(DataError, match=r"BTCUSDT-1h-2024-02-10\.zip") as told:
        unpack(saved(tmp_path, file, content, member), file)
    assert words in str(told.value)


def test_what_is_no_whole_zip_file_is_refused(tmp_path: Path) -> None:
    file = file_of("bars")
    path = saved(tmp_path, file, archived("bars"))
    whole = path.read_bytes()
    for content in (b"", b"no zip", whole[: len(whole) // 2], whole[:200] + b"\xff\xff" + whole[202:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="is not a whole zip file"):
            unpack(path, file)


def test_the_day_before_ends_where_the_day_begins(tmp_path: Path) -> None:
    file = ArchiveFile("aggtrades", "BTCUSDT", "", DAY)
    frame = unpack(saved(tmp_path, file, archived("aggtrades")), file)
    assert (frame["at_ns"][0] - 3_000_000, frame.height) == (parse_at(DAY), 8640)
    buffer = io.BytesIO(saved(tmp_path, file, archived("aggtrades")).read_bytes())
    assert zipfile.ZipFile(buffer).testzip() is None
