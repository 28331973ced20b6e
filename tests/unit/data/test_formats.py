import gzip
from pathlib import Path

import polars as pl
import pytest

from geobuk.data.formats import ARCHIVE_KLINE_COLUMNS, read_table
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
    assert tuple(read_table(path).columns) == ARCHIVE_KLINE_COLUMNS


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
