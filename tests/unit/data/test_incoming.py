"""A file's rows by instrument, whatever order they come in."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.data.incoming import by_instrument

NAMES = st.lists(st.sampled_from(["A", "B", "币", "005930"]), min_size=1, max_size=60)


@given(NAMES)
def test_each_instrument_keeps_its_rows_and_their_order(names: list[str]) -> None:
    frame = pl.DataFrame({"instrument": names, "at_ns": range(len(names))})
    grouped, parts = by_instrument(frame)
    assert list(parts) == list(dict.fromkeys(names))
    assert {name: part["at_ns"].to_list() for name, part in parts.items()} == {
        name: [n for n, one in enumerate(names) if one == name] for name in parts
    }
    assert grouped["at_ns"].sort().to_list() == list(range(len(names)))
    assert grouped["instrument"].rle().len() == len(parts)


@pytest.mark.parametrize("count", [300, 70_000])
def test_many_instruments_row_by_row(count: int) -> None:
    names = [f"{n:05d}" for n in range(count)] * 2
    _, parts = by_instrument(pl.DataFrame({"instrument": names, "at_ns": range(2 * count)}))
    assert len(parts) == count
    assert parts["00007"]["at_ns"].to_list() == [7, count + 7]


def test_one_instrument_is_the_file_itself() -> None:
    frame = pl.DataFrame({"instrument": ["A"] * 5, "at_ns": range(5)})
    grouped, parts = by_instrument(frame)
    assert grouped is frame
    assert parts["A"].columns == ["at_ns"]
