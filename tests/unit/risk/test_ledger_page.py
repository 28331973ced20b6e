"""The page about losses: its examples run and print what it says, its tables name what there is."""

import re
from pathlib import Path

import pytest

from geobuk.risk.breaker_spec import BreakerCode, BreakerLimits
from geobuk.risk.ledger import KEPT_EVENTS
from geobuk.risk.ledger_events import LedgerCode

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ledger.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```.*?\n```\n(.*?)```", PAGE, flags=re.DOTALL)
BREAKER_ROWS = re.findall(r"^\| `(\w+)` \| .* \| ([\d.]+) \| (\w+) \| (\w+) \|$", PAGE, flags=re.MULTILINE)


@pytest.mark.parametrize("number", range(PAGE.count("```python")))
def test_an_example_prints_what_the_page_says(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    script, printed = EXAMPLES[number]
    exec(compile(script, "docs/ledger.md", "exec"), {})
    assert capsys.readouterr().out == printed


def test_every_breaker_stands_there_with_its_defaults() -> None:
    limits = BreakerLimits()
    rules = {code.value.lower(): getattr(limits, code.value.lower()) for code in BreakerCode}
    assert [(name, f"{rule.limit:g}", rule.response, rule.reset) for name, rule in rules.items()] == BREAKER_ROWS


def test_every_event_stands_there() -> None:
    named = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", PAGE, flags=re.MULTILINE)
    assert {code for row in named for code in re.findall(r"\w+", row)} == {code.value for code in LedgerCode}
    assert f"newest {KEPT_EVENTS:,}" in PAGE
