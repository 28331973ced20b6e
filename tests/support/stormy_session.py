"""A random session of orders through the adapter at the emulator, over sockets, while faults of every kind strike."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from tests.support.emulated_binance import BTC, QUICK, limit, order
from tests.support.emulated_binance import Scene as OneInstrument
from tests.support.scripted_market import ScriptedMarket
from tests.support.weather import WEATHERS

from geobuk.domain.errors import GeobukError, OrderRefusedError, OutcomeUnknownError, UserError
from geobuk.domain.order import OrderRequest, OrderState, OrderType, PositionSide, Side, TimeInForce, TriggerSource
from geobuk.emulators.binance.assembly import AssemblySpec, Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import ExchangeSpec
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT, DEFAULT_KEY, DEFAULT_SECRET
from geobuk.emulators.binance.limits import LimitSpec
from geobuk.matching.markets.rules import starting_rules
from geobuk.ops.clock import WallClock
from geobuk.ports import Clock
from geobuk.venues.binance.credentials import ApiCredentials
from geobuk.venues.binance.venue import BinanceVenue

ETH = "ETHUSDT"
DEPOSIT = Decimal(1_000_000)
HOUR_NS = 3_600 * 10**9
WORKERS = 6
MIDDLES = {BTC: Decimal(60_000), ETH: Decimal(3_000)}
SIZES = {BTC: (2, 60), ETH: (40, 900)}
"""Orders in thousandths."""
ROOMY = LimitSpec(weight_per_minute=10**7, orders_per_10_seconds=10**6, orders_per_minute=10**7)
NEVER_ARRIVED = "never arrived"


class LeapingClock:
    """The wall's time, and what it was sent ahead."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self.ahead_ns = 0

    def now_ns(self) -> int:
        return self._base.now_ns() + self.ahead_ns

    def leap_past_the_hour(self) -> None:
        """To a moment after the next full hour, where funding is due."""
        self.ahead_ns += HOUR_NS - self.now_ns() % HOUR_NS + 10**6


@dataclass
class Session(OneInstrument):
    """What was asked for and what came of it. ``ends``: accepted, refused or unknown, by client order id;
    ``latest``: the last state that was told.
    """

    leaping: LeapingClock = None  # type: ignore[assignment]
    is_hedged: bool = False
    dice: Random = field(default_factory=Random)
    middles: dict[str, Decimal] = field(default_factory=lambda: dict(MIDDLES))
    ends: dict[str, str] = field(default_factory=dict)
    latest: dict[str, OrderState] = field(default_factory=dict)
    requests: dict[str, OrderRequest] = field(default_factory=dict)
    happened: Counter[str] = field(default_factory=Counter)
    marks: dict[str, list[tuple[int, Decimal]]] = field(default_factory=dict)
    rates: dict[str, list[tuple[int, Decimal]]] = field(default_factory=dict)

    # the market

    def move(self, name: str) -> None:
        """A new middle; others quote around it, trade a little, and the mark follows."""
        tick = Decimal("0.1") if name == BTC else Decimal("0.01")
        middle = self.middles[name] + tick * self.dice.randint(-60, 60)
        least, most = MIDDLES[name] * Decimal("0.97"), MIDDLES[name] * Decimal("1.03")
        self.middles[name] = middle = min(max(middle, least), most)
        size = "3.000" if name == BTC else "60.000"
        bids = [(str(middle - tick * 5 * n), size) for n in range(1, 8)]
        asks = [(str(middle + tick * 5 * n), size) for n in range(1, 8)]
        at_ns = self.clock.now_ns()
        mark = middle + tick * self.dice.randint(-20, 20)
        self.market.quote(name, at_ns, bids, asks, str(mark))
        rate = Decimal(self.dice.randint(-3_000, 3_000)).scaleb(-7)
        self.market.rate(name, at_ns, str(rate))
        for _ in range(self.dice.randint(0, 2)):
            side = self.dice.choice(list(Side))
            price = middle + tick * self.dice.randint(1, 30) * side
            self.market.trade(name, at_ns, str(price), f"{self.dice.randint(1, 900)}e-3", side)
        self.marks.setdefault(name, []).append((at_ns, mark))
        self.rates.setdefault(name, []).append((at_ns, rate))
        self.emulation.exchange.pump()

    def let_an_hour_pass(self) -> None:
        self.leaping.leap_past_the_hour()
        self.emulation.exchange.pump()

    # orders

    def draw(self, key: str, dice: Random) -> OrderRequest:
        """Any order that the adapter can send."""
        name, side = dice.choice((BTC, ETH)), dice.choice(list(Side))
        tick = Decimal("0.1") if name == BTC else Decimal("0.01")
        price = str(self.middles[name] + tick * dice.randint(-45, 45))
        common: dict[str, object] = {
            "instrument": name, "side": side, "quantity": Decimal(dice.randint(*SIZES[name])).scaleb(-3)
        }  # fmt: skip
        if self.is_hedged:
            common["position_side"] = dice.choice((PositionSide.LONG, PositionSide.SHORT))
        elif dice.random() < 0.2:
            common["is_reduce_only"] = True
        kind = dice.random()
        if kind < 0.45:
            return limit(key, price, **common)
        if kind < 0.58:
            time = dice.choice((TimeInForce.IOC, TimeInForce.GTX, TimeInForce.FOK))
            return limit(key, price, **common, time_in_force=time)
        if kind < 0.80:
            return order(key, **common)
        common["trigger_source"] = dice.choice(list(TriggerSource))
        far = self.middles[name] + tick * dice.choice((-1, 1)) * dice.randint(30, 150)
        if kind < 0.85:
            return order(key, **common, type=OrderType.TRAILING_STOP, callback_rate=Decimal("0.001"))
        type_ = dice.choice([one for one in OrderType if one.is_conditional and one is not OrderType.TRAILING_STOP])
        if type_.has_limit:
            common["price"] = far + tick * dice.randint(-9, 9)
        elif dice.random() < 0.2:
            common |= {"quantity": Decimal(0), "is_close_position": True, "is_reduce_only": False}
        return order(key, **common, type=type_, stop_price=far)

    async def submit(self, request: OrderRequest, dice: Random) -> None:
        """Send it; where it never arrived, a person may send it again."""
        key = request.client_order_id
        self.requests[key] = request
        for _ in range(6):
            try:
                await self.venue.submit(request)
                self._end(key, "accepted")
            except OutcomeUnknownError:
                self._end(key, "unknown")
            except GeobukError as error:
                self._end(key, "refused")
                if NEVER_ARRIVED in str(error) and dice.random() < 0.7:
                    self.happened["sent again after it never arrived"] += 1
                    continue
            return

    def _end(self, key: str, how: str) -> None:
        self.ends[key] = how
        self.happened[how] += 1

    def _some(self, dice: Random, *, resting: bool) -> OrderRequest | None:
        """An order that was told to be open, most of the time; it may have ended since."""
        recent = list(self.requests)[-200:]
        is_open = dice.random() < 0.9
        wanted = [
            self.requests[key]
            for key in recent
            if key in self.latest and (self.latest[key].status.is_open or not is_open)
            if self.latest[key].type is OrderType.LIMIT or not resting
        ]
        return dice.choice(wanted) if wanted else None

    async def tidy(self, dice: Random) -> None:
        """Change, cancel, or end all, now and then."""
        kind = dice.random()
        if kind < 0.02:
            await self._try("cancel all", self.venue.cancel_all(dice.choice((BTC, ETH))))
            return
        found = self._some(dice, resting=kind < 0.4)
        if found is None:
            return
        if kind >= 0.4:
            await self._try("cancel", self.venue.cancel(found.instrument, found.client_order_id))
            return
        tick = Decimal("0.1") if found.instrument == BTC else Decimal("0.01")
        price = self.middles[found.instrument] + tick * dice.randint(-45, 45)
        quantity = Decimal(dice.randint(*SIZES[found.instrument])).scaleb(-3)
        await self._try("amend", self.venue.amend(found.instrument, found.client_order_id, quantity, price))

    async def _try(self, what: str, call: object) -> None:
        try:
            await call  # type: ignore[misc]
            self.happened[what] += 1
        except OutcomeUnknownError:
            self.happened[f"{what} unknown"] += 1
        except GeobukError:
            self.happened[f"{what} refused"] += 1

    async def step(self, number: int, seed: int) -> None:
        """One order, and what goes with it. The same number draws the same."""
        dice = Random(f"{seed}/{number}")
        key = f"s-{seed}-{number}"
        await self.submit(self.draw(key, dice), dice)
        if dice.random() < 0.03:
            with suppress(OrderRefusedError, OutcomeUnknownError):
                if self.ends[key] == "accepted":
                    await self.venue.submit(self.requests[key])
                    raise AssertionError(f"{key} was sent a second time")
        if dice.random() < 0.5:
            await self.tidy(dice)

    async def play(self, orders: int, seed: int) -> None:
        """All of it: workers send, the market moves, the weather changes, hours pass."""
        self.dice.seed(seed)
        numbers = iter(range(orders))
        every = max(1, orders // 40)

        async def work() -> None:
            for number in numbers:
                if number % 2 == 0:
                    self.move(self.dice.choice((BTC, ETH)))
                if number % every == 0:
                    self.heal()
                    for fault in WEATHERS[number // every % len(WEATHERS)](seed + number):
                        with suppress(UserError):  # nothing is held that could be taken over
                            self.fault(fault)
                if number % (every * 8) == every * 4:
                    self.let_an_hour_pass()
                await self.step(number, seed)

        async with asyncio.TaskGroup() as group:
            for _ in range(WORKERS):
                group.create_task(work())
        self.heal()

    # what was told

    def told_keys(self) -> list[tuple[str, str, Side]]:
        return sorted((one.instrument, one.trade_id, one.side) for one in self.fills())


@asynccontextmanager
async def stormy(*, is_hedged: bool) -> AsyncIterator[Session]:
    """A session with two instruments, funding every hour, and a venue that asks nobody to be slow."""
    leaping = LeapingClock(WallClock())
    clock = SpeedClock(leaping)
    rules = [
        replace(one, instrument=replace(one.instrument, funding_interval_hours=1)) for one in starting_rules((BTC, ETH))
    ]
    market = ScriptedMarket(rules, clock.now_ns())
    exchange = ExchangeSpec(limits=ROOMY, default_deposits={"USDT": DEPOSIT}, has_made_up_past=False)
    async with Emulation(market, clock, AssemblySpec(exchange)) as emulation:
        url = emulation.base_url
        spec = replace(QUICK, rest_url=url, stream_url=url.replace("http", "ws", 1), spot_url=url, audit_interval_s=1.0)
        venue = BinanceVenue(ApiCredentials(DEFAULT_KEY, DEFAULT_SECRET), [BTC, ETH], spec, clock=leaping)
        session = Session(emulation, market, clock, venue, leaping=leaping, is_hedged=is_hedged)
        session.move(BTC)
        session.move(ETH)
        if is_hedged:
            emulation.exchange.engine.set_hedged(DEFAULT_ACCOUNT, True)
        async with venue:
            reader = asyncio.create_task(_read(session))
            yield session
        await reader


async def _read(session: Session) -> None:
    async for update in session.venue.updates():
        session.told.append(update)
        if isinstance(update, OrderState):
            session.latest[update.client_order_id] = update
