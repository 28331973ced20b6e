"""How far apart the bars of a file are, and whether that agrees with what the user said."""

import numpy as np
import polars as pl

from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_SECOND, interval_ns, interval_text
from geobuk.panel import IntArray


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
    steps = _steps(frame)
    if steps is None:
        steps = _steps(frame.select("instrument", "at_ns").sort("instrument", "at_ns"))
    if steps is None or len(steps) - steps.null_count() < 2:
        return 0
    if steps.min() == steps.max():
        return int(steps.drop_nulls()[0])
    counts = steps.drop_nulls().value_counts().sort(["count", steps.name], descending=[True, False])
    return int(counts[steps.name][0])


def _steps(frame: pl.DataFrame) -> pl.Series | None:
    """Positive steps inside each instrument's rows, null elsewhere; None where these are not together or in order."""
    heads = run_starts(frame["instrument"])
    if frame["instrument"].gather(heads).n_unique() < len(heads):
        return None
    steps = frame["at_ns"].diff().scatter(heads, None)
    least = steps.to_frame("step").select(pl.col("step").min()).item()
    if least is None or least > 0:
        return steps
    return None if least < 0 else steps.set(steps == 0, None)


def run_starts(names: pl.Series) -> IntArray:
    """Rows at which another name begins; the first row is one of them. Null and null are the same name.

    >>> run_starts(pl.Series(["A", "A", "B", "A"])).tolist()
    [0, 2, 3]
    """
    if len(names) == 0:
        return np.empty(0, dtype=np.int64)
    changes = names.slice(1).ne_missing(names.slice(0, len(names) - 1))
    return np.concatenate(([0], np.flatnonzero(changes.to_numpy()) + 1))


def _refuse_closing_times(frame: pl.DataFrame, interval: int) -> None:
    at_ns = frame["at_ns"]
    if interval - int(at_ns[0]) % interval > 1_000_000:
        return
    phases = at_ns.to_numpy() % interval
    if np.all((interval - phases) <= 1_000_000):
        raise DataError(
            "the times end in the last millisecond of each bar: they are closing times",
            cure="map the column of opening times with --column at=NAME",
        )
