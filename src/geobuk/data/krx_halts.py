"""When the Korea Exchange interrupts trading: thresholds as data, for whatever will follow them. Nothing acts on them
here.
"""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from geobuk.data.krx_rules import KOSDAQ, KOSPI

SOURCE = "KRX market business regulations, as brokers' guides give them; thresholds of funds are not confirmed"


@dataclass(frozen=True, slots=True)
class DynamicInterruption:
    """A call auction instead of a trade that would move the price further than this from the last one (fractions)."""

    group: str
    continuous: Decimal
    closing_auction: Decimal
    after_hours: Decimal


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """A halt of the whole market when its index stands ``fall`` below the previous close for a minute.

    ``beyond_previous`` is the further fall needed since the level before; ``latest`` the last time of day, None for
    none; ``ends_day`` whether the market closes for the day. Each level at most once a day.
    """

    level: int
    fall: Decimal
    beyond_previous: Decimal
    halt_minutes: int
    auction_minutes: int
    latest: time | None
    ends_day: bool


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Program orders wait ``wait_minutes`` when a future has moved by ``future`` (and its index by ``index``) for a
    minute; ordinary orders do not. At most once a day.
    """

    market: str
    future: Decimal
    index: Decimal | None
    wait_minutes: int


DYNAMIC = (
    DynamicInterruption("KOSPI 200", Decimal("0.03"), Decimal("0.02"), Decimal("0.03")),
    DynamicInterruption("other KOSPI and KOSDAQ", Decimal("0.06"), Decimal("0.04"), Decimal("0.06")),
    DynamicInterruption("funds", Decimal("0.03"), Decimal("0.02"), Decimal("0.03")),
    DynamicInterruption("leveraged funds", Decimal("0.06"), Decimal("0.04"), Decimal("0.06")),
)

STATIC_MOVE = Decimal("0.10")
"""From the last single price of the day, or the previous close before the open: a call auction."""

INTERRUPTION_SECONDS = 120
INTERRUPTION_RANDOM_SECONDS = 30
"""The call auction's length, and how much longer it may last by chance."""

CIRCUIT_BREAKERS = (
    CircuitBreaker(1, Decimal("0.08"), Decimal(0), 20, 10, time(14, 50), False),
    CircuitBreaker(2, Decimal("0.15"), Decimal("0.01"), 20, 10, time(14, 50), False),
    CircuitBreaker(3, Decimal("0.20"), Decimal("0.01"), 0, 0, None, True),
)
CIRCUIT_BREAKERS_FROM = date(2015, 6, 15)

SIDECARS = (Sidecar(KOSPI, Decimal("0.05"), None, 5), Sidecar(KOSDAQ, Decimal("0.06"), Decimal("0.03"), 5))
SIDECAR_QUIET_MINUTES = 5
"""None in the first minutes after the open; none after 14:50."""
