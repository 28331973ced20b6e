"""What can be traded and by which rules: perpetuals on margin, shares for cash.

Money is ``Decimal`` here; kernels get float arrays from :mod:`geobuk.terms`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from geobuk.domain.errors import DataError


class InstrumentKind(StrEnum):
    """PERPETUAL settles in margin and pays funding; SHARE is bought for cash and settles later."""

    PERPETUAL = "perpetual"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class TickBand:
    """From ``floor`` on, prices move in steps of ``tick`` (quote currency)."""

    floor: Decimal
    tick: Decimal


@dataclass(frozen=True, slots=True)
class DatedTicks:
    """A tick table in force for trades from a day on."""

    from_day: date
    ticks: tuple[TickBand, ...]


@dataclass(frozen=True, slots=True)
class DatedRate:
    """A rate, as a fraction, in force for trades from a day on."""

    from_day: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class LeverageBracket:
    """One tier of maintenance margin: notional in [floor, cap), in quote currency.

    Maintenance margin = notional * maintenance_rate - cumulative. Source: Binance, leverage and margin tiers.
    """

    floor: Decimal
    cap: Decimal
    max_leverage: int
    maintenance_rate: Decimal
    cumulative: Decimal


@dataclass(frozen=True, slots=True)
class Instrument:
    """A dated snapshot of an instrument's trading rules.

    Rates are fractions (0.0005 = 0.05 %). ``price_band`` is the largest move from the previous close (0.30 on KRX) or
    None. ``settlement_days`` counts sessions from trade to settlement (2 for Korean shares, 0 on margin).
    ``funding_interval_hours`` is None where no funding is paid. ``as_of`` says when the rules were read, ``source``
    where; ``is_synthetic`` marks rules or prices that are made up for demonstrations.

    ``ticks``, ``sell_tax`` and ``price_band`` are those in force on ``as_of``. Where a rule changed, ``dated_ticks``,
    ``sell_taxes`` and ``price_bands`` hold all that are known, oldest first; empty where one rule always held. The days
    are those of the trade, whatever the law counts. ``is_fund`` marks exchange-traded funds and notes, whose ticks and
    taxes are not those of shares; ``market`` is the venue's segment (KOSPI, KOSDAQ, KONEX), empty if not known.
    """

    venue: str
    name: str
    kind: InstrumentKind
    base: str
    quote: str
    ticks: tuple[TickBand, ...]
    step: Decimal
    min_quantity: Decimal
    max_quantity: Decimal
    min_notional: Decimal
    maker_fee: Decimal
    taker_fee: Decimal
    as_of: date
    source: str
    liquidation_fee: Decimal = Decimal(0)
    brackets: tuple[LeverageBracket, ...] = ()
    funding_interval_hours: int | None = None
    funding_cap: Decimal | None = None
    price_band: Decimal | None = None
    sell_tax: Decimal = Decimal(0)
    settlement_days: int = 0
    can_short: bool = True
    sector: str = ""
    is_synthetic: bool = False
    market: str = ""
    is_fund: bool = False
    dated_ticks: tuple[DatedTicks, ...] = ()
    sell_taxes: tuple[DatedRate, ...] = ()
    price_bands: tuple[DatedRate, ...] = ()

    def __post_init__(self) -> None:
        label = f"{self.venue}:{self.name}"
        for field in ("step", "min_quantity", "max_quantity"):
            if getattr(self, field) <= 0:
                raise DataError(f"{label}: {field} {getattr(self, field)} is not positive", cure="correct the snapshot")
        for ticks in (self.ticks, *(dated.ticks for dated in self.dated_ticks)):
            if not ticks or ticks[0].floor != 0 or any(band.tick <= 0 for band in ticks):
                raise DataError(
                    f"{label}: the tick table does not start at 0 or has a tick <= 0", cure="correct the snapshot"
                )
        for dated in (self.dated_ticks, self.sell_taxes, self.price_bands):
            days = [entry.from_day for entry in dated]
            if days != sorted(set(days)):
                raise DataError(f"{label}: dated rules are not in the order of their days", cure="correct the snapshot")
        _require_contiguous(label, self.brackets)

    def ticks_on(self, day: date) -> tuple[TickBand, ...]:
        """The tick table in force on a day; the oldest known one before all."""
        return next((d.ticks for d in reversed(self.dated_ticks) if d.from_day <= day), _oldest_ticks(self))

    def sell_tax_on(self, day: date) -> Decimal:
        """The tax on sales traded on a day; the oldest known one before all."""
        return _rate_on(self.sell_taxes, day, self.sell_tax)

    def price_band_on(self, day: date) -> Decimal | None:
        """The largest move from the previous close on a day, or None; the oldest known one before all."""
        return self.price_band if self.price_band is None else _rate_on(self.price_bands, day, self.price_band)


def _oldest_ticks(instrument: Instrument) -> tuple[TickBand, ...]:
    return instrument.dated_ticks[0].ticks if instrument.dated_ticks else instrument.ticks


def _rate_on(rates: tuple[DatedRate, ...], day: date, otherwise: Decimal) -> Decimal:
    if not rates:
        return otherwise
    return next((dated.rate for dated in reversed(rates) if dated.from_day <= day), rates[0].rate)


def _require_contiguous(label: str, brackets: tuple[LeverageBracket, ...]) -> None:
    floor = Decimal(0)
    for bracket in brackets:
        if bracket.floor != floor or bracket.cap <= bracket.floor:
            raise DataError(f"{label}: leverage brackets have a gap at notional {floor}", cure="import them again")
        floor = bracket.cap
