"""From parameters to an order for the engine, with the venue's complaints in its order."""

import re
from decimal import Decimal

from geobuk.domain.order import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.errors import VenueError, bad, mandatory, not_required, use_algo_orders
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.params import Params
from geobuk.matching.engine.orders import NewOrder

_CLIENT_ID = re.compile(r"[\.A-Z\:/a-z0-9_-]{1,36}")
_SUSPENDED = ("OPPONENT_10", "OPPONENT_20")
_MATCHES = {"OPPONENT": 1, "OPPONENT_5": 5, "QUEUE": 1, "QUEUE_5": 5, "QUEUE_10": 10, "QUEUE_20": 20}


def new_order(exchange: Exchange, account: str, params: Params) -> tuple[NewOrder, str]:
    """The order and its price match ("NONE" mostly)."""
    instrument = arguments.symbol(exchange, params)
    buys = side(params)
    kind = order_type(params)
    if kind.is_conditional:
        raise use_algo_orders()
    leg = arguments.position_side(params)
    match = price_match(params)
    price, tif = _price_and_time(params, kind, match)
    if match != "NONE":
        price = matched_price(exchange, instrument, buys, match)
    quantity = params.required_decimal("quantity")
    order = NewOrder(
        instrument=instrument,
        side=buys,
        type=kind,
        quantity=quantity,
        price=price,
        time_in_force=tif,
        client_order_id=client_id(params, "newClientOrderId"),
        is_reduce_only=reduce_only(exchange, account, params),
        position_side=leg,
        self_trade_prevention=stp(params),
        good_till_ns=good_till(exchange, params, tif),
    )
    check_position_side(exchange, account, leg)
    return order, match


def side(params: Params) -> Side:
    params.required("side")
    chosen = params.choice("side", formats.SIDE_OF, bad(-1117, "Invalid side."))
    return chosen or Side.BUY


def order_type(params: Params) -> OrderType:
    params.required("type")
    chosen = params.choice("type", formats.ORDER_TYPE_OF, bad(-1116, "Invalid orderType."))
    return chosen or OrderType.LIMIT


def time_in_force(params: Params) -> TimeInForce | None:
    return params.choice("timeInForce", formats.TIME_IN_FORCE_OF, bad(-1115, "Invalid timeInForce."))


def stp(params: Params) -> SelfTradePrevention:
    """EXPIRE_MAKER where none is asked for, as the venue answers."""
    error = bad(-5039, "Invalid self trade prevention mode.")
    return params.choice("selfTradePreventionMode", formats.STP_OF, error) or SelfTradePrevention.EXPIRE_MAKER


def client_id(params: Params, name: str) -> str:
    """The client's own id, "" for none; -4015 for one that is too long or has other characters."""
    value = params.text(name)
    if value is None:
        return ""
    if len(value) > 36:
        raise bad(-4015, "Client order id length should be less than 36 chars")
    if not _CLIENT_ID.fullmatch(value):
        raise bad(-4015, "Client order id is not valid: only . A-Z : / a-z 0-9 _ - are.")
    return value


def reduce_only(exchange: Exchange, account: str, params: Params) -> bool:
    value = params.boolean("reduceOnly")
    if value is not None and exchange.engine.account(account).is_hedged:
        raise not_required("reduceonly")
    return bool(value)


def check_position_side(exchange: Exchange, account: str, leg: PositionSide) -> None:
    """-4061 where the leg is not one of the account's mode."""
    if exchange.engine.account(account).is_hedged is (leg is PositionSide.BOTH):
        raise bad(-4061, "Order's position side does not match user's setting.")


def good_till(exchange: Exchange, params: Params, tif: TimeInForce) -> int | None:
    """Nanoseconds, cut to whole seconds; asked for with GTD, and with nothing else."""
    value = params.integer("goodTillDate")
    if tif is not TimeInForce.GTD:
        if value:
            raise not_required("goodTillDate")
        return None
    if value is None:
        raise mandatory("goodTillDate")
    if not exchange.now_ms + 600_000 < value < 253_402_300_799_000:
        raise bad(
            -5040,
            "The goodTillDate timestamp must be greater than the current time plus 600 seconds "
            "and smaller than 253402300799000",
        )
    return value // 1000 * 1000 * NS_PER_MS


def price_match(params: Params) -> str:
    value = params.text("priceMatch") or "NONE"
    if value != "NONE" and value not in _MATCHES:
        raise bad(-5037, "Invalid price match" + (" (suspended)" if value in _SUSPENDED else ""))
    return value


def matched_price(exchange: Exchange, instrument: str, buys: Side, match: str) -> Decimal:
    """The price of the level that the order is to follow; -5041 where the book does not reach there."""
    rank = _MATCHES[match]
    depth = exchange.engine.depth(instrument, rank)
    is_bid = (buys is Side.BUY) is match.startswith("QUEUE")
    levels = depth.bids if is_bid else depth.asks
    if len(levels) < rank:
        raise bad(-5041, "No depth matches this BBO order")
    return levels[rank - 1][0]


def _price_and_time(params: Params, kind: OrderType, match: str) -> tuple[Decimal | None, TimeInForce]:
    if kind is OrderType.MARKET:
        if match != "NONE":
            raise bad(-5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT")
        params.forbid("timeInForce", "price")
        return None, TimeInForce.GTC
    params.required("timeInForce")
    tif = time_in_force(params) or TimeInForce.GTC
    if match == "NONE":
        return params.required_decimal("price"), tif
    if params.text("price") is not None:
        raise _both_prices()
    return None, tif


def _both_prices() -> VenueError:
    return bad(-5037, "Invalid price match: price is sent too")
