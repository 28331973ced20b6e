import gzip
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from geobuk.data.canonical import numbers
from geobuk.data.formats import open_file, read_table
from geobuk.data.sources.binance_archive import KLINE_COLUMNS
from geobuk.data.timestamps import to_at_ns
from geobuk.domain.errors import DataError

FRAME = pl.DataFrame({"ts": [1, 2], "close": [1.5, 2.5]})


@pytest.mark.parametrize("name", ["a.parquet", "a.feather", "a.csv", "a.csv.gz"])
def test_every_format_gives_the_same_table(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("parquet"):
        FRAME.write_parquet(path)
    elif name.endswith("feather"):
        FRAME.write_ipc(path)
    else:
        text = FRAME.write_csv().encode()
        path.write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    table = read_table(path)
    assert table.columns == ["ts", "close"]
    assert table["close"].cast(pl.Float64).to_list() == [1.5, 2.5]


def test_csv_cells_stay_text_so_that_codes_keep_their_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("code;close\n005930;1\n")
    assert read_table(path)["code"].to_list() == ["005930"]


def test_korean_spreadsheet_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("일자,종가\n20240102,79600\n".encode("cp949"))
    assert read_table(path).columns == ["일자", "종가"]


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("\ufeffts,close\n1,2\n".encode())
    assert read_table(path).columns == ["ts", "close"]


def test_archive_klines_without_header_get_their_names(tmp_path: Path) -> None:
    path = tmp_path / "BTCUSDT-1h-2021-01.csv"
    path.write_text("1609459200000,1,2,0.5,1.5,10,1609462799999,15,3,5,7,0\n")
    assert tuple(read_table(path).columns) == KLINE_COLUMNS


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"ts,close\n", "has no rows"),
        ("a.csv", b"1,2,3\n4,5,6\n", "no header row"),
        ("a.csv", b"ts,close\n1,2,3\n", "can't be read as csv"),
        ("a.csv.gz", b"\x1f\x8bbroken", "can't be read as csv.gz"),
        ("a.parquet", b"PAR1 cut off", "can't be read as parquet"),
        ("a.feather", b"no feather", "can't be read as feather"),
        ("a.xlsx", b"PK", "'.xlsx' is not known"),
    ],
)
def test_an_unusable_file_is_explained(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(path)
    assert caught.value.cure


def test_a_missing_file_names_what_the_folder_holds(tmp_path: Path) -> None:
    FRAME.write_csv(tmp_path / "there.csv")
    with pytest.raises(DataError, match=r"does not exist: the folder holds there\.csv"):
        read_table(tmp_path / "missing.csv")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a file"):
        read_table(tmp_path)


ODD_CELLS = [" 1.5", "1.5 ", '"1.5"', '""', "", "null", "NaN", "-", "1e5", ".5", "5.", "1e400", "inf"]


@pytest.mark.parametrize("cell", ["1.5", *ODD_CELLS])
def test_reading_numbers_as_numbers_changes_no_value(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"ts,close,name\n1704067200000,{cell},005930\n1704067260000,2,A\n")
    typed = open_file(path).read(["ts", "close", "name"], numbers=["close"], time="ts")
    text = open_file(path).read(["ts", "close", "name"])
    assert typed["name"].to_list() == text["name"].to_list() == ["005930", "A"]
    assert numbers(typed["close"], "close").equals(numbers(text["close"], "close"), null_equal=True)
    assert to_at_ns(typed["ts"]).to_list() == to_at_ns(text["ts"]).to_list()


@pytest.mark.parametrize("cell", ["12x", "0x10", "1_000", "TRUE"])
def test_a_cell_that_is_no_number_is_still_shown_as_it_was_written(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"ts,close\n1704067200000,1\n1704067260000,{cell}\n")
    table = open_file(path).read(["ts", "close"], numbers=["close"], time="ts")
    assert table["close"].to_list() == ["1", cell]


@pytest.mark.parametrize("times", [("20240131", "20240201"), ("20240131090000", "20240131090100")])
def test_dates_in_digits_stay_text(tmp_path: Path, times: tuple[str, str]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"ts,close\n{times[0]},1\n{times[1]},2\n")
    assert open_file(path).read(["ts", "close"], numbers=["close"], time="ts")["ts"].to_list() == list(times)


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("ts,close\n1704067200000,1\n\n1704067260000,2\n\n")
    assert open_file(path).read(["ts", "close"], numbers=["close"], time="ts").height == 2


def test_only_the_columns_asked_for_are_parsed(tmp_path: Path) -> None:
    for name in ("a.parquet", "a.feather"):
        path = tmp_path / name
        FRAME.write_parquet(path) if name.endswith("parquet") else FRAME.write_ipc(path)
        file = open_file(path)
        assert file.columns == ("ts", "close")
        assert file.read(["close"]).columns == ["close"]
        assert file.sha256 == sha256(path.read_bytes()).hexdigest()
