"""`import geobuk as gb`: the commands' work in a few lines of Python."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import geobuk as gb
from geobuk.app.home import Home
from geobuk.app.keep_history import import_history
from geobuk.data.importer import ImportSpec
from geobuk.data.snapshots import Snapshot, save_snapshot
from geobuk.data.synthetic_rules import synthetic_instruments
from geobuk.domain.errors import DataError, StrategyError, UnknownNameError, UserError
from geobuk.domain.times import parse_at
from geobuk.strategies.registry import load

FAST = {"fast_days": 1.0, "pairs": 2, "volatility_days": 5.0}


@pytest.fixture(scope="module")
def run() -> gb.BacktestRun:
    return gb.backtest(gb.synthetic_panel(days=90, instruments=3), load("trend", FAST), capital=1_000)


def test_a_synthetic_panel_is_labelled_and_repeatable() -> None:
    one, two = gb.synthetic_panel(days=10, instruments=2), gb.synthetic_panel(days=10, instruments=2)
    assert one.is_synthetic
    assert one.shape == (240, 2)
    assert one.content_hash == two.content_hash != gb.synthetic_panel(days=10, instruments=2, seed=8).content_hash


def test_capital_overrides_the_spec(run: gb.BacktestRun) -> None:
    assert run.result.spec.account.capital == 1_000
    assert run.result.spec.costs == gb.BacktestSpec().costs


def test_equity_frame_holds_the_arrays(run: gb.BacktestRun) -> None:
    frame = run.equity_frame()
    assert frame.height == run.result.panel.shape[0]
    assert np.array_equal(frame["equity"].to_numpy(), run.result.equity)
    assert frame["at"][0].isoformat() == "2023-01-01T01:00:00+00:00"
    assert np.allclose(frame["pnl_trend"].to_numpy(), run.result.pnl.sum(axis=1))


def test_position_frame_has_a_column_for_each_instrument(run: gb.BacktestRun) -> None:
    frame = run.position_frame()
    assert frame.columns == ["at", "SYN1USDT", "SYN2USDT", "SYN3USDT"]
    assert np.array_equal(frame["SYN2USDT"].to_numpy(), run.result.position[:, 1])


def test_fills_and_trades_frames_name_instruments_and_reasons(run: gb.BacktestRun) -> None:
    fills, trades = run.fills_frame(), run.trades_frame()
    assert fills.height == len(run.result.fills) > 0
    assert set(fills["reason"]) <= {"entry", "stop", "liquidation", "daily_loss", "drawdown"}
    assert set(fills["instrument"]) <= set(run.result.panel.instruments)
    assert trades.height == len(run.result.trades.pnl) > 0
    assert np.array_equal(trades["pnl"].to_numpy(), run.result.trades.pnl)
    assert (trades["entry_at"] <= trades["exit_at"]).all()


def test_a_run_without_fills_has_empty_frames() -> None:
    quiet = gb.backtest(gb.synthetic_panel(days=5, instruments=1), "trend")
    assert (quiet.fills_frame().height, quiet.trades_frame().height) == (0, 0)


def test_the_report_is_written(run: gb.BacktestRun, tmp_path: Path) -> None:
    page = gb.report(run, tmp_path / "out.html").read_text(encoding="utf-8")
    assert "SYN1USDT" in page


def test_several_strategies_are_blended_by_weight() -> None:
    panel = gb.synthetic_panel(days=90, instruments=3)
    names = [load("trend", FAST), "box_breakout"]
    both = gb.backtest(panel, names)
    weighed = gb.backtest(panel, dict(zip(names, (1.0, 0.0), strict=True)))
    assert both.result.strategies == ("trend", "box_breakout")
    assert np.allclose(weighed.result.strategy_pnl["box_breakout"], 0.0)
    assert both.result.run_id != weighed.result.run_id


def test_a_sweep_gives_what_each_backtest_gives() -> None:
    panel = gb.synthetic_panel(days=90, instruments=3)
    strategies = [load("trend", {**FAST, "pairs": pairs}) for pairs in (1, 2)]
    table = gb.sweep(panel, strategies).to_frame()
    alone = [float(gb.backtest(panel, one).result.equity[-1]) for one in strategies]
    assert table["final_equity"].to_list() == pytest.approx(alone, rel=1e-12)
    assert table["pairs"].to_list() == [1, 2]


def test_rules_may_be_given_in_any_order() -> None:
    panel = gb.synthetic_panel(days=30, instruments=2)
    rules = [one for one in synthetic_instruments() if one.name in panel.instruments]
    given = gb.backtest(panel, "trend", instruments=rules[::-1])
    assert given.result.hashes == gb.backtest(panel, "trend").result.hashes
    with pytest.raises(UserError, match="no trading rules for SYN2USDT"):
        gb.backtest(panel, "trend", instruments=[one for one in rules if one.name == "SYN1USDT"])


def test_what_is_no_strategy_is_told() -> None:
    panel = gb.synthetic_panel(days=5, instruments=1)
    with pytest.raises(UnknownNameError, match="did you mean trend"):
        gb.backtest(panel, "trned")
    with pytest.raises(StrategyError, match="42 is no strategy"):
        gb.backtest(panel, [42])  # type: ignore[list-item]
    with pytest.raises(UserError, match="no strategy"):
        gb.backtest(panel, [])


def test_panel_and_rules_come_from_the_home_that_is_named(tmp_path: Path) -> None:
    bars = tmp_path / "SYN1USDT.csv"
    hours = [parse_at("2023-01-01") // 1_000_000 + 3_600_000 * hour for hour in range(720)]
    bars.write_text("ts,open,high,low,close,volume\n" + "".join(f"{at},100,101,99,100,1e6\n" for at in hours))
    home = Home(tmp_path / "other")
    import_history(home, ImportSpec(path=bars, venue="mine", is_synthetic=True))
    panel = gb.load_panel("mine", "1h", home=home.root, resample="4h")
    assert (panel.shape, panel.interval) == ((180, 1), "4h")
    with pytest.raises(DataError, match="no trading rules"):
        gb.backtest(panel, "trend", home=home.root)
    rules = [replace(one, venue="mine") for one in synthetic_instruments() if one.name == "SYN1USDT"]
    snapshot = Snapshot(venue="mine", as_of=date(2023, 1, 1), source="made up", instruments=tuple(rules))
    save_snapshot(home.catalog_dir, snapshot)
    assert gb.backtest(panel, "trend", home=home.root).result.instruments == tuple(rules)
    assert len(gb.sweep(panel, [load("trend", FAST)], home=home.root).to_frame()) == 1
    with pytest.raises(DataError, match="no trading rules"):
        gb.backtest(panel, "trend")


def test_a_period_that_ends_before_it_begins_is_told() -> None:
    with pytest.raises(DataError, match="ends before it begins"):
        gb.load_panel("synthetic", "1h", start="2023-02-02", end="2023-02-01")


def test_history_that_is_not_there_is_told() -> None:
    with pytest.raises(UnknownNameError, match="venue"):
        gb.load_panel("binance", "1h")


def test_the_synthetic_venue_needs_no_import() -> None:
    panel = gb.load_panel("synthetic", "1h", "SYN1USDT", start="2023-02-01", end="2023-02-02")
    assert panel.shape == (48, 1)
