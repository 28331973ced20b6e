"""Conditional orders as REST shows them."""

from decimal import Decimal

from geobuk.domain.order import OrderType
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import formats
from geobuk.emulators.binance.exchange import Exchange
from geobuk.matching.engine.orders import Conditional, Order

Row = dict[str, object]


def placed(exchange: Exchange, conditional: Conditional) -> Row:
    """What placing answers; a trailing stop has two fields more."""
    rules = exchange.rules(conditional.request.instrument)
    request = conditional.request
    notes = exchange.notes[conditional.account]
    row: Row = {
        "algoId": conditional.id,
        "clientAlgoId": conditional.client_order_id,
        "algoType": "CONDITIONAL",
        "orderType": formats.ORDER_TYPE[request.type],
        "symbol": request.instrument,
        "side": request.side.name,
        "positionSide": request.position_side.name,
        "timeInForce": "GTE_GTC" if request.needs_position else request.time_in_force.name,
        "quantity": formats.quantity(request.quantity, rules),
        "algoStatus": conditional.status.value,
        "triggerPrice": formats.price(request.trigger_price, rules),
        "price": formats.price(request.price, rules),
        "icebergQuantity": None,
        "selfTradePreventionMode": request.self_trade_prevention.name,
        "workingType": formats.WORKING_TYPE[request.trigger_source],
        "priceMatch": notes.conditional_price_match.get(conditional.id, "NONE"),
        "closePosition": request.is_close_position,
        "priceProtect": request.is_price_protected,
        "reduceOnly": request.is_reduce_only,
    }
    if request.type is OrderType.TRAILING_STOP:
        row["activatePrice"] = (
            "" if request.activation_price is None else formats.price(request.activation_price, rules)
        )
        row["callbackRate"] = formats.plain((request.callback_rate or Decimal(0)) * 100)
    row["createTime"] = conditional.created_ns // NS_PER_MS
    row["updateTime"] = conditional.updated_ns // NS_PER_MS
    row["triggerTime"] = (conditional.triggered_ns or 0) // NS_PER_MS
    row["goodTillDate"] = (request.good_till_ns or 0) // NS_PER_MS
    return row


def shown(exchange: Exchange, conditional: Conditional) -> Row:
    """What queries answer: with what it became, once triggered."""
    row = placed(exchange, conditional)
    order = became(exchange, conditional)
    row["tpOrderType"] = ""
    if order is None:
        return {**row, "actualOrderId": "", "actualQty": "0.0", "isActivated": conditional.is_activated}
    rules = exchange.rules(order.instrument)
    return {
        **row,
        "actualOrderId": str(order.id),
        "actualPrice": formats.average(order.average_price, rules),
        "actualQty": formats.quantity(order.filled, rules),
        "actualType": formats.ORDER_TYPE[order.type],
        "isActivated": conditional.is_activated,
    }


def canceled(conditional: Conditional) -> Row:
    """The one envelope whose code is a text."""
    names: Row = {"algoId": conditional.id, "clientAlgoId": conditional.client_order_id}
    return {**names, "code": "200", "msg": "success"}


def became(exchange: Exchange, conditional: Conditional) -> Order | None:
    """The order that the trigger placed."""
    if conditional.order_id is None:
        return None
    return exchange.engine.find_order(conditional.account, conditional.request.instrument, conditional.order_id)
