"""Whatever two accounts and a market do to an engine, money and positions add up and the book stays in order."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.support.engine_laws import Witness, check, picture
from tests.support.engine_room import BTC, HOUR_NS, START_NS, rows_of, rules_of

from geobuk.domain.account import MarginMode
from geobuk.domain.order import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce, TriggerSource
from geobuk.matching.book.book import QueueModel
from geobuk.matching.book.market_event import Happening
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import NewConditional, NewOrder
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.refusals import RefusedError

D = Decimal
DEPOSIT = D(5_000)
MIDDLE = 600_000
"""In ticks of 0.1."""

names = st.sampled_from(["a", "b"])
sides = st.sampled_from(list(Side))
quantities = st.integers(1, 3_000).map(lambda units: D(units).scaleb(-3))
ticks = st.integers(-40, 40)
seldom = st.sampled_from([False, False, False, True])
some = st.integers(0, 5)
shocks = st.sampled_from([0, 0, 0, 1_500, -1_500, 9_000, -9_000, 40_000, -40_000])
times = st.sampled_from([TimeInForce.GTC, TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX])
preventions = st.sampled_from(list(SelfTradePrevention))


def price(middle: int, tick: int) -> Decimal:
    return D(middle + tick).scaleb(-1)


class EngineMachine(RuleBasedStateMachine):
    """Prices move in ticks around a middle that shocks shift."""

    @initialize(
        model=st.sampled_from(list(QueueModel)),
        fund=st.sampled_from([D(0), D(1_000_000)]),
        mode=st.sampled_from([MarginMode.CROSS, MarginMode.ISOLATED]),
        is_hedged=seldom,
    )
    def open(self, model: QueueModel, fund: Decimal, mode: MarginMode, is_hedged: bool) -> None:
        self.legs = [PositionSide.LONG, PositionSide.SHORT] if is_hedged else [PositionSide.BOTH]
        account = AccountSpec(default_leverage=50, margin_mode=mode, is_hedged=is_hedged)
        self.witness = Witness()
        spec = EngineSpec(queue_model=model, insurance_fund=fund)
        self.engine = MatchingEngine([rules_of()], spec, at_ns=START_NS, listener=self.witness)
        self.engine.reports_trades = True
        for name in ("a", "b"):
            self.engine.open_account(name, {"USDT": DEPOSIT}, account)
        self.middle = MIDDLE
        self.rows((Happening.MARK, 0, price(MIDDLE, 0), 0))
        self.quote(0, 5)

    def rows(self, *rows: tuple[Happening, int, Decimal, object]) -> None:
        self.engine.apply(BTC, rows_of(self.engine.at_ns + 1, *rows))

    def quote(self, tick: int, quantity: int) -> None:
        bids = [(Happening.LEVEL, 1, price(self.middle, tick - away), quantity) for away in (1, 2, 5, 20)]
        asks = [(Happening.LEVEL, -1, price(self.middle, tick + away), quantity) for away in (1, 2, 5, 20)]
        self.rows(*bids, *asks)

    def ask(self, request: object) -> None:
        """Do it; where it is refused nothing may have changed."""
        before, told = picture(self.engine), self.witness.reports
        try:
            request()  # type: ignore[operator]
        except RefusedError:
            assert picture(self.engine) == before
            assert self.witness.reports == told

    # the market

    @rule(tick=ticks, quantity=st.integers(0, 8))
    def others_quote(self, tick: int, quantity: int) -> None:
        self.quote(tick, quantity)

    @rule(side=sides, tick=ticks, quantity=quantities)
    def a_trade_is_printed(self, side: Side, tick: int, quantity: Decimal) -> None:
        self.rows((Happening.TRADE, int(side), price(self.middle, tick), quantity))

    @rule(shift=shocks, tick=ticks)
    def the_mark_moves(self, shift: int, tick: int) -> None:
        self.middle = min(max(self.middle + shift, MIDDLE // 2), MIDDLE * 2)
        self.rows((Happening.MARK, 0, price(self.middle, tick), 0))

    @rule(rate=st.integers(-300, 300), hours=st.sampled_from([1, 8]))
    def time_passes(self, rate: int, hours: int) -> None:
        self.rows((Happening.RATE, 0, D(rate).scaleb(-6), 0))
        self.engine.advance(self.engine.at_ns + hours * HOUR_NS)

    # orders

    @rule(
        name=names,
        side=sides,
        quantity=quantities,
        tick=ticks,
        time=times,
        reduces=seldom,
        prevention=preventions,
        leg=some,
    )
    def an_account_orders(
        self,
        name: str,
        side: Side,
        quantity: Decimal,
        tick: int,
        time: TimeInForce,
        reduces: bool,
        prevention: SelfTradePrevention,
        leg: int,
    ) -> None:
        order = NewOrder(
            BTC,
            side,
            OrderType.LIMIT,
            quantity,
            price(self.middle, tick),
            time,
            is_reduce_only=reduces,
            self_trade_prevention=prevention,
            position_side=self.legs[leg % len(self.legs)],
        )
        self.ask(lambda: self.engine.submit(name, order))

    @rule(name=names, side=sides, quantity=quantities, reduces=seldom, leg=some)
    def an_account_goes_to_market(self, name: str, side: Side, quantity: Decimal, reduces: bool, leg: int) -> None:
        where = self.legs[leg % len(self.legs)]
        order = NewOrder(BTC, side, OrderType.MARKET, quantity, is_reduce_only=reduces, position_side=where)
        self.ask(lambda: self.engine.submit(name, order))

    @rule(name=names, which=some, quantity=quantities, tick=ticks)
    def an_account_changes_an_order(self, name: str, which: int, quantity: Decimal, tick: int) -> None:
        found = self.engine.open_orders(name)
        if found:
            number = found[which % len(found)].id
            self.ask(lambda: self.engine.modify(name, BTC, number, quantity, price(self.middle, tick)))

    @rule(name=names, which=some)
    def an_account_cancels(self, name: str, which: int) -> None:
        found = self.engine.open_orders(name)
        if found:
            self.engine.cancel(name, BTC, found[which % len(found)].id)

    @rule(
        name=names,
        side=sides,
        kind=st.sampled_from([kind for kind in OrderType if kind.is_conditional]),
        quantity=quantities,
        tick=ticks,
        source=st.sampled_from(list(TriggerSource)),
        reduces=seldom,
        leg=some,
    )
    def an_account_waits(
        self,
        name: str,
        side: Side,
        kind: OrderType,
        quantity: Decimal,
        tick: int,
        source: TriggerSource,
        reduces: bool,
        leg: int,
    ) -> None:
        is_trailing = kind is OrderType.TRAILING_STOP
        order = NewConditional(
            BTC,
            side,
            kind,
            quantity,
            trigger_price=None if is_trailing else price(self.middle, tick),
            price=price(self.middle, tick + 3) if kind.has_limit else None,
            trigger_source=source,
            is_reduce_only=reduces,
            callback_rate=D("0.001") if is_trailing else None,
            position_side=self.legs[leg % len(self.legs)],
        )
        self.ask(lambda: self.engine.submit_conditional(name, order))

    @rule(name=names, leverage=st.sampled_from([1, 20, 125]))
    def an_account_sets_its_leverage(self, name: str, leverage: int) -> None:
        self.ask(lambda: self.engine.set_leverage(name, BTC, leverage))

    @invariant()
    def everything_adds_up(self) -> None:
        if hasattr(self, "engine"):
            check(self.engine, self.witness, DEPOSIT)


EngineMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestEngine = EngineMachine.TestCase
