"""What the venue enforces on the orders of one instrument."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from geobuk.domain.instrument import Instrument


class TradingStatus(StrEnum):
    """Only TRADING takes new orders; CANCEL_ONLY takes cancels, HALTED and SETTLING nothing."""

    TRADING = "trading"
    CANCEL_ONLY = "cancel_only"
    HALTED = "halted"
    SETTLING = "settling"


@dataclass(frozen=True, slots=True)
class MarketRules:
    """An instrument's filters. The book counts in 10**-price_decimals and 10**-quantity_decimals; these never change,
    tick, step and all else may.

    ``percent_up`` and ``percent_down`` bound a limit price by the mark (BUY <= mark * up, SELL >= mark * down);
    ``market_take_bound`` bounds how far from the mark a market order may fill; ``trigger_protect`` is the largest gap
    between mark and last price at which a protected trigger fires. All are fractions or multipliers.
    """

    instrument: Instrument
    price_decimals: int
    quantity_decimals: int
    min_price: Decimal
    max_price: Decimal
    market_min_quantity: Decimal
    market_max_quantity: Decimal
    percent_up: Decimal = Decimal("1.05")
    percent_down: Decimal = Decimal("0.95")
    market_take_bound: Decimal = Decimal("0.05")
    trigger_protect: Decimal = Decimal("0.05")
    max_orders: int = 200
    status: TradingStatus = TradingStatus.TRADING

    @property
    def name(self) -> str:
        return self.instrument.name

    @property
    def tick(self) -> Decimal:
        """A perpetual has one tick at every price."""
        return self.instrument.ticks[0].tick
