"""The lines with which the documentation points clients at the emulator, run as they stand but for the port."""

import asyncio
import re

import pytest

from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT
from tests.judges.judge import PYTHON
from tests.judges.local_venue import local_venue
from tests.support.pages import text_of

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="the clients are not installed: run `make judges`"),
    pytest.mark.timeout(120),
]
BLOCKS = re.findall(r"```python\n(.*?)```", text_of("emulator.md"), re.DOTALL)


@pytest.mark.parametrize("code", BLOCKS, ids=[block.split()[1].partition(".")[0] for block in BLOCKS])
def test_a_documented_client_trades(code: str) -> None:
    asyncio.run(_run(code))


async def _run(code: str) -> None:
    async with local_venue() as venue:
        code = code.replace("127.0.0.1:8790", venue.base_url.removeprefix("http://"))
        process = await asyncio.create_subprocess_exec(
            str(PYTHON), "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()[-2000:]
        (filled,) = venue.emulation.exchange.engine.executions(DEFAULT_ACCOUNT)
        assert float(out) == float(filled.quantity) == 0.01


def test_every_client_is_shown() -> None:
    assert len(BLOCKS) == 3
