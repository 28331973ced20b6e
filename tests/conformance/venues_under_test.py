"""The venues that must do their duties: one line each in VENUES, and how its stage is set up."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal

from geobuk.emulators.binance.assembly import AssemblySpec, Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import ExchangeSpec
from geobuk.emulators.binance.keys import DEFAULT_KEY, DEFAULT_SECRET
from geobuk.matching.markets.rules import starting_rules
from geobuk.ports import Feed, Venue
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.feed import BinanceFeed, FeedSpec
from geobuk.venues.binance.public_fetch import public_fetch
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.venue import BinanceVenue
from geobuk.venues.paper.spec import PaperSpec
from geobuk.venues.paper.venue import PaperVenue
from tests.conformance.stage import Stage
from tests.support.clocks import HandClock
from tests.support.scripted_market import ScriptedMarket

START_NS = 1_791_359_880_000_000_000
"""2026-10-07 07:58 UTC: the next funding is two minutes away."""
INSTRUMENT = "BTCUSDT"
DEPOSIT = Decimal(100_000)


@asynccontextmanager
async def paper() -> AsyncIterator[Stage]:
    """The matching engine in process."""
    clock = HandClock(START_NS)
    market = ScriptedMarket(starting_rules((INSTRUMENT,)), START_NS)
    venue = PaperVenue(clock, PaperSpec(deposits={"USDT": DEPOSIT}), market=market)
    yield _stage(venue, venue.feed, market, clock, venue.pump)
    venue.close()


@asynccontextmanager
async def binance() -> AsyncIterator[Stage]:
    """The native adapter, over real sockets, at the emulator."""
    clock = HandClock(START_NS)
    market = ScriptedMarket(starting_rules((INSTRUMENT,)), START_NS)
    exchange = ExchangeSpec(default_deposits={"USDT": DEPOSIT}, has_made_up_past=False)
    async with Emulation(market, SpeedClock(clock), AssemblySpec(exchange=exchange)) as emulation:

        async def pump() -> None:
            emulation.exchange.pump()

        base = emulation.base_url
        wire = base.replace("http", "ws")
        spec = BinanceSpec(
            rest_url=base,
            stream_url=wire,
            spot_url=base,
            allow_unrestricted_ip=True,
        )
        credentials = ApiCredentials(DEFAULT_KEY, DEFAULT_SECRET)
        async with BinanceVenue(credentials, (INSTRUMENT,), spec, clock) as venue:
            feed = BinanceFeed(public_fetch(venue.rest), FeedSpec(stream_url=wire))
            yield _stage(venue, feed, market, clock, pump)


def _stage(
    venue: Venue, feed: Feed, market: ScriptedMarket, clock: HandClock, pump: Callable[[], Awaitable[None]]
) -> Stage:
    rules = market.rules[0]
    return Stage(venue, feed, market, clock, INSTRUMENT, rules.tick, rules.instrument.step, DEPOSIT, pump)


VENUES: dict[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "paper": paper,
    "binance": binance,
}
