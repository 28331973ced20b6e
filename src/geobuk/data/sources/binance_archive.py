"""The layout of Binance's public archive: which file holds what, what it is called, and when it is due. No network.

Source: github.com/binance/binance-public-data (paths, CHECKSUM files) and the files themselves (columns).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import NS_PER_DAY, NS_PER_SECOND, interval_ns

KLINE = ("open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "count")
KLINE_COLUMNS = (*KLINE, "taker_buy_volume", "taker_buy_quote_volume", "ignore")
"""Columns of klines; older files have no header row."""

FUNDING_COLUMNS = ("calc_time", "funding_interval_hours", "last_funding_rate")
TRADE_COLUMNS = ("agg_trade_id", "price", "quantity", "first_trade_id", "last_trade_id", "transact_time")
AGG_TRADE_COLUMNS = (*TRADE_COLUMNS, "is_buyer_maker")
QUOTE_COLUMNS = ("update_id", "best_bid_price", "best_bid_qty", "best_ask_price", "best_ask_qty")
BOOK_TICKER_COLUMNS = (*QUOTE_COLUMNS, "transaction_time", "event_time")


@dataclass(frozen=True, slots=True)
class ArchiveKind:
    """One kind of file. ``columns`` are those of files without a header row; ``values`` maps our roles to them.

    ``bytes_per_row`` is about what a row takes in the zip file, to say beforehand how much will be fetched.
    """

    folder: str
    columns: tuple[str, ...]
    values: Mapping[str, str]
    has_interval: bool = True
    has_days: bool = True
    has_months: bool = True
    bytes_per_row: float = 40.0

    @property
    def is_tape(self) -> bool:
        """Whether rows are single events of the market, not bars or stamps."""
        return self.folder in {"aggTrades", "bookTicker"}


_PRICES = {"at": "open_time", "open": "open", "high": "high", "low": "low", "close": "close"}

ARCHIVE_KINDS: Mapping[str, ArchiveKind] = {
    "bars": ArchiveKind("klines", KLINE_COLUMNS, {**_PRICES, "volume": "volume"}, bytes_per_row=42),
    "mark": ArchiveKind("markPriceKlines", KLINE_COLUMNS, _PRICES, bytes_per_row=24),
    "index": ArchiveKind("indexPriceKlines", KLINE_COLUMNS, _PRICES, bytes_per_row=24),
    "funding": ArchiveKind(
        "fundingRate",
        FUNDING_COLUMNS,
        {"at": "calc_time", "rate": "last_funding_rate"},
        has_interval=False,
        has_days=False,
        bytes_per_row=14,
    ),
    "aggtrades": ArchiveKind(
        "aggTrades",
        AGG_TRADE_COLUMNS,
        {
            "at": "transact_time",
            "trade_id": "agg_trade_id",
            "price": "price",
            "quantity": "quantity",
            "first_trade_id": "first_trade_id",
            "last_trade_id": "last_trade_id",
            "is_buyer_maker": "is_buyer_maker",
        },
        has_interval=False,
        has_months=False,
        bytes_per_row=13,
    ),
    "bookticker": ArchiveKind(
        "bookTicker",
        BOOK_TICKER_COLUMNS,
        {
            "at": "transaction_time",
            "event_at": "event_time",
            "update_id": "update_id",
            "bid": "best_bid_price",
            "bid_quantity": "best_bid_qty",
            "ask": "best_ask_price",
            "ask_quantity": "best_ask_qty",
        },
        has_interval=False,
        has_months=False,
        bytes_per_row=12,
    ),
}
"""Our kinds of history and their files.

The archive has months of tapes too, but one of a busy instrument does not fit into memory: days are fetched.
"""

INTERVALS = ("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d")
"""Bars that are fetched; longer ones are made from them at reading."""


@dataclass(frozen=True, slots=True, order=True)
class ArchiveFile:
    """One zip file. ``period`` is a month (``2024-01``) or a day (``2024-01-31``); ``interval`` is empty for stamps."""

    kind: str
    instrument: str
    interval: str
    period: str

    @property
    def is_month(self) -> bool:
        """Whether it holds a month."""
        return len(self.period) == len("2024-01")

    @property
    def name(self) -> str:
        """Such as ``BTCUSDT-1m-2024-01.zip``."""
        what = self.interval or ARCHIVE_KINDS[self.kind].folder
        return f"{self.instrument}-{what}-{self.period}.zip"

    @property
    def path(self) -> str:
        """Below the host, without a leading slash."""
        kind = ARCHIVE_KINDS[self.kind]
        span = "monthly" if self.is_month else "daily"
        folder = f"data/futures/um/{span}/{kind.folder}/{self.instrument}"
        return f"{folder}/{self.interval}/{self.name}" if self.interval else f"{folder}/{self.name}"

    @property
    def span(self) -> tuple[int, int]:
        """First instant and the first one after."""
        return span_of(self.period)

    def days(self) -> tuple["ArchiveFile", ...]:
        """The daily files of a month; none where the kind has no daily files."""
        if not ARCHIVE_KINDS[self.kind].has_days:
            return ()
        first, last = self.span
        return tuple(
            ArchiveFile(self.kind, self.instrument, self.interval, day_text(at))
            for at in range(first, last, NS_PER_DAY)
        )


def span_of(period: str) -> tuple[int, int]:
    """First instant of a month or day, and the first one after.

    >>> span_of("1970-01-02") == (NS_PER_DAY, 2 * NS_PER_DAY)
    True
    >>> span_of("1970-01") == (0, 31 * NS_PER_DAY)
    True
    """
    is_day = len(period) > len("2024-01")
    first = date.fromisoformat(period if is_day else f"{period}-01")
    after = first + timedelta(days=1) if is_day else (first + timedelta(days=31)).replace(day=1)
    return _at_ns(first), _at_ns(after)


def day_text(at_ns: int) -> str:
    """The UTC day of an instant.

    >>> day_text(NS_PER_DAY)
    '1970-01-02'
    """
    return datetime.fromtimestamp(at_ns // NS_PER_SECOND, tz=UTC).date().isoformat()


def months_between(from_ns: int, to_ns: int) -> Iterator[str]:
    """Every month that [from_ns, to_ns) touches.

    >>> list(months_between(0, 32 * NS_PER_DAY))
    ['1970-01', '1970-02']
    """
    at = from_ns
    while at < to_ns:
        month = day_text(at)[:7]
        yield month
        at = span_of(month)[1]


def require_fetchable(kind: str, interval: str) -> None:
    """Raises UserError for a kind or bar length that the archive does not have."""
    if kind not in ARCHIVE_KINDS:
        raise UserError(f"{kind!r} can't be downloaded", cure=f"use some of {', '.join(ARCHIVE_KINDS)}")
    if ARCHIVE_KINDS[kind].has_interval and interval not in INTERVALS:
        interval_ns(interval)
        raise UserError(
            f"bars of {interval} can't be downloaded", cure=f"use one of {', '.join(INTERVALS)}, and --resample later"
        )


def require_instrument_name(name: str) -> None:
    """A name becomes part of an address and of a file's name. Raises UserError for one that can't."""
    if not re.fullmatch(r"[^\W_]{1,40}(_[0-9]{6})?", name) or name != name.upper():
        raise UserError(
            f"{name!r} can't name an instrument of Binance", cure="write it as Binance does, such as BTCUSDT"
        )


def parse_checksum(text: str, file: ArchiveFile) -> str:
    """The SHA-256 in a CHECKSUM file: ``<hex>  <name>``.

    Raises
    ------
    DataError
        It is something else, or names another file.
    """
    words = text.split()
    if len(words) != 2 or not re.fullmatch(r"[0-9a-fA-F]{64}", words[0]) or words[1].lstrip("*") != file.name:
        shown = " ".join(words)[:80]
        raise DataError(
            f"the CHECKSUM of {file.name} says {shown!r}, not a checksum and the file's name",
            cure="run the command again later; the rest is not affected",
        )
    return words[0].lower()


def _at_ns(day: date) -> int:
    return (day - date(1970, 1, 1)).days * NS_PER_DAY
