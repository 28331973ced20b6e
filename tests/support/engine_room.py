"""A matching engine with one instrument, or two, and what it told; prices in USDT, a tick of 0.1, a step of 0.001."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand
from geobuk.domain.order import OrderType, Side, TimeInForce
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import Conditional, NewConditional, NewOrder, Order
from geobuk.matching.engine.reports import (
    AccountReport,
    ConditionalReport,
    LeverageReport,
    LiquidationReport,
    MarginCallReport,
    OrderReport,
    Report,
    RulesReport,
    TradeReport,
)
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.market_rules import MarketRules

BUY, SELL = Side.BUY, Side.SELL
BTC, ETH = "BTCUSDT", "ETHUSDT"
HOUR_NS = 3_600 * 10**9
START_NS = 1_790_000_000 * 10**9 // (8 * HOUR_NS) * 8 * HOUR_NS
"""On a funding time."""
D = Decimal

BRACKETS = (
    LeverageBracket(D(0), D(300_000), 125, D("0.004"), D(0)),
    LeverageBracket(D(300_000), D(10_000_000), 50, D("0.005"), D(300)),
)


def rules_of(name: str = BTC, **changes: Any) -> MarketRules:
    """Fees 0.02 % and 0.05 %, at least 50 USDT an order, funding every 8 hours; changes go to whichever has them."""
    of_instrument = {key: value for key, value in changes.items() if key in Instrument.__dataclass_fields__}
    instrument = Instrument(
        venue="test",
        name=name,
        kind=InstrumentKind.PERPETUAL,
        base=name.removesuffix("USDT"),
        quote="USDT",
        ticks=(TickBand(D(0), D("0.1")),),
        step=D("0.001"),
        min_quantity=D("0.001"),
        max_quantity=D(1000),
        min_notional=D(50),
        maker_fee=D("0.0002"),
        taker_fee=D("0.0005"),
        as_of=date(2026, 1, 1),
        source="made up",
        liquidation_fee=D("0.0125"),
        brackets=BRACKETS,
        funding_interval_hours=8,
        is_synthetic=True,
    )
    rules = MarketRules(
        instrument=replace(instrument, **of_instrument),
        price_decimals=1,
        quantity_decimals=3,
        min_price=D("0.1"),
        max_price=D(1_000_000),
        market_min_quantity=D("0.001"),
        market_max_quantity=D(120),
    )
    return replace(rules, **{key: value for key, value in changes.items() if key not in of_instrument})


def rows_of(at_ns: int, *rows: tuple[Happening, int, Any, Any], first_id: int = 0) -> MarketArray:
    """Rows of (kind, side, price, quantity), a nanosecond apart; a rate is given as a fraction."""
    array = np.zeros(len(rows), MARKET_EVENT)
    for number, (kind, side, price, quantity) in enumerate(rows):
        scale = 8 if kind is Happening.RATE else 1
        units = int(D(str(price)).scaleb(scale))
        array[number] = (at_ns + number, units, int(D(str(quantity)) * 1000), 0, kind, side)
        if first_id and kind is Happening.TRADE:
            array[number]["id"] = first_id + number
    return array


class Room:
    """An engine whose first prices are bid 59,999.9, ask 60,000.1, mark 60,000 unless ``is_empty``."""

    def __init__(
        self,
        *rules: MarketRules,
        spec: EngineSpec | None = None,
        accounts: Mapping[str, AccountSpec] | None = None,
        is_empty: bool = False,
    ) -> None:
        self.told: list[Report] = []
        self.engine = MatchingEngine(
            rules or (rules_of(),), spec or EngineSpec(), at_ns=START_NS, listener=self.told.append
        )
        for name, account in (accounts or {"a": AccountSpec(), "b": AccountSpec()}).items():
            self.engine.open_account(name, {"USDT": D(100_000)}, account)
        if not is_empty:
            self.mark(60_000)
            self.book(bids={"59999.9": 5, "59990": 10}, asks={"60000.1": 5, "60010": 10})

    # the market

    def rows(self, *rows: tuple[Happening, int, Any, Any], instrument: str = BTC, first_id: int = 0) -> None:
        self.engine.apply(instrument, rows_of(self.engine.at_ns + 1, *rows, first_id=first_id))

    def book(self, bids: Mapping[Any, Any] | None = None, asks: Mapping[Any, Any] | None = None, **where: str) -> None:
        levels = [(Happening.LEVEL, 1, price, quantity) for price, quantity in (bids or {}).items()]
        levels += [(Happening.LEVEL, -1, price, quantity) for price, quantity in (asks or {}).items()]
        self.rows(*levels, **where)  # type: ignore[arg-type]

    def mark(self, *prices: Any, instrument: str = BTC) -> None:
        self.rows(*((Happening.MARK, 0, price, 0) for price in prices), instrument=instrument)

    def trade(self, aggressor: Side, quantity: Any, price: Any, instrument: str = BTC) -> None:
        self.rows((Happening.TRADE, int(aggressor), price, quantity), instrument=instrument)

    def wait(self, duration_ns: int) -> None:
        self.engine.advance(self.engine.at_ns + duration_ns)

    # orders

    def limit(self, name: str, side: Side, quantity: Any, price: Any, **more: Any) -> Order:
        return self.engine.submit(name, limit_order(side, quantity, price, **more))

    def market(self, name: str, side: Side, quantity: Any, **more: Any) -> Order:
        more = {"instrument": BTC, **more}
        return self.engine.submit(name, NewOrder(side=side, type=OrderType.MARKET, quantity=D(str(quantity)), **more))

    def stop(self, name: str, side: Side, quantity: Any, trigger: Any, **more: Any) -> Conditional:
        return self.conditional(name, side, OrderType.STOP_MARKET, quantity, trigger_price=D(str(trigger)), **more)

    def conditional(self, name: str, side: Side, kind: OrderType, quantity: Any, **more: Any) -> Conditional:
        more = {"instrument": BTC, **more}
        return self.engine.submit_conditional(
            name, NewConditional(side=side, type=kind, quantity=D(str(quantity)), **more)
        )

    # what there is

    def held(self, name: str, instrument: str = BTC) -> Decimal:
        return sum((leg.quantity for leg in self.engine.account(name).holdings() if leg.instrument == instrument), D(0))

    def wallet(self, name: str) -> Decimal:
        return self.engine.account(name).wallet()

    def heard(self) -> list[str]:
        """What was told since the last call, a line each."""
        lines = [line_of(report) for report in self.told]
        self.told.clear()
        return lines


def limit_order(side: Side, quantity: Any, price: Any, **more: Any) -> NewOrder:
    more = {"instrument": BTC, "time_in_force": TimeInForce.GTC, **more}
    return NewOrder(side=side, type=OrderType.LIMIT, quantity=D(str(quantity)), price=D(str(price)), **more)


def line_of(report: Report) -> str:  # noqa: PLR0911
    """A report as a line: who, what, which, how it stands."""
    match report:
        case OrderReport():
            return _order_line(report)
        case AccountReport():
            wallets = [f"{b.asset} {plain(b.wallet)}" for b in report.balances]
            legs = [f"{leg.position_side}:{plain(leg.quantity)}@{plain(leg.entry_price)}" for leg in report.holdings]
            return " ".join([report.account, "account", report.reason, *wallets, *legs])
        case ConditionalReport(conditional=one):
            return f"{report.account} conditional {one.client_order_id} {one.status} {one.reject_reason}".rstrip()
        case LeverageReport():
            return f"{report.account} leverage {report.leverage}"
        case MarginCallReport():
            return f"{report.account} margin call"
        case LiquidationReport(order=order):
            return f"liquidation {order.side.name} {plain(order.filled)}@{plain(order.price or D(0))}"
        case TradeReport():
            return f"trade {report.trade_id} {report.aggressor.name} {plain(report.quantity)}@{plain(report.price)}"
        case RulesReport():
            return f"rules {report.instrument}"


def _order_line(report: OrderReport) -> str:
    order, execution = report.order, report.execution
    words = [report.account, report.type, order.client_order_id.partition("-")[0], order.status]
    words.append(f"{plain(order.filled)}/{plain(order.quantity)}")
    if execution is not None:
        kind = "maker" if execution.is_maker else "taker"
        words += [f"{plain(execution.quantity)}@{plain(execution.price)}", kind, f"#{execution.trade_id}"]
    if order.expire_reason:
        words.append(order.expire_reason)
    return " ".join(words)


def plain(amount: Decimal) -> str:
    """Without trailing zeros or exponents."""
    return f"{amount.normalize():f}"


def lines_of(reports: Sequence[Report]) -> list[str]:
    return [line_of(report) for report in reports]
