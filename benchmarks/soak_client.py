"""The adapter at work, in a process of its own: venue, feed, recorder, orders and broken connections, on and on.

python soak_client.py '{"base_url": …, "folder": …, "kept": …}' prints one JSON line of counts every ten seconds and
ends with its standard input.
"""

import asyncio
import json
import random
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from geobuk.domain.bar import Quote
from geobuk.domain.errors import GeobukError
from geobuk.domain.order import Fill, OrderRequest, OrderState, OrderType, Side, TimeInForce
from geobuk.domain.updates import Notice
from geobuk.emulators.binance.keys import DEFAULT_KEY, DEFAULT_SECRET
from geobuk.ops.clock import WallClock
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.feed import BinanceFeed, FeedSpec
from geobuk.venues.binance.public_fetch import public_fetch
from geobuk.venues.binance.recorder import Recorder, RecorderSpec
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.venue import BinanceVenue

INSTRUMENTS = {"BTCUSDT": ("0.010", 1), "ETHUSDT": ("0.100", 2)}
"""Quantity of an order, and decimals of its price."""
ORDER_SECONDS = 0.2
MOST_OPEN = 30
CUT_SECONDS = 90.0
CUTS: tuple[dict[str, Any], ...] = (
    {"fault": "disconnect", "where": {"route": "private"}},
    {"fault": "disconnect", "is_abrupt": True},
    {"fault": "disconnect", "where": {"route": "public"}, "is_abrupt": True},
)
TAPES_KEPT = 3


@dataclass
class Work:
    """What is going on. ``counts`` is all that is told of it."""

    venue: BinanceVenue
    url: str
    quotes: dict[str, Quote] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    rng: random.Random = field(default_factory=lambda: random.Random(11))
    number: int = 0

    def count(self, name: str) -> None:
        self.counts[name] = self.counts.get(name, 0) + 1

    async def trade(self) -> None:
        """An order every so often: most rest near the market, some take, some are cancelled."""
        while True:
            await asyncio.sleep(self.rng.uniform(0.5, 1.5) * ORDER_SECONDS)
            try:
                await self.place()
                while len(self.open) > MOST_OPEN or (self.open and self.rng.random() < 0.5):
                    await self.cancel()
            except GeobukError as error:
                self.count(type(error).__name__)

    async def place(self) -> None:
        name = self.rng.choice(list(INSTRUMENTS))
        quote = self.quotes.get(name)
        if quote is None:
            return
        self.number += 1
        quantity, decimals = INSTRUMENTS[name]
        side, key = self.rng.choice((Side.BUY, Side.SELL)), f"soak-{self.number}"
        kind = OrderType.MARKET if self.rng.random() < 0.2 else OrderType.LIMIT
        best = quote.bid if side is Side.BUY else quote.ask
        price = best * (1 - int(side) * Decimal(str(self.rng.uniform(0.0, 0.002))))
        request = OrderRequest(
            key, self.venue.spec.name, name, side, kind, Decimal(quantity), TimeInForce.GTC, "soak",
            price=round(price, decimals) if kind is OrderType.LIMIT else None,
        )  # fmt: skip
        state = await self.venue.submit(request)
        self.count("orders")
        if state.status.is_open:
            self.open[key] = name

    async def cancel(self) -> None:
        key = self.rng.choice(list(self.open))
        try:
            await self.venue.cancel(self.open[key], key)
            self.count("cancels")
        finally:
            self.open.pop(key, None)

    async def hear(self) -> None:
        """Everything the account's stream tells."""
        async for update in self.venue.updates():
            if isinstance(update, Fill):
                self.count("fills")
            elif isinstance(update, Notice):
                self.count(f"notice {update.kind}")
            elif isinstance(update, OrderState) and not update.status.is_open:
                self.open.pop(update.client_order_id, None)

    async def watch(self, feed: BinanceFeed) -> None:
        """The market of both instruments, books and all."""
        async for event in feed.events(list(INSTRUMENTS)):
            self.count(type(event).__name__)
            if isinstance(event, Quote):
                self.quotes[event.instrument] = event

    async def cut(self) -> None:
        """Break connections from time to time."""
        async with aiohttp.ClientSession() as session:
            while True:
                for cut in CUTS:
                    await asyncio.sleep(CUT_SECONDS)
                    async with session.post(f"{self.url}/control/api/faults", json=cut) as response:
                        self.count("cuts" if response.status == 200 else f"cut refused {response.status}")

    async def tell(self, folder: Path) -> None:
        """A line of counts; old tapes are thrown away."""
        while True:
            await asyncio.sleep(10.0)
            for old in sorted(folder.rglob("*.jsonl*"), key=lambda path: path.stat().st_mtime)[:-TAPES_KEPT]:
                old.unlink()
            print(json.dumps({**self.counts, "open": len(self.open)}), flush=True)


async def run(base_url: str, folder: str, kept: int) -> None:
    """Work until standard input ends."""
    wire, home = base_url.replace("http", "ws", 1), Path(folder)
    spec = BinanceSpec(
        rest_url=base_url,
        stream_url=wire,
        spot_url=base_url,
        allow_unrestricted_ip=True,
        remembered_orders=kept,
    )
    async with BinanceVenue(ApiCredentials(DEFAULT_KEY, DEFAULT_SECRET), tuple(INSTRUMENTS), spec) as venue:
        work = Work(venue, base_url)
        fetch = public_fetch(venue.rest)
        feed = BinanceFeed(fetch, FeedSpec(stream_url=wire, has_depth=True))
        recorder = Recorder(home, fetch, WallClock(), RecorderSpec(stream_url=wire, rotate_ns=300 * 10**9))
        doing = [work.watch(feed), recorder.run(list(INSTRUMENTS)), work.trade(), work.cut(), work.tell(home)]
        tasks = [asyncio.create_task(one) for one in doing]
        tasks.append(asyncio.ensure_future(asyncio.to_thread(sys.stdin.read)))
        hearing = asyncio.create_task(work.hear())
        done, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for task in done:
            task.result()
    await hearing


if __name__ == "__main__":
    import uvloop

    uvloop.run(run(**json.loads(sys.argv[1])))
