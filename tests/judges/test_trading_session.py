"""Third-party clients run the numbered session; what they understood is held against the emulator's own books."""

import asyncio

import pytest

from tests.judges.judge import PYTHON, Judge
from tests.judges.local_venue import local_venue
from tests.judges.session import STEPS, Session

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="the clients are not installed: run `make judges`")


@pytest.mark.parametrize("name", ["ccxt", "python_binance", "official"])
def test_client_runs_the_trading_session(name: str) -> None:
    asyncio.run(_run(name))


async def _run(name: str) -> None:
    async with local_venue() as venue:
        judge = await Judge.start(name)
        try:
            await judge.ask("connect", base=venue.base_url, key="emulator-key", secret="emulator-secret")
            session = Session(judge, venue)
            for number, title, action in STEPS:
                try:
                    await action(session)
                except Exception as error:
                    raise AssertionError(f"step {number}, {name} {title}: {error!r}") from error
            if name == "official":
                assert await judge.ask("complained") == []
        finally:
            await judge.stop()
