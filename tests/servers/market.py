"""The made-up market that the local server serves: rows for any time, as Binance writes them, always the same."""

import csv
import hashlib
import io
import math
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
STEPS_MS = {"1m": MINUTE_MS, "5m": 5 * MINUTE_MS, "1h": HOUR_MS, "4h": 4 * HOUR_MS, "1d": DAY_MS}
KLINE_HEADER = (
    "open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore"
)
FUNDING_HEADER = "calc_time,funding_interval_hours,last_funding_rate"
TRADE_HEADER = "agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker"


def price(kind: str, instrument: str, at_ms: int) -> float:
    """A smooth price, different for each instrument and kind."""
    base = 50.0 + int(hashlib.sha256(instrument.encode()).hexdigest()[:4], 16) % 1000
    shift = {"klines": 0.0, "markPriceKlines": 0.02, "indexPriceKlines": -0.03}.get(kind, 0.0)
    hours = at_ms / HOUR_MS
    return round(base * (1 + 0.1 * math.sin(hours / 97) + 0.01 * math.sin(hours * 7.7)) + shift, 4)


def kline(kind: str, instrument: str, at_ms: int, step_ms: int) -> list[object]:
    """Twelve cells."""
    first, last = price(kind, instrument, at_ms), price(kind, instrument, at_ms + step_ms)
    high, low = round(max(first, last) + 0.5, 4), round(min(first, last) - 0.5, 4)
    traded = kind == "klines"
    volume = f"{10 + at_ms // MINUTE_MS % 90}.125" if traded else "0"
    return [
        at_ms,
        *(f"{value:.4f}" for value in (first, high, low, last)),
        volume,
        at_ms + step_ms - 1,
        f"{float(volume) * last:.4f}",
        60,
        "5.0" if traded else "0",
        f"{5 * last:.4f}" if traded else "0",
        "0",
    ]


def klines(kind: str, instrument: str, interval: str, from_ms: int, to_ms: int) -> Iterator[list[object]]:
    """Rows that open in [from_ms, to_ms)."""
    step = STEPS_MS[interval]
    for at in range(-(-from_ms // step) * step, to_ms, step):
        yield kline(kind, instrument, at, step)


def funding(instrument: str, from_ms: int, to_ms: int) -> Iterator[tuple[int, float]]:
    """Stamps every eight hours, some milliseconds late."""
    for due in range(-(-(from_ms - 20) // (8 * HOUR_MS)) * 8 * HOUR_MS, to_ms, 8 * HOUR_MS):
        at = due + due // HOUR_MS % 13
        if from_ms <= at < to_ms:
            yield at, round(0.0001 * math.sin(due / HOUR_MS / 50), 8)


def trades(instrument: str, from_ms: int, to_ms: int) -> Iterator[list[object]]:
    """One every ten seconds."""
    for at in range(from_ms, to_ms, 10_000):
        number = at // 10_000
        yield [number, f"{price('klines', instrument, at):.4f}", "1.5", 2 * number, 2 * number + 1, at + 3, "true"]


def quotes(instrument: str, from_ms: int, to_ms: int) -> Iterator[list[object]]:
    """One a minute, in pairs that are interleaved as in the real files."""
    rows = []
    for at in range(from_ms, to_ms, MINUTE_MS):
        middle = price("klines", instrument, at)
        rows.append([at // MINUTE_MS, f"{middle - 0.1:.4f}", "2", f"{middle + 0.1:.4f}", "3", at + 5, at + 9])
    for number in range(0, len(rows) - 1, 2):
        rows[number], rows[number + 1] = rows[number + 1], rows[number]
    yield from rows


def span_ms(period: str) -> tuple[int, int]:
    """Milliseconds of a month or a day."""
    if len(period) == len("2024-01-31"):
        first = date.fromisoformat(period)
        after = first + timedelta(days=1)
    else:
        first = date.fromisoformat(f"{period}-01")
        after = (first + timedelta(days=32)).replace(day=1)
    begin, end = (int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp()) * 1000 for d in (first, after))
    return begin, end


def csv_text(
    header: str, rows: Iterator[list[object]] | list[list[object]], *, with_header: bool, micro: bool
) -> bytes:
    """A CSV file; ``micro`` writes stamps in microseconds, as spot files have them since 2025."""
    names = header.split(",")
    stamps = {n for n, name in enumerate(names) if name.endswith("_time")}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if with_header:
        writer.writerow(names)
    for row in rows:
        writer.writerow([int(str(cell)) * 1000 if micro and n in stamps else cell for n, cell in enumerate(row)])
    return out.getvalue().encode()


def archive_csv(
    kind: str, instrument: str, interval: str, period: str, *, with_header: bool, micro: bool, listed_ms: int = 0
) -> bytes:
    """The content of one archive file; nothing of it lies before the listing."""
    begin, end = span_ms(period)
    begin = max(begin, listed_ms)
    if kind == "fundingRate":
        stamps = [[at, 8, f"{rate:.8f}"] for at, rate in funding(instrument, begin, end)]
        return csv_text(FUNDING_HEADER, stamps, with_header=with_header, micro=micro)
    if kind == "aggTrades":
        return csv_text(TRADE_HEADER, trades(instrument, begin, end), with_header=with_header, micro=micro)
    if kind == "bookTicker":
        header = "update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time"
        return csv_text(header, quotes(instrument, begin, end), with_header=with_header, micro=micro)
    rows = klines(kind, instrument, interval, begin, end)
    return csv_text(KLINE_HEADER, rows, with_header=with_header, micro=micro)


def zipped(name: str, content: bytes) -> bytes:
    """A zip file with one member, the same bytes at every call."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
