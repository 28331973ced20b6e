"""Spoils good bars on request, the way real files are spoiled: to see that the quality gate notices."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from geobuk.domain.errors import SettingsError, UnknownNameError

Spoiler = Callable[[pl.DataFrame, int, int], pl.DataFrame]
_ROOM = 12


def spoil(frame: pl.DataFrame, defects: Sequence[str], interval_ns: int, *, seed: int) -> pl.DataFrame:
    """One instrument's bars with each named defect put in at a random place of its own.

    Raises
    ------
    UnknownNameError
        A defect that is not in :data:`DEFECTS`.
    SettingsError
        Fewer than a dozen bars for each defect.
    """
    for name in defects:
        if name not in DEFECTS:
            raise UnknownNameError("defect", name, DEFECTS)
    share = frame.height // max(1, len(defects))
    if share < _ROOM:
        raise SettingsError(
            f"{frame.height} bars have no room for {len(defects)} defects", cure=f"use {_ROOM} bars for each"
        )
    rng = np.random.default_rng(np.random.SeedSequence([seed, 99]))
    for number, name in reversed(list(enumerate(defects))):  # from the end, so that earlier places stay where they are
        start = number * share + int(rng.integers(1, share - _ROOM + 2))
        frame = DEFECTS[name](frame, start, interval_ns)
    return frame


def _rows(frame: pl.DataFrame, start: int, length: int, **changes: pl.Expr) -> pl.DataFrame:
    """Change columns of ``length`` rows from ``start`` on."""
    number = pl.int_range(pl.len())
    chosen = (number >= start) & (number < start + length)
    return frame.with_columns(
        pl.when(chosen).then(change).otherwise(pl.col(name)).alias(name) for name, change in changes.items()
    )


def _gap(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return pl.concat((frame.head(start), frame.slice(start + 5)))


def _duplicate(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return pl.concat((frame.head(start + 2), frame.slice(start)))


def _duplicate_conflict(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    other = frame.slice(start, 1).with_columns(pl.col("volume") * 2 + 1)
    return pl.concat((frame.head(start + 1), other, frame.slice(start + 1)))


def _backwards(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return pl.concat((frame.head(start), frame.slice(start + 4, 4), frame.slice(start, 4), frame.slice(start + 8)))


def _ohlc(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return _rows(frame, start, 1, high=pl.col("low") * 0.9)


def _non_positive(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return _rows(frame, start, 1, low=pl.lit(0.0))


def _zero_volume(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    still = pl.lit(frame["close"][start - 1])
    return _rows(frame, start, 4, open=still, high=still, low=still, close=still, volume=pl.lit(0.0))


def _spike(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return _rows(frame, start, 1, high=pl.col("high") * 5.0)


def _halt(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    nothing = dict.fromkeys(("open", "high", "low", "volume"), pl.lit(0.0))
    return _rows(frame, start, 2, **nothing, close=pl.lit(frame["close"][start - 1]))


def _moved_without_volume(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return _rows(frame, start, 1, volume=pl.lit(0.0))


def _misaligned(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return _rows(frame, start, 1, at_ns=pl.col("at_ns") + interval_ns // 4)


def _not_a_number(frame: pl.DataFrame, start: int, interval_ns: int) -> pl.DataFrame:
    return _rows(frame, start, 1, close=pl.lit(float("nan")))


DEFECTS: dict[str, Spoiler] = {
    "gap": _gap,
    "duplicate": _duplicate,
    "duplicate_conflict": _duplicate_conflict,
    "backwards": _backwards,
    "ohlc": _ohlc,
    "non_positive": _non_positive,
    "zero_volume": _zero_volume,
    "spike": _spike,
    "halt": _halt,
    "moved_without_volume": _moved_without_volume,
    "misaligned": _misaligned,
    "not_a_number": _not_a_number,
}
"""Name → what it does to one instrument's bars."""
