"""Aligned bars of several instruments: the one form in which history reaches features, strategies and simulation."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import interval_text
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
RecordArray = np.ndarray[Any, np.dtype[np.void]]
Record = Any
"""One element of a RecordArray inside a kernel: fields are read and written by name."""

FLOAT_FIELDS = ("open", "high", "low", "close", "volume", "mark", "funding", "funding_inside")
"""The (T, N) float64 arrays of a panel."""

ARRAY_FIELDS = ("at_ns", *FLOAT_FIELDS, "tradable", "funding_hours")
"""Every array of a panel."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the quality gate noticed.

    ``consequence`` is ``pass``, ``mask`` or ``quarantine``; ``count`` bars from ``first_at_ns`` to ``last_at_ns``.
    ``severity`` is ``info``, ``warning`` or ``error``; ``places`` are the times of the first few.
    """

    code: str
    instrument: str
    consequence: str
    count: int
    first_at_ns: int
    last_at_ns: int
    text: str
    text_ko: str = ""
    severity: str = "warning"
    places: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Panel:
    """T bars of N instruments, oldest first, all arrays C-contiguous.

    Attributes
    ----------
    at_ns : (T,) int64
        Open time of each bar, UTC nanoseconds, strictly increasing; by ``interval_ns`` while the venue is open.
    open, high, low, close, volume : (T, N) float64
        NaN where the instrument has no bar; volume in base units.
    mark : (T, N) float64
        Mark price at the bar's end; NaN where it is not known (users fall back to ``close``).
    funding : (T, N) float64
        Rate settled at the bar's opening instant; NaN where no stamp falls there or its rate is not known.
    funding_inside : (T, N) float64
        Sum of the rates settled strictly inside the bar (coarse bars only); NaN where there is none.
    tradable : (T, N) bool
        False where there is no bar, or the quality gate masked it. A masked bar never trades.
    funding_hours : (N,) int64
        Hours between funding stamps; 0 where the instrument pays none.
    year : how much of a year the venue trades; rows exist only for instants at which it is open.
    utc_offset_ns : the venue's local time minus UTC; its days begin at local midnight.
    """

    venue: str
    interval_ns: int
    instruments: tuple[str, ...]
    at_ns: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    mark: FloatArray
    funding: FloatArray
    funding_inside: FloatArray
    tradable: BoolArray
    funding_hours: IntArray
    is_synthetic: bool = False
    findings: tuple[Finding, ...] = ()
    source_hash: str = ""
    year: TradingYear = ALWAYS_OPEN
    utc_offset_ns: int = 0

    def __post_init__(self) -> None:
        shape = (len(self.at_ns), len(self.instruments))
        for name in (*FLOAT_FIELDS, "tradable"):
            array = getattr(self, name)
            if array.shape != shape:
                raise DataError(
                    f"panel: {name} has shape {array.shape}, not {shape}", cure="align it to at_ns x instruments"
                )
            if not array.flags.c_contiguous:
                object.__setattr__(self, name, np.ascontiguousarray(array))
        if len(self.at_ns) > 1 and not np.all(np.diff(self.at_ns) > 0):
            raise DataError("panel: at_ns is not strictly increasing", cure="sort the bars and drop duplicates")

    @property
    def shape(self) -> tuple[int, int]:
        """(T, N)."""
        return (len(self.at_ns), len(self.instruments))

    @property
    def interval(self) -> str:
        """Name of the bar length, such as ``1h``."""
        return interval_text(self.interval_ns)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over names, times and every array: equal hashes mean equal inputs."""
        names = "|".join(self.instruments)
        about = (self.venue, self.interval_ns, names, self.is_synthetic, self.year, self.utc_offset_ns)
        digest = sha256("|".join(map(str, about)).encode())
        for name in ARRAY_FIELDS:
            digest.update(np.ascontiguousarray(getattr(self, name)).data)
        return digest.hexdigest()

    def index_of(self, instrument: str) -> int:
        """Column of an instrument; raises UnknownNameError."""
        try:
            return self.instruments.index(instrument)
        except ValueError:
            raise UnknownNameError("instrument", instrument, self.instruments) from None

    def rows(self, start: int, stop: int) -> Self:
        """Bars ``start`` to ``stop - 1``; arrays are views."""
        arrays: dict[str, Any] = {n: getattr(self, n)[start:stop] for n in ("at_ns", *FLOAT_FIELDS, "tradable")}
        return replace(self, **arrays)

    def between(self, from_ns: int | None, to_ns: int | None) -> Self:
        """Bars that open in [from_ns, to_ns)."""
        start = 0 if from_ns is None else int(np.searchsorted(self.at_ns, from_ns))
        stop = len(self.at_ns) if to_ns is None else int(np.searchsorted(self.at_ns, to_ns))
        return self.rows(start, max(start, stop))

    def select(self, instruments: Iterable[str]) -> Self:
        """The named instruments only, in the given order."""
        names = tuple(instruments)
        columns = [self.index_of(name) for name in names]
        arrays: dict[str, Any] = {
            name: np.ascontiguousarray(getattr(self, name)[:, columns]) for name in (*FLOAT_FIELDS, "tradable")
        }
        kept = tuple(f for f in self.findings if f.instrument in names)
        return replace(self, instruments=names, **arrays, funding_hours=self.funding_hours[columns], findings=kept)
