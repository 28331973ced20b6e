"""How far apart the bars of a file are, and whether that agrees with what the user said."""

import numpy as np
import polars as pl

from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_SECOND, interval_ns, interval_text


def choose_interval(frame: pl.DataFrame, said: str) -> int:
    """The interval in nanoseconds: as said, or the commonest spacing of each instrument's rows.

    Raises
    ------
    DataError
        What was said contradicts the spacing, or there is no telling; or the times are closing times.
    """
    common = common_spacing(frame)
    if not said:
        if common == 0:
            raise DataError("the file has too few rows to tell the interval", cure="say it with --interval, such as 1h")
        if common % NS_PER_SECOND:
            raise DataError(
                f"the rows are {common / 1e9:g} s apart, which is no interval",
                cure="check the time column and its unit",
            )
        said = interval_text(common)
    wanted = interval_ns(said)
    if common not in {0, wanted}:
        real = interval_text(common)
        cure = f"import it with --interval {real}"
        if common < wanted:
            cure += f"; bars of {said} are made from them when they are read (resample)"
        raise DataError(f"the file's bars are {real} apart, not {said}", cure=cure)
    _refuse_closing_times(frame, wanted)
    return wanted


def common_spacing(frame: pl.DataFrame) -> int:
    """The commonest positive step between the times of one instrument; 0 if there are fewer than three rows of any."""
    ordered = frame.select("instrument", "at_ns").sort("instrument", "at_ns")
    names, at_ns = ordered["instrument"], ordered["at_ns"].to_numpy()
    same = (names == names.shift(1)).fill_null(False).to_numpy()[1:]
    steps = np.diff(at_ns)[same]
    steps = steps[steps > 0]
    if len(steps) < 2:
        return 0
    values, counts = np.unique(steps, return_counts=True)
    return int(values[np.argmax(counts)])


def _refuse_closing_times(frame: pl.DataFrame, interval: int) -> None:
    phases = frame["at_ns"].to_numpy() % interval
    if np.all((interval - phases) <= 1_000_000):
        raise DataError(
            "the times end in the last millisecond of each bar: they are closing times",
            cure="map the column of opening times with --column at=NAME",
        )
