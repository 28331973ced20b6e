"""Single orders: place, test, change, cancel; all of an instrument's; the dead man's switch."""

from decimal import Decimal

from geobuk.domain.order import OrderType, TimeInForce
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import arguments, order_format
from geobuk.emulators.binance.errors import bad, from_refusal, not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.rest import order_entry
from geobuk.matching.engine.orders import Order
from geobuk.matching.refusals import Refusal, RefusedError

_UNKNOWN = (-2013, "Order does not exist.")
CANCELED_ALL = {"code": 200, "msg": "The operation of cancel all open order is done."}


def place(exchange: Exchange, account: str, params: Params) -> object:
    """POST order: an acknowledgement, or the outcome with newOrderRespType=RESULT."""
    request, match = order_entry.new_order(exchange, account, params)
    wants_result = _wants_result(params)
    order = exchange.engine.submit(account, request)
    exchange.notes[account].remember_match(order.id, match)
    is_final = order.type is OrderType.MARKET or order.time_in_force in {TimeInForce.IOC, TimeInForce.FOK}
    if wants_result and is_final:
        return order_format.placed(exchange, order)
    return order_format.acknowledged(exchange, order)


def test(exchange: Exchange, account: str, params: Params) -> object:
    """POST order/test: the checks alone."""
    request, _ = order_entry.new_order(exchange, account, params)
    _wants_result(params)
    exchange.engine.test(account, request)
    return {}


def modify(exchange: Exchange, account: str, params: Params) -> object:
    """PUT order: another price and quantity for a resting limit order."""
    instrument = arguments.symbol(exchange, params)
    key = arguments.order_key(params)
    buys = order_entry.side(params)
    match = order_entry.price_match(params)
    quantity = params.required_decimal("quantity")
    price = _new_price(exchange, params, instrument, match)
    modify_id = params.integer("modifyId")
    text = "" if modify_id is None else str(modify_id)
    try:
        before = exchange.engine.find_order(account, instrument, key)
        if before.side is not buys:
            raise not_valid("side")
        changes = params.boolean("reduceOnly")
        order = exchange.engine.modify(
            account, instrument, before.id, quantity, price, is_reduce_only=changes, modify_id=text
        )
    except RefusedError as refused:
        special = {Refusal.UNKNOWN_ORDER: _UNKNOWN, Refusal.ORDER_NOT_OPEN: _UNKNOWN}
        raise from_refusal(refused, special) from None
    exchange.notes[order.account].remember_match(order.id, match)
    return order_format.changed(exchange, order, text)


def cancel(exchange: Exchange, account: str, params: Params) -> object:
    """DELETE order."""
    instrument = arguments.symbol(exchange, params)
    order = exchange.engine.cancel(account, instrument, arguments.order_key(params))
    return order_format.placed(exchange, order)


def cancel_all(exchange: Exchange, account: str, params: Params) -> object:
    """DELETE allOpenOrders: those in the book; conditional ones stay."""
    exchange.engine.cancel_all(account, arguments.symbol(exchange, params))
    return CANCELED_ALL


def countdown(exchange: Exchange, account: str, params: Params) -> object:
    """POST countdownCancelAll: cancel an instrument's orders unless called again in time; 0 stops it."""
    instrument = arguments.symbol(exchange, params)
    duration = params.required_integer("countdownTime")
    if duration < 0:
        raise not_valid("countdownTime")
    exchange.engine.set_countdown(account, instrument, duration * NS_PER_MS)
    return {"symbol": instrument, "countdownTime": str(duration)}


def query(exchange: Exchange, account: str, params: Params) -> object:
    """GET order."""
    order = found(exchange, account, params)
    if is_forgotten(exchange, order):
        raise bad(*_UNKNOWN)
    return order_format.shown(exchange, order)


def query_open(exchange: Exchange, account: str, params: Params) -> object:
    """GET openOrder."""
    order = found(exchange, account, params)
    if not order.status.is_open:
        raise bad(*_UNKNOWN)
    return order_format.shown(exchange, order)


def found(exchange: Exchange, account: str, params: Params) -> Order:
    """The order asked for; -2013 where there never was one."""
    instrument = arguments.symbol(exchange, params)
    try:
        return exchange.engine.find_order(account, instrument, arguments.order_key(params))
    except RefusedError as refused:
        raise from_refusal(refused, {Refusal.UNKNOWN_ORDER: _UNKNOWN}) from None


def is_forgotten(exchange: Exchange, order: Order) -> bool:
    """Ended without a fill more than 3 days ago, or made more than 90 days ago."""
    day_ns = 86_400 * 10**9
    now = exchange.engine.at_ns
    ended_empty = not order.status.is_open and not order.filled and now - order.updated_ns > 3 * day_ns
    return ended_empty or (not order.status.is_open and now - order.created_ns > 90 * day_ns)


def _wants_result(params: Params) -> bool:
    return bool(params.choice("newOrderRespType", {"ACK": False, "RESULT": True}))


def _new_price(exchange: Exchange, params: Params, instrument: str, match: str) -> Decimal:
    if match == "NONE":
        return params.required_decimal("price")
    if params.text("price") is not None:
        raise bad(-5037, "Invalid price match: price is sent too")
    return order_entry.matched_price(exchange, instrument, order_entry.side(params), match)


_ORDER = "/fapi/v1/order"
OPERATIONS = (
    Operation("POST", _ORDER, Security.TRADE, 0, place, (1, 1)),
    Operation("POST", "/fapi/v1/order/test", Security.TRADE, 1, test),
    Operation("PUT", _ORDER, Security.TRADE, 0, modify, (1, 1)),
    Operation("DELETE", _ORDER, Security.TRADE, 1, cancel),
    Operation("GET", _ORDER, Security.SIGNED, 1, query),
    Operation("GET", "/fapi/v1/openOrder", Security.SIGNED, 1, query_open),
    Operation("DELETE", "/fapi/v1/allOpenOrders", Security.TRADE, 1, cancel_all),
    Operation("POST", "/fapi/v1/countdownCancelAll", Security.TRADE, 10, countdown),
)
