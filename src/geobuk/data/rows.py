"""The rows of one series in memory: times, values and marks. It knows no files and no rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from geobuk.panel import FloatArray, IntArray

MaskArray = npt.NDArray[np.uint32]

KIND_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "bars": ("open", "high", "low", "close", "volume"),
    "mark": ("open", "high", "low", "close"),
    "index": ("open", "high", "low", "close"),
    "funding": ("rate",),
}
"""Value columns of each kind of series."""


@dataclass(frozen=True)
class Rows:
    """Rows of one instrument.

    Attributes
    ----------
    at_ns : (R,) int64, UTC nanoseconds
    values : columns of (R,) float64; NaN where the source had no number
    mask : (R,) uint32, bits of :data:`geobuk.data.findings.FINDINGS`
    """

    at_ns: IntArray
    values: Mapping[str, FloatArray]
    mask: MaskArray

    def __len__(self) -> int:
        return len(self.at_ns)

    @property
    def masked(self) -> int:
        """Number of marked rows."""
        return int(np.count_nonzero(self.mask))

    def take(self, index: npt.NDArray[np.generic] | slice) -> Self:
        """The rows at ``index``."""
        picked = {name: column[index] for name, column in self.values.items()}
        return type(self)(self.at_ns[index], picked, self.mask[index])

    def with_mask(self, mask: MaskArray) -> Self:
        """The same rows with other marks."""
        return type(self)(self.at_ns, self.values, mask)

    def to_frame(self) -> pl.DataFrame:
        """Columns at_ns, the values, mask."""
        return pl.DataFrame({"at_ns": self.at_ns, **self.values, "mask": self.mask})

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, kind: str) -> Self:
        """Rows of a frame with at_ns, the kind's columns and, if there, mask."""
        at_ns = np.ascontiguousarray(frame["at_ns"].to_numpy(), dtype=np.int64)
        values = {
            name: np.ascontiguousarray(frame[name].cast(pl.Float64).fill_null(float("nan")).to_numpy())
            for name in KIND_COLUMNS[kind]
        }
        mask = frame["mask"].to_numpy() if "mask" in frame.columns else np.zeros(len(at_ns), dtype=np.uint32)
        return cls(at_ns, values, np.array(mask, dtype=np.uint32))


def no_rows(kind: str) -> Rows:
    """A series without rows."""
    empty = np.empty(0, dtype=np.float64)
    return Rows(np.empty(0, dtype=np.int64), dict.fromkeys(KIND_COLUMNS[kind], empty), np.empty(0, dtype=np.uint32))


def join_rows(first: Rows, second: Rows) -> Rows:
    """Both, ordered by time."""
    at_ns = np.concatenate((first.at_ns, second.at_ns))
    values = {name: np.concatenate((first.values[name], second.values[name])) for name in first.values}
    both = Rows(at_ns, values, np.concatenate((first.mask, second.mask)))
    if len(at_ns) > 1 and np.any(np.diff(at_ns) < 0):
        both = both.take(np.argsort(at_ns, kind="stable"))
    return both
