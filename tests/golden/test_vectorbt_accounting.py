"""Accounts kept by vectorbt, an independent simulator, where both model the same rules.

The values and the script that makes them: benchmarks/golden/vectorbt_values.py. Tolerance 1e-9 of equity, the promise
that the benchmarks make; what is left is rounding in sums of some hundred bars and the 1e-11 quantity step.
"""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geobuk.domain.instrument import Instrument, InstrumentKind, TickBand
from geobuk.domain.times import NS_PER_HOUR
from geobuk.matching.spec import Costs
from geobuk.panel import Panel
from geobuk.risk.profiles import UNLIMITED
from geobuk.risk.spec import AccountSpec, LossLimits, Sizing, Stops
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

HERE = Path(__file__).resolve().parent
CASES = ("crossover_long_short", "crossover_long_flat", "rebalanced_portfolio")
GRID = Decimal("1e-11")


def stored(name: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads((HERE / f"vectorbt_{name}.json").read_text(encoding="utf-8"))
    return values


def panel_of(values: dict[str, Any]) -> Panel:
    open_, close = np.array(values["open"]), np.array(values["close"])
    nothing = np.full(close.shape, np.nan)
    return Panel(
        venue="synthetic",
        interval_ns=NS_PER_HOUR,
        instruments=tuple(f"SYN{n + 1}USDT" for n in range(close.shape[1])),
        at_ns=np.array(values["at_ns"], dtype=np.int64),
        open=open_,
        high=np.maximum(open_, close) * 1.001,
        low=np.minimum(open_, close) * 0.999,
        close=close,
        volume=np.full(close.shape, 100_000.0),
        mark=nothing,
        funding=nothing,
        funding_inside=nothing,
        tradable=np.ones(close.shape, dtype=np.bool_),
        funding_hours=np.zeros(close.shape[1], dtype=np.int64),
        is_synthetic=True,
    )


def instrument(name: str) -> Instrument:
    """Rules that round nothing and refuse nothing."""
    return Instrument(
        venue="synthetic",
        name=name,
        kind=InstrumentKind.PERPETUAL,
        base=name.removesuffix("USDT"),
        quote="USDT",
        ticks=(TickBand(Decimal(0), GRID),),
        step=GRID,
        min_quantity=GRID,
        max_quantity=Decimal(100_000),
        min_notional=Decimal(0),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        as_of=date(2023, 1, 1),
        source="made up for this test",
        is_synthetic=True,
    )


def same_rules(values: dict[str, Any]) -> BacktestSpec:
    """Market orders at the next open, a share of equity, fees and half a spread; everything else is off."""
    return BacktestSpec(
        account=AccountSpec(capital=values["capital"], leverage=1),
        sizing=Sizing(
            method="notional",
            diversification=values["share"],
            risk_per_trade=0.0,
            rebalance_band=1.0 if values["hold"] else 0.0,
        ),
        limits=UNLIMITED.limits,
        conditions=UNLIMITED.conditions,
        stops=Stops(fixed=0.0, atr=0.0, trailing=0.0, trailing_atr=0.0),
        loss=LossLimits(daily=1.0, drawdown=1.0),
        costs=Costs(
            taker_fee=values["fee"],
            maker_fee=values["fee"],
            half_spread_bps=values["half_spread"] * 1e4,
            impact=0.0,
            participation=1.0,
        ),
    )


def run(values: dict[str, Any]) -> BacktestResult:
    panel = panel_of(values)
    forecasts = np.array(values["forecast"], dtype=np.float64)
    return simulate(panel, forecasts, [instrument(name) for name in panel.instruments], same_rules(values))


@pytest.mark.parametrize("name", CASES)
def test_equity_equals_vectorbts_at_every_bar(name: str) -> None:
    values = stored(name)
    result = run(values)
    np.testing.assert_allclose(result.equity, np.array(values["equity"]), rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_the_same_orders_fill_and_cost_the_same_fees(name: str) -> None:
    values = stored(name)
    result = run(values)
    assert len(result.fills) == values["orders"]
    assert result.fees.sum() == pytest.approx(values["fees"], rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_the_stored_case_trades_enough_to_prove_something(name: str) -> None:
    values = stored(name)
    assert values["orders"] >= 20
    assert min(values["equity"]) < 0.99 * values["capital"]
