"""Candles of every kind."""

from collections.abc import Callable

from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.candles import INTERVALS, Candle
from geobuk.emulators.binance.errors import bad, invalid_symbol
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Handler, Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.matching.market_rules import MarketRules

Row = list[object]
CONTRACT_TYPES = ("PERPETUAL", "CURRENT_QUARTER", "NEXT_QUARTER", "TRADIFI_PERPETUAL")


def klines(exchange: Exchange, _: str, params: Params) -> object:
    """GET klines: of trades, the open candle included."""
    instrument = arguments.symbol(exchange, params)
    rules = exchange.rules(instrument)
    return [trade_row(rules, candle) for candle in _candles(exchange, instrument, "last", params)]


def continuous(exchange: Exchange, _: str, params: Params) -> object:
    """GET continuousKlines: a pair has its perpetual only."""
    pair = arguments.symbol(exchange, params, "pair")
    kind = params.required("contractType")
    if kind not in CONTRACT_TYPES:
        raise bad(-1130, "Data sent for parameter 'contractType' is not valid.")
    if kind != "PERPETUAL":
        raise invalid_symbol()
    rules = exchange.rules(pair)
    return [trade_row(rules, candle) for candle in _candles(exchange, pair, "last", params)]


def sampled(kind: str, name: str) -> Handler:
    """GET markPriceKlines, indexPriceKlines, premiumIndexKlines: prices without volumes."""

    def handler(exchange: Exchange, _: str, params: Params) -> object:
        instrument = arguments.symbol(exchange, params, name)
        return [sample_row(candle) for candle in _candles(exchange, instrument, kind, params)]

    return handler


def trade_row(rules: MarketRules, candle: Candle) -> Row:
    prices = (candle.open, candle.high, candle.low, candle.close)
    return [
        candle.open_ms,
        *(formats.price(price, rules) for price in prices),
        formats.quantity(candle.volume, rules),
        candle.close_ms,
        formats.quote(candle.quote_volume, rules),
        candle.count,
        formats.quantity(candle.taker_volume, rules),
        formats.quote(candle.taker_quote_volume, rules),
        "0",
    ]


def sample_row(candle: Candle) -> Row:
    prices = (candle.open, candle.high, candle.low, candle.close)
    texts = [formats.money(price) for price in prices]
    return [candle.open_ms, *texts, "0", candle.close_ms, "0", candle.count, "0", "0", "0"]


def _candles(exchange: Exchange, instrument: str, kind: str, params: Params) -> list[Candle]:
    params.required("interval")
    interval = params["interval"]
    if interval not in INTERVALS:
        raise bad(-1120, "Invalid interval.")
    limit = params.limit(500, 1500)
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and end < start:
        raise bad(-1130, "Data sent for parameter 'startTime' is not valid.")
    return exchange.memory[instrument].window(kind, interval, limit, start, end)


def chart_weight(params: Params) -> int:
    """By how many candles are asked for."""
    text = params.get("limit", "")
    limit = int(text) if text.isdigit() and len(text) < 9 else 500
    return next((weight for below, weight in ((100, 1), (500, 2), (1001, 5)) if limit < below), 10)


def _operation(path: str, handler: Callable[[Exchange, str, Params], object]) -> Operation:
    return Operation("GET", f"/fapi/v1/{path}", Security.NONE, chart_weight, handler)


OPERATIONS = (
    _operation("klines", klines),
    _operation("continuousKlines", continuous),
    _operation("indexPriceKlines", sampled("index", "pair")),
    _operation("markPriceKlines", sampled("mark", "symbol")),
    _operation("premiumIndexKlines", sampled("premium", "symbol")),
)
