"""Every duty, by every venue that can do it."""

import asyncio
import contextlib

import pytest

from tests.conformance.duties import DUTIES, Duty
from tests.conformance.venues_under_test import VENUES


@pytest.mark.parametrize("number", [duty.number for duty in DUTIES], ids=[f"{d.number:02}-{d.title}" for d in DUTIES])
@pytest.mark.parametrize("venue", list(VENUES))
def test_venue_does_its_duty(venue: str, number: int) -> None:
    duty = DUTIES[number - 1]
    assert duty.number == number
    asyncio.run(_do(venue, duty))


async def _do(venue: str, duty: Duty) -> None:
    async with VENUES[venue]() as stage:
        if not duty.needs(stage.venue.capabilities):
            pytest.skip(f"{venue} does not claim to be able to")
        listening = asyncio.create_task(stage.listen())
        try:
            await stage.quote("60000", "60001")
            await duty.check(stage)
        finally:
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listening


def test_every_venue_says_what_it_can_do() -> None:
    async def ask(venue: str) -> str:
        async with VENUES[venue]() as stage:
            return stage.venue.capabilities.venue

    named = [asyncio.run(ask(venue)) for venue in VENUES]
    assert len(set(named)) == len(VENUES)
