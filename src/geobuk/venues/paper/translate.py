"""Between the domain's words and the engine's: requests on the way in, orders, fills and reports on the way out."""

from collections.abc import Iterator

from geobuk.domain.order import Fill, Liquidity, OrderRequest, OrderState, OrderStatus, Position
from geobuk.domain.updates import BalanceChange, ChangeReason, Notice, NoticeKind, PositionChange, VenueUpdate
from geobuk.matching.engine.orders import (
    Conditional,
    ConditionalStatus,
    Execution,
    ExpireReason,
    NewConditional,
    NewOrder,
    Order,
    Status,
)
from geobuk.matching.engine.reports import (
    AccountReason,
    AccountReport,
    ConditionalReport,
    ExecutionType,
    MarginCallReport,
    OrderReport,
    Report,
    RulesReport,
)
from geobuk.matching.holdings import Holding

_STATUS = {
    Status.NEW: OrderStatus.NEW,
    Status.PARTIALLY_FILLED: OrderStatus.PARTIALLY_FILLED,
    Status.FILLED: OrderStatus.FILLED,
    Status.CANCELED: OrderStatus.CANCELED,
    Status.EXPIRED: OrderStatus.EXPIRED,
    Status.EXPIRED_IN_MATCH: OrderStatus.EXPIRED,
}
_CONDITIONAL_STATUS = {
    ConditionalStatus.NEW: OrderStatus.WAITING,
    ConditionalStatus.TRIGGERING: OrderStatus.WAITING,
    ConditionalStatus.TRIGGERED: OrderStatus.NEW,
    ConditionalStatus.FINISHED: OrderStatus.NEW,
    ConditionalStatus.CANCELED: OrderStatus.CANCELED,
    ConditionalStatus.EXPIRED: OrderStatus.EXPIRED,
    ConditionalStatus.REJECTED: OrderStatus.REJECTED,
}
_TOLD_BY_ITS_ORDER = {ConditionalStatus.TRIGGERING, ConditionalStatus.TRIGGERED, ConditionalStatus.FINISHED}
_EXPIRED_BECAUSE = {
    ExpireReason.SELF_TRADE: "it would have met an order of ours",
    ExpireReason.IOC_REMAINDER: "the rest could not be taken at once",
    ExpireReason.IOC_SELF_TRADE: "the rest would have met an order of ours",
    ExpireReason.REDUCE_ONLY_PUSHED_OUT: "it would have turned the position",
    ExpireReason.LIQUIDATED: "the account is being liquidated",
    ExpireReason.POSITION_CONDITION: "the position that it protected is gone",
    ExpireReason.DELISTED: "the instrument is no longer traded",
    ExpireReason.TRIGGER_FAILED: "it was triggered and could not be placed",
    ExpireReason.MARKET_REMAINDER: "the book had no more",
    ExpireReason.GOOD_TILL_DATE: "its time was over",
}
_CHANGED_BECAUSE = {
    AccountReason.ORDER: ChangeReason.ORDER,
    AccountReason.FUNDING_FEE: ChangeReason.FUNDING,
    AccountReason.DEPOSIT: ChangeReason.TRANSFER,
    AccountReason.WITHDRAW: ChangeReason.TRANSFER,
    AccountReason.MARGIN_TRANSFER: ChangeReason.MARGIN,
    AccountReason.MARGIN_TYPE_CHANGE: ChangeReason.MARGIN,
    AccountReason.INSURANCE_CLEAR: ChangeReason.LIQUIDATION,
    AccountReason.ADJUSTMENT: ChangeReason.OTHER,
}


def new_order(request: OrderRequest) -> NewOrder:
    """A market or limit order, as the engine is asked for it."""
    return NewOrder(
        instrument=request.instrument,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        price=request.price,
        time_in_force=request.time_in_force,
        client_order_id=request.client_order_id,
        is_reduce_only=request.is_reduce_only,
        position_side=request.position_side,
        self_trade_prevention=request.self_trade_prevention,
        good_till_ns=request.good_till_ns,
    )


def new_conditional(request: OrderRequest) -> NewConditional:
    """An order that waits for its trigger, as the engine is asked for it."""
    return NewConditional(
        instrument=request.instrument,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        trigger_price=request.stop_price,
        price=request.price,
        time_in_force=request.time_in_force,
        client_order_id=request.client_order_id,
        trigger_source=request.trigger_source,
        is_price_protected=request.is_price_protected,
        is_reduce_only=request.is_reduce_only,
        is_close_position=request.is_close_position,
        activation_price=request.activation_price,
        callback_rate=request.callback_rate,
        position_side=request.position_side,
        self_trade_prevention=request.self_trade_prevention,
        good_till_ns=request.good_till_ns,
    )


def state_of(venue: str, order: Order) -> OrderState:
    """An order as the domain shows it."""
    return OrderState(
        venue=venue,
        instrument=order.instrument,
        client_order_id=order.client_order_id,
        venue_order_id=str(order.id),
        side=order.side,
        type=order.type,
        time_in_force=order.time_in_force,
        status=_STATUS[order.status],
        quantity=order.quantity,
        filled=order.filled,
        at_ns=order.updated_ns,
        price=order.price,
        stop_price=order.trigger_price,
        average_price=order.average_price,
        is_reduce_only=order.is_reduce_only,
        is_close_position=order.is_close_position,
        position_side=order.position_side,
        reason=_EXPIRED_BECAUSE.get(order.expire_reason, ""),
    )


def state_of_conditional(venue: str, conditional: Conditional) -> OrderState:
    """A conditional order as the domain shows it; nothing of it has filled as long as it is one."""
    asked = conditional.request
    return OrderState(
        venue=venue,
        instrument=asked.instrument,
        client_order_id=conditional.client_order_id,
        venue_order_id=str(conditional.id),
        side=asked.side,
        type=asked.type,
        time_in_force=asked.time_in_force,
        status=_CONDITIONAL_STATUS[conditional.status],
        quantity=asked.quantity,
        filled=asked.quantity * 0,
        at_ns=conditional.updated_ns,
        price=asked.price,
        stop_price=asked.trigger_price,
        is_reduce_only=asked.is_reduce_only,
        is_close_position=asked.is_close_position,
        position_side=asked.position_side,
        reason=conditional.reject_reason,
    )


def fill_of(venue: str, execution: Execution) -> Fill:
    """One execution as the domain shows it."""
    return Fill(
        venue=venue,
        instrument=execution.instrument,
        client_order_id=execution.client_order_id,
        trade_id=str(execution.trade_id),
        side=execution.side,
        quantity=execution.quantity,
        price=execution.price,
        fee=execution.fee,
        fee_currency=execution.fee_currency,
        liquidity=Liquidity.MAKER if execution.is_maker else Liquidity.TAKER,
        at_ns=execution.at_ns,
        realized=execution.realized,
        position_side=execution.position_side,
    )


def position_of(venue: str, holding: Holding) -> Position:
    """A holding as a report shows it: without mark, leverage and liquidation price."""
    return Position(
        venue=venue,
        instrument=holding.instrument,
        quantity=holding.quantity,
        entry_price=holding.entry_price,
        sellable=abs(holding.quantity),
        isolated_wallet=holding.isolated_wallet if holding.is_isolated else None,
        side=holding.position_side,
        unrealized=holding.unrealized,
    )


def updates_of(venue: str, account: str, report: Report) -> Iterator[VenueUpdate]:
    """What a report says to the owner of an account, in order; a fill comes before the state that it led to."""
    if isinstance(report, RulesReport):
        text = f"the rules of {report.instrument} changed"
        yield Notice(venue, NoticeKind.RULES_CHANGED, text, report.at_ns, report.instrument)
    elif isinstance(report, OrderReport) and report.account == account:
        if report.execution is not None and report.type in {ExecutionType.TRADE, ExecutionType.CALCULATED}:
            yield fill_of(venue, report.execution)
        yield state_of(venue, report.order)
    elif isinstance(report, ConditionalReport) and report.account == account:
        if report.conditional.status not in _TOLD_BY_ITS_ORDER:
            yield state_of_conditional(venue, report.conditional)
    elif isinstance(report, AccountReport) and report.account == account:
        yield from _changes(venue, report)
    elif isinstance(report, MarginCallReport) and report.account == account:
        held = ", ".join(f"{holding.quantity} {holding.instrument}" for holding in report.holdings)
        text = f"margin call: {held} against a cross wallet of {report.cross_wallet}; reduce, or deposit"
        yield Notice(venue, NoticeKind.MARGIN_CALL, text, report.at_ns)


def _changes(venue: str, report: AccountReport) -> Iterator[VenueUpdate]:
    reason = _CHANGED_BECAUSE[report.reason]
    for balance in report.balances:
        yield BalanceChange(venue, balance.asset, balance.wallet, reason, report.at_ns, balance.change)
    for holding in report.holdings:
        yield PositionChange(position_of(venue, holding), reason, report.at_ns)
