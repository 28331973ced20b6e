"""Orders as an engine is asked for them, and as it shows them. Amounts are Decimal, times nanoseconds UTC."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from geobuk.domain.order import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce, TriggerSource


class Cause(StrEnum):
    """What placed an order: its account (NONE), or the venue, to close a position by force."""

    NONE = ""
    LIQUIDATION = "liquidation"
    DELEVERAGING = "deleveraging"


class ExpireReason(StrEnum):
    """Why an order ended without being asked to."""

    NONE = ""
    SELF_TRADE = "self_trade"
    IOC_REMAINDER = "ioc_remainder"
    IOC_SELF_TRADE = "ioc_self_trade"
    REDUCE_ONLY_PUSHED_OUT = "reduce_only_pushed_out"
    LIQUIDATED = "liquidated"
    POSITION_CONDITION = "position_condition"
    DELISTED = "delisted"
    TRIGGER_FAILED = "trigger_failed"
    MARKET_REMAINDER = "market_remainder"
    GOOD_TILL_DATE = "good_till_date"


class Status(StrEnum):
    """An order in the book or past it."""

    NEW = "NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"

    @property
    def is_open(self) -> bool:
        return self in {Status.NEW, Status.PARTIALLY_FILLED}


class ConditionalStatus(StrEnum):
    """A conditional order's own life; what it became has a life of its own."""

    NEW = "NEW"
    TRIGGERING = "TRIGGERING"
    TRIGGERED = "TRIGGERED"
    FINISHED = "FINISHED"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    REJECTED = "REJECTED"

    @property
    def is_open(self) -> bool:
        return self is ConditionalStatus.NEW


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A MARKET or LIMIT order. An empty ``client_order_id`` has the engine make one."""

    instrument: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    client_order_id: str = ""
    is_reduce_only: bool = False
    position_side: PositionSide = PositionSide.BOTH
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.EXPIRE_MAKER
    good_till_ns: int | None = None


@dataclass(frozen=True, slots=True)
class NewConditional:
    """An order that waits for its trigger. ``callback_rate`` is a fraction (0.01 = 1 %).

    ``needs_position`` is the venue's GTE: it ends when the position it protects is closed.
    """

    instrument: str
    side: Side
    type: OrderType
    quantity: Decimal = Decimal(0)
    trigger_price: Decimal | None = None
    price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.GTC
    client_order_id: str = ""
    trigger_source: TriggerSource = TriggerSource.LAST
    is_price_protected: bool = False
    is_reduce_only: bool = False
    is_close_position: bool = False
    needs_position: bool = False
    activation_price: Decimal | None = None
    callback_rate: Decimal | None = None
    position_side: PositionSide = PositionSide.BOTH
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.EXPIRE_MAKER
    good_till_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stood at ``updated_ns``. ``quote_filled`` is the exact sum of price * quantity of its fills.

    ``original_type`` is the conditional type it was born from, or its own type.
    """

    id: int
    account: str
    instrument: str
    client_order_id: str
    side: Side
    type: OrderType
    original_type: OrderType
    time_in_force: TimeInForce
    status: Status
    quantity: Decimal
    price: Decimal | None
    filled: Decimal
    quote_filled: Decimal
    is_reduce_only: bool
    is_close_position: bool
    position_side: PositionSide
    self_trade_prevention: SelfTradePrevention
    good_till_ns: int | None
    trigger_price: Decimal | None
    trigger_source: TriggerSource
    is_price_protected: bool
    changes: int
    created_ns: int
    updated_ns: int
    expire_reason: ExpireReason = ExpireReason.NONE
    cause: Cause = Cause.NONE

    @property
    def average_price(self) -> Decimal | None:
        return self.quote_filled / self.filled if self.filled else None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A conditional order as it stood at ``updated_ns``. ``order_id`` is what it became, None before."""

    id: int
    account: str
    status: ConditionalStatus
    request: NewConditional
    client_order_id: str
    created_ns: int
    updated_ns: int
    triggered_ns: int | None = None
    order_id: int | None = None
    is_activated: bool = False
    extreme: Decimal | None = None
    """Best price since activation, of a trailing stop."""
    reject_reason: str = ""
    """The refusal's word (``Refusal(reject_reason)``), of a REJECTED one."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One fill of one account's order. ``fee`` is a cost when positive; ``realized`` is before fees; 8 decimals."""

    trade_id: int
    account: str
    instrument: str
    order_id: int
    client_order_id: str
    side: Side
    position_side: PositionSide
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    realized: Decimal
    is_maker: bool
    at_ns: int
