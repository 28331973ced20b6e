"""The record of paper trading is read as it is written, and never believed where it contradicts itself."""

import json

import pytest

from geobuk.domain.errors import DataError
from geobuk.research.paper_evidence import paper_evidence

GOOD: dict[str, object] = {
    "venue": "binance",
    "strategies": [{"name": "trend", "parameters": {"pairs": 3}}],
    "days": 31,
    "orders": 200,
    "fills": 194,
    "fill_rate": 0.97,
    "slippage_bps": 2.5,
    "assumed_slippage_bps": 2.0,
    "post_only_success": 0.8,
}


def test_a_record_is_read() -> None:
    found = paper_evidence(json.dumps(GOOD).encode())
    assert (found.days, found.fills, found.strategies[0]["name"]) == (31.0, 194, "trend")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fill_rate": 1.2}, "fill_rate"),
        ({"fill_rate": 0.99}, "fill_rate 0.99, but 194 of 200"),
        ({"fills": 201}, "201 fills of 200 orders"),
        ({"days": "many"}, "days"),
        ({"slippage_bps": None}, "slippage_bps"),
        ({"filrate": 1}, "filrate"),
    ],
)
def test_a_record_that_can_not_be_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        paper_evidence(json.dumps({**GOOD, **changes}).encode())


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"days": 30}'])
def test_anything_else_is_refused(text: bytes) -> None:
    with pytest.raises(DataError, match="can't be read"):
        paper_evidence(text)
