"""Order requests as the venue's parameters, after they were checked against its rules: nothing doubtful is sent."""

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import parse_qsl, quote

import msgspec

from geobuk.domain.errors import OrderRefusedError, UnsupportedError
from geobuk.domain.order import OrderRequest, OrderType, PositionSide, SelfTradePrevention, TimeInForce, TriggerSource
from geobuk.venues.binance import order_words as words
from geobuk.venues.binance.order_states import is_reducing, is_reducing_leg
from geobuk.venues.binance.rules import OrderLimits

_CLIENT_ID = re.compile(r"^[.A-Z:/a-z0-9_-]{1,36}$").match
_CLOSING_TYPES = frozenset({OrderType.STOP_MARKET, OrderType.TAKE_PROFIT_MARKET})
_FINAL_AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
_LEAST_GOOD_TILL_S = 600
_LAST_GOOD_TILL_MS = 253_402_300_799_000
_HUNDRED = Decimal(100)
_ZERO = Decimal(0)


def place_params(request: OrderRequest, limits: OrderLimits, venue_ms: int) -> str:
    """The encoded parameters of an order, conditional or not.

    Raises OrderRefusedError where the order breaks a rule of the venue, UnsupportedError where it can't be expressed.
    """
    check_order(request, limits, venue_ms)
    quantity, price = request.quantity, request.price
    text = f"{limits.symbol_param}&side={words.SIDES[request.side]}&type={words.TYPES[request.type]}"
    if not request.is_close_position:
        text += f"&quantity={_written(quantity, limits.quantity_quantum)}"
    if price is not None:
        text += f"&price={_written(price, limits.price_quantum)}"
    if price is not None or request.time_in_force is TimeInForce.GTD:
        text += f"&timeInForce={words.TIMES_IN_FORCE[request.time_in_force]}"
    if request.time_in_force is TimeInForce.GTD and request.good_till_ns is not None:
        text += f"&goodTillDate={request.good_till_ns // 1_000_000_000 * 1000}"
    if request.position_side is not PositionSide.BOTH:
        text += f"&positionSide={words.POSITION_SIDES[request.position_side]}"
    elif request.is_reduce_only and not request.is_close_position:
        text += "&reduceOnly=true"
    if request.self_trade_prevention is not SelfTradePrevention.EXPIRE_MAKER:
        text += f"&selfTradePreventionMode={words.SELF_TRADE[request.self_trade_prevention]}"
    if request.type.is_conditional:
        return text + _conditional(request, limits)
    if request.type is OrderType.MARKET or request.time_in_force in _FINAL_AT_ONCE:
        text += "&newOrderRespType=RESULT"
    return f"{text}&newClientOrderId={request.client_order_id}"


def _conditional(request: OrderRequest, limits: OrderLimits) -> str:
    text = f"&algoType=CONDITIONAL&clientAlgoId={request.client_order_id}"
    if request.stop_price is not None:
        text += f"&triggerPrice={_written(request.stop_price, limits.price_quantum)}"
    if request.activation_price is not None:
        text += f"&activatePrice={_written(request.activation_price, limits.price_quantum)}"
    if request.callback_rate is not None:
        text += f"&callbackRate={(request.callback_rate * _HUNDRED).normalize():f}"
    if request.trigger_source is TriggerSource.MARK:
        text += "&workingType=MARK_PRICE"
    if request.is_close_position:
        text += "&closePosition=true"
    if request.is_price_protected:
        text += "&priceProtect=true"
    return text


def _written(amount: Decimal, quantum: Decimal) -> str:
    """An amount with its grid's decimals, or all of its own where it is finer: never another amount than asked for."""
    even = amount.quantize(quantum)
    return f"{even if even == amount else amount:f}"


def batch_params(each: list[str]) -> str:
    """Several orders in one call, at most five."""
    orders = [dict(parse_qsl(one, strict_parsing=True)) for one in each]
    return "batchOrders=" + quote(msgspec.json.encode(orders).decode(), safe="")


def amend_params(limits: OrderLimits, key: str, side: str, quantity: Decimal, price: Decimal) -> str:
    """The parameters of a change; raises OrderRefusedError where the new amounts break a rule of the venue."""
    what = f"change of {key} to {quantity} {limits.instrument} at {price}"
    _check_quantity(what, quantity, limits.lot)
    _check_price(what, "price", price, limits)
    return (
        f"{limits.symbol_param}&side={side}&origClientOrderId={key}"
        f"&quantity={_written(quantity, limits.quantity_quantum)}&price={_written(price, limits.price_quantum)}"
    )


def limits_for(instrument: str, known: Mapping[str, OrderLimits]) -> OrderLimits:
    """The limits of an instrument; raises OrderRefusedError where it is not known."""
    limits = known.get(instrument)
    if limits is None:
        raise OrderRefusedError(
            f"{instrument} is not among the {len(known)} instruments of this venue",
            cure="check the name, or start the venue with this instrument",
        )
    return limits


def check_order(request: OrderRequest, limits: OrderLimits, venue_ms: int) -> None:
    """Refuse what the venue would refuse. Checked in its order: status, parameters, precision, filters."""
    what = f"order {request.client_order_id!r} ({request.side.name.lower()} {request.quantity} {request.instrument})"
    if not _CLIENT_ID(request.client_order_id):
        raise _refused(what, "its client order id breaks the venue's rule", "use 1 to 36 of A-Z a-z 0-9 . : / _ -")
    if not limits.is_trading:
        raise _refused(what, f"the instrument's status is {limits.status}, not TRADING", "wait until it trades")
    if words.TYPES[request.type] not in limits.order_types:
        raise _refused(what, f"the instrument takes no {request.type} orders", "use another type")
    _check_shape(what, request, venue_ms)
    if request.is_close_position:
        _check_closing(what, request)
    else:
        lot = limits.lot if request.type.has_limit else limits.market_lot
        _check_quantity(what, request.quantity, lot)
    for name in ("price", "stop_price", "activation_price"):
        value = getattr(request, name)
        if value is not None:
            _check_price(what, name.replace("_", " "), value, limits)
    if request.price is not None and not is_reducing(request):
        notional = request.price * request.quantity
        if notional < limits.min_notional:
            raise _refused(
                what,
                f"its notional {notional:f} is below the venue's least, {limits.min_notional}",
                f"raise the quantity to at least {limits.min_notional / request.price:.8f}",
            )


def _check_shape(what: str, request: OrderRequest, venue_ms: int) -> None:
    kind, tif = request.type, request.time_in_force
    if tif not in words.TIMES_IN_FORCE:
        raise UnsupportedError(f"{what}: Binance has no time in force {tif}", cure="use GTC, IOC, FOK, GTX or GTD")
    if request.self_trade_prevention not in words.SELF_TRADE:
        raise UnsupportedError(
            f"{what}: Binance lets no account trade with itself", cure="choose which of two orders that meet expires"
        )
    if kind.has_limit != (request.price is not None):
        need = "needs a price" if kind.has_limit else f"takes no price, and has {request.price}"
        raise _refused(what, f"a {kind} order {need}", "correct the order")
    if (kind.is_conditional and kind is not OrderType.TRAILING_STOP) != (request.stop_price is not None):
        need = "takes no stop price" if request.stop_price is not None else "needs a stop price"
        raise _refused(what, f"a {kind} order {need}", "correct the order")
    if (kind is OrderType.TRAILING_STOP) != (request.callback_rate is not None):
        need = "takes no callback rate" if request.callback_rate is not None else "needs a callback rate"
        raise _refused(what, f"a {kind} order {need}", "correct the order")
    if request.callback_rate is not None and not Decimal("0.001") <= request.callback_rate <= Decimal("0.2"):
        raise _refused(what, f"callback rate {request.callback_rate} is not in 0.001 … 0.2", "choose another rate")
    if request.activation_price is not None and kind is not OrderType.TRAILING_STOP:
        raise _refused(what, f"a {kind} order takes no activation price", "correct the order")
    _check_good_till(what, request, venue_ms)
    if request.is_reduce_only and request.position_side is not PositionSide.BOTH and not is_reducing_leg(request):
        raise _refused(what, f"it would grow the {request.position_side} leg, yet is reduce-only", "correct the side")


def _check_good_till(what: str, request: OrderRequest, venue_ms: int) -> None:
    if (request.time_in_force is TimeInForce.GTD) != (request.good_till_ns is not None):
        need = "needs a good-till time" if request.good_till_ns is None else "takes a good-till time with GTD only"
        raise _refused(what, f"it {need}", "correct the order")
    if request.good_till_ns is None:
        return
    if request.type is OrderType.MARKET:
        raise _refused(what, "a market order waits for nothing, so it takes no good-till time", "leave it out")
    till_ms = request.good_till_ns // 1_000_000
    if not venue_ms + _LEAST_GOOD_TILL_S * 1000 < till_ms < _LAST_GOOD_TILL_MS:
        raise _refused(
            what, "its good-till time is less than 600 s ahead", "choose a later time, or cancel the order yourself"
        )


def _check_closing(what: str, request: OrderRequest) -> None:
    if request.type not in _CLOSING_TYPES:
        raise _refused(what, f"a {request.type} order can't close a position", "use a stop or take-profit market order")
    if request.quantity != _ZERO:
        raise _refused(what, "an order that closes the position has no quantity", "set the quantity to 0")


def _check_quantity(what: str, quantity: Decimal, lot: tuple[Decimal, Decimal, Decimal]) -> None:
    least, most, step = lot
    if quantity <= 0 or quantity < least:
        raise _refused(what, f"its quantity is below the venue's least, {least}", "raise it or drop the order")
    if most and quantity > most:
        raise _refused(what, f"its quantity is above the venue's most, {most}", "split the order")
    if step and (quantity - least) % step:
        raise _refused(what, f"its quantity is no multiple of the step {step}", "round it down to the step")


def _check_price(what: str, name: str, price: Decimal, limits: OrderLimits) -> None:
    if price <= 0 or (limits.min_price and price < limits.min_price):
        raise _refused(
            what, f"its {name} {price} is below the venue's least, {limits.min_price}", "choose a higher one"
        )
    if limits.max_price and price > limits.max_price:
        raise _refused(what, f"its {name} {price} is above the venue's most, {limits.max_price}", "choose a lower one")
    if limits.tick and (price - limits.min_price) % limits.tick:
        raise _refused(what, f"its {name} {price} is off the tick {limits.tick}", "round it to the tick")


def _refused(what: str, rule: str, cure: str) -> OrderRefusedError:
    return OrderRefusedError(f"{what} was not sent: {rule}", cure=cure)
