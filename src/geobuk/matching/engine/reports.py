"""What an engine tells its listener, in the order it happens. Every report carries views that never change."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from geobuk.domain.order import Side
from geobuk.matching.engine.orders import Conditional, Execution, Order
from geobuk.matching.holdings import Balance, Holding


class ExecutionType(StrEnum):
    """What just happened to an order."""

    NEW = "NEW"
    TRADE = "TRADE"
    CANCELED = "CANCELED"
    EXPIRED = "EXPIRED"
    CALCULATED = "CALCULATED"
    AMENDMENT = "AMENDMENT"


class AccountReason(StrEnum):
    """Why wallets or positions changed."""

    ORDER = "ORDER"
    FUNDING_FEE = "FUNDING_FEE"
    DEPOSIT = "DEPOSIT"
    WITHDRAW = "WITHDRAW"
    MARGIN_TRANSFER = "MARGIN_TRANSFER"
    MARGIN_TYPE_CHANGE = "MARGIN_TYPE_CHANGE"
    INSURANCE_CLEAR = "INSURANCE_CLEAR"
    ADJUSTMENT = "ADJUSTMENT"


@dataclass(frozen=True, slots=True)
class OrderReport:
    """An order changed. ``execution`` is there for fills; ``trade_lite`` never is: it follows from the fill."""

    at_ns: int
    account: str
    type: ExecutionType
    order: Order
    execution: Execution | None = None
    modify_id: str = ""


@dataclass(frozen=True, slots=True)
class ConditionalReport:
    """A conditional order changed."""

    at_ns: int
    account: str
    conditional: Conditional
    order: Order | None = None
    """What it became, once triggered."""


@dataclass(frozen=True, slots=True)
class AccountReport:
    """Wallets or positions changed: only what changed is listed."""

    at_ns: int
    account: str
    reason: AccountReason
    balances: tuple[Balance, ...]
    holdings: tuple[Holding, ...]
    instrument: str = ""


@dataclass(frozen=True, slots=True)
class LeverageReport:
    """An instrument's leverage was set."""

    at_ns: int
    account: str
    instrument: str
    leverage: int


@dataclass(frozen=True, slots=True)
class MarginCallReport:
    """The margin ratio of the account (or an isolated position) passed the warning line."""

    at_ns: int
    account: str
    cross_wallet: Decimal
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class TradeReport:
    """A print of the market, whether or not one of our orders took part. ``aggressor`` took."""

    at_ns: int
    instrument: str
    trade_id: int
    price: Decimal
    quantity: Decimal
    aggressor: Side


@dataclass(frozen=True, slots=True)
class LiquidationReport:
    """A position of an account was taken over; what the venue's public liquidation stream shows."""

    at_ns: int
    order: Order


@dataclass(frozen=True, slots=True)
class RulesReport:
    """An instrument's rules changed."""

    at_ns: int
    instrument: str


Report = (
    OrderReport
    | ConditionalReport
    | AccountReport
    | LeverageReport
    | MarginCallReport
    | TradeReport
    | LiquidationReport
    | RulesReport
)
