"""Binance's public REST interface for what the archive does not have yet: bars, marks, funding, rules, the time.

Source: Binance USDⓈ-M Futures API, market data endpoints. No key is used, nothing is signed.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import inf
from typing import Any
from urllib.parse import urlencode

import polars as pl

from geobuk.data.sources.binance_archive import ARCHIVE_KINDS
from geobuk.data.sources.pacing import Allowance, Pacer
from geobuk.data.sources.wire import Host, NotThereError, Reply, Wire
from geobuk.domain.errors import DataError
from geobuk.domain.times import at_text, interval_ns
from geobuk.ports import Clock

WEIGHT_A_MINUTE = 2400.0
"""What one address may spend, until exchangeInfo says otherwise."""

FUNDING_ALLOWANCE = (500.0, 300.0)
"""Requests of fundingRate and fundingInfo together, in seconds."""

_PAGE = 1000
_NO_END_MS = 4_133_404_800_000
"""What Binance writes for a contract without delivery."""
_MS = 1_000_000
_LATEST_MS = (1 << 62) // _MS
"""Later times are no times: they would not fit into a series."""
_MALFORMED = (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError)
_PATHS = {"bars": "klines", "mark": "markPriceKlines", "index": "indexPriceKlines"}
_KLINE_VALUES = {"open": 1, "high": 2, "low": 3, "close": 4, "volume": 5}


@dataclass(frozen=True, slots=True)
class RestSpan:
    """Rows of [from_ns, to_ns) that are asked for by REST. ``interval`` is empty for stamps."""

    kind: str
    instrument: str
    interval: str
    from_ns: int
    to_ns: int

    @property
    def step_ns(self) -> int:
        """Bar length; 0 for stamps."""
        return interval_ns(self.interval) if self.interval else 0

    @property
    def longest_silence_ns(self) -> int:
        """How long there may rightly be no row."""
        return self.step_ns or interval_ns("8h")

    @property
    def requests(self) -> int:
        """Pages that it takes."""
        return max(1, -(-(self.to_ns - self.from_ns) // (self.longest_silence_ns * _PAGE)))


@dataclass(frozen=True)
class RestRows:
    """What came: columns ``at_ns`` and the kind's values, sorted; the checksum is of all replies in order."""

    span: RestSpan
    frame: pl.DataFrame
    sha256: str
    path: str
    fetched_at_ns: int


class BinanceRest:
    """Market data of one REST host. Weights are paced by our share of the venue's limit and its own count."""

    def __init__(self, wire: Wire, base: str, clock: Clock, *, share: float = 0.5) -> None:
        self._wire, self._clock, self._share = wire, clock, share
        self._host = Host(base, Pacer(Allowance(WEIGHT_A_MINUTE, share=share)))
        self._funding = Host(base, Pacer(Allowance(*FUNDING_ALLOWANCE, share=share)))

    async def server_time_ns(self) -> int:
        """The venue's time."""
        content = await self._json(self._host, "/fapi/v1/time", {})
        return _moment(content, "serverTime")

    async def exchange_info(self) -> dict[str, Any]:
        """Rules of every instrument; the weight limit that it names is kept to from then on."""
        content = await self._json(self._host, "/fapi/v1/exchangeInfo", {})
        if not isinstance(content, dict) or not isinstance(content.get("symbols"), list):
            raise DataError("exchangeInfo has no list of symbols", cure="is [download] rest the address of USDⓈ-M?")
        for weight, seconds in _weight_limits(content):
            self._host.pacer.allow(Allowance(weight, seconds, self._share))
        return content

    async def funding_info(self) -> list[dict[str, Any]]:
        """Instruments whose funding interval, cap or floor is not the usual."""
        content = await self._json(self._funding, "/fapi/v1/fundingInfo", {})
        return [one for one in _rows(content, "fundingInfo") if isinstance(one, dict)]

    async def rows(self, span: RestSpan) -> RestRows:
        """Every row of a span, page by page; the last may be unfinished, and none may be there.

        Raises as :meth:`Wire.read`, and DataError for replies of another form.
        """
        digest, pages = sha256(), []
        async for reply, page in self._pages(span):
            digest.update(reply.body)
            pages.append(page)
        names = ARCHIVE_KINDS[span.kind].values
        empty = {"at_ns": pl.Int64, **{name: pl.Float64 for name in names if name != "at"}}
        frame = pl.concat([pl.DataFrame(schema=empty), *pages])
        inside = frame.filter((pl.col("at_ns") >= span.from_ns) & (pl.col("at_ns") < span.to_ns))
        path = f"{self._path(span)}?{urlencode(self._query(span, span.from_ns))}"
        return RestRows(span, inside, digest.hexdigest(), path, self._clock.now_ns())

    async def _pages(self, span: RestSpan) -> AsyncIterator[tuple[Reply, pl.DataFrame]]:
        at = span.from_ns
        while at < span.to_ns:
            query = self._query(span, at)
            host, weight = (self._host, kline_weight(int(query["limit"]))) if span.interval else (self._funding, 1.0)
            reply = await self._read(host, self._path(span), query, weight)
            page = _frame(span, _rows(_decoded(reply), span.kind))
            if page.height == 0:
                return
            yield reply, page
            if not span.interval and page.height < int(query["limit"]):
                return
            after = int(page["at_ns"].to_numpy().max()) + (span.step_ns or _MS)
            if after <= at:
                raise _wrong_form(
                    span.kind, f"rows until {at_text(after)} only, those from {at_text(at)} were asked for"
                )
            at = after

    def _path(self, span: RestSpan) -> str:
        return f"/fapi/v1/{_PATHS.get(span.kind, 'fundingRate')}"

    def _query(self, span: RestSpan, at_ns: int) -> dict[str, str]:
        """Parameters of one page. No page is larger than it need be: the weight grows with it."""
        name = "pair" if span.kind == "index" else "symbol"
        left = -(-(span.to_ns - at_ns) // span.step_ns) if span.step_ns else _PAGE
        query = {name: span.instrument, "interval": span.interval} if span.interval else {name: span.instrument}
        return {
            **query,
            "startTime": str(at_ns // _MS),
            "endTime": str(span.to_ns // _MS - 1),
            "limit": str(min(_PAGE, max(1, left))),
        }

    async def _json(self, host: Host, path: str, query: Mapping[str, str]) -> Any:
        return _decoded(await self._read(host, path, query, 1.0))

    async def _read(self, host: Host, path: str, query: Mapping[str, str], weight: float) -> Reply:
        try:
            reply = await self._wire.read(host, f"{path}?{urlencode(query)}" if query else path, weight=weight)
        except NotThereError:
            raise DataError(
                f"{host.name} has no {path}", cure="is [download] rest the address of Binance USDⓈ-M?"
            ) from None
        headers = {name.lower(): value for name, value in reply.headers.items()}
        used = headers.get("x-mbx-used-weight-1m", "")
        if used.isdigit():
            self._host.pacer.spent_in_window(float(used))
        return reply


def listing_times(exchange_info: Mapping[str, Any]) -> dict[str, tuple[int, int | None]]:
    """When each instrument began, and when it ended or will end (None: no end is known), in nanoseconds.

    Raises DataError for symbols of another form.
    """
    found: dict[str, tuple[int, int | None]] = {}
    for symbol in exchange_info["symbols"]:
        try:
            begins, ends = _time_ns(symbol.get("onboardDate") or 0), _time_ns(symbol.get("deliveryDate") or _NO_END_MS)
        except _MALFORMED as error:
            raise _wrong_form("exchangeInfo", f"{type(error).__name__}: {error}, in {str(symbol)[:80]}") from None
        found[str(symbol.get("symbol"))] = (begins, ends if ends < _NO_END_MS * _MS else None)
    return found


def kline_weight(limit: int) -> float:
    """What a page of klines costs.

    >>> [kline_weight(limit) for limit in (99, 499, 1000, 1500)]
    [1.0, 2.0, 5.0, 10.0]
    """
    if limit < 100:
        return 1.0
    return 2.0 if limit < 500 else 5.0 if limit <= 1000 else 10.0


def _weight_limits(exchange_info: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Weights and the seconds in which they may be spent, as the venue limits requests by address."""
    found = []
    try:
        for limit in exchange_info.get("rateLimits", ()):
            if limit.get("rateLimitType") == "REQUEST_WEIGHT" and limit.get("interval") == "MINUTE":
                weight, minutes = float(limit["limit"]), float(limit.get("intervalNum", 1))
                if not (0.0 < weight < inf and 0.0 < minutes < inf):
                    raise ValueError(f"a limit of {weight} in {minutes} minutes")
                found.append((weight, 60.0 * minutes))
    except _MALFORMED as error:
        raise _wrong_form("exchangeInfo", f"rateLimits, {type(error).__name__}: {error}") from None
    return found


def _time_ns(ms: Any) -> int:
    """Nanoseconds of a time in milliseconds. Raises ValueError for one that no series can hold."""
    whole = int(ms)
    if not 0 <= whole < _LATEST_MS:
        raise ValueError(f"{str(ms)[:40]} is no time in milliseconds")
    return whole * _MS


def _frame(span: RestSpan, rows: list[Any]) -> pl.DataFrame:
    try:
        if span.interval:
            at = [_time_ns(row[0]) for row in rows]
            wanted = [name for name in ARCHIVE_KINDS[span.kind].values if name != "at"]
            values = {name: [float(row[_KLINE_VALUES[name]]) for row in rows] for name in wanted}
        else:
            at = [_time_ns(row["fundingTime"]) for row in rows]
            values = {"rate": [float(row["fundingRate"]) for row in rows]}
    except _MALFORMED as error:
        raise _wrong_form(span.kind, f"{type(error).__name__}: {error}") from None
    columns = {"at_ns": pl.Series(at, dtype=pl.Int64)}
    return pl.DataFrame({**columns, **{name: pl.Series(v, dtype=pl.Float64) for name, v in values.items()}})


def _decoded(reply: Reply) -> Any:
    try:
        return json.loads(reply.body)
    except ValueError:
        raise _wrong_form("the reply", reply.body[:80].decode(errors="replace")) from None


def _rows(content: Any, what: str) -> list[Any]:
    if not isinstance(content, list):
        raise _wrong_form(what, str(content)[:80])
    return content


def _moment(content: Any, key: str) -> int:
    value = content.get(key) if isinstance(content, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _LATEST_MS:
        raise _wrong_form(key, str(content)[:80])
    return value * _MS


def _wrong_form(what: str, shown: str) -> DataError:
    return DataError(
        f"Binance's answer for {what} has an unexpected form ({shown})", cure="is [download] rest the right address?"
    )
