"""The interval of a file: read from its rows, and held against what the user said."""

import polars as pl
import pytest

from geobuk.data.spacing import choose_interval, common_spacing
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE, parse_at

START = parse_at("2024-01-01")


def frame(*steps: int, instrument: str = "A", start: int = START) -> pl.DataFrame:
    at_ns = [start]
    for step in steps:
        at_ns.append(at_ns[-1] + step)
    return pl.DataFrame({"instrument": [instrument] * len(at_ns), "at_ns": at_ns})


def test_the_commonest_step_counts_holes_and_repeats_do_not() -> None:
    rows = frame(NS_PER_HOUR, NS_PER_HOUR, 0, 5 * NS_PER_HOUR, NS_PER_HOUR)
    assert common_spacing(rows) == NS_PER_HOUR
    assert common_spacing(rows.reverse()) == NS_PER_HOUR
    assert choose_interval(rows, "") == NS_PER_HOUR


def test_the_step_from_one_instrument_to_the_next_does_not_count() -> None:
    later = frame(NS_PER_HOUR, NS_PER_HOUR, instrument="B", start=START + NS_PER_MINUTE)
    assert common_spacing(pl.concat([frame(NS_PER_HOUR), later])) == NS_PER_HOUR
    assert common_spacing(pl.concat([frame(), frame(instrument="B"), frame(instrument="C")])) == 0


def test_too_few_rows_need_a_word_from_the_user() -> None:
    with pytest.raises(DataError, match="say it with --interval"):
        choose_interval(frame(NS_PER_HOUR), "")
    assert choose_interval(frame(NS_PER_HOUR), "1h") == NS_PER_HOUR


@pytest.mark.parametrize(
    ("said", "cure"),
    [("15m", "import it with --interval 1h$"), ("4h", r"--interval 1h; bars of 4h are made .*resample")],
)
def test_a_contradiction_is_refused_with_the_real_interval(said: str, cure: str) -> None:
    with pytest.raises(DataError, match=f"the file's bars are 1h apart, not {said}: .*{cure}"):
        choose_interval(frame(*[NS_PER_HOUR] * 5), said)


def test_steps_of_no_whole_second_point_at_the_time_column() -> None:
    with pytest.raises(DataError, match="check the time column and its unit"):
        choose_interval(frame(1_500, 1_500, 1_500), "")


def test_closing_times_are_told_from_opening_times() -> None:
    with pytest.raises(DataError, match="closing times: map the column of opening times"):
        choose_interval(frame(*[NS_PER_HOUR] * 3, start=START - 1_000_000), "1h")
