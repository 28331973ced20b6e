"""The pages about venues: their tables are the code's, their examples run against an emulator as they stand."""

import asyncio
import re
import sys
from pathlib import Path

import pytest
from tests.conformance.duties import DUTIES
from tests.support.pages import text_of

from geobuk.app.venues import capability_table
from geobuk.cli.venue_views import capability_rows
from geobuk.emulators.binance.assembly import Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.matching.markets.generated import GeneratedMarket, GeneratedSpec
from geobuk.matching.markets.rules import starting_rules
from geobuk.ops.clock import WallClock

ROOT = Path(__file__).resolve().parents[2]
PAGES = {"venues.md": ("yes", "no"), "venues.ko.md": ("예", "아니오")}
BLOCK = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
EXAMPLES = BLOCK.findall(text_of("venues.md"))


@pytest.mark.parametrize("page", list(PAGES))
def test_the_table_of_capabilities_is_the_codes(page: str) -> None:
    table, words = capability_table(), PAGES[page]
    lines = ["| | " + " | ".join(can.venue for can in table) + " |", "| --- |" + " --- |" * len(table)]
    lines += [
        f"| {label} | " + " | ".join(words[not v] for v in values) + " |" for label, values in capability_rows(table)
    ]
    assert "\n".join(lines) + "\n\n" in text_of(page)


@pytest.mark.parametrize("page", list(PAGES))
def test_the_list_of_duties_is_the_codes(page: str) -> None:
    assert "\n\n" + "\n".join(f"{duty.number}. {duty.title}" for duty in DUTIES) + "\n\n" in text_of(page)


def test_both_languages_show_the_same_examples() -> None:
    assert len(EXAMPLES) == text_of("venues.md").count("```python") == 5
    assert BLOCK.findall(text_of("venues.ko.md")) == EXAMPLES


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_runs(number: int) -> None:
    code, shown = EXAMPLES[number]
    said = asyncio.run(_run(code))
    assert said
    if shown:
        assert said == shown


async def _run(code: str) -> str:
    """What an example prints, in a process of its own, with the emulator's port in the place of the usual one."""
    clock = SpeedClock(WallClock())
    market = GeneratedMarket(starting_rules(("BTCUSDT", "ETHUSDT")), GeneratedSpec(seed=3), clock.now_ns())
    async with Emulation(market, clock) as emulation:
        code = code.replace("127.0.0.1:8790", emulation.base_url.removeprefix("http://"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=ROOT
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()[-2000:]
        return out.decode()
