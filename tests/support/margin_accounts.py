"""Margin accounts over two instruments with Binance's brackets, for tests."""

from datetime import date
from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand
from geobuk.domain.order import PositionSide, Side
from geobuk.matching.margin.account import AccountSpec, MarginAccount
from geobuk.matching.margin.settlement import Outcome
from geobuk.matching.market_rules import MarketRules

D = Decimal
BOTH, LONG, SHORT = PositionSide.BOTH, PositionSide.LONG, PositionSide.SHORT
BUY, SELL = Side.BUY, Side.SELL
BTC, DOT = "BTCUSDT", "DOTUSDT"

# (max leverage, floor, cap, maintenance rate, cumulative) of BTCUSDT, as published 2026-09.
BTC_ROWS = [
    (150, "0", "300000", "0.004", "0"),
    (100, "300000", "800000", "0.005", "300"),
    (75, "800000", "3000000", "0.0065", "1500"),
    (50, "3000000", "12000000", "0.01", "12000"),
    (25, "12000000", "70000000", "0.02", "132000"),
    (20, "70000000", "100000000", "0.025", "482000"),
    (10, "100000000", "230000000", "0.05", "2982000"),
    (5, "230000000", "480000000", "0.1", "14482000"),
    (4, "480000000", "600000000", "0.125", "26482000"),
    (3, "600000000", "800000000", "0.15", "41482000"),
    (2, "800000000", "1200000000", "0.25", "121482000"),
    (1, "1200000000", "1800000000", "0.5", "421482000"),
]
DOT_ROWS = [
    (75, "0", "10000", "0.0065", "0"),
    (50, "10000", "50000", "0.01", "35"),
    (20, "50000", "500000", "0.02", "535"),
]


def brackets(rows: list[tuple[int, str, str, str, str]]) -> tuple[LeverageBracket, ...]:
    return tuple(LeverageBracket(D(floor), D(cap), most, D(rate), D(cum)) for most, floor, cap, rate, cum in rows)


def market_rules(name: str, rows: list[tuple[int, str, str, str, str]], step: str, tick: str) -> MarketRules:
    instrument = Instrument(
        venue="binance",
        name=name,
        kind=InstrumentKind.PERPETUAL,
        base=name.removesuffix("USDT"),
        quote="USDT",
        ticks=(TickBand(D(0), D(tick)),),
        step=D(step),
        min_quantity=D(step),
        max_quantity=D(100_000_000),
        min_notional=D(5),
        maker_fee=D("0.0002"),
        taker_fee=D("0.0005"),
        as_of=date(2026, 9, 1),
        source="tests",
        liquidation_fee=D("0.0125"),
        brackets=brackets(rows),
        funding_interval_hours=8,
    )
    return MarketRules(
        instrument=instrument,
        price_decimals=-D(tick).as_tuple().exponent,
        quantity_decimals=-D(step).as_tuple().exponent,
        min_price=D(tick),
        max_price=D(1_000_000),
        market_min_quantity=D(step),
        market_max_quantity=D(100_000),
    )


RULES = {BTC: market_rules(BTC, BTC_ROWS, "0.001", "0.1"), DOT: market_rules(DOT, DOT_ROWS, "0.1", "0.0001")}


def account(deposit: str = "10000", *, leverage: int = 10, isolated: bool = False, **spec: object) -> MarginAccount:
    """Takers pay nothing unless ``taker_fee`` is given; None is the instrument's rate."""
    mode = MarginMode.ISOLATED if isolated else MarginMode.CROSS
    spec = {"taker_fee": D(0), **spec}
    made = MarginAccount("main", dict(RULES), AccountSpec(default_leverage=leverage, margin_mode=mode, **spec))
    if D(deposit):
        made.deposit("USDT", D(deposit), 0)
    return made


def trade(
    held: MarginAccount,
    signed: str,
    price: str,
    instrument: str = BTC,
    side: PositionSide = BOTH,
) -> Outcome:
    """Execute a signed quantity as taker."""
    quantity = D(signed)
    direction = BUY if quantity > 0 else SELL
    return held.execute(instrument, side, direction, abs(quantity), D(price), False, 1, 7)
