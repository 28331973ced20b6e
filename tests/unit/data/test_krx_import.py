"""Files about Korean instruments: what is understood, what is refused."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from geobuk.data.krx_import import import_delistings, import_index, import_listing
from geobuk.data.krx_tables import DELISTING, INDEX, LISTING, load_table
from geobuk.data.membership import REFERENCE_KINDS
from geobuk.domain.errors import DataError

LISTED = {
    "Code": ["005930", "069500", "0126Z0", "091990"],
    "Name": ["삼성전자", "KODEX 200", "삼성에피스홀딩스", "셀트리온헬스케어"],
    "Market": ["KOSPI", "ETF", None, "KOSDAQ GLOBAL"],
    "Industry": ["통신 및 방송 장비 제조업", None, "기타 금융업", "우주 여행업"],
    "ListingDate": ["1975-06-11", "2002-10-14", None, "20170728"],
}
GONE = {
    "Symbol": ["900010", "226360"],
    "ListingDate": [None, "2015-10-22"],
    "DelistingDate": ["2011/05/13", "2026-01-14"],
}


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def write(columns: dict[str, list[Any]], name: str = "listing_2026-03-22.parquet") -> Path:
        path = tmp_path / name
        frame = pl.DataFrame(columns)
        frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
        return path

    return write


def test_the_kinds_of_tables_have_their_importers() -> None:
    assert list(REFERENCE_KINDS) == ["listing", "delisting", "index"]


@pytest.mark.parametrize("name", ["listing_2026-03-22.parquet", "listing_2026-03-22.csv"])
def test_a_listing_is_stored_for_its_day(save: Callable[..., Path], tmp_path: Path, clock: Any, name: str) -> None:
    report = import_listing(tmp_path, save(LISTED, name), "krx", clock)
    assert report.rows == 4
    assert report.text == ("listing of 4 names on 2026-03-22: 2 KOSPI, 1 KOSDAQ; 1 without a date, 2 without a sector")
    table = load_table(tmp_path, LISTING)
    assert table is not None
    assert table.as_of == date(2026, 3, 22)
    assert table.rows["market"].to_list() == ["KOSPI", "KOSPI", "", "KOSDAQ"]
    assert table.rows["is_fund"].to_list() == [False, True, False, False]
    assert table.rows["listed_on"].to_list() == [date(1975, 6, 11), date(2002, 10, 14), None, date(2017, 7, 28)]
    assert table.rows["sector"].to_list() == [
        "전자부품, 컴퓨터, 영상, 음향 및 통신장비 제조업",
        "",
        "금융업",
        "",
    ]


def test_a_listing_may_be_codes_and_names_only(save: Callable[..., Path], tmp_path: Path, clock: Any) -> None:
    columns = {"ticker": ["122630", "005930", "530107"], "name": ["KODEX 레버리지", "삼성전자", "삼성 레버리지 ETN"]}
    report = import_listing(tmp_path, save(columns, "names.csv"), "krx", clock)
    table = load_table(tmp_path, LISTING)
    assert table is not None
    assert table.as_of == date(2026, 1, 1)  # the clock's day, for want of one in the name
    assert table.rows["is_fund"].to_list() == [True, False, True]
    assert table.rows["multiple"].to_list() == [2, 1, 2]
    assert "markets not given" in report.text


def test_the_listing_of_a_moment_is_the_newest_before_it(save: Callable[..., Path], tmp_path: Path, clock: Any) -> None:
    for day in ("2024-01-02", "2025-01-02"):
        import_listing(tmp_path, save(LISTED, f"listing_{day}.parquet"), "kiwoom", clock)
    days = [load_table(tmp_path, LISTING, asked) for asked in (date(2023, 1, 1), date(2024, 6, 1), None)]
    assert [table.as_of.year for table in days if table] == [2024, 2024, 2025]
    assert load_table(tmp_path / "nowhere", LISTING) is None


def test_delistings_are_stored(save: Callable[..., Path], tmp_path: Path, clock: Any) -> None:
    report = import_delistings(tmp_path, save(GONE, "gone_to_2026-03-22.csv"), "krx", clock)
    assert report.text == "2 delistings from 2011-05-13 to 2026-01-14, complete to 2026-03-22"
    table = load_table(tmp_path, DELISTING)
    assert table is not None
    assert table.rows["listed_on"].to_list() == [None, date(2015, 10, 22)]


def test_index_rows_with_a_close_only_are_masked(save: Callable[..., Path], tmp_path: Path, clock: Any) -> None:
    columns = {
        "date": ["1990-01-03", "2024-01-02", "2024-01-03", "2024-01-06"],
        "index": ["ks200", "ks200", "ks200", "ks11"],
        "open": [None, 10.0, 10.0, 5.0],
        "high": [None, 12.0, 9.0, 6.0],
        "low": [None, 9.0, 8.0, 4.0],
        "close": [9.9, 11.0, 8.5, 5.5],
    }
    report = import_index(tmp_path, save(columns, "index_2024-12-30.parquet"), "krx", clock)
    assert report.text == "4 days of KOSPI, KOSPI200: 2 with a close only, masked; 1 on days without a session"
    table = load_table(tmp_path, INDEX)
    assert table is not None
    assert dict(table.rows.select("day", "is_masked").iter_rows()) == {
        date(1990, 1, 3): True,
        date(2024, 1, 2): False,
        date(2024, 1, 3): True,  # its high is below its open
        date(2024, 1, 6): False,
    }


def change(columns: dict[str, list[Any]], **changes: list[Any]) -> dict[str, list[Any]]:
    return {**columns, **changes}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            change(LISTED, Code=["5930", "069500", "0126Z0", "091990"]),
            "'5930' is no Korean code .*leading zeros are lost",
        ),
        (change(LISTED, Code=["삼성전자", "069500", "0126Z0", "091990"]), "six characters such as 005930"),
        (change(LISTED, Code=["005930", "005930", "0126Z0", "091990"]), "has 005930 more than once"),
        (change(LISTED, Market=["NYSE", "ETF", None, "KONEX"]), "'NYSE' is no Korean market: use KOSPI, KOSDAQ, KONEX"),
        (change(LISTED, ListingDate=["yesterday", None, None, None]), "holds 'yesterday', no date"),
        ({"Firma": ["005930"]}, r"has no column of the code \(such as code\): rename one of Firma"),
    ],
)
def test_a_listing_that_can_not_be_used_is_refused_and_nothing_is_stored(
    save: Callable[..., Path], tmp_path: Path, clock: Any, columns: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        import_listing(tmp_path, save(columns), "krx", clock)
    assert not (tmp_path / "reference").exists()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (change(GONE, DelistingDate=[None, "2026-01-14"]), "900010 has no day of its delisting"),
        (
            change(GONE, DelistingDate=["2011-05-13", "2014-01-14"]),
            "226360 left on 2014-01-14 before it came on 2015-10-22",
        ),
        ({"Symbol": ["900010"]}, "has no column of the delisted_on"),
    ],
)
def test_delistings_that_can_not_be_used_are_refused(
    save: Callable[..., Path], tmp_path: Path, clock: Any, columns: dict[str, list[Any]], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        import_delistings(tmp_path, save(columns), "krx", clock)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"close": ["1", "x"]}, "close holds 'x', no number"),
        ({"close": ["1", None]}, "rows without a date or a close"),
        ({"date": ["2024-01-02", "2024-01-02"]}, "has KOSPI on 2024-01-02 twice"),
    ],
)
def test_an_index_that_can_not_be_used_is_refused(
    save: Callable[..., Path], tmp_path: Path, clock: Any, changes: dict[str, list[Any]], message: str
) -> None:
    price = ["1", "2"]
    good = {"date": ["2024-01-02", "2024-01-03"], "index": ["ks11"] * 2, "open": price, "high": price, "low": price}
    with pytest.raises(DataError, match=message):
        import_index(tmp_path, save({**good, "close": price, **changes}), "krx", clock)


def test_only_korean_names_have_such_tables(save: Callable[..., Path], tmp_path: Path, clock: Any) -> None:
    for kind, importer in REFERENCE_KINDS.items():
        with pytest.raises(DataError, match=f"a {kind} of binance can't be imported"):
            importer(tmp_path, save(LISTED), "binance", clock)


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "reference/krx/listing"
    folder.mkdir(parents=True)
    (folder / "2026-01-01.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataError, match=r"2026-01-01\.parquet can't be read"):
        load_table(tmp_path, LISTING)


def test_the_real_files_are_understood(shared_data: Path, tmp_path: Path, clock: Any) -> None:
    files = {
        LISTING: ["krx_listing_sector_industry_2026-03-22", "krx_snapshot_2026-03-20", "krx_top100_names"],
        DELISTING: ["krx_delisted_to_2026-03-22"],
        INDEX: ["krx_index_1d_to_2024"],
    }
    texts = [
        REFERENCE_KINDS[kind](tmp_path, shared_data / f"korea/{name}.parquet", "krx", clock).text
        for kind, names in files.items()
        for name in names
    ]
    markets = "951 KOSPI, 1,818 KOSDAQ, 110 KONEX"
    assert texts == [
        f"listing of 2,879 names on 2026-03-22: {markets}; 113 without a date, 113 without a sector",
        f"listing of 2,879 names on 2026-03-20: {markets}; 2,879 without a date, 2,879 without a sector",
        "listing of 100 names on 2026-01-01: markets not given; 100 without a date, 100 without a sector",
        "4,104 delistings from 1960-11-21 to 2026-03-18, complete to 2026-03-22",
        "23,690 days of KOSDAQ, KOSPI, KOSPI200: 1,471 with a close only, masked; 0 on days without a session",
    ]
