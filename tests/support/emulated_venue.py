"""The emulated venue on a socket, a market and a clock moved by hand, and a client that signs like a client."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from tests.support.clocks import START_NS, HandClock
from tests.support.scripted_market import ScriptedMarket
from yarl import URL

from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import Exchange, ExchangeSpec
from geobuk.emulators.binance.limits import LimitSpec
from geobuk.emulators.binance.request_facts import Faults
from geobuk.emulators.binance.server import BinanceEmulator
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.rules import starting_rules

START_MS = START_NS // 1_000_000
SECOND = 1_000_000_000


@dataclass
class Reply:
    """Status, headers and the JSON that came."""

    status: int
    headers: dict[str, str]
    body: Any

    @property
    def code(self) -> int:
        return int(self.body["code"])


@dataclass
class Desk:
    """A client at the venue, with its hands on clock and market."""

    clock: HandClock
    market: ScriptedMarket
    exchange: Exchange
    session: aiohttp.ClientSession
    base_url: str
    key: str = "emulator-key"
    secret: str = "emulator-secret"
    sent: list[str] = field(default_factory=list)

    async def send(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Reply:
        """The raw target (path and query) and body, as they are."""
        url = URL(self.base_url + target, encoded=True)
        async with self.session.request(method, url, data=body, headers=headers) as response:
            return Reply(response.status, dict(response.headers), await response.json())

    async def public(self, path: str, **params: object) -> Reply:
        return await self.send("GET", path + ("?" + urlencode(params) if params else ""))

    async def keyed(self, method: str, path: str, **params: object) -> Reply:
        target = path + ("?" + urlencode(params) if params else "")
        return await self.send(method, target, headers={"X-MBX-APIKEY": self.key})

    def signed_query(self, params: dict[str, object]) -> str:
        query = urlencode({**params, "timestamp": self.now_ms}, quote_via=quote)
        return f"{query}&signature={self.signature(query)}"

    def signature(self, payload: str) -> str:
        return hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()

    @property
    def now_ms(self) -> int:
        return self.clock.at_ns // 1_000_000

    async def signed(self, method: str, path: str, **params: object) -> Reply:
        """Parameters in the query for GET and DELETE, in the body otherwise."""
        query = self.signed_query(params)
        headers = {"X-MBX-APIKEY": self.key}
        if method in {"GET", "DELETE"}:
            return await self.send(method, f"{path}?{query}", headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return await self.send(method, path, query.encode(), headers)

    async def order(self, **params: object) -> Reply:
        """POST order: buys 0.010 BTCUSDT at 80000 unless told otherwise; None leaves a parameter out."""
        usual: dict[str, object] = {
            "symbol": "BTCUSDT",
            "side": "BUY",
            "type": "LIMIT",
            "timeInForce": "GTC",
            "quantity": "0.010",
            "price": "83000.00",
        }
        wanted = {name: value for name, value in {**usual, **params}.items() if value is not None}
        return await self.signed("POST", "/fapi/v1/order", **wanted)

    async def market_order(self, side: str, quantity: str, **params: object) -> Reply:
        kind = {"type": "MARKET", "timeInForce": None, "price": None, "newOrderRespType": "RESULT"}
        return await self.order(**{**kind, "side": side, "quantity": quantity, **params})

    def quote(self, bid: str, ask: str, mark: str = "", name: str = "BTCUSDT", quantity: str = "50.000") -> None:
        """The book around a price, from now on."""
        tick = self.exchange.rules(name).tick
        bids = [(str(Decimal(bid) - tick * n), quantity) for n in range(25)]
        asks = [(str(Decimal(ask) + tick * n), quantity) for n in range(25)]
        self.market.quote(name, self.clock.at_ns, bids, asks, mark or bid)
        self.exchange.pump()

    def pass_time(self, seconds: float) -> None:
        self.clock.at_ns += int(seconds * SECOND)
        self.exchange.pump()


@asynccontextmanager
async def emulated_venue(
    names: tuple[str, ...] = ("BTCUSDT", "DOTUSDT"),
    limits: LimitSpec | None = None,
    has_past: bool = False,
    more_rules: tuple[MarketRules, ...] = (),
    faults: Callable[[HandClock], Faults] | None = None,
) -> AsyncIterator[Desk]:
    """A venue with BTCUSDT around 84,000 and DOTUSDT around 1.1359."""
    clock = HandClock()
    market = ScriptedMarket((*starting_rules(names), *more_rules), START_NS)
    spec = ExchangeSpec(limits=limits or LimitSpec(), has_made_up_past=has_past)
    exchange = Exchange(market, SpeedClock(clock), spec)
    trouble = faults(clock) if faults else None
    async with BinanceEmulator(exchange, faults=trouble) as server, aiohttp.ClientSession() as session:
        desk = Desk(clock, market, exchange, session, server.base_url)
        desk.quote("83999.90", "84000.00", "83990.00")
        if "DOTUSDT" in names:
            desk.quote("1.135800", "1.135900", "1.135850", "DOTUSDT", "5000.0")
        yield desk


def at_the_venue(act: Callable[[Desk], Awaitable[None]], **options: Any) -> None:
    """Run what a client does at a fresh venue."""

    async def run() -> None:
        async with emulated_venue(**options) as desk:
            await act(desk)

    asyncio.run(run())
