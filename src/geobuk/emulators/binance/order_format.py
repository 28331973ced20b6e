"""Orders and fills as REST shows them."""

from decimal import Decimal

from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import formats
from geobuk.emulators.binance.exchange import Exchange
from geobuk.matching.engine.orders import Execution, Order, Status

Row = dict[str, object]


def placed(exchange: Exchange, order: Order) -> Row:
    """What placing, changing and cancelling answer: neither average price nor value."""
    row = shown(exchange, order)
    quantity = row["executedQty"]
    return _insert(_without(row, "avgPrice", "cumQuote", "time"), "executedQty", {"cumQty": quantity})


def acknowledged(exchange: Exchange, order: Order) -> Row:
    """As placed, before anything matched."""
    zero = formats.quantity(Decimal(0), exchange.rules(order.instrument))
    new = {"status": Status.NEW.value, "executedQty": zero, "cumQty": zero}
    return {**placed(exchange, order), **new, "updateTime": order.created_ns // NS_PER_MS}


def changed(exchange: Exchange, order: Order, modify_id: str) -> Row:
    """What a modification answers: ``modifyId`` only where one was sent."""
    row = _insert(placed(exchange, order), "symbol", {"pair": order.instrument})
    return _insert(row, "clientOrderId", {"modifyId": int(modify_id)}) if modify_id else row


def shown(exchange: Exchange, order: Order) -> Row:
    """What queries of one or the open orders answer."""
    rules = exchange.rules(order.instrument)
    notes = exchange.notes[order.account]
    return {
        "orderId": order.id,
        "symbol": order.instrument,
        "status": order.status.value,
        "clientOrderId": order.client_order_id,
        "price": formats.price(order.price, rules),
        "avgPrice": formats.average(order.average_price, rules),
        "origQty": formats.quantity(order.quantity, rules),
        "executedQty": formats.quantity(order.filled, rules),
        "cumQuote": formats.quote(order.quote_filled, rules),
        "timeInForce": order.time_in_force.name,
        "type": formats.ORDER_TYPE[order.type],
        "reduceOnly": order.is_reduce_only,
        "closePosition": order.is_close_position,
        "side": order.side.name,
        "positionSide": order.position_side.name,
        "stopPrice": formats.price(order.trigger_price, rules),
        "workingType": formats.WORKING_TYPE[order.trigger_source],
        "priceProtect": order.is_price_protected,
        "origType": formats.ORDER_TYPE[order.original_type],
        "priceMatch": notes.price_match.get(order.id, "NONE"),
        "selfTradePreventionMode": order.self_trade_prevention.name,
        "goodTillDate": (order.good_till_ns or 0) // NS_PER_MS,
        "time": order.created_ns // NS_PER_MS,
        "updateTime": order.updated_ns // NS_PER_MS,
    }


def listed(exchange: Exchange, order: Order) -> Row:
    """A row of allOrders."""
    row = _insert(shown(exchange, order), "symbol", {"pair": order.instrument})
    return _insert(row, "cumQuote", {"cumBase": "0"})


def forced(exchange: Exchange, order: Order) -> Row:
    """A row of forceOrders."""
    hidden = ("priceProtect", "priceMatch", "selfTradePreventionMode", "goodTillDate")
    return _without(listed(exchange, order), *hidden)


def fill(exchange: Exchange, execution: Execution) -> Row:
    """A row of userTrades."""
    rules = exchange.rules(execution.instrument)
    return {
        "symbol": execution.instrument,
        "id": execution.trade_id,
        "orderId": execution.order_id,
        "pair": execution.instrument,
        "side": execution.side.name,
        "price": formats.price(execution.price, rules),
        "qty": formats.quantity(execution.quantity, rules),
        "realizedPnl": formats.money_or_zero(execution.realized),
        "quoteQty": formats.quote(execution.price * execution.quantity, rules),
        "commission": formats.money_or_zero(execution.fee),
        "commissionAsset": execution.fee_currency,
        "time": execution.at_ns // NS_PER_MS,
        "buyer": execution.side.name == "BUY",
        "maker": execution.is_maker,
        "positionSide": execution.position_side.name,
        "baseQty": "0",
        "marginAsset": rules.instrument.quote,
    }


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def _insert(row: Row, after: str, more: Row) -> Row:
    result: Row = {}
    for name, value in row.items():
        result[name] = value
        if name == after:
            result.update(more)
    return result
