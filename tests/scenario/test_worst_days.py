"""The five worst days of real perpetuals, 2023 to mid 2025, replayed with every strategy in every mode."""

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.decision_scenes import MODES, spec_of_profile
from tests.support.markets import flat_tiers, instrument

from geobuk.panel import FloatArray, Panel
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate
from geobuk.strategies.registry import available, load

pytestmark = pytest.mark.real_data

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
BEFORE, AFTER, WORST = 240, 5, 5
"""Days of history before a worst day (to warm up on), days after it, and how many worst days there are."""
ALWAYS_LONG = "always long"
"""Not a strategy: the most stubborn belief there is, on the wrong side of each of these days."""


@cache
def hours(folder: Path) -> tuple[tuple[str, ...], FloatArray, dict[str, FloatArray]]:
    """Names, (T,) stamps in milliseconds and (T, N) columns of the instruments that traded throughout."""
    bars = pl.read_parquet(folder / "crypto/binance_um_1h_2023_2025-06.parquet")
    whole = bars.group_by("symbol").len().filter(pl.col("len") == pl.col("len").max()).get_column("symbol")
    names = tuple(sorted(whole))
    stamps = bars.filter(pl.col("symbol") == names[0]).sort("ts").get_column("ts").cast(pl.Int64).to_numpy()
    rates = pl.read_parquet(folder / "crypto/binance_um_funding_2023_2025-06.parquet")
    columns = {
        field: np.column_stack([bars.filter(pl.col("symbol") == name).sort("ts").get_column(field) for name in names])
        for field in ("open", "high", "low", "close", "volume")
    }
    funding = np.full(columns["close"].shape, np.nan)
    for n, name in enumerate(names):
        paid = rates.filter(pl.col("symbol") == name)
        rows = np.rint((paid.get_column("ts").cast(pl.Int64).to_numpy() - stamps[0]) / HOUR_MS).astype(np.int64)
        inside = (rows >= 0) & (rows < len(stamps))
        funding[rows[inside], n] = paid.get_column("funding_rate").to_numpy()[inside]
    return names, stamps, {**columns, "funding": funding}


def worst_days(folder: Path) -> list[int]:
    """Rows at which the five worst days of an equally weighted index begin, among those with enough history."""
    _, stamps, columns = hours(folder)
    midnights = np.flatnonzero(stamps % DAY_MS == 0)
    opens = columns["open"][midnights]
    returns = (opens[1:] / opens[:-1] - 1.0).mean(axis=1)
    able = midnights[:-1] >= BEFORE * 24
    order = np.argsort(np.where(able, returns, 0.0))
    return [int(midnights[at]) for at in order[:WORST]]


def panel_around(folder: Path, at: int) -> Panel:
    """History before the day that begins at row ``at``, the day, and what followed."""
    names, stamps, columns = hours(folder)
    rows = slice(at - BEFORE * 24, min(len(stamps), at + (1 + AFTER) * 24))
    table = {name: np.ascontiguousarray(column[rows]) for name, column in columns.items()}
    return Panel(
        venue="binance",
        interval_ns=HOUR_MS * 1_000_000,
        instruments=names,
        at_ns=stamps[rows] * 1_000_000,
        **table,
        mark=np.full(table["close"].shape, np.nan),
        funding_inside=np.full(table["close"].shape, np.nan),
        tradable=np.isfinite(table["close"]),
        funding_hours=np.full(len(names), 8, dtype=np.int64),
    )


@cache
def replayed(folder: Path, name: str) -> dict[tuple[int, str], BacktestResult]:
    """Worst day and mode -> the account, for one strategy."""
    results = {}
    for at in worst_days(folder):
        panel = panel_around(folder, at)
        beliefs = np.ones(panel.shape) if name == ALWAYS_LONG else load(name).forecast(panel)
        rules = [instrument(one, brackets=flat_tiers("0.02", leverage=20)) for one in panel.instruments]
        for mode in MODES:
            results[at, mode] = simulate(panel, beliefs, rules, spec_of_profile(mode))
    return results


STRATEGIES = pytest.mark.parametrize("name", [ALWAYS_LONG, *sorted(available())])


def test_the_worst_days_are_bad(shared_data: Path) -> None:
    _, _, columns = hours(shared_data)
    falls = [float((columns["open"][at + 24] / columns["open"][at] - 1.0).mean()) for at in worst_days(shared_data)]
    assert falls == sorted(falls)
    assert falls[-1] < -0.07


@STRATEGIES
def test_an_account_survives_the_worst_days_within_its_limits(name: str, shared_data: Path) -> None:
    """No mode was halted by its drawdown lock, liquidated, or over its exposure."""
    for (at, mode), result in replayed(shared_data, name).items():
        limits, loss = result.spec.limits, result.spec.loss
        where = (name, at, mode)
        assert (result.equity > 0.0).all(), where
        assert result.insurance == 0.0, where
        assert (result.gross <= limits.max_gross * result.equity).all(), where
        assert (np.abs(result.net) <= limits.max_net * result.equity).all(), where
        fall = 1.0 - result.equity / np.maximum.accumulate(result.equity)
        assert fall.max() < loss.drawdown, (where, float(fall.max()))
        assert result.halted_at == -1, where


@STRATEGIES
def test_the_worst_day_itself_loses_little_more_than_the_daily_limit(name: str, shared_data: Path) -> None:
    """The lock looks at each close and leaves at the next open: an hour's move may come on top."""
    for (at, mode), result in replayed(shared_data, name).items():
        first = BEFORE * 24
        day = result.equity[first : first + 24] / result.equity[first - 1]
        assert 1.0 - day.min() <= result.spec.loss.daily * 1.5, (name, at, mode)


def test_some_accounts_were_exposed_on_these_days(shared_data: Path) -> None:
    """Else the others would prove nothing."""
    exposed = {
        (name, mode)
        for name in (ALWAYS_LONG, *available())
        for (_, mode), result in replayed(shared_data, name).items()
        if result.gross[BEFORE * 24 - 1] > 0.001 * result.equity[BEFORE * 24 - 1]
    }
    assert {mode for _, mode in exposed} == set(MODES)
    assert len({name for name, _ in exposed}) >= 4
