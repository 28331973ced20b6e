"""The two kinds of account: margin (perpetuals) and cash (shares)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class MarginMode(StrEnum):
    """CROSS shares one balance; ISOLATED risks each position's own wallet; CASH borrows nothing."""

    CROSS = "cross"
    ISOLATED = "isolated"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Settlement:
    """Cash that is owed but not there yet: a T+2 sale or purchase. ``amount`` is signed, in account currency."""

    due_at_ns: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """What the venue says is there. Amounts in ``currency``.

    ``wallet`` excludes unrealised profit. ``buying_power`` is what new orders may spend: on margin the available
    balance, for cash the settled and re-usable money. ``pending`` is empty on margin.
    """

    venue: str
    currency: str
    mode: MarginMode
    wallet: Decimal
    unrealized: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    buying_power: Decimal
    at_ns: int
    pending: tuple[Settlement, ...] = ()

    @property
    def equity(self) -> Decimal:
        """Wallet plus unrealised profit, plus what settlements still owe."""
        return self.wallet + self.unrealized + sum((s.amount for s in self.pending), Decimal(0))
