"""Price limits of the Korea Exchange, exact. It knows no dates: the caller says which table and band are in force."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import TickBand

BAND = Decimal("0.30")
"""Since 2015-06-15. Source: KRX KOSPI and KOSDAQ market business regulation."""


def tick_at(price: Decimal, ticks: Sequence[TickBand]) -> Decimal:
    """The tick of the band that holds a price >= 0."""
    return next(band.tick for band in reversed(ticks) if band.floor <= price)


def price_limits(base: Decimal, ticks: Sequence[TickBand], band: Decimal = BAND) -> tuple[Decimal, Decimal]:
    """Lowest and highest price of a day.

    The width is ``base * band`` cut down to the tick of the base; the limits are the base less and plus it, each moved
    inwards to the tick at its own price. ``base`` is the previous close, adjusted for rights and splits. Below four
    won (at 30 %) the width is nothing.

    Every price that touched a limit in eight weeks of all KOSPI and KOSDAQ names (2021, 2024) agrees, ten of them where
    cutting ``base * 0.7`` instead would give another limit.

    >>> band = (TickBand(Decimal(0), Decimal(1)), TickBand(Decimal(50_000), Decimal(100)))
    >>> price_limits(Decimal(128_500), band)
    (Decimal('90000'), Decimal('167000'))

    Raises
    ------
    DataError
        The base is not positive.
    """
    if base.is_nan() or base <= 0:
        raise DataError(f"a base price of {base} has no limits", cure="give the previous close")
    tick = tick_at(base, ticks)
    width = base * band // tick * tick
    low, high = base - width, base + width
    low_tick, high_tick = tick_at(low, ticks), tick_at(high, ticks)
    steps = (low / low_tick).to_integral_value(rounding=ROUND_CEILING)
    return steps * low_tick, high // high_tick * high_tick
