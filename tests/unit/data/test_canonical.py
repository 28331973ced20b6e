import math

import polars as pl
import pytest

from geobuk.data.canonical import Reading, canonical, instrument_in_file_name
from geobuk.data.columns import map_columns
from geobuk.domain.errors import DataError

TABLE = pl.DataFrame(
    {
        "ts": ["2024-01-01", "2024-01-02"],
        "symbol": ["A", "B"],
        "open": ["1", "2"],
        "high": ["1.5", "2.5"],
        "low": ["0.5", "1.5"],
        "close": ["1", "2"],
        "volume": ["10", ""],
        "turnover": ["100", "50"],
    }
)


def read(table: pl.DataFrame, volume_unit: str = "base") -> pl.DataFrame:
    mapping = map_columns(table.columns, "bars", {}, volume_unit=volume_unit)
    return canonical(table, Reading("bars", mapping, volume_unit=volume_unit, instrument="BTCUSDT"))


def test_text_cells_become_numbers_and_empty_ones_nan() -> None:
    frame = read(TABLE)
    assert frame["close"].to_list() == [1.0, 2.0]
    assert math.isnan(frame["volume"][1])
    assert frame["instrument"].to_list() == ["A", "B"]


def test_without_a_column_of_instruments_all_rows_are_of_one() -> None:
    assert read(TABLE.drop("symbol"))["instrument"].unique().to_list() == ["BTCUSDT"]


def test_quote_volume_is_divided_by_the_close() -> None:
    assert read(TABLE, volume_unit="quote")["volume"].to_list() == [100.0, 25.0]


def test_a_price_that_is_no_number_is_shown_with_its_row() -> None:
    with pytest.raises(DataError, match="column 'close' holds 'abc' in data row 2"):
        read(TABLE.with_columns(close=pl.Series(["1", "abc"])))


def test_a_column_of_dates_is_no_price() -> None:
    with pytest.raises(DataError, match="holds Date, not numbers"):
        read(TABLE.with_columns(close=pl.col("ts").str.to_date()))


def test_a_row_without_instrument_is_refused() -> None:
    with pytest.raises(DataError, match="names no instrument in data row 2"):
        read(TABLE.with_columns(symbol=pl.Series(["A", " "])))


@pytest.mark.parametrize(
    ("name", "instrument"),
    [
        ("BTCUSDT-1h.csv", "BTCUSDT"),
        ("1000PEPEUSDT_funding.parquet", "1000PEPEUSDT"),
        ("ETH_USDT_USDT-8h-mark.feather", "ETHUSDT"),
        ("BTC-USD.csv", "BTCUSD"),
        ("005930_1d.csv", "005930"),
        ("export.csv", ""),
        ("binance_um_1h.parquet", ""),
    ],
)
def test_the_instrument_is_read_from_the_file_name(name: str, instrument: str) -> None:
    assert instrument_in_file_name(name) == instrument
