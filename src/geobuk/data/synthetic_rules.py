"""Made-up trading rules of the synthetic venue. They resemble perpetuals in USDT and belong to no real instrument."""

import math
from datetime import date
from decimal import Decimal
from functools import cache

from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand

VENUE = "synthetic"
MAX_INSTRUMENTS = 64
_AS_OF = date(2023, 1, 1)
_SOURCE = "made up by Geobuk for demonstrations; belongs to no real market"
_GOLDEN = (math.sqrt(5) - 1) / 2
_LARGE = (
    (125, "0.004"),
    (100, "0.005"),
    (50, "0.01"),
    (20, "0.025"),
    (10, "0.05"),
    (5, "0.1"),
    (2, "0.25"),
    (1, "0.5"),
)
_SMALL = ((75, "0.01"), (50, "0.015"), (25, "0.02"), (20, "0.025"), (10, "0.05"), (5, "0.1"), (2, "0.25"), (1, "0.5"))
_LARGE_CAPS = (300_000, 800_000, 3_000_000, 12_000_000, 70_000_000, 200_000_000, 400_000_000, 1_000_000_000)
_SMALL_CAPS = (5_000, 20_000, 60_000, 200_000, 1_000_000, 3_000_000, 5_000_000, 10_000_000)


def start_price(number: int) -> float:
    """Where instrument ``number`` (1 is the first) starts, spread evenly in logarithm from 1 to 8,000 USDT.

    >>> start_price(1)
    8000.0
    """
    share = math.fmod(1 - (number - 1) * _GOLDEN, 1.0) % 1.0 or 1.0
    price = 8_000**share
    return float(f"{price:.3g}")


def tick_of(number: int) -> Decimal:
    """Price step: one hundred-thousandth to one ten-thousandth of the starting price."""
    return Decimal(1).scaleb(math.floor(math.log10(start_price(number))) - 4)


def step_of(number: int) -> Decimal:
    """Quantity step: worth 1 to 10 USDT at the starting price."""
    return Decimal(1).scaleb(math.ceil(-math.log10(start_price(number)) - 1e-12))


@cache
def synthetic_instruments() -> tuple[Instrument, ...]:
    """SYN1USDT, SYN2USDT, …, always the same."""
    return tuple(_instrument(number) for number in range(1, MAX_INSTRUMENTS + 1))


def _instrument(number: int) -> Instrument:
    step = step_of(number)
    return Instrument(
        venue=VENUE,
        name=f"SYN{number}USDT",
        kind=InstrumentKind.PERPETUAL,
        base=f"SYN{number}",
        quote="USDT",
        ticks=(TickBand(Decimal(0), tick_of(number)),),
        step=step,
        min_quantity=step,
        max_quantity=step * 10_000_000,
        min_notional=Decimal({1: 100, 2: 20, 3: 20}.get(number, 5)),
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        as_of=_AS_OF,
        source=_SOURCE,
        liquidation_fee=Decimal("0.0125"),
        brackets=_brackets(_LARGE, _LARGE_CAPS) if number <= 3 else _brackets(_SMALL, _SMALL_CAPS),
        funding_interval_hours=8,
        funding_cap=Decimal("0.003") if number <= 3 else Decimal("0.02"),
        is_synthetic=True,
    )


def _brackets(tiers: tuple[tuple[int, str], ...], caps: tuple[int, ...]) -> tuple[LeverageBracket, ...]:
    """Cumulative amounts make maintenance margin continuous: cum_n = cum_(n-1) + floor_n * (rate_n - rate_(n-1))."""
    brackets: list[LeverageBracket] = []
    floor, rate, cumulative = Decimal(0), Decimal(0), Decimal(0)
    for (leverage, text), cap in zip(tiers, caps, strict=True):
        cumulative += floor * (Decimal(text) - rate)
        rate = Decimal(text)
        brackets.append(LeverageBracket(floor, Decimal(cap), leverage, rate, cumulative))
        floor = Decimal(cap)
    return tuple(brackets)
