"""The same backtest in a worse world."""

from decimal import Decimal
from math import inf, isnan

import msgspec
import numpy as np
import pytest
from tests.support.markets import flat_bars, instrument, panel_of, random_walk, spec_of

from geobuk.domain.regime import Regime
from geobuk.panel import FloatArray, Panel
from geobuk.simulate.pessimism import break_even, fee_and_slippage_bps, pessimism
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate

INSTRUMENT = instrument(taker_fee=Decimal("0.0005"))
COSTLY = spec_of(costs={"half_spread_bps": 2.0}, sizing={"diversification": 0.9})


def waves(bars: int = 240) -> tuple[Panel, FloatArray]:
    """A price that swings between 100 and 110 every five bars, and a belief that knows it one bar ahead."""
    rising = (np.arange(bars) // 5) % 2 == 0
    close = 100.0 + np.cumsum(np.where(rising, 2.0, -2.0))
    opened = np.concatenate([[100.0], close[:-1]])
    rows = [(o, max(o, c), min(o, c), c) for o, c in zip(opened, close, strict=True)]
    ahead = np.append(rising[1:], rising[-1])
    return panel_of(rows), np.where(ahead, 1.0, -1.0)[:, None]


def result_of(multiplier: float = 1.0, delay: int = 0) -> BacktestResult:
    panel, beliefs = waves()
    costs = msgspec.structs.replace(COSTLY.costs, multiplier=multiplier)
    orders = msgspec.structs.replace(COSTLY.orders, delay_bars=delay)
    return simulate(panel, beliefs, [INSTRUMENT], msgspec.structs.replace(COSTLY, costs=costs, orders=orders))


BASE = result_of()


def test_the_harsh_run_is_the_run_at_double_costs_one_bar_later() -> None:
    answer = pessimism(BASE, [INSTRUMENT])
    harsh = result_of(multiplier=2.0, delay=1).equity
    assert answer.base_return == pytest.approx(BASE.equity[-1] / 1_000.0 - 1.0)
    assert answer.harsh_return == pytest.approx(harsh[-1] / 1_000.0 - 1.0)
    assert answer.harsh_return < answer.base_return
    equity = np.append(1_000.0, harsh)
    assert answer.harsh_max_drawdown == pytest.approx((equity / np.maximum.accumulate(equity) - 1.0).min())


def test_the_break_even_multiplier_leaves_nothing_when_it_is_tried() -> None:
    multiplier = pessimism(BASE, [INSTRUMENT]).break_even_multiplier
    assert 1.0 < multiplier < 256.0
    profit = abs(BASE.equity[-1] - 1_000.0)
    assert result_of(multiplier).equity[-1] == pytest.approx(1_000.0, abs=0.01 * profit)
    assert result_of(multiplier * 0.95).equity[-1] > 1_000.0 > result_of(multiplier * 1.05).equity[-1]


def test_break_even_in_basis_points_is_the_multiplied_cost() -> None:
    answer = pessimism(BASE, [INSTRUMENT])
    traded = float(np.sum(np.abs(BASE.fills["quantity"]) * BASE.fills["price"]))
    paid = float(BASE.fees.sum() + BASE.slippage.sum())
    assert fee_and_slippage_bps(BASE) == pytest.approx(paid / traded * 1e4)
    assert answer.break_even_bps == pytest.approx(answer.break_even_multiplier * paid / traded * 1e4)


def test_a_loss_without_costs_breaks_even_nowhere() -> None:
    panel, beliefs = waves()
    losing = simulate(panel, -beliefs, [INSTRUMENT], COSTLY)
    assert pessimism(losing, [INSTRUMENT]).break_even_multiplier == 0.0


def test_without_a_trade_there_is_no_break_even() -> None:
    panel = panel_of(flat_bars(100, 72))
    silent = simulate(panel, np.zeros(panel.shape), [INSTRUMENT], COSTLY)
    assert isnan(pessimism(silent, [INSTRUMENT]).break_even_multiplier)
    assert isnan(fee_and_slippage_bps(silent))


@pytest.mark.parametrize("root", [0.03, 0.5, 1.0, 3.0, 17.0, 200.0])
def test_the_search_finds_the_root_of_a_line(root: float) -> None:
    assert break_even(lambda m: root - m) == pytest.approx(root, rel=0.01)


def test_the_search_finds_the_root_of_a_curve() -> None:
    assert break_even(lambda m: float(np.exp(-m / 4.0)) - 0.1) == pytest.approx(4.0 * np.log(10.0), rel=0.01)


def test_the_search_gives_up_at_256() -> None:
    assert break_even(lambda m: 300.0 - m) == inf


def test_a_ruined_run_still_has_an_answer() -> None:
    panel = panel_of([*flat_bars(100, 3), *flat_bars(10, 80)])
    bold = spec_of(account={"leverage": 5}, sizing={"diversification": 5.0})
    ruined = simulate(panel, np.ones(panel.shape), [INSTRUMENT], bold)
    assert ruined.equity[-1] == pytest.approx(0.0, abs=1e-9)
    assert pessimism(ruined, [INSTRUMENT]).harsh_return == pytest.approx(-1.0)


def test_a_regime_reaches_the_harsh_run_too_and_one_bar_later() -> None:
    panel = random_walk(4, 200, 2, holes=False)
    instruments = [instrument(name, taker_fee=Decimal("0.0005")) for name in panel.instruments]
    regimes = np.where(np.arange(200) % 7 < 3, int(Regime.BULL), int(Regime.BEAR)).astype(np.int64)
    beliefs = np.full(panel.shape, 0.5)
    one = spec_of(regime={"against": 0.1}, costs={"half_spread_bps": 2.0, "multiplier": 1.0})
    dear = spec_of(regime={"against": 0.1}, costs={"half_spread_bps": 2.0, "multiplier": 2.0}, orders={"delay_bars": 1})
    found = pessimism(simulate(panel, beliefs, instruments, one, regimes=regimes), instruments)
    harsh = simulate(panel, beliefs, instruments, dear, regimes=regimes)
    assert found.harsh_return == harsh.equity[-1] / 1_000.0 - 1.0
    unaware = pessimism(simulate(panel, beliefs, instruments, one), instruments)
    assert unaware.harsh_return != pytest.approx(found.harsh_return)
