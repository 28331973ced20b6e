"""The page about losses: its examples run and print what it says, its tables name what there is."""

import re
from typing import Any

from tests.support.pages import examples_of, printed_by, text_of

from geobuk.risk.breaker_spec import BreakerCode, BreakerLimits
from geobuk.risk.ledger import KEPT_EVENTS
from geobuk.risk.ledger_events import LedgerCode

PAGE = text_of("ledger.md")
BREAKER_ROWS = re.findall(r"^\| `(\w+)` \| .* \| ([\d.]+) \| (\w+) \| (\w+) \|$", PAGE, flags=re.MULTILINE)


def test_the_examples_print_what_the_page_shows() -> None:
    names: dict[str, Any] = {}
    for code, shown in examples_of("ledger.md"):
        assert printed_by(code, "ledger.md", names) == shown


def test_every_breaker_stands_there_with_its_defaults() -> None:
    limits = BreakerLimits()
    rules = {code.value.lower(): getattr(limits, code.value.lower()) for code in BreakerCode}
    assert [(name, f"{rule.limit:g}", rule.response, rule.reset) for name, rule in rules.items()] == BREAKER_ROWS


def test_every_event_stands_there() -> None:
    named = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", PAGE, flags=re.MULTILINE)
    assert {code for row in named for code in re.findall(r"\w+", row)} == {code.value for code in LedgerCode}
    assert f"newest {KEPT_EVENTS:,}" in PAGE
