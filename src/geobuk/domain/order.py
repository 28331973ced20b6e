"""Orders and fills as values. An order's life cycle belongs to the execution room."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum


class Side(IntEnum):
    """The sign of a quantity."""

    BUY = 1
    SELL = -1


class OrderType(StrEnum):
    """The first two go to the book at once; the others wait for their trigger and then become one of the first two."""

    MARKET = "market"
    LIMIT = "limit"
    STOP_MARKET = "stop_market"
    STOP_LIMIT = "stop_limit"
    TAKE_PROFIT_MARKET = "take_profit_market"
    TAKE_PROFIT_LIMIT = "take_profit_limit"
    TRAILING_STOP = "trailing_stop"

    @property
    def is_conditional(self) -> bool:
        return self not in {OrderType.MARKET, OrderType.LIMIT}

    @property
    def has_limit(self) -> bool:
        return self in {OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.TAKE_PROFIT_LIMIT}


class TimeInForce(StrEnum):
    """GTX is post-only: it makes or it is refused. GTD ends at a time, DAY with the session."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTX = "gtx"
    GTD = "gtd"
    DAY = "day"


class TriggerSource(StrEnum):
    """Which price a conditional order watches."""

    LAST = "last"
    MARK = "mark"


class PositionSide(StrEnum):
    """BOTH in one-way mode; LONG or SHORT names the leg in hedge mode."""

    BOTH = "both"
    LONG = "long"
    SHORT = "short"


class SelfTradePrevention(StrEnum):
    """Which order ends when one account's orders would meet; the taker's choice decides. NONE: they trade."""

    NONE = "none"
    EXPIRE_TAKER = "expire_taker"
    EXPIRE_MAKER = "expire_maker"
    EXPIRE_BOTH = "expire_both"


class OrderStatus(StrEnum):
    """What a venue says of an order. WAITING: a conditional order whose trigger has not been reached.

    UNKNOWN is ours: asked for, and not known what became of it.
    """

    WAITING = "waiting"
    NEW = "new"
    PARTIALLY_FILLED = "partially_filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    UNKNOWN = "unknown"

    @property
    def is_open(self) -> bool:
        return self in {OrderStatus.WAITING, OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED, OrderStatus.UNKNOWN}


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What we want the venue to do. ``client_order_id`` is deterministic, so a repeat can be recognised.

    ``price`` is the limit price, ``stop_price`` the trigger; None where the type has none. ``reason`` is for people.
    ``quantity`` is zero where ``is_close_position``: all that is held then. A trailing stop follows from
    ``activation_price`` (None: at once) at ``callback_rate``, a fraction (0.01 = 1 %). ``good_till_ns`` belongs to GTD.
    """

    client_order_id: str
    venue: str
    instrument: str
    side: Side
    type: OrderType
    quantity: Decimal
    time_in_force: TimeInForce
    reason: str
    price: Decimal | None = None
    stop_price: Decimal | None = None
    is_reduce_only: bool = False
    is_close_position: bool = False
    trigger_source: TriggerSource = TriggerSource.LAST
    is_price_protected: bool = False
    activation_price: Decimal | None = None
    callback_rate: Decimal | None = None
    good_till_ns: int | None = None
    position_side: PositionSide = PositionSide.BOTH
    self_trade_prevention: SelfTradePrevention = SelfTradePrevention.EXPIRE_MAKER


@dataclass(frozen=True, slots=True)
class OrderState:
    """What a venue says of one of our orders. ``average_price`` is None until something filled, or if not told.

    ``venue_order_id`` is the venue's own number; a conditional order that was triggered keeps its client order id and
    gets a new number. ``reason`` says why it ended early, in the venue's words.
    """

    venue: str
    instrument: str
    client_order_id: str
    venue_order_id: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    status: OrderStatus
    quantity: Decimal
    filled: Decimal
    at_ns: int
    price: Decimal | None = None
    stop_price: Decimal | None = None
    average_price: Decimal | None = None
    is_reduce_only: bool = False
    is_close_position: bool = False
    position_side: PositionSide = PositionSide.BOTH
    reason: str = ""

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of ours. ``fee`` and ``tax`` are costs when positive, in ``fee_currency``.

    ``realized`` is the profit of what it closed, before fees, in the account's currency; 0 where the venue tells none.
    """

    venue: str
    instrument: str
    client_order_id: str
    trade_id: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    fee_currency: str
    liquidity: Liquidity
    at_ns: int
    tax: Decimal = Decimal(0)
    realized: Decimal = Decimal(0)
    position_side: PositionSide = PositionSide.BOTH


@dataclass(frozen=True, slots=True)
class Position:
    """What is held. ``quantity`` is signed (short below zero); ``entry_price`` is the weighted average.

    ``isolated_wallet`` is None unless the position has a wallet of its own; ``sellable`` is what may be sold today,
    which differs from ``quantity`` where settlement or locks say so.
    """

    venue: str
    instrument: str
    quantity: Decimal
    entry_price: Decimal
    sellable: Decimal
    isolated_wallet: Decimal | None = None
    side: PositionSide = PositionSide.BOTH
    mark_price: Decimal | None = None
    unrealized: Decimal | None = None
    liquidation_price: Decimal | None = None
    leverage: int | None = None
