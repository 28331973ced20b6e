"""Numbers and words as the venue writes them."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

from geobuk.domain.order import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce, TriggerSource
from geobuk.matching.market_rules import MarketRules, TradingStatus

CENT_OF_MONEY = 8
"""Decimals of money."""

ORDER_TYPE: dict[OrderType, str] = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP_LIMIT: "STOP",
    OrderType.STOP_MARKET: "STOP_MARKET",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
    OrderType.TAKE_PROFIT_MARKET: "TAKE_PROFIT_MARKET",
    OrderType.TRAILING_STOP: "TRAILING_STOP_MARKET",
}
ORDER_TYPE_OF = {name: kind for kind, name in ORDER_TYPE.items()}
SIDE_OF = {side.name: side for side in Side}
POSITION_SIDE_OF = {side.name: side for side in PositionSide}
STP_OF = {mode.name: mode for mode in SelfTradePrevention}
TIME_IN_FORCE_OF = {tif.name: tif for tif in TimeInForce if tif is not TimeInForce.DAY}
WORKING_TYPE: dict[TriggerSource, str] = {TriggerSource.LAST: "CONTRACT_PRICE", TriggerSource.MARK: "MARK_PRICE"}
WORKING_TYPE_OF = {name: source for source, name in WORKING_TYPE.items()}
TRADING_STATUS: dict[TradingStatus, str] = {
    TradingStatus.TRADING: "TRADING",
    TradingStatus.CANCEL_ONLY: "TRADING_CANCEL_ONLY",
    TradingStatus.HALTED: "TRADING_HALT",
    TradingStatus.SETTLING: "SETTLING",
}


_QUANTA = tuple(Decimal(1).scaleb(-decimals) for decimals in range(20))


def fixed(value: Decimal, decimals: int, rounding: str = ROUND_HALF_UP) -> str:
    """With exactly that many decimals; zero has no sign.

    >>> fixed(Decimal("84000.1"), 2), fixed(Decimal("0.00000001"), 8), fixed(Decimal("-0.001"), 2)
    ('84000.10', '0.00000001', '0.00')
    >>> fixed(Decimal("-1E-12"), 8)
    '0.00000000'
    """
    rounded = value.quantize(_QUANTA[decimals], rounding)
    if not rounded:
        rounded = abs(rounded)
    text = str(rounded)
    return text if "E" not in text else format(rounded, "f")  # str is quicker, and writes small numbers as powers


def cut(value: Decimal, decimals: int) -> str:
    """With exactly that many decimals, the rest cut off."""
    return fixed(value, decimals, ROUND_DOWN)


def plain(value: Decimal) -> str:
    """Without trailing zeros."""
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal) -> str:
    """Eight decimals."""
    return fixed(value, CENT_OF_MONEY)


def money_or_zero(value: Decimal) -> str:
    """Eight decimals, or a bare "0"."""
    return money(value) if value else "0"


def entry(value: Decimal) -> str:
    """An entry price: no trailing zeros, and "0.0" for none."""
    return plain(fixed_decimal(value, 11)) if value else "0.0"


def fixed_decimal(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def price(value: Decimal | None, rules: MarketRules) -> str:
    return fixed(value or Decimal(0), rules.price_decimals)


def quantity(value: Decimal, rules: MarketRules) -> str:
    return fixed(value, rules.quantity_decimals)


def average(value: Decimal | None, rules: MarketRules) -> str:
    """One decimal more than a price."""
    return fixed(value or Decimal(0), rules.price_decimals + 1)


def quote(value: Decimal, rules: MarketRules) -> str:
    """Price times quantity, exactly."""
    return fixed(value, rules.price_decimals + rules.quantity_decimals)
