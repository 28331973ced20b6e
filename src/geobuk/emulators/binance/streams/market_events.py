"""Market payloads as the venue writes them: one function an event, from what the exchange knows to a JSON object."""

from decimal import Decimal
from typing import Any

from geobuk.domain.order import Side
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance.candles import Candle
from geobuk.emulators.binance.formats import TRADING_STATUS, fixed
from geobuk.emulators.binance.market_memory import Aggregate, DayFigures
from geobuk.matching.engine.orders import Order
from geobuk.matching.engine.reports import TradeReport
from geobuk.matching.engine.views import BestQuote, Level
from geobuk.matching.market_rules import MarketRules

Payload = dict[str, Any]
_DELIVERY_MS = 4_133_404_800_000
_ONBOARD_MS = 1_569_398_400_000


def levels(side: list[Level], rules: MarketRules) -> list[list[str]]:
    price, quantity = rules.price_decimals, rules.quantity_decimals
    return [[fixed(at, price), fixed(amount, quantity)] for at, amount in side]


def agg_trade(rules: MarketRules, one: Aggregate, at_ms: int) -> Payload:
    quantity = fixed(one.quantity, rules.quantity_decimals)
    return {
        "e": "aggTrade",
        "E": at_ms,
        "s": rules.name,
        "a": one.id,
        "p": fixed(one.price, rules.price_decimals),
        "q": quantity,
        "nq": quantity,
        "f": one.first_id,
        "l": one.last_id,
        "T": one.at_ms,
        "m": one.is_buyer_maker,
        "st": 1,
    }


def trade(rules: MarketRules, report: TradeReport) -> Payload:
    at_ms = report.at_ns // NS_PER_MS
    return {
        "e": "trade",
        "E": at_ms,
        "T": at_ms,
        "s": rules.name,
        "t": report.trade_id,
        "p": fixed(report.price, rules.price_decimals),
        "q": fixed(report.quantity, rules.quantity_decimals),
        "X": "MARKET",
        "m": report.aggressor is Side.SELL,
    }


def mark_price(name: str, at_ms: int, mark: Decimal, index: Decimal, rate: Decimal, next_ms: int) -> Payload:
    return {
        "e": "markPriceUpdate",
        "E": at_ms,
        "s": name,
        "p": fixed(mark, 8),
        "ap": fixed(mark, 8),
        "i": fixed(index, 8),
        "P": fixed(index, 8),
        "r": fixed(rate, 8),
        "T": next_ms,
        "st": 1,
    }


def kline(rules: MarketRules, candle: Candle, interval: str, at_ms: int, *, is_closed: bool) -> Payload:
    return {
        "e": "kline",
        "E": at_ms,
        "s": rules.name,
        "k": _candle(rules, candle, interval, is_closed, {"s": rules.name}),
    }


def continuous_kline(rules: MarketRules, candle: Candle, interval: str, at_ms: int, *, is_closed: bool) -> Payload:
    return {
        "e": "continuous_kline",
        "E": at_ms,
        "ps": rules.name,
        "ct": "PERPETUAL",
        "k": _candle(rules, candle, interval, is_closed, {}),
    }


def _candle(rules: MarketRules, candle: Candle, interval: str, is_closed: bool, name: Payload) -> Payload:
    price, quantity = rules.price_decimals, rules.quantity_decimals
    return {
        "t": candle.open_ms,
        "T": candle.close_ms,
        **name,
        "i": interval,
        "f": candle.first_id,
        "L": candle.last_id,
        "o": fixed(candle.open, price),
        "c": fixed(candle.close, price),
        "h": fixed(candle.high, price),
        "l": fixed(candle.low, price),
        "v": fixed(candle.volume, quantity),
        "n": candle.count,
        "x": is_closed,
        "q": fixed(candle.quote_volume, price + quantity),
        "V": fixed(candle.taker_volume, quantity),
        "Q": fixed(candle.taker_quote_volume, price + quantity),
        "B": "0",
    }


def book_ticker(rules: MarketRules, quote: BestQuote, at_ms: int) -> Payload:
    price, quantity = rules.price_decimals, rules.quantity_decimals
    return {
        "e": "bookTicker",
        "u": quote.update_id,
        "E": at_ms,
        "T": quote.at_ns // NS_PER_MS,
        "s": rules.name,
        "ps": rules.name,
        "b": fixed(quote.bid, price),
        "B": fixed(quote.bid_quantity, quantity),
        "a": fixed(quote.ask, price),
        "A": fixed(quote.ask_quantity, quantity),
        "st": 1,
    }


def depth_update(
    rules: MarketRules, ids: tuple[int, int, int], sides: tuple[list[Level], list[Level]], at_ms: int
) -> Payload:
    """``ids`` are U, u and pu; ``sides`` bids and asks."""
    return {
        "e": "depthUpdate",
        "E": at_ms,
        "T": at_ms,
        "s": rules.name,
        "ps": rules.name,
        "U": ids[0],
        "u": ids[1],
        "pu": ids[2],
        "b": levels(sides[0], rules),
        "a": levels(sides[1], rules),
        "st": 1,
    }


def force_order(rules: MarketRules, order: Order, at_ms: int) -> Payload:
    price, quantity = rules.price_decimals, rules.quantity_decimals
    average = order.average_price or order.price or Decimal(0)
    filled = fixed(order.filled, quantity)
    return {
        "e": "forceOrder",
        "E": at_ms,
        "o": {
            "s": rules.name,
            "S": order.side.name,
            "o": "LIMIT",
            "f": "IOC",
            "q": fixed(order.quantity, quantity),
            "p": fixed(order.price or average, price),
            "ap": fixed(average, price),
            "X": order.status.value,
            "l": filled,
            "z": filled,
            "T": order.updated_ns // NS_PER_MS,
        },
        "ps": rules.name,
        "st": 1,
    }


def mini_ticker(rules: MarketRules, day: DayFigures, at_ms: int) -> Payload:
    price, quantity = rules.price_decimals, rules.quantity_decimals
    candle = day.candle
    return {
        "e": "24hrMiniTicker",
        "E": at_ms,
        "s": rules.name,
        "c": fixed(day.last_price, price),
        "o": fixed(candle.open, price),
        "h": fixed(candle.high, price),
        "l": fixed(candle.low, price),
        "v": fixed(candle.volume, quantity),
        "q": fixed(candle.quote_volume, 2),
        "ps": rules.name,
        "st": 1,
    }


def ticker(rules: MarketRules, day: DayFigures, at_ms: int) -> Payload:
    price, quantity = rules.price_decimals, rules.quantity_decimals
    candle = day.candle
    change = day.last_price - candle.open
    average = candle.quote_volume / candle.volume if candle.volume else day.last_price
    return {
        "e": "24hrTicker",
        "E": at_ms,
        "s": rules.name,
        "p": fixed(change, price),
        "P": fixed(change / candle.open * 100 if candle.open else Decimal(0), 3),
        "w": fixed(average, price),
        "c": fixed(day.last_price, price),
        "Q": fixed(day.last_quantity, quantity),
        "o": fixed(candle.open, price),
        "h": fixed(candle.high, price),
        "l": fixed(candle.low, price),
        "v": fixed(candle.volume, quantity),
        "q": fixed(candle.quote_volume, 2),
        "O": day.open_ms,
        "C": day.close_ms,
        "F": day.first_id,
        "L": day.last_id,
        "n": candle.count,
        "ps": rules.name,
        "st": 1,
    }


def contract_info(rules: MarketRules, at_ms: int) -> Payload:
    brackets = rules.instrument.brackets
    return {
        "e": "contractInfo",
        "E": at_ms,
        "s": rules.name,
        "ct": "PERPETUAL",
        "dt": _DELIVERY_MS,
        "ot": _ONBOARD_MS,
        "cs": TRADING_STATUS[rules.status],
        "bks": [
            {
                "bs": number,
                "bnf": int(bracket.floor),
                "bnc": int(bracket.cap),
                "mmr": float(bracket.maintenance_rate),
                "cf": float(bracket.cumulative),
                "mi": (brackets[number].max_leverage + 1) if number < len(brackets) else 1,
                "ma": bracket.max_leverage,
            }
            for number, bracket in enumerate(brackets, 1)
        ],
        "st": 1,
    }
