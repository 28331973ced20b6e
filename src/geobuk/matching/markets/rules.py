"""The instruments that emulator and paper venue start with: made up, and shaped like the venue's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from geobuk.domain.instrument import Instrument, InstrumentKind, LeverageBracket, TickBand
from geobuk.matching.market_rules import MarketRules

VENUE = "synthetic"
_AS_OF = date(2026, 11, 1)
_SOURCE = "made up by Geobuk after the form of Binance's rules; not the venue's own"
_RATES = ("0.01", "0.015", "0.02", "0.025", "0.05", "0.1", "0.125", "0.25", "0.5")
_LEVERAGES = (50, 40, 25, 20, 10, 5, 4, 2, 1)

_BITCOIN = (
    (150, "0.004", 300_000),
    (100, "0.005", 800_000),
    (75, "0.0065", 3_000_000),
    (50, "0.01", 12_000_000),
    (25, "0.02", 70_000_000),
    (20, "0.025", 100_000_000),
    (10, "0.05", 230_000_000),
    (5, "0.1", 480_000_000),
    (4, "0.125", 600_000_000),
    (3, "0.15", 800_000_000),
    (2, "0.25", 1_200_000_000),
    (1, "0.5", 1_800_000_000),
)
_ETHER = (
    *_BITCOIN[:4],
    (25, "0.02", 50_000_000),
    (20, "0.025", 65_000_000),
    (10, "0.05", 150_000_000),
    (5, "0.1", 320_000_000),
    (4, "0.125", 400_000_000),
    (3, "0.15", 530_000_000),
    (2, "0.25", 800_000_000),
    (1, "0.5", 1_200_000_000),
)


@dataclass(frozen=True, slots=True)
class Sketch:
    """One line of the starting table. ``depth`` is the usual worth of a price level, ``volatility`` a multiple of
    Bitcoin's; ``first_cap`` is the notional up to which the highest leverage holds.
    """

    base: str
    price: str
    tick: str
    price_decimals: int
    step: str
    quantity_decimals: int
    market_max: int
    min_notional: int
    depth: int
    volatility: float
    first_cap: int
    top_leverage: int = 75
    top_rate: str = "0.005"
    funding_hours: int = 8

    @property
    def name(self) -> str:
        return f"{self.base}USDT"


SKETCHES = (
    Sketch("BTC", "84000.00", "0.10", 2, "0.001", 3, 120, 50, 120_000, 1.0, 300_000),
    Sketch("ETH", "3000.00", "0.01", 2, "0.001", 3, 2_000, 20, 60_000, 1.3, 300_000),
    Sketch("BNB", "880.000", "0.010", 3, "0.01", 2, 2_000, 5, 20_000, 1.2, 10_000),
    Sketch("SOL", "140.0000", "0.0100", 4, "0.01", 2, 10_000, 5, 30_000, 1.6, 50_000, 100),
    Sketch("XRP", "2.2000", "0.0001", 4, "0.1", 1, 1_000_000, 5, 25_000, 1.5, 80_000, 75, "0.006"),
    Sketch("DOT", "1.135900", "0.000100", 6, "0.1", 1, 150_000, 5, 6_000, 1.8, 10_000, 75, "0.0065", 4),
    Sketch("ADA", "0.42000", "0.00010", 5, "1", 0, 2_000_000, 5, 10_000, 1.7, 10_000),
    Sketch("DOGE", "0.151000", "0.000010", 6, "1", 0, 30_000_000, 5, 15_000, 1.8, 80_000, 75, "0.0065"),
    Sketch("LINK", "13.000", "0.001", 3, "0.01", 2, 30_000, 20, 8_000, 1.7, 10_000),
    Sketch("LTC", "85.00", "0.01", 2, "0.001", 3, 20_000, 20, 8_000, 1.4, 10_000),
)


@cache
def starting_rules(names: tuple[str, ...] | None = None) -> tuple[MarketRules, ...]:
    """Rules of the made-up instruments, all of them or those named, in the order of the table.

    >>> starting_rules()[0].tick
    Decimal('0.10')
    """
    return tuple(_rules(sketch) for sketch in SKETCHES if names is None or sketch.name in names)


def sketch_of(name: str) -> Sketch | None:
    """The starting table's line for an instrument, None if it has none."""
    return next((sketch for sketch in SKETCHES if sketch.name == name), None)


def brackets_of(tiers: Iterable[tuple[int, str, int]]) -> tuple[LeverageBracket, ...]:
    """Brackets from (leverage, maintenance rate, cap): cum_k = cum_(k-1) + floor_k * (rate_k - rate_(k-1))."""
    brackets: list[LeverageBracket] = []
    floor, rate, cumulative = Decimal(0), Decimal(0), Decimal(0)
    for leverage, text, cap in tiers:
        cumulative += floor * (Decimal(text) - rate)
        rate = Decimal(text)
        brackets.append(LeverageBracket(floor, Decimal(cap), leverage, rate, cumulative))
        floor = Decimal(cap)
    return tuple(brackets)


def _tiers(sketch: Sketch) -> Sequence[tuple[int, str, int]]:
    if sketch.base == "BTC":
        return _BITCOIN
    if sketch.base == "ETH":
        return _ETHER
    first = sketch.first_cap
    caps = [first * factor for factor in (3, 10, 50, 100, 500, 1_000, 1_250, 2_500, 5_000)]
    top = (sketch.top_leverage, sketch.top_rate, first)
    return [top, *zip(_LEVERAGES, _RATES, caps, strict=True)]


def _rules(sketch: Sketch) -> MarketRules:
    tick, step, price = Decimal(sketch.tick), Decimal(sketch.step), Decimal(sketch.price)
    brackets = brackets_of(_tiers(sketch))
    instrument = Instrument(
        venue=VENUE,
        name=sketch.name,
        kind=InstrumentKind.PERPETUAL,
        base=sketch.base,
        quote="USDT",
        ticks=(TickBand(Decimal(0), tick),),
        step=step,
        min_quantity=step,
        max_quantity=Decimal(1_000 if sketch.base == "BTC" else sketch.market_max * 5),
        min_notional=Decimal(sketch.min_notional),
        maker_fee=Decimal("0.0002"),
        taker_fee=Decimal("0.0005"),
        as_of=_AS_OF,
        source=_SOURCE,
        liquidation_fee=Decimal("0.012500"),
        brackets=brackets,
        funding_interval_hours=sketch.funding_hours,
        funding_cap=Decimal("0.02") if sketch.funding_hours != 8 else brackets[0].maintenance_rate * Decimal("0.75"),
        is_synthetic=True,
    )
    is_bitcoin = sketch.base == "BTC"
    return MarketRules(
        instrument=instrument,
        price_decimals=sketch.price_decimals,
        quantity_decimals=sketch.quantity_decimals,
        min_price=Decimal("261.10") if is_bitcoin else tick * 10,
        max_price=Decimal("809484") if is_bitcoin else (price * 20 // tick) * tick,
        market_min_quantity=step,
        market_max_quantity=Decimal(sketch.market_max),
    )
