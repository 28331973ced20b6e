"""exchangeInfo: the instruments and their filters, the limits, the assets."""

import calendar
from decimal import Decimal

from geobuk.emulators.binance import formats
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.matching.market_rules import MarketRules

Row = dict[str, object]
NEVER_MS = 4_133_404_800_000
_LISTED_MS = calendar.timegm((2019, 9, 25, 8, 0, 0)) * 1000
_ORDER_TYPES = ("LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET")
_TIMES_IN_FORCE = ("GTC", "IOC", "FOK", "GTX", "GTD", "RPI")


def exchange_info(exchange: Exchange, _: str, __: Params) -> object:
    """GET exchangeInfo: everything, whatever is asked."""
    return {
        "timezone": "UTC",
        "serverTime": exchange.clock.server_ms(),
        "futuresType": "U_MARGINED",
        "rateLimits": exchange.limits.rows(),
        "exchangeFilters": [],
        "assets": _assets(exchange),
        "symbols": [symbol_row(exchange.rules(name)) for name in exchange.instruments],
    }


def _assets(exchange: Exchange) -> list[Row]:
    quotes = dict.fromkeys(exchange.rules(name).instrument.quote for name in exchange.instruments)
    return [{"asset": quote, "marginAvailable": True, "autoAssetExchange": "-10000"} for quote in quotes]


def symbol_row(rules: MarketRules) -> Row:
    """One instrument."""
    instrument = rules.instrument
    return {
        "symbol": rules.name,
        "pair": rules.name,
        "contractType": "PERPETUAL",
        "deliveryDate": NEVER_MS,
        "onboardDate": _LISTED_MS,
        "status": formats.TRADING_STATUS[rules.status],
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": instrument.base,
        "quoteAsset": instrument.quote,
        "marginAsset": instrument.quote,
        "pricePrecision": rules.price_decimals,
        "quantityPrecision": rules.quantity_decimals,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"] if instrument.base == "BTC" else ["Layer-1"],
        "settlePlan": 0,
        "triggerProtect": formats.fixed(rules.trigger_protect, 4),
        "liquidationFee": formats.fixed(instrument.liquidation_fee, 6),
        "marketTakeBound": formats.fixed(rules.market_take_bound, 2),
        "maxMoveOrderLimit": 10000,
        "filters": _filters(rules),
        "orderTypes": list(_ORDER_TYPES),
        "timeInForce": list(_TIMES_IN_FORCE),
        "permissionSets": ["GRID", "COPY"],
    }


def _filters(rules: MarketRules) -> list[Row]:
    instrument = rules.instrument
    market = _lot("MARKET_LOT_SIZE", rules.market_min_quantity, rules.market_max_quantity, instrument.step)
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": _text(rules.min_price),
            "maxPrice": _text(rules.max_price),
            "tickSize": _text(rules.tick),
        },
        _lot("LOT_SIZE", instrument.min_quantity, instrument.max_quantity, instrument.step),
        market,
        {"filterType": "MAX_NUM_ORDERS", "limit": rules.max_orders},
        {"filterType": "MIN_NOTIONAL", "notional": formats.plain(instrument.min_notional)},
        {
            "filterType": "PERCENT_PRICE",
            "multiplierUp": formats.fixed(rules.percent_up, 4),
            "multiplierDown": formats.fixed(rules.percent_down, 4),
            "multiplierDecimal": "4",
        },
        {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
    ]


def _lot(kind: str, least: Decimal, most: Decimal, step: Decimal) -> Row:
    return {"filterType": kind, "minQty": _text(least), "maxQty": _text(most), "stepSize": _text(step)}


def _text(value: Decimal) -> str:
    return format(value, "f")


OPERATIONS = (Operation("GET", "/fapi/v1/exchangeInfo", Security.NONE, 1, exchange_info),)
