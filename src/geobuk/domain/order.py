"""Orders and fills as values. An order's life cycle belongs to the execution room."""

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum, StrEnum


class Side(IntEnum):
    """The sign of a quantity."""

    BUY = 1
    SELL = -1


class OrderType(StrEnum):
    MARKET = "market"
    LIMIT = "limit"
    STOP = "stop"


class TimeInForce(StrEnum):
    """GTX is post-only: it makes or it is refused. DAY ends with the session."""

    GTC = "gtc"
    IOC = "ioc"
    FOK = "fok"
    GTX = "gtx"
    DAY = "day"


class Liquidity(StrEnum):
    MAKER = "maker"
    TAKER = "taker"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """What we want the venue to do. ``client_order_id`` is deterministic, so a repeat can be recognised.

    ``price`` is the limit price, ``stop_price`` the trigger; None where the type has none. ``reason`` is for people.
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


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution of ours. ``fee`` and ``tax`` are costs when positive, in ``fee_currency``."""

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
