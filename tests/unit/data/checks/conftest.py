"""Series for the checks' tests: good bars, and what the gate says of them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from geobuk.data.checks.context import Context, Reference
from geobuk.data.quality import Series, gate
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_HOUR, parse_at
from geobuk.panel import Finding

START = parse_at("2024-01-02")
Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]


@pytest.fixture
def bars() -> Bars:
    """``bars(rows, step, start)``: prices near 100 that wander by some 0.2 % a bar, volume 5; the same each time."""

    def make(rows: int = 200, step: int = NS_PER_HOUR, start: int = START, scale: float = 1.0) -> Rows:
        rng = np.random.default_rng(5)
        close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.002, rows))), 2)
        opened = np.concatenate(([100.0], close[:-1]))
        high, low = np.maximum(opened, close) + 0.1, np.minimum(opened, close) - 0.1
        prices = {"open": opened, "high": high, "low": low, "close": close}
        values = {name: np.round(scale * column, 2) for name, column in prices.items()}
        return Rows(
            start + step * np.arange(rows), values | {"volume": np.full(rows, 5.0)}, np.zeros(rows, dtype=np.uint32)
        )

    return make


@pytest.fixture
def judge() -> Judge:
    """``judge(rows, interval, venue, **context)``: the findings by code, the last where a code comes twice."""

    def run(
        rows: Rows, interval: int = NS_PER_HOUR, venue: str = "binance", kind: str = "bars", **context: Any
    ) -> dict[str, Finding]:
        verdict = gate(rows, Series(venue, context.pop("name", "AUSDT"), kind, interval), Context(**context))
        assert verdict.rows.values is rows.values
        return {finding.code: finding for finding in verdict.findings}

    return run


@pytest.fixture
def reference() -> Callable[..., Reference]:
    """``reference(rows, step, label)``: a series to compare with."""

    def make(rows: Rows, step: int = NS_PER_HOUR, label: str = "other 1h") -> Reference:
        return Reference(label, step, lambda: rows)

    return make
