"""Reads a tape, the venue's frames as our recorder wrote them: a line of ``{"local_ts_ns", "msg"}`` each.

Times are the receiver's, the order is that of arrival. The book begins with the first snapshot; where a tape has none,
the best prices are the whole book.
"""

import gzip
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from decimal import InvalidOperation
from pathlib import Path
from typing import Any, TextIO, cast

from geobuk.domain.errors import DataError
from geobuk.matching.book.market_event import MarketArray
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.replayed import ReplayMarket, with_marks
from geobuk.matching.markets.rows import Row, RowMaker, array_of


def tape_market(path: Path, rules: Iterable[MarketRules], start_ns: int, *, is_looped: bool = False) -> ReplayMarket:
    """A market from a tape file or a folder of them (.jsonl, .jsonl.gz, read in the order of their names).

    Raises DataError with the file and line of what can't be read.
    """
    rules = tuple(rules)
    return ReplayMarket(rules, read_tape(path, rules), start_ns, is_looped=is_looped)


def read_tape(path: Path, rules: Iterable[MarketRules]) -> dict[str, MarketArray]:
    """Rows by instrument; instruments without rules are left out, and so is what came before the first snapshot."""
    readers = {one.name: _InstrumentReader(one) for one in rules}
    names = list(readers)
    for file in _files(path):
        for number, line in enumerate(_lines(file), start=1):
            try:
                _read(line, readers, names)
            except DataError as error:
                raise DataError(f"{file.name} line {number}: {error.message}", cure=error.cure) from error
            except (ValueError, KeyError, TypeError, IndexError, AttributeError, InvalidOperation) as error:
                raise DataError(
                    f"{file.name} line {number} is no recorded frame ({type(error).__name__}: {error})",
                    cure="remove the line, or record again",
                ) from error
    streams = {name: reader.rows() for name, reader in readers.items()}
    streams = {name: with_marks(rows) for name, rows in streams.items() if rows.size}
    if not streams:
        raise DataError(f"{path} has no frame of {', '.join(names)}", cure="give the rules of what was recorded")
    return streams


_RECENT = 1_000
"""Depth updates that a snapshot may have to be followed by; at ten a second more than a minute."""


class _InstrumentReader:
    """Collects one instrument's rows; what is not needed after all is dropped at the end."""

    def __init__(self, rules: MarketRules) -> None:
        self._make = RowMaker(rules)
        self._recent: deque[Mapping[str, Any]] = deque(maxlen=_RECENT)
        self._depth: list[tuple[int, Row]] = []
        self._quotes: list[tuple[int, Row]] = []
        self._trades: list[tuple[int, Row]] = []
        self._aggregated: list[tuple[int, Row]] = []
        self._values: list[tuple[int, Row]] = []
        self._last_id = -1
        self._snapshot_at = -1
        self._at_ns = 0
        self._count = 0

    def snapshot(self, at_ns: int, msg: Mapping[str, Any]) -> None:
        """The book anew, and again what came before it although it is newer: a reply takes its time."""
        at_ns = self._time(at_ns)
        if self._snapshot_at < 0:
            self._snapshot_at = self._count + 1
        self._last_id = int(msg["lastUpdateId"])
        self._add(self._depth, [self._make.clear(at_ns), *self._make.levels(at_ns, msg["bids"], msg["asks"])])
        for data in self._recent:
            self._update(at_ns, data)

    def frame(self, at_ns: int, data: Mapping[str, Any]) -> None:
        at_ns, kind, make = self._time(at_ns), data["e"], self._make
        if kind == "depthUpdate":
            self._recent.append(data)
            self._update(at_ns, data)
        elif kind == "bookTicker":
            self._add(self._quotes, make.quote(at_ns, (data["b"], data["B"]), (data["a"], data["A"])))
        elif kind in {"trade", "aggTrade"} and float(data["q"]) > 0:
            rows = self._trades if kind == "trade" else self._aggregated
            number = int(data["t"] if kind == "trade" else data["a"])
            self._add(rows, [make.trade(at_ns, data["p"], data["q"], number, -1 if data["m"] else 1)])
        elif kind == "markPriceUpdate":
            told = [make.index(at_ns, data["i"])] if data.get("i") else []
            told.append(make.mark(at_ns, data["p"]))
            self._add(self._values, [*told, make.rate(at_ns, data["r"])] if data.get("r") else told)

    def _update(self, at_ns: int, data: Mapping[str, Any]) -> None:
        if self._snapshot_at >= 0 and int(data["u"]) >= self._last_id:
            self._add(self._depth, self._make.levels(at_ns, data["b"], data["a"]))

    def rows(self) -> MarketArray:
        book = self._depth if self._snapshot_at >= 0 else self._quotes
        trades = self._trades or self._aggregated
        begin = max(self._snapshot_at, 0)
        kept = [pair for rows in (book, trades, self._values) for pair in rows if pair[0] >= begin]
        kept.sort(key=lambda pair: pair[0])
        return array_of(row for _, row in kept)

    def _time(self, at_ns: int) -> int:
        """A receiver's clock that was set back does not turn time."""
        self._at_ns = max(self._at_ns, at_ns)
        return self._at_ns

    def _add(self, to: list[tuple[int, Row]], rows: Iterable[Row]) -> None:
        self._count += 1
        to.extend((self._count, row) for row in rows)


def _read(line: str, readers: Mapping[str, _InstrumentReader], names: list[str]) -> None:
    record = json.loads(line)
    at_ns, msg = int(record["local_ts_ns"]), record["msg"]
    if "lastUpdateId" in msg and "bids" in msg:
        # A REST snapshot does not say what it is of; a recorder that knows adds the symbol.
        name = str(record.get("symbol") or msg.get("symbol") or (names[0] if len(names) == 1 else ""))
        if not name:
            raise DataError("a snapshot without a symbol", cure="give the rules of the one instrument recorded")
        if name in readers:
            readers[name].snapshot(at_ns, msg)
        return
    data = msg.get("data", msg)
    for one in data if isinstance(data, list) else [data]:
        if one.get("s") in readers and "e" in one:
            readers[one["s"]].frame(at_ns, one)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.name.endswith((".jsonl", ".jsonl.gz")))
        if not files:
            raise DataError(f"{path} has no tape (.jsonl or .jsonl.gz)", cure="give the folder of a recording")
        return files
    if not path.is_file():
        raise DataError(f"there is no tape {path}", cure="give a .jsonl or .jsonl.gz file, or a folder of them")
    return [path]


def _lines(file: Path) -> Iterator[str]:
    """The lines. A file cut in the middle, as a killed recorder leaves it, says so."""
    try:
        with _opened(file) as text:
            yield from text
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{file.name} can't be read to its end: {error}", cure="record again, or repair it") from error


def _opened(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return cast(TextIO, gzip.open(file, "rt", encoding="utf-8"))
    return file.open(encoding="utf-8")
