"""The emulator that clients are judged against: real sockets, real time, and a market that the test moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

from geobuk.domain.order import PositionSide, Side
from geobuk.emulators.binance.assembly import Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT
from geobuk.matching.engine.orders import Conditional, Execution, Order
from geobuk.matching.margin.account import MarginAccount
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.rules import starting_rules
from geobuk.ops.clock import WallClock
from tests.support.scripted_market import ScriptedMarket

INSTRUMENT = "BTCUSDT"


class LocalVenue:
    """An emulator, and the books that its engine keeps: what every client's answer is held against."""

    def __init__(self, emulation: Emulation, market: ScriptedMarket, clock: SpeedClock) -> None:
        self.emulation = emulation
        self.market = market
        self._clock = clock

    @property
    def base_url(self) -> str:
        return self.emulation.base_url

    @property
    def rules(self) -> MarketRules:
        return self.emulation.exchange.rules(INSTRUMENT)

    @property
    def account(self) -> MarginAccount:
        return self.emulation.exchange.engine.account(DEFAULT_ACCOUNT)

    def wallet(self) -> Decimal:
        return self.account.wallet("USDT")

    def quote(self, bid: str, ask: str) -> None:
        """A book of two levels a side, one coin first and ten behind."""
        deeper = (str(Decimal(bid) - 5), str(Decimal(ask) + 5))
        mark = str((Decimal(bid) + Decimal(ask)) / 2)
        self.market.quote(
            INSTRUMENT, self._clock.now_ns(), [(bid, "0.3"), (deeper[0], "10")], [(ask, "0.3"), (deeper[1], "10")], mark
        )
        self.emulation.exchange.pump()

    def print_trade(self, price: str, quantity: str, aggressor: Side) -> None:
        """A print of the market."""
        self.market.trade(INSTRUMENT, self._clock.now_ns(), price, quantity, aggressor)
        self.emulation.exchange.pump()

    def order(self, id_: str) -> Order:
        """An order by the venue's number."""
        return self.emulation.exchange.engine.find_order(DEFAULT_ACCOUNT, INSTRUMENT, int(id_))

    def orders(self) -> list[Order]:
        return list(self.emulation.exchange.engine.orders(DEFAULT_ACCOUNT, INSTRUMENT))

    def conditionals(self) -> list[Conditional]:
        """Those that still wait."""
        return list(self.emulation.exchange.engine.open_conditionals(DEFAULT_ACCOUNT, INSTRUMENT))

    def executions(self) -> list[Execution]:
        return list(self.emulation.exchange.engine.executions(DEFAULT_ACCOUNT, INSTRUMENT))

    def held(self) -> Decimal:
        """The sum over the fills, not what the account says."""
        return sum((execution.quantity * int(execution.side) for execution in self.executions()), Decimal(0))

    def entry_price(self) -> Decimal:
        return self.account.position(INSTRUMENT, PositionSide.BOTH).entry_price


@asynccontextmanager
async def local_venue() -> AsyncIterator[LocalVenue]:
    """A running emulator with one instrument, quoted 60000 / 60001."""
    clock = SpeedClock(WallClock())
    market = ScriptedMarket(starting_rules((INSTRUMENT,)), clock.now_ns())
    async with Emulation(market, clock) as emulation:
        venue = LocalVenue(emulation, market, clock)
        venue.quote("60000", "60001")
        yield venue
