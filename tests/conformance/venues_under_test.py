"""The venues that must do their duties: one line each in VENUES, and how its stage is set up."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from decimal import Decimal

from geobuk.matching.markets.rules import starting_rules
from tests.conformance.stage import HandClock, Stage
from tests.support.scripted_market import ScriptedMarket

START_NS = 1_791_354_600_000_000_000
"""2026-10-07 06:30 UTC: the next funding is at 08:00."""
INSTRUMENT = "BTCUSDT"
DEPOSIT = Decimal(100_000)


@asynccontextmanager
async def paper() -> AsyncIterator[Stage]:
    """The matching engine in process."""
    raise NotImplementedError
    yield


VENUES: dict[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "paper": paper,
}
