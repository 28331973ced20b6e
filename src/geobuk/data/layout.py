"""Where things lie in the catalog: folders by venue, instrument, kind and interval, files by period.

venue=binance/instrument=BTCUSDT/kind=bars/interval=1h/2024-3f9a0c21d4e7.parquet and manifest.json
quarantine/venue=…/…           series that may not be used, with the reason in their manifest
instruments/binance/2025-07-01.json     trading rules
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from urllib.parse import quote

import numpy as np

from geobuk.data.rows import KIND_COLUMNS
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import NS_PER_MINUTE, interval_ns, interval_text
from geobuk.panel import IntArray

QUARANTINE = "quarantine"
INSTRUMENTS = "instruments"
MANIFEST = "manifest.json"
STAMPS = "stamps"
"""The interval of kinds that have none: funding."""

_NAME_LIMIT = 60
_FOLDER_LIMIT = 200
"""Bytes of a name as a folder; file systems allow 255."""


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """The name of one series; ``interval`` is such as ``1h``, or ``stamps`` for funding."""

    venue: str
    instrument: str
    kind: str
    interval: str

    @property
    def interval_ns(self) -> int:
        """Bar length; 0 for stamps."""
        return 0 if self.interval == STAMPS else interval_ns(self.interval)

    def __str__(self) -> str:
        return f"{self.venue} {self.instrument} {self.kind} {self.interval}"


def series_key(venue: str, instrument: str, kind: str, interval: str) -> SeriesKey:
    """A key whose parts can be stored.

    Raises
    ------
    DataError
        A venue or instrument name that can't be a folder's name.
    UnknownNameError
        Unknown kind.
    """
    require_kind(kind)
    require_venue(venue)
    is_too_long = len(instrument) > _NAME_LIMIT or len(_folder_name(instrument)) > _FOLDER_LIMIT
    if not instrument or is_too_long or not instrument.isprintable():
        raise DataError(
            f"{instrument!r} can't name an instrument",
            cure=f"use 1 to {_NAME_LIMIT} printable characters, at most {_FOLDER_LIMIT // 9} in Korean",
        )
    return SeriesKey(venue, instrument, kind, STAMPS if kind == "funding" else interval_text(interval_ns(interval)))


def require_kind(kind: str) -> None:
    """Raises UnknownNameError for anything but bars, mark, index, funding."""
    if kind not in KIND_COLUMNS:
        raise UnknownNameError("kind of data", kind, KIND_COLUMNS)


def require_venue(venue: str) -> None:
    """Raises DataError for a name that is not lower-case letters, digits, dash or underscore."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", venue):
        raise DataError(
            f"{venue!r} can't name a venue", cure="write it in small letters, such as --venue binance or krx"
        )


def series_folder(root: Path, key: SeriesKey, *, quarantined: bool = False) -> Path:
    """Folder of a series."""
    base = root / QUARANTINE if quarantined else root
    return (
        base
        / f"venue={key.venue}"
        / f"instrument={_folder_name(key.instrument)}"
        / f"kind={key.kind}"
        / f"interval={key.interval}"
    )


def _folder_name(instrument: str) -> str:
    """ASCII, so its length is its size: nine letters for one of Korean."""
    return quote(instrument, safe="")


def series_folders(root: Path, *, quarantined: bool = False, venue: str = "*", of: str = "") -> Iterator[Path]:
    """Folders that hold a manifest, in order of their names; ``of`` is one instrument, empty for all."""
    base = root / QUARANTINE if quarantined else root
    name = escape(_folder_name(of)) if of else "*"
    pattern = f"venue={venue}/instrument={name}/kind=*/interval=*/{MANIFEST}"
    yield from sorted(path.parent for path in base.glob(pattern))


def periods_of(at_ns: IntArray, interval_nanoseconds: int) -> list[tuple[str, slice]]:
    """Split sorted times by the calendar (UTC): by year; bars below 15 minutes by month, below a minute by day.

    >>> periods_of(np.array([0, 86_400_000_000_000 * 400]), 3_600_000_000_000)
    [('1970', slice(0, 1, None)), ('1971', slice(1, 2, None))]
    """
    if len(at_ns) == 0:
        return []
    unit = _period_unit(interval_nanoseconds)
    first, last = (np.datetime64(int(at), "ns").astype(f"datetime64[{unit}]") for at in (at_ns[0], at_ns[-1]))
    labels = np.arange(first, last + 1)
    edges = (labels + 1).astype("datetime64[ns]").astype(np.int64)
    stops = np.searchsorted(at_ns, edges)
    starts = np.concatenate(([0], stops[:-1]))
    return [
        (str(label), slice(a, b)) for label, a, b in zip(labels, starts.tolist(), stops.tolist(), strict=True) if a < b
    ]


def _period_unit(interval_nanoseconds: int) -> str:
    if 0 < interval_nanoseconds < NS_PER_MINUTE:
        return "D"
    return "M" if 0 < interval_nanoseconds < 15 * NS_PER_MINUTE else "Y"
