"""Conditional ("algo") orders."""

from decimal import Decimal

from geobuk.domain.order import OrderType, TimeInForce, TriggerSource
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import algo_format, arguments, formats
from geobuk.emulators.binance.arguments import WEEK_MS
from geobuk.emulators.binance.errors import VenueError, bad, from_refusal, mandatory, not_required, not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security, by_symbol
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.rest import order_entry
from geobuk.emulators.binance.rest.trading import CANCELED_ALL
from geobuk.matching.engine.orders import NewConditional
from geobuk.matching.refusals import Refusal, RefusedError

_UNKNOWN = {Refusal.UNKNOWN_ORDER: (-2013, "Order does not exist.")}
_MARKETS = (OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET)


def place(exchange: Exchange, account: str, params: Params) -> object:
    """POST algoOrder."""
    request, match = _request(exchange, account, params)
    conditional = exchange.engine.submit_conditional(account, request)
    exchange.notes[account].remember_match(conditional.id, match, is_conditional=True)
    return algo_format.placed(exchange, conditional)


def cancel(exchange: Exchange, account: str, params: Params) -> object:
    """DELETE algoOrder: -2013 where there never was one, -2011 where it has ended."""
    key = arguments.order_key(params, "algoId", "clientAlgoId")
    try:
        return algo_format.canceled(exchange.engine.cancel_conditional(account, key))
    except RefusedError as refused:
        raise from_refusal(refused, _UNKNOWN) from None


def cancel_all(exchange: Exchange, account: str, params: Params) -> object:
    """DELETE algoOpenOrders."""
    exchange.engine.cancel_all_conditional(account, arguments.symbol(exchange, params))
    return CANCELED_ALL


def query(exchange: Exchange, account: str, params: Params) -> object:
    """GET algoOrder."""
    key = arguments.order_key(params, "algoId", "clientAlgoId")
    try:
        return algo_format.shown(exchange, exchange.engine.find_conditional(account, key))
    except RefusedError as refused:
        raise from_refusal(refused, _UNKNOWN) from None


def open_orders(exchange: Exchange, account: str, params: Params) -> object:
    """GET openAlgoOrders: a bare list."""
    _require_conditional(params.text("algoType"))
    instrument = arguments.optional_symbol(exchange, params)
    wanted = params.integer("algoId")
    rows = exchange.engine.open_conditionals(account, instrument)
    return [algo_format.shown(exchange, row) for row in rows if wanted is None or row.id == wanted]


def all_orders(exchange: Exchange, account: str, params: Params) -> object:
    """GET allAlgoOrders."""
    instrument = arguments.symbol(exchange, params)
    first = params.integer("algoId")
    limit = params.limit(500, 1000)
    window = arguments.span(exchange, params, WEEK_MS)
    rows = exchange.engine.conditionals(account, instrument)
    if first is not None:
        rows = [row for row in rows if row.id >= first][:limit]
    else:
        rows = [row for row in rows if row.created_ns // NS_PER_MS in window][-limit:]
    return [algo_format.shown(exchange, row) for row in rows]


def _request(exchange: Exchange, account: str, params: Params) -> tuple[NewConditional, str]:
    _require_conditional(params.required("algoType"))
    instrument = arguments.symbol(exchange, params)
    buys = order_entry.side(params)
    kind = order_entry.order_type(params)
    if not kind.is_conditional:
        raise bad(-1116, "Invalid orderType.")
    leg = arguments.position_side(params)
    closes = bool(params.boolean("closePosition"))
    needs_position, tif = _time_in_force(params)
    match = order_entry.price_match(params)
    price = _price(params, kind, match)
    if match != "NONE":
        price = order_entry.matched_price(exchange, instrument, buys, match)
    sources = formats.WORKING_TYPE_OF
    request = NewConditional(
        instrument=instrument,
        side=buys,
        type=kind,
        quantity=_quantity(params, kind, closes),
        trigger_price=_trigger(params, kind),
        price=price,
        time_in_force=tif,
        client_order_id=order_entry.client_id(params, "clientAlgoId"),
        trigger_source=params.choice("workingType", sources) or TriggerSource.LAST,
        is_price_protected=bool(params.boolean("priceProtect")),
        is_reduce_only=order_entry.reduce_only(exchange, account, params),
        is_close_position=closes,
        needs_position=needs_position,
        activation_price=_activation(params, kind),
        callback_rate=_callback(params, kind),
        position_side=leg,
        self_trade_prevention=order_entry.stp(params),
        good_till_ns=order_entry.good_till(exchange, params, tif),
    )
    order_entry.check_position_side(exchange, account, leg)
    if needs_position and not exchange.engine.account(account).position(instrument, leg).quantity:
        raise bad(-4509, "Time in Force (TIF) GTE can only be used with open positions.")
    return request, match


def _require_conditional(algo_type: str | None) -> None:
    if algo_type not in {None, "CONDITIONAL"}:
        raise not_valid("algoType")


def _time_in_force(params: Params) -> tuple[bool, TimeInForce]:
    if params.text("timeInForce") == "GTE_GTC":
        return True, TimeInForce.GTC
    return False, order_entry.time_in_force(params) or TimeInForce.GTC


def _quantity(params: Params, kind: OrderType, closes: bool) -> Decimal:
    if not closes:
        return params.required_decimal("quantity")
    if kind not in _MARKETS:
        raise bad(-4136, "Target strategy invalid for orderType '{}',closePosition '{}'".format(params["type"], "true"))
    if params.text("quantity") is not None:
        raise bad(-4137, "Quantity must be zero with closePosition equals true.")
    if params.text("reduceOnly") is not None:
        raise bad(-4138, "Reduce only must be true with closePosition equals true.")
    return Decimal(0)


def _trigger(params: Params, kind: OrderType) -> Decimal | None:
    if kind is OrderType.TRAILING_STOP:
        params.forbid("triggerPrice")
        return None
    return params.required_decimal("triggerPrice")


def _price(params: Params, kind: OrderType, match: str) -> Decimal | None:
    if not kind.has_limit:
        if match != "NONE":
            raise bad(-5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT")
        params.forbid("price")
        return None
    if match == "NONE":
        return params.required_decimal("price")
    if params.text("price") is not None:
        raise bad(-5037, "Invalid price match: price is sent too")
    return None


def _activation(params: Params, kind: OrderType) -> Decimal | None:
    """``activationPrice`` is the older name, still sent by some clients."""
    for name in ("activatePrice", "activationPrice"):
        value = params.decimal(name)
        if value is not None:
            if kind is not OrderType.TRAILING_STOP:
                raise not_required(name)
            return value
    return None


def _callback(params: Params, kind: OrderType) -> Decimal | None:
    """A fraction from the percentage on the wire, 0.1 to 20."""
    if kind is not OrderType.TRAILING_STOP:
        params.forbid("callbackRate")
        return None
    if not params.get("callbackRate"):
        raise mandatory("callbackRate")
    percent = params.required_decimal("callbackRate")
    if not Decimal("0.1") <= percent <= 20:
        raise _callback_refused()
    return percent / 100


def _callback_refused() -> VenueError:
    return bad(-2007, "Invalid callBack rate.")


_ONE = "/fapi/v1/algoOrder"
OPERATIONS = (
    Operation("POST", _ONE, Security.TRADE, 0, place, (1, 1)),
    Operation("DELETE", _ONE, Security.TRADE, 1, cancel),
    Operation("GET", _ONE, Security.SIGNED, 1, query),
    Operation("DELETE", "/fapi/v1/algoOpenOrders", Security.TRADE, 1, cancel_all),
    Operation("GET", "/fapi/v1/openAlgoOrders", Security.SIGNED, by_symbol(1, 40), open_orders),
    Operation("GET", "/fapi/v1/allAlgoOrders", Security.SIGNED, 5, all_orders),
)
