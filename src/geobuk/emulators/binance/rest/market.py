"""Public market data of the moment: time, book, trades, prices."""

from decimal import Decimal

from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.candles import HOUR_MS
from geobuk.emulators.binance.errors import bad, bad_combination
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.market_memory import Aggregate, Print
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.matching.market_rules import MarketRules

Row = dict[str, object]
DEPTH_LIMITS = (5, 10, 20, 50, 100, 500, 1000)
_LOOK_BACK_MS = 48 * HOUR_MS


def ping(_: Exchange, __: str, ___: Params) -> object:
    return {}


def server_time(exchange: Exchange, _: str, __: Params) -> object:
    return {"serverTime": exchange.clock.server_ms()}


def depth(exchange: Exchange, _: str, params: Params) -> object:
    """GET depth."""
    instrument = arguments.symbol(exchange, params)
    limit = params.integer("limit")
    if limit is not None and limit not in DEPTH_LIMITS:
        raise bad(-4021, f"{limit} is not valid depth limit.")
    return _book(exchange, instrument, 500 if limit is None else limit)


def rpi_depth(exchange: Exchange, _: str, params: Params) -> object:
    """GET rpiDepth: this book has no retail price improvement orders, so it is the book."""
    instrument = arguments.symbol(exchange, params)
    limit = params.integer("limit")
    if limit not in {None, 1000}:
        raise bad(-4021, f"{limit} is not valid depth limit.")
    return _book(exchange, instrument, 1000)


def trades(exchange: Exchange, _: str, params: Params) -> object:
    """GET trades: the newest."""
    instrument = arguments.symbol(exchange, params)
    limit = params.limit(500, 1000)
    rows = list(exchange.memory[instrument].trades)[-limit:]
    return [_trade(exchange.rules(instrument), row) for row in rows]


def historical_trades(exchange: Exchange, _: str, params: Params) -> object:
    """GET historicalTrades: from a number on, else the newest."""
    instrument = arguments.symbol(exchange, params)
    limit = params.limit(100, 500)
    first = params.integer("fromId")
    memory = exchange.memory[instrument]
    rows = list(memory.trades)[-limit:] if first is None else memory.trades_from(first, limit)
    return [_trade(exchange.rules(instrument), row) for row in rows]


def agg_trades(exchange: Exchange, _: str, params: Params) -> object:
    """GET aggTrades: from a number, of a window shorter than an hour, or the newest; 48 hours back at most."""
    instrument = arguments.symbol(exchange, params)
    limit = params.limit(500, 1000)
    first, start, end = params.integer("fromId"), params.integer("startTime"), params.integer("endTime")
    if first is not None and (start is not None or end is not None):
        raise bad_combination()
    if start is not None and end is not None and end - start >= HOUR_MS:
        raise bad(-1127, "More than 1 hours between startTime and endTime.")
    oldest = exchange.now_ms - _LOOK_BACK_MS
    rows = [row for row in exchange.memory[instrument].aggregates if row.at_ms >= oldest]
    if first is not None:
        rows = [row for row in rows if row.id >= first][:limit]
    elif start is not None:
        rows = [row for row in rows if row.at_ms >= start and (end is None or row.at_ms <= end)][:limit]
    else:
        rows = [row for row in rows if end is None or row.at_ms <= end][-limit:]
    return [_aggregate(exchange.rules(instrument), row) for row in rows]


def _book(exchange: Exchange, instrument: str, limit: int) -> Row:
    rules = exchange.rules(instrument)
    book = exchange.engine.depth(instrument, limit)
    sides = {"bids": book.bids, "asks": book.asks}
    now = exchange.now_ms
    head: Row = {"lastUpdateId": book.update_id, "E": now, "T": now}
    return {**head, **{name: _levels(rules, levels) for name, levels in sides.items()}}


def _levels(rules: MarketRules, levels: list[tuple[Decimal, Decimal]]) -> list[list[str]]:
    return [[formats.price(price, rules), formats.quantity(quantity, rules)] for price, quantity in levels]


def _trade(rules: MarketRules, row: Print) -> Row:
    return {
        "id": row.id,
        "price": formats.price(row.price, rules),
        "qty": formats.quantity(row.quantity, rules),
        "quoteQty": formats.cut(row.price * row.quantity, rules.price_decimals),
        "time": row.at_ms,
        "isBuyerMaker": row.is_buyer_maker,
        "isRPITrade": False,
    }


def _aggregate(rules: MarketRules, row: Aggregate) -> Row:
    quantity = formats.quantity(row.quantity, rules)
    return {
        "a": row.id,
        "p": formats.price(row.price, rules),
        "q": quantity,
        "nq": quantity,
        "f": row.first_id,
        "l": row.last_id,
        "T": row.at_ms,
        "m": row.is_buyer_maker,
    }


def depth_weight(params: Params) -> int:
    """By how many levels are asked for."""
    text = params.get("limit", "")
    limit = int(text) if text.isdigit() and len(text) < 9 else 500
    return next((weight for most, weight in ((50, 2), (100, 5), (500, 10)) if limit <= most), 20)


OPERATIONS = (
    Operation("GET", "/fapi/v1/ping", Security.NONE, 1, ping),
    Operation("GET", "/fapi/v1/time", Security.NONE, 1, server_time),
    Operation("GET", "/fapi/v1/depth", Security.NONE, depth_weight, depth),
    Operation("GET", "/fapi/v1/rpiDepth", Security.NONE, 20, rpi_depth),
    Operation("GET", "/fapi/v1/trades", Security.NONE, 5, trades),
    Operation("GET", "/fapi/v1/historicalTrades", Security.KEY, 200, historical_trades),
    Operation("GET", "/fapi/v1/aggTrades", Security.NONE, 20, agg_trades),
)
