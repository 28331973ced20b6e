"""The exchange behind every door: engine, market, clock, keys, counters and memory, moved by one pump."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from geobuk.domain.times import NS_PER_HOUR, NS_PER_MINUTE, NS_PER_MS, NS_PER_SECOND
from geobuk.emulators.binance.account_notes import AccountNotes
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT, DEFAULT_KEY, DEFAULT_SECRET, ApiKey, KeyRing
from geobuk.emulators.binance.limits import LimitSpec, RateLimits
from geobuk.emulators.binance.listen_keys import ListenKeys
from geobuk.emulators.binance.market_memory import KEPT_TRADES, FundingPayment, MarketMemory
from geobuk.emulators.binance.past import Past, PastSpec
from geobuk.emulators.binance.venue_words import forced_id
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.reports import LiquidationReport, OrderReport, Report, TradeReport
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.engine.views import Changes
from geobuk.matching.margin.account import MarginAccount
from geobuk.matching.margin.spec import AccountSpec
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.market import Market

REFRESH_NS = 2_000_000
LARGE_IDS = EngineSpec(
    first_order_id=30_000_000_001, first_conditional_id=4_000_000_000_000_001, first_trade_id=1_000_000_001
)
"""Numbers as large as the venue's own, so that nobody keeps them in 32 bits."""
DepthListener = Callable[[str, Changes], None]


@dataclass(frozen=True, slots=True)
class ExchangeSpec:
    """How an exchange is set up. ``default_deposits`` go to the account of the well-known test key.

    ``has_made_up_past``: whether candles and funding from before the market began are made up. ``kept_trades`` is
    how many prints of each instrument are remembered. ``has_recorded_prices``: whether people who look are told that
    prices were recorded, or that they are made up.
    """

    engine: EngineSpec = LARGE_IDS
    limits: LimitSpec = field(default_factory=LimitSpec)
    default_deposits: Mapping[str, Decimal] = field(default_factory=lambda: {"USDT": Decimal(10_000)})
    seed: int = 0
    has_made_up_past: bool = True
    has_recorded_prices: bool = False
    default_account: AccountSpec = field(default_factory=AccountSpec)
    kept_trades: int = KEPT_TRADES


class Exchange:
    """One venue. Everything is called from one thread; ``pump`` or ``refresh`` before reading: answers are of now."""

    def __init__(self, market: Market, clock: SpeedClock, spec: ExchangeSpec | None = None) -> None:
        self.spec = spec or ExchangeSpec()
        self.market = market
        self.clock = clock
        self.keys = KeyRing()
        self.limits = RateLimits(self.spec.limits)
        self.listen_keys = ListenKeys(self.spec.seed)
        self.memory = {rules.name: self._memory(rules) for rules in market.rules}
        self.notes: dict[str, AccountNotes] = {}
        self._listeners: list[Callable[[Report], None]] = []
        self._depth_listeners: list[DepthListener] = []
        self._advance_listeners: list[Callable[[int], None]] = []
        self._assets_mode_listeners: list[Callable[[str, bool], None]] = []
        self._stirred: dict[str, None] = {}
        """Instruments whose books may have changed since they were last told of, in order."""
        start = min(clock.now_ns(), market.start_ns)
        self.started_ms = start // NS_PER_MS
        self._sample_due_ns = start
        self.engine = MatchingEngine(
            market.rules, replace(self.spec.engine, forced_id=forced_id), at_ns=start, listener=self._heard
        )
        self.engine.reports_trades = True
        self.open_account(DEFAULT_ACCOUNT, self.spec.default_deposits, self.spec.default_account)
        self.keys.add(ApiKey(DEFAULT_KEY, DEFAULT_ACCOUNT, DEFAULT_SECRET, created_ms=self.now_ms))

    @property
    def instruments(self) -> tuple[str, ...]:
        return tuple(self.memory)

    @property
    def now_ms(self) -> int:
        """The time of the last pump, in milliseconds."""
        return self.engine.at_ns // NS_PER_MS

    def rules(self, instrument: str) -> MarketRules:
        return self.engine.rules(instrument)

    def last_price(self, instrument: str) -> Decimal | None:
        """The last trade's price, before the first one the mark; None while nothing is known."""
        return self.engine.last_price(instrument) or self.engine.mark_price(instrument)

    def open_account(
        self, name: str, deposits: Mapping[str, Decimal], spec: AccountSpec | None = None
    ) -> MarginAccount:
        """A new account with its money."""
        self.notes[name] = AccountNotes()
        return self.engine.open_account(name, deposits, spec or AccountSpec())

    def listen(self, callback: Callable[[Report], None]) -> None:
        """Hear every report of the engine, in its order."""
        self._listeners.append(callback)

    def on_depth(self, callback: DepthListener) -> None:
        """Hear the levels that changed, once a step and instrument, ids consecutive over the calls."""
        self._depth_listeners.append(callback)

    def on_advanced(self, callback: Callable[[int], None]) -> None:
        """Hear of each step of time (ns), after all that happened in it: a second, on long ways up to an hour."""
        self._advance_listeners.append(callback)

    def on_assets_mode(self, callback: Callable[[str, bool], None]) -> None:
        """Hear of accounts (by name) that went over to one margin asset or to several."""
        self._assets_mode_listeners.append(callback)

    def set_assets_mode(self, account: str, is_multi_assets: bool) -> None:
        self.notes[account].is_multi_assets = is_multi_assets
        for callback in self._assets_mode_listeners:
            callback(account, is_multi_assets)

    def pump(self) -> None:
        """Move market and engine up to the clock, stopping on the way where something falls due."""
        now = self.clock.now_ns()
        while (stop := self._next_stop(now)) < now:
            self._advance(stop, now)
        self._advance(now, now)
        self.clock.reach(now)
        self.listen_keys.expire(now // NS_PER_MS)

    def refresh(self) -> None:
        """Move on unless that happened a moment ago: what is answered is at most REFRESH_NS of market time old."""
        if self.clock.now_ns() - self.engine.at_ns >= REFRESH_NS:
            self.pump()

    def tell_depth(self) -> None:
        """Hand on the levels that changed since the last call."""
        stirred, self._stirred = self._stirred, {}
        for instrument in stirred:
            changes = self.engine.drain_changes(instrument)
            if changes.bids or changes.asks:
                for callback in self._depth_listeners:
                    callback(instrument, changes)

    def _memory(self, rules: MarketRules) -> MarketMemory:
        hours = rules.instrument.funding_interval_hours or 8

        def make_past(price: Decimal) -> Past:
            spec = PastSpec(rules.name, price, self.now_ms, rules.tick, rules.quantity_decimals, self.spec.seed)
            return Past(spec)

        return MarketMemory(
            rules.name,
            hours,
            make_past if self.spec.has_made_up_past else None,
            trades=deque(maxlen=self.spec.kept_trades),
            aggregates=deque(maxlen=self.spec.kept_trades),
        )

    def _next_stop(self, now: int) -> int:
        return self.engine.stop_before(min(now, self._sample_due_ns))

    def _advance(self, at_ns: int, now: int) -> None:
        # Rows of a funding's own moment come after it: it is paid at what holds now.
        due = {name: self.engine.next_funding_ns(name) for name in self.memory}
        rates = {name: self._funding(name, at) for name, at in due.items() if at is not None and at <= at_ns}
        for instrument, rows in self.market.until(at_ns):
            self._stirred[instrument] = None
            self.engine.apply(instrument, rows)
        self.engine.advance(max(at_ns, self.engine.at_ns))
        for name, payment in rates.items():
            if payment is not None:
                self.memory[name].funding.append(payment)
        for name in [name for name, memory in self.memory.items() if not memory.has_begun]:
            price = self.last_price(name)
            if price is not None:
                self.memory[name].begin(price)
        if at_ns >= self._sample_due_ns:
            self._sample(at_ns)
            step = _step(now - at_ns)
            self._sample_due_ns = (at_ns // step + 1) * step
        self.tell_depth()
        for callback in self._advance_listeners:
            callback(at_ns)

    def _funding(self, name: str, at_ns: int) -> FundingPayment | None:
        mark = self.engine.mark_price(name)
        rate = self.engine.funding_rate(name)
        return None if mark is None else FundingPayment(at_ns // NS_PER_MS, rate, mark)

    def _sample(self, at_ns: int) -> None:
        for name, memory in self.memory.items():
            memory.sample(at_ns // NS_PER_MS, self.engine.mark_price(name), self.engine.index_price(name))

    def _heard(self, report: Report) -> None:
        if isinstance(report, TradeReport):
            self.memory[report.instrument].record_trade(report)
        elif isinstance(report, LiquidationReport):
            self.memory[report.order.instrument].liquidations.append(report.order)
        elif isinstance(report, OrderReport):
            self._stirred[report.order.instrument] = None
            if report.account in self.notes:
                self.notes[report.account].record(report)
        for callback in self._listeners:
            callback(report)


def _step(left_ns: int) -> int:
    """How far to go at once, for what is left to go."""
    if left_ns > 24 * NS_PER_HOUR:
        return NS_PER_HOUR
    return NS_PER_MINUTE if left_ns > 10 * NS_PER_MINUTE else NS_PER_SECOND
