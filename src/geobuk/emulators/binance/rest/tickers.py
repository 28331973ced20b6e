"""Prices and the day's figures, of one symbol or of all."""

from collections.abc import Callable
from decimal import Decimal

from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.market_memory import DayFigures
from geobuk.emulators.binance.operations import Operation, Security, by_symbol
from geobuk.emulators.binance.params import Params
from geobuk.matching.market_rules import MarketRules

Row = dict[str, object]
INTEREST = Decimal("0.0001")
"""Interest rate of eight hours."""


def one_or_all(exchange: Exchange, params: Params, row: Callable[[Exchange, str], Row | None]) -> object:
    """A row for the symbol asked for, or a list of all that have one."""
    instrument = arguments.optional_symbol(exchange, params)
    if instrument is not None:
        return row(exchange, instrument) or {}
    return [made for name in exchange.instruments if (made := row(exchange, name)) is not None]


def day(exchange: Exchange, _: str, params: Params) -> object:
    """GET ticker/24hr."""
    return one_or_all(exchange, params, day_row)


def price(exchange: Exchange, _: str, params: Params) -> object:
    """GET ticker/price, v1 and v2."""
    return one_or_all(exchange, params, price_row)


def book(exchange: Exchange, _: str, params: Params) -> object:
    """GET ticker/bookTicker."""
    return one_or_all(exchange, params, book_row)


def premium(exchange: Exchange, _: str, params: Params) -> object:
    """GET premiumIndex."""
    return one_or_all(exchange, params, premium_row)


def day_row(exchange: Exchange, instrument: str) -> Row | None:
    """The last 24 hours, None before anything traded."""
    figures = exchange.memory[instrument].day(exchange.now_ms)
    return None if figures is None else day_figures(exchange.rules(instrument), figures)


def day_figures(rules: MarketRules, figures: DayFigures) -> Row:
    candle = figures.candle
    change = figures.last_price - candle.open
    percent = change / candle.open * 100 if candle.open else Decimal(0)
    average = candle.quote_volume / candle.volume if candle.volume else figures.last_price
    return {
        "symbol": rules.name,
        "priceChange": formats.price(change, rules),
        "priceChangePercent": formats.fixed(percent, 3),
        "weightedAvgPrice": formats.price(average, rules),
        "lastPrice": formats.price(figures.last_price, rules),
        "lastQty": formats.quantity(figures.last_quantity, rules),
        "openPrice": formats.price(candle.open, rules),
        "highPrice": formats.price(candle.high, rules),
        "lowPrice": formats.price(candle.low, rules),
        "volume": formats.quantity(candle.volume, rules),
        "quoteVolume": formats.cut(candle.quote_volume, rules.price_decimals),
        "openTime": figures.open_ms,
        "closeTime": figures.close_ms,
        "firstId": figures.first_id,
        "lastId": figures.last_id,
        "count": candle.count,
    }


def price_row(exchange: Exchange, instrument: str) -> Row | None:
    last = exchange.last_price(instrument)
    if last is None:
        return None
    text = formats.price(last, exchange.rules(instrument))
    return {"symbol": instrument, "price": text, "time": exchange.now_ms}


def book_row(exchange: Exchange, instrument: str) -> Row | None:
    quote = exchange.engine.quote(instrument)
    if quote is None:
        return None
    rules = exchange.rules(instrument)
    return {
        "symbol": instrument,
        "bidPrice": formats.price(quote.bid, rules),
        "bidQty": formats.quantity(quote.bid_quantity, rules),
        "askPrice": formats.price(quote.ask, rules),
        "askQty": formats.quantity(quote.ask_quantity, rules),
        "time": exchange.now_ms,
        "lastUpdateId": quote.update_id,
    }


def premium_row(exchange: Exchange, instrument: str) -> Row | None:
    engine = exchange.engine
    mark = engine.mark_price(instrument)
    if mark is None:
        return None
    index = engine.index_price(instrument) or mark
    return {
        "symbol": instrument,
        "markPrice": formats.money(mark),
        "indexPrice": formats.money(index),
        "estimatedSettlePrice": formats.money(index),
        "lastFundingRate": formats.money(engine.funding_rate(instrument)),
        "interestRate": formats.money(INTEREST),
        "nextFundingTime": (engine.next_funding_ns(instrument) or 0) // NS_PER_MS,
        "time": exchange.now_ms,
    }


OPERATIONS = (
    Operation("GET", "/fapi/v1/ticker/24hr", Security.NONE, by_symbol(1, 40), day),
    Operation("GET", "/fapi/v1/ticker/price", Security.NONE, by_symbol(1, 2), price),
    Operation("GET", "/fapi/v2/ticker/price", Security.NONE, by_symbol(1, 2), price),
    Operation("GET", "/fapi/v1/ticker/bookTicker", Security.NONE, by_symbol(2, 5), book),
    Operation("GET", "/fapi/v1/premiumIndex", Security.NONE, by_symbol(1, 10), premium),
)
