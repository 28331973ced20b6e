"""Lists of orders, fills and amendments, with the venue's windows and pages."""

from collections.abc import Sequence
from decimal import Decimal

from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import arguments, order_format
from geobuk.emulators.binance.account_notes import Amendment
from geobuk.emulators.binance.arguments import WEEK_MS
from geobuk.emulators.binance.candles import DAY_MS
from geobuk.emulators.binance.errors import bad_combination, mandatory
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.formats import plain
from geobuk.emulators.binance.operations import Operation, Security, by_symbol
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.rest.trading import is_forgotten
from geobuk.emulators.binance.venue_words import AUTO_CLOSE
from geobuk.matching.engine.orders import Execution


def open_orders(exchange: Exchange, account: str, params: Params) -> object:
    """GET openOrders."""
    instrument = arguments.optional_symbol(exchange, params)
    return [order_format.shown(exchange, order) for order in exchange.engine.open_orders(account, instrument)]


def all_orders(exchange: Exchange, account: str, params: Params) -> object:
    """GET allOrders: from a number on the first rows, else the newest of the window."""
    instrument = arguments.optional_symbol(exchange, params)
    first = params.integer("orderId")
    limit = params.limit(500, 1000)
    window = arguments.span(exchange, params, WEEK_MS)
    orders = [order for order in exchange.engine.orders(account, instrument) if not is_forgotten(exchange, order)]
    if first is not None:
        rows = [order for order in orders if order.id >= first][:limit]
    else:
        rows = [order for order in orders if order.created_ns // NS_PER_MS in window][-limit:]
    return [order_format.listed(exchange, order) for order in rows]


def user_trades(exchange: Exchange, account: str, params: Params) -> object:
    """GET userTrades: the oldest rows of the window, or the first from a trade number on."""
    instrument = arguments.symbol(exchange, params)
    first, order_id = params.integer("fromId"), params.integer("orderId")
    if first is not None and ("startTime" in params or "endTime" in params):
        raise bad_combination()
    limit = params.limit(500, 1000)
    window = arguments.span(exchange, params, WEEK_MS)
    rows: Sequence[Execution] = exchange.engine.executions(account, instrument)
    if order_id is not None:
        rows = [row for row in rows if row.order_id == order_id]
    if first is not None:
        rows = [row for row in rows if row.trade_id >= first]
    else:
        rows = [row for row in rows if row.at_ns // NS_PER_MS in window]
    return [order_format.fill(exchange, row) for row in rows[:limit]]


def amendments(exchange: Exchange, account: str, params: Params) -> object:
    """GET orderAmendment: newest first."""
    instrument = arguments.symbol(exchange, params)
    number, name = params.integer("orderId"), params.text("origClientOrderId")
    if number is None and name is None:
        raise mandatory("orderId")
    limit = params.limit(50, 100)
    window = arguments.span(exchange, params, 90 * DAY_MS)
    rows = [
        row
        for row in exchange.notes[account].amendments
        if row.order.instrument == instrument
        and (row.order.id == number if number is not None else row.order.client_order_id == name)
        and row.at_ns // NS_PER_MS in window
    ]
    return [_amendment(row) for row in reversed(rows[-limit:])]


def force_orders(exchange: Exchange, account: str, params: Params) -> object:
    """GET forceOrders: liquidations and deleveraging of the account."""
    instrument = arguments.optional_symbol(exchange, params)
    wanted = params.choice("autoCloseType", AUTO_CLOSE)
    limit = params.limit(50, 100)
    window = arguments.span(exchange, params, 90 * DAY_MS, WEEK_MS)
    rows = [
        order for order in exchange.engine.orders(account, instrument) if order.cause and wanted in {None, order.cause}
    ]
    rows = [order for order in rows if order.created_ns // NS_PER_MS in window]
    return [order_format.forced(exchange, order) for order in rows[-limit:]]


def _amendment(row: Amendment) -> dict[str, object]:
    order = row.order
    before, after = row.price_before or Decimal(0), order.price or Decimal(0)
    change: dict[str, object] = {
        "price": {"before": plain(before), "after": plain(after)},
        "origQty": {"before": plain(row.quantity_before), "after": plain(order.quantity)},
        "count": row.number,
    }
    if row.modify_id:
        change["modifyId"] = int(row.modify_id)
    return {
        "amendmentId": row.id,
        "symbol": order.instrument,
        "pair": order.instrument,
        "orderId": order.id,
        "clientOrderId": order.client_order_id,
        "time": row.at_ns // NS_PER_MS,
        "amendment": change,
    }


OPERATIONS = (
    Operation("GET", "/fapi/v1/openOrders", Security.SIGNED, by_symbol(1, 40), open_orders),
    Operation("GET", "/fapi/v1/allOrders", Security.SIGNED, 5, all_orders),
    Operation("GET", "/fapi/v1/userTrades", Security.SIGNED, 5, user_trades),
    Operation("GET", "/fapi/v1/orderAmendment", Security.SIGNED, 1, amendments),
    Operation("GET", "/fapi/v1/forceOrders", Security.SIGNED, by_symbol(20, 50), force_orders),
)
