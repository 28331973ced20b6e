"""A random session of 10,000 orders: at its end every cent and every lot is explained."""

from decimal import Decimal
from random import Random

import numpy as np
from tests.support.engine_laws import Witness, check
from tests.support.engine_room import BTC, BUY, ETH, HOUR_NS, SELL, START_NS, rules_of

from geobuk.domain.order import OrderType, TimeInForce, TriggerSource
from geobuk.matching.book.market_event import MARKET_EVENT, Happening
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import NewConditional, NewOrder, Status
from geobuk.matching.engine.reports import TradeReport
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.refusals import RefusedError

D = Decimal
DEPOSIT = D(2_000_000)
ORDERS = 10_000
NAMES = ("a", "b", "c")
STEP_NS = 20 * 10**9


class Session:
    """Three accounts in two instruments whose prices walk at random; others quote and trade around them."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.witness = Witness()
        self.prints: list[TradeReport] = []
        self.engine = MatchingEngine(
            [rules_of(max_orders=1_000), rules_of(ETH, max_orders=1_000)],
            EngineSpec(seed=seed),
            at_ns=START_NS,
            listener=self.hear,
        )
        self.engine.reports_trades = True
        for name in NAMES:
            self.engine.open_account(name, {"USDT": DEPOSIT}, AccountSpec(default_leverage=50))
        self.middle = {BTC: 600_000, ETH: 30_000}
        self.placed = 0

    def hear(self, report: object) -> None:
        if isinstance(report, TradeReport):
            self.prints.append(report)
        self.witness(report)  # type: ignore[arg-type]

    def market(self, instrument: str) -> None:
        """Others quote around a new middle, print some trades, and the mark and the rate follow."""
        dice = self.dice
        now = self.middle[instrument] = self.middle[instrument] + dice.randint(-40, 40)
        rows = [(Happening.MARK, 0, now, 0), (Happening.RATE, 0, dice.randint(-20_000, 20_000), 0)]
        for away in range(1, 8):
            rows.append((Happening.LEVEL, 1, now - away * 3, dice.randint(0, 4_000)))
            rows.append((Happening.LEVEL, -1, now + away * 3, dice.randint(0, 4_000)))
        for _ in range(5):
            side = dice.choice((1, -1))
            rows.append((Happening.TRADE, side, now + side * dice.randint(0, 20), dice.randint(1, 3_000)))
        array = np.zeros(len(rows), MARKET_EVENT)
        at_ns = self.engine.at_ns + STEP_NS
        for number, (kind, side, price, quantity) in enumerate(rows):
            array[number] = (at_ns + number, price, quantity, 0, kind, side)
        self.engine.apply(instrument, array)

    def order(self) -> None:
        dice = self.dice
        name, instrument, side = dice.choice(NAMES), dice.choice((BTC, ETH)), dice.choice((BUY, SELL))
        now = self.middle[instrument]
        quantity = D(dice.randint(20, 900)).scaleb(-3)
        reduces = dice.random() < 0.25
        price = D(now + dice.randint(-30, 30)).scaleb(-1)
        kind = dice.random()
        self.placed += 1
        if kind < 0.6:
            time = dice.choice((TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTX, TimeInForce.FOK))
            order = NewOrder(instrument, side, OrderType.LIMIT, quantity, price, time, is_reduce_only=reduces)
            self.engine.submit(name, order)
        elif kind < 0.8:
            order = NewOrder(instrument, side, OrderType.MARKET, quantity, is_reduce_only=reduces)
            self.engine.submit(name, order)
        else:
            source = dice.choice((TriggerSource.LAST, TriggerSource.MARK))
            type_ = dice.choice((OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET, OrderType.TRAILING_STOP))
            is_trailing = type_ is OrderType.TRAILING_STOP
            self.engine.submit_conditional(
                name,
                NewConditional(
                    instrument,
                    side,
                    type_,
                    quantity,
                    trigger_price=None if is_trailing else price,
                    callback_rate=D("0.001") if is_trailing else None,
                    trigger_source=source,
                    is_reduce_only=reduces,
                ),
            )

    def tidy(self) -> None:
        """Change or cancel an order now and then."""
        name, instrument = self.dice.choice(NAMES), self.dice.choice((BTC, ETH))
        found = self.engine.open_orders(name, instrument)
        if not found:
            return
        order = self.dice.choice(found)
        if self.dice.random() < 0.5:
            self.engine.cancel(name, instrument, order.id)
        else:
            price = D(self.middle[instrument] + self.dice.randint(-30, 30)).scaleb(-1)
            self.engine.modify(name, instrument, order.id, order.quantity, price)

    def run(self) -> None:
        while self.placed < ORDERS:
            for act in (self.order, self.order, self.tidy):
                try:
                    act()
                except RefusedError:
                    continue
            if not self.placed % 4:
                self.market(self.dice.choice((BTC, ETH)))
            if not self.placed % 1_000:
                self.engine.advance(self.engine.at_ns + 4 * HOUR_NS)
                check(self.engine, self.witness, DEPOSIT)


def test_a_random_session_of_10_000_orders_balances_to_the_last_digit() -> None:
    session = Session(seed=7)
    session.run()
    check(session.engine, session.witness, DEPOSIT)
    engine = session.engine
    for name in NAMES:
        account = engine.account(name)
        kinds = {kind: sum((e.amount for e in account.ledger if e.kind is kind), D(0)) for kind in EntryKind}
        fills = engine.executions(name)
        assert kinds[EntryKind.TRANSFER] == DEPOSIT
        assert kinds[EntryKind.REALIZED] == sum((fill.realized for fill in fills), D(0))
        assert kinds[EntryKind.FEE] == -sum((fill.fee for fill in fills), D(0))
        assert account.wallet() == sum(kinds.values(), D(0))
        assert kinds[EntryKind.FUNDING] != 0
    fills = [fill for name in NAMES for fill in engine.executions(name)]
    assert len(fills) > ORDERS // 4
    statuses = {order.status for name in NAMES for order in engine.orders(name)}
    assert statuses >= set(Status) - {Status.PARTIALLY_FILLED}


def test_trade_ids_of_the_market_and_of_ours_are_consecutive() -> None:
    session = Session(seed=8)
    session.placed = ORDERS - 1_500
    session.run()
    for instrument in (BTC, ETH):
        ids = [one.trade_id for one in session.prints if one.instrument == instrument]
        assert ids == list(range(1, len(ids) + 1))
        prints = {one.trade_id: one for one in session.prints if one.instrument == instrument}
        for name in NAMES:
            for fill in session.engine.executions(name, instrument):
                assert (prints[fill.trade_id].price, prints[fill.trade_id].quantity) == (fill.price, fill.quantity)


def test_the_same_seed_gives_the_same_session() -> None:
    ends = []
    for _ in range(2):
        session = Session(seed=9)
        session.placed = ORDERS - 800
        session.run()
        engine = session.engine
        ends.append(
            (
                [engine.orders(name) for name in NAMES],
                [engine.executions(name) for name in NAMES],
                [engine.account(name).ledger for name in NAMES],
                engine.depth(BTC, 100),
            )
        )
    assert ends[0] == ends[1]
