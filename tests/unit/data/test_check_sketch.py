import numpy as np
import pytest

from geobuk.data.check_sketch import POINTS, SPANS, sketch_of
from geobuk.data.findings import FINDINGS
from geobuk.data.layout import series_key
from geobuk.data.rows import Rows, no_rows
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE, parse_at

HOURS = series_key("binance", "BTCUSDT", "bars", "1h")
START = parse_at("2024-01-01")


def rows_of(count: int, step: int = NS_PER_HOUR, start: int = START) -> Rows:
    close = 100 + np.sin(np.arange(count) / 10)
    values = dict.fromkeys(("open", "high", "low", "close", "volume"), close)
    return Rows(start + step * np.arange(count), values, np.zeros(count, dtype=np.uint32))


def test_months_count_what_is_there_missing_and_masked() -> None:
    rows = rows_of(31 * 24 + 29 * 24).take(np.delete(np.arange(60 * 24), np.arange(100, 110)))
    rows.mask[[0, 1, 31 * 24]] = FINDINGS["OHLC"].bit
    january, february = sketch_of(rows, HOURS).months
    assert (january.name, january.rows, january.expected, january.masked) == ("2024-01", 734, 744, 2)
    assert january.lost_share == pytest.approx(12 / 744)
    assert (february.name, february.rows, february.expected, february.masked) == ("2024-02", 696, 696, 1)


def test_a_long_line_keeps_its_extremes() -> None:
    rows = rows_of(50_000)
    rows.values["close"][31_234] = 555.0
    rows.values["close"][40_000] = 1.0
    rows.mask[40_000] = FINDINGS["SPIKE"].bit
    sketch = sketch_of(rows, HOURS)
    assert len(sketch.price) <= POINTS
    assert sketch.price.max() == 555.0
    assert sketch.price.min() > 90
    assert np.all(np.diff(sketch.at_ns) > 0)


def test_a_short_line_is_whole() -> None:
    rows = rows_of(100)
    assert sketch_of(rows, HOURS).price.tolist() == rows.values["close"].tolist()


def test_masked_and_missing_stretches_have_their_ends() -> None:
    rows = rows_of(100).take(np.r_[0:40, 45:100])
    rows.mask[10:12] = FINDINGS["ZERO_VOLUME"].bit
    sketch = sketch_of(rows, HOURS)
    assert sketch.masked == ((START + 10 * NS_PER_HOUR, START + 12 * NS_PER_HOUR),)
    assert sketch.missing == ((START + 40 * NS_PER_HOUR, START + 45 * NS_PER_HOUR),)


def test_many_stretches_are_joined_where_they_begin_close_together() -> None:
    rows = rows_of(10_000)
    rows.mask[(np.arange(10_000) // 10) % 2 == 0] = FINDINGS["ZERO_VOLUME"].bit
    sketch = sketch_of(rows, HOURS)
    assert 0 < len(sketch.masked) <= SPANS
    assert sketch.masked[0][0] == START
    assert sketch.masked[-1][1] == START + 9_990 * NS_PER_HOUR


def test_of_many_short_stretches_the_longest_are_kept() -> None:
    rows = rows_of(100_000, NS_PER_MINUTE)
    rows.mask[::100] = FINDINGS["SPIKE"].bit
    rows.mask[50_050:50_053] = FINDINGS["ZERO_VOLUME"].bit
    sketch = sketch_of(rows, series_key("binance", "BTCUSDT", "bars", "1m"))
    assert len(sketch.masked) == SPANS
    assert (START + 50_050 * NS_PER_MINUTE, START + 50_053 * NS_PER_MINUTE) in sketch.masked


def test_closed_days_are_neither_lost_nor_drawn() -> None:
    rows = rows_of(31, NS_PER_DAY, parse_at("2024-01-01T00:00+09:00"))
    closed = (np.arange(31) % 7 >= 5) | (np.arange(31) == 0)
    rows.mask[closed] = FINDINGS["CALENDAR"].bit
    sketch = sketch_of(rows, series_key("krx", "005930", "bars", "1d"))
    (january,) = sketch.months
    assert (january.rows, january.expected, january.lost_share) == (22, 22, 0.0)
    assert sketch.masked == ()


def test_funding_is_drawn_by_its_rate_and_nothing_without_rows() -> None:
    key = series_key("binance", "BTCUSDT", "funding", "")
    rows = Rows(START + 8 * NS_PER_HOUR * np.arange(9), {"rate": np.full(9, 1e-4)}, np.zeros(9, dtype=np.uint32))
    assert sketch_of(rows, key).price.tolist() == [1e-4] * 9
    assert sketch_of(no_rows("bars"), HOURS).months == ()
