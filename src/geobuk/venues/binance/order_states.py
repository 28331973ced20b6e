"""The venue's replies and events about orders as the domain's states and fills."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeVar

from msgspec import UNSET

from geobuk.domain.errors import DataError
from geobuk.domain.order import Fill, Liquidity, OrderRequest, OrderState, OrderStatus, PositionSide
from geobuk.domain.times import NS_PER_MS
from geobuk.venues.binance import order_words as words
from geobuk.venues.binance.messages.orders import AlgoReply, OrderReply, TradeRow
from geobuk.venues.binance.messages.user_events import AlgoEvent, OrderEvent

T = TypeVar("T")
_ZERO = Decimal(0)


def word_of(table: Mapping[str, T], word: str) -> T:
    """What one of the venue's words means to the house. Raises DataError for a word that is not known."""
    meaning = table.get(word)
    if meaning is None:
        raise DataError(f"Binance says {word!r} of an order, where {', '.join(table)} are known", cure="update Geobuk")
    return meaning


def _amount(value: object) -> Decimal | None:
    """A positive number, or None where the venue's zero, blank or silence means that there is none."""
    if value is None or value is UNSET or value == "":
        return None
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return number if number > 0 else None


def status_of(word: str, quantity: Decimal, filled: Decimal) -> OrderStatus:
    """The status; NEW_ADL and NEW_INSURANCE are told by what was filled. Raises DataError for an unknown word."""
    status = words.STATUS_OF.get(word)
    if status is None and word in {"NEW_ADL", "NEW_INSURANCE"}:
        if not filled:
            return OrderStatus.NEW
        return OrderStatus.FILLED if filled >= quantity else OrderStatus.PARTIALLY_FILLED
    if status is None:
        raise DataError(f"order status {word!r} is not known", cure="update Geobuk")
    return status


def state_of_reply(venue: str, reply: OrderReply) -> OrderState:
    """An order as a REST reply tells it."""
    return OrderState(
        venue=venue,
        instrument=reply.symbol,
        client_order_id=reply.client_order_id,
        venue_order_id=str(reply.order_id),
        side=word_of(words.SIDE_OF, reply.side),
        type=word_of(words.TYPE_OF, reply.type),
        time_in_force=word_of(words.TIME_IN_FORCE_OF, reply.time_in_force),
        status=status_of(reply.status, reply.orig_qty, reply.executed_qty),
        quantity=reply.orig_qty,
        filled=reply.executed_qty,
        at_ns=reply.update_time * NS_PER_MS,
        price=_amount(reply.price),
        stop_price=_amount(reply.stop_price),
        average_price=_amount(reply.avg_price),
        is_reduce_only=reply.reduce_only is True,
        is_close_position=reply.close_position is True,
        position_side=word_of(words.POSITION_SIDE_OF, reply.position_side),
    )


def state_of_event(venue: str, event: OrderEvent) -> OrderState:
    """An order as the user stream tells it."""
    order = event.order
    reason = words.EXPIRE_REASONS.get(order.expire_reason, "") if isinstance(order.expire_reason, str) else ""
    return OrderState(
        venue=venue,
        instrument=order.instrument,
        client_order_id=order.client_order_id,
        venue_order_id=str(order.order_id),
        side=word_of(words.SIDE_OF, order.side),
        type=word_of(words.TYPE_OF, order.type),
        time_in_force=word_of(words.TIME_IN_FORCE_OF, order.time_in_force),
        status=status_of(order.status, order.quantity, order.filled),
        quantity=order.quantity,
        filled=order.filled,
        at_ns=order.at_ms * NS_PER_MS,
        price=_amount(order.price),
        stop_price=_amount(order.stop_price),
        average_price=_amount(order.average_price),
        is_reduce_only=order.is_reduce_only,
        is_close_position=order.is_close_position is True,
        position_side=word_of(words.POSITION_SIDE_OF, order.position_side),
        reason=reason,
    )


def fill_of_event(venue: str, event: OrderEvent) -> Fill | None:
    """The execution in an event; None where it tells of none. Liquidations come as CALCULATED."""
    order = event.order
    if order.execution not in {"TRADE", "CALCULATED"} or order.last_quantity <= 0 or order.trade_id <= 0:
        return None
    return Fill(
        venue=venue,
        instrument=order.instrument,
        client_order_id=order.client_order_id,
        trade_id=str(order.trade_id),
        side=word_of(words.SIDE_OF, order.side),
        quantity=order.last_quantity,
        price=order.last_price,
        fee=order.fee if isinstance(order.fee, Decimal) else _ZERO,
        fee_currency=order.fee_asset if isinstance(order.fee_asset, str) else "",
        liquidity=Liquidity.MAKER if order.is_maker else Liquidity.TAKER,
        at_ns=order.at_ms * NS_PER_MS,
        realized=order.realized,
        position_side=word_of(words.POSITION_SIDE_OF, order.position_side),
    )


def fill_of_row(venue: str, row: TradeRow, client_order_id: str) -> Fill:
    """An execution as REST tells it, which knows the order's number only: the caller knows its client order id."""
    return Fill(
        venue=venue,
        instrument=row.symbol,
        client_order_id=client_order_id,
        trade_id=str(row.id),
        side=word_of(words.SIDE_OF, row.side),
        quantity=row.qty,
        price=row.price,
        fee=row.commission,
        fee_currency=row.commission_asset,
        liquidity=Liquidity.MAKER if row.maker else Liquidity.TAKER,
        at_ns=row.time * NS_PER_MS,
        realized=row.realized_pnl,
        position_side=word_of(words.POSITION_SIDE_OF, row.position_side),
    )


def state_of_algo(venue: str, reply: AlgoReply) -> OrderState:
    """A conditional order as a REST reply tells it. FINISHED counts as filled: of its order the book knows more."""
    filled = _amount(reply.actual_qty) or _ZERO
    kind = reply.order_type if isinstance(reply.order_type, str) else reply.type
    assert isinstance(kind, str)
    quantity = _amount(reply.quantity) or _ZERO
    return OrderState(
        venue=venue,
        instrument=reply.symbol,
        client_order_id=reply.client_algo_id,
        venue_order_id=str(reply.algo_id),
        side=word_of(words.SIDE_OF, reply.side),
        type=word_of(words.TYPE_OF, kind),
        time_in_force=word_of(words.TIME_IN_FORCE_OF, reply.time_in_force),
        status=_algo_status(reply.algo_status, filled),
        quantity=quantity,
        filled=filled,
        at_ns=reply.update_time * NS_PER_MS,
        price=_amount(reply.price),
        stop_price=_amount(reply.trigger_price),
        average_price=_amount(reply.actual_price),
        is_reduce_only=reply.reduce_only is True,
        is_close_position=reply.close_position is True,
        position_side=word_of(words.POSITION_SIDE_OF, reply.position_side),
    )


def state_of_algo_event(venue: str, event: AlgoEvent) -> OrderState | None:
    """A conditional order as the user stream tells it; None for FINISHED: its order's own events tell all."""
    order = event.order
    if order.status == "FINISHED":
        return None
    is_triggered = order.status == "TRIGGERED"
    became = order.actual_type if is_triggered and isinstance(order.actual_type, str) else ""
    return OrderState(
        venue=venue,
        instrument=order.instrument,
        client_order_id=order.client_order_id,
        venue_order_id=order.actual_order_id if is_triggered and order.actual_order_id else str(order.algo_id),
        side=word_of(words.SIDE_OF, order.side),
        type=words.TYPE_OF.get(became) or word_of(words.TYPE_OF, order.type),
        time_in_force=word_of(words.TIME_IN_FORCE_OF, order.time_in_force),
        status=_algo_status(order.status, _ZERO),
        quantity=order.quantity,
        filled=_ZERO,
        at_ns=event.at_ms * NS_PER_MS,
        price=_amount(order.price),
        stop_price=_amount(order.trigger_price),
        is_reduce_only=order.is_reduce_only is True,
        is_close_position=order.is_close_position is True,
        position_side=word_of(words.POSITION_SIDE_OF, order.position_side),
        reason=order.reject_reason if isinstance(order.reject_reason, str) and order.status != "NEW" else "",
    )


def _algo_status(word: str, filled: Decimal) -> OrderStatus:
    if word == "FINISHED":
        return OrderStatus.FILLED if filled else OrderStatus.EXPIRED
    status = words.ALGO_STATUS_OF.get(word)
    if status is None:
        raise DataError(f"conditional order status {word!r} is not known", cure="update Geobuk")
    return status


def asked_for(request: OrderRequest, status: OrderStatus, at_ns: int) -> OrderState:
    """An order of which only the request is known."""
    return OrderState(
        venue=request.venue,
        instrument=request.instrument,
        client_order_id=request.client_order_id,
        venue_order_id="",
        side=request.side,
        type=request.type,
        time_in_force=request.time_in_force,
        status=status,
        quantity=request.quantity,
        filled=_ZERO,
        at_ns=at_ns,
        price=request.price,
        stop_price=request.stop_price,
        is_reduce_only=request.is_reduce_only,
        is_close_position=request.is_close_position,
        position_side=request.position_side,
    )


def is_reducing(request: OrderRequest | OrderState) -> bool:
    """Whether an order can only make a position smaller."""
    if request.is_reduce_only or request.is_close_position:
        return True
    if request.position_side is PositionSide.BOTH:
        return False
    return is_reducing_leg(request)


def is_reducing_leg(request: OrderRequest | OrderState) -> bool:
    """Whether an order in hedge mode makes its leg smaller."""
    return (request.position_side is PositionSide.LONG) == (request.side < 0)


def is_tamed(order: OrderState, quantity: Decimal, price: Decimal) -> bool:
    """Whether a change can only lessen what an order may add to a position: no larger, and no nearer to a fill."""
    if is_reducing(order):
        return True
    return order.price is not None and quantity <= order.quantity and (price - order.price) * order.side <= 0
