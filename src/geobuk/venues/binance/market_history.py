"""What a broken stream has missed, asked of REST: prints by number, bars by time, settled funding rates, depth."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from geobuk.domain.bar import Bar, Funding, Trade
from geobuk.domain.errors import DataError, NetworkError
from geobuk.domain.order import Side
from geobuk.domain.times import NS_PER_MS, interval_ns

Fetch = Callable[[str, Mapping[str, str]], Awaitable[bytes]]
"""GET of a path (``/fapi/v1/…``) with parameters gives the body of a successful reply; raises UserError after its
repeats."""

T = TypeVar("T")


class _PastTrade(msgspec.Struct):
    number: int = msgspec.field(name="a")
    price: Decimal = msgspec.field(name="p")
    quantity: Decimal = msgspec.field(name="q")
    trade_ms: int = msgspec.field(name="T")
    is_buyer_maker: bool = msgspec.field(name="m")


class _PastFunding(msgspec.Struct, rename="camel"):
    funding_time: int
    funding_rate: Decimal


class MarketHistory:
    """Asks for what is missing. Raises what ``fetch`` raises, and DataError for a reply of another shape."""

    def __init__(self, fetch: Fetch, venue: str = "binance", most_trades: int = 200_000) -> None:
        self._fetch = fetch
        self._venue = venue
        self._most_trades = most_trades

    async def trades(self, instrument: str, first: int, until: int) -> list[Trade]:
        """Aggregate trades with numbers in [first, until), in their order."""
        if until - first > self._most_trades:
            raise NetworkError(
                f"{instrument}: {until - first:,} trades were missed, more than {self._most_trades:,} are not fetched",
                cure="start the feed again",
            )
        found: list[Trade] = []
        while first < until:
            params = {"symbol": instrument, "fromId": str(first), "limit": "1000"}
            rows = await self._ask("/fapi/v1/aggTrades", params, list[_PastTrade])
            rows = [row for row in rows if row.number >= first]
            missing = next((n for n, row in enumerate(rows, first) if row.number != n), None if rows else first)
            if missing is not None:
                raise NetworkError(
                    f"{instrument}: the venue does not give trade {missing}, which its stream left out",
                    cure="start the feed again",
                )
            found += (self._trade(instrument, row) for row in rows if row.number < until)
            first = rows[-1].number + 1
        return found

    async def bars(self, instrument: str, interval: str, first_ms: int, until_ms: int) -> list[Bar]:
        """Bars that open in [first_ms, until_ms), in their order."""
        step_ms = interval_ns(interval) // NS_PER_MS
        found: list[Bar] = []
        while first_ms < until_ms:
            params = {"symbol": instrument, "interval": interval, "startTime": str(first_ms)}
            params |= {"endTime": str(until_ms - 1), "limit": "1000"}
            rows = await self._ask("/fapi/v1/klines", params, list[list[Any]])
            rows = [row for row in rows if first_ms <= int(row[0]) < until_ms]
            if not rows:
                break  # no trade at all in these bars
            for row in rows:
                prices = [Decimal(text) for text in row[1:6]]
                found.append(Bar(self._venue, instrument, int(row[0]) * NS_PER_MS, step_ms * NS_PER_MS, *prices))
            first_ms = int(rows[-1][0]) + step_ms
        return found

    async def funding(self, instrument: str, at_ms: int) -> Funding | None:
        """The rate settled at a moment; None while the venue does not have it yet.

        The venue's time of funding is up to 15 ms late; the event carries the moment that it was due.
        """
        params = {"symbol": instrument, "startTime": str(at_ms), "endTime": str(at_ms + 60_000), "limit": "1"}
        rows = await self._ask("/fapi/v1/fundingRate", params, list[_PastFunding])
        return Funding(self._venue, instrument, at_ms * NS_PER_MS, rows[0].funding_rate) if rows else None

    async def depth(self, instrument: str) -> bytes:
        """A snapshot of 1,000 levels a side, as sent."""
        return await self._fetch("/fapi/v1/depth", {"symbol": instrument, "limit": "1000"})

    def _trade(self, instrument: str, row: _PastTrade) -> Trade:
        side = Side.SELL if row.is_buyer_maker else Side.BUY
        return Trade(self._venue, instrument, row.trade_ms * NS_PER_MS, row.price, row.quantity, side, row.number)

    async def _ask(self, path: str, params: Mapping[str, str], kind: type[T]) -> T:
        body = await self._fetch(path, params)
        try:
            return msgspec.json.decode(body, type=kind)
        except msgspec.DecodeError as error:
            raise DataError(
                f"{path}: the venue replied in a shape that is not known ({error})", cure="update Geobuk"
            ) from error
