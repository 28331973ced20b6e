"""Open interest, ratios and other figures of the whole market: made up here, steady, and shaped like the venue's."""

import hashlib
from collections.abc import Callable
from decimal import Decimal

from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.candles import DAY_MS, INTERVALS, opens_at
from geobuk.emulators.binance.errors import mandatory, not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Handler, Operation, Security, by_symbol
from geobuk.emulators.binance.params import Params

Row = dict[str, object]
PERIODS = ("5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d")


def _share(*names: object) -> Decimal:
    """A steady number in [0, 1) for these names, four decimals."""
    digest = hashlib.sha256(":".join(map(str, names)).encode()).digest()
    return Decimal(int.from_bytes(digest[:4], "big") % 10_000) / 10_000


def open_interest_of(exchange: Exchange, instrument: str, at_ms: int) -> Decimal:
    """Contracts outstanding: a made-up level with a made-up daily breath."""
    price = exchange.last_price(instrument) or Decimal(1)
    contracts = Decimal(1_500_000_000) / price * (1 + _share(instrument, at_ms // 300_000) / 20)
    return contracts.quantize(exchange.rules(instrument).instrument.step)


def open_interest(exchange: Exchange, _: str, params: Params) -> object:
    instrument = arguments.symbol(exchange, params)
    contracts = open_interest_of(exchange, instrument, exchange.now_ms)
    text = formats.quantity(contracts, exchange.rules(instrument))
    return {"openInterest": text, "symbol": instrument, "time": exchange.now_ms}


def periodic(row: Callable[[Exchange, str, int], Row], name: str = "symbol") -> Handler:
    """A list of the newest periods, at most 500 and 30 days back."""

    def handler(exchange: Exchange, _: str, params: Params) -> object:
        instrument = arguments.symbol(exchange, params, name)
        period = params.required("period")
        if period not in PERIODS:
            raise not_valid("period")
        limit = params.limit(30, 500)
        start, end = params.integer("startTime"), params.integer("endTime")
        now = exchange.now_ms
        newest = opens_at(min(now, now if end is None else end), period)
        oldest = max(now - 30 * DAY_MS, start or 0)
        times = [newest - step * INTERVALS[period] for step in range(limit)]
        return [row(exchange, instrument, at) for at in reversed(times) if at >= oldest]

    return handler


def _interest_row(exchange: Exchange, instrument: str, at_ms: int) -> Row:
    contracts = open_interest_of(exchange, instrument, at_ms)
    price = exchange.last_price(instrument) or Decimal(1)
    return {
        "symbol": instrument,
        "sumOpenInterest": formats.money(contracts),
        "sumOpenInterestValue": formats.money(contracts * price),
        "CMCCirculatingSupply": "0",
        "timestamp": at_ms,
    }


def _ratio_row(kind: str) -> Callable[[Exchange, str, int], Row]:
    def row(_: Exchange, instrument: str, at_ms: int) -> Row:
        long = Decimal("0.4") + _share(kind, instrument, at_ms) / 5
        return {
            "symbol": instrument,
            "longShortRatio": formats.fixed(long / (1 - long), 4),
            "longAccount": formats.fixed(long, 4),
            "shortAccount": formats.fixed(1 - long, 4),
            "timestamp": at_ms,
        }

    return row


def _taker_row(_: Exchange, instrument: str, at_ms: int) -> Row:
    buys, sells = (100 + 400 * _share(side, instrument, at_ms) for side in ("buy", "sell"))
    return {
        "buySellRatio": formats.fixed(buys / sells, 4),
        "buyVol": formats.fixed(buys, 4),
        "sellVol": formats.fixed(sells, 4),
        "timestamp": at_ms,
    }


def _basis_row(exchange: Exchange, pair: str, at_ms: int) -> Row:
    futures = exchange.last_price(pair) or Decimal(1)
    index = exchange.engine.index_price(pair) or futures
    return {
        "indexPrice": formats.money(index),
        "contractType": "PERPETUAL",
        "basisRate": formats.fixed((futures - index) / index, 4),
        "futuresPrice": formats.price(futures, exchange.rules(pair)),
        "annualizedBasisRate": "",
        "basis": formats.money(futures - index),
        "pair": pair,
        "timestamp": at_ms,
    }


def basis(exchange: Exchange, account: str, params: Params) -> object:
    params.required("contractType")
    return periodic(_basis_row, "pair")(exchange, account, params)


def delivery_price(exchange: Exchange, _: str, params: Params) -> object:
    """Perpetuals are never delivered."""
    arguments.symbol(exchange, params, "pair")
    return []


def adl_risk(exchange: Exchange, _: str, params: Params) -> object:
    instrument = arguments.optional_symbol(exchange, params)
    names = exchange.instruments if instrument is None else (instrument,)
    rows: list[Row] = [{"symbol": name, "adlRisk": "low", "updateTime": exchange.now_ms} for name in names]
    return rows if instrument is None else rows[0]


def constituents(exchange: Exchange, _: str, params: Params) -> object:
    instrument = arguments.symbol(exchange, params)
    index = exchange.engine.index_price(instrument) or exchange.last_price(instrument) or Decimal(0)
    part: Row = {"exchange": "emulator", "symbol": instrument, "price": formats.money(index), "weight": "1.00000000"}
    return {"symbol": instrument, "time": exchange.now_ms, "constituents": [part]}


def insurance(exchange: Exchange, _: str, params: Params) -> object:
    instrument = arguments.optional_symbol(exchange, params)
    balance = formats.money(exchange.engine.insurance_fund)
    asset: Row = {"asset": "USDT", "marginBalance": balance, "updateTime": exchange.now_ms}
    names = list(exchange.instruments) if instrument is None else [instrument]
    group: Row = {"symbols": names, "assets": [asset]}
    return [group] if instrument is None else group


def index_info(exchange: Exchange, _: str, params: Params) -> object:
    """There are no composite indices here."""
    arguments.optional_symbol(exchange, params)
    return []


def asset_index(_: Exchange, __: str, params: Params) -> object:
    """Only one margin asset: nothing to convert."""
    if "symbol" in params and not params["symbol"]:
        raise mandatory("symbol")
    return {} if params.get("symbol") else []


def trading_schedule(exchange: Exchange, _: str, __: Params) -> object:
    return {"updateTime": exchange.started_ms, "marketSchedules": {}}


def _data(name: str, handler: Handler) -> Operation:
    return Operation("GET", f"/futures/data/{name}", Security.NONE, 0, handler)


def _public(name: str, weight: int, handler: Handler) -> Operation:
    return Operation("GET", f"/fapi/v1/{name}", Security.NONE, weight, handler)


OPERATIONS = (
    _public("openInterest", 1, open_interest),
    _public("symbolAdlRisk", 1, adl_risk),
    _public("constituents", 2, constituents),
    _public("insuranceBalance", 1, insurance),
    _public("indexInfo", 1, index_info),
    _public("tradingSchedule", 5, trading_schedule),
    Operation("GET", "/fapi/v1/assetIndex", Security.NONE, by_symbol(1, 10), asset_index),
    _data("openInterestHist", periodic(_interest_row)),
    _data("topLongShortAccountRatio", periodic(_ratio_row("top accounts"))),
    _data("topLongShortPositionRatio", periodic(_ratio_row("top positions"))),
    _data("globalLongShortAccountRatio", periodic(_ratio_row("all accounts"))),
    _data("takerlongshortRatio", periodic(_taker_row)),
    _data("basis", basis),
    _data("delivery-price", delivery_price),
)
