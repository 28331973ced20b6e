"""What a venue tells us unasked: our orders, fills, balances, positions, and notices about the connection."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from geobuk.domain.account import Account
from geobuk.domain.order import Fill, OrderState, Position


class ChangeReason(StrEnum):
    """Why a balance or a position changed."""

    ORDER = "order"
    FUNDING = "funding"
    TRANSFER = "transfer"
    MARGIN = "margin"
    LIQUIDATION = "liquidation"
    DELEVERAGING = "deleveraging"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """A wallet after a change. ``amount`` is the part of it that neither profit nor fee explains (a transfer)."""

    venue: str
    currency: str
    wallet: Decimal
    reason: ChangeReason
    at_ns: int
    amount: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class PositionChange:
    """A position after a change; quantity 0 where it was closed."""

    position: Position
    reason: ChangeReason
    at_ns: int


class NoticeKind(StrEnum):
    """What a notice is about."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    STALE = "stale"
    RECOVERED = "recovered"
    MARGIN_CALL = "margin_call"
    RULES_CHANGED = "rules_changed"
    BLOCKED = "blocked"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person or the trader should know. After DISCONNECTED nothing is sure until RECOVERED."""

    venue: str
    kind: NoticeKind
    text: str
    at_ns: int
    instrument: str = ""


VenueUpdate = OrderState | Fill | BalanceChange | PositionChange | Notice


@dataclass(frozen=True, slots=True)
class VenueSnapshot:
    """All that reconciliation needs, as the venue sees it. ``orders`` are the open ones, conditional ones included."""

    account: Account
    positions: tuple[Position, ...]
    orders: tuple[OrderState, ...]
    at_ns: int
