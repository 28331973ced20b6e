"""Many parameter sets: the same figures as one run each."""

from dataclasses import dataclass

import msgspec
import numpy as np
import pytest
from tests.support.markets import instrument, random_forecasts, random_walk, spec_of

from geobuk.domain.errors import DataError, FundingMissingError
from geobuk.panel import FloatArray, Panel
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec
from geobuk.simulate.sweep import sweep

WALK = random_walk(8, 500, 2)
INSTRUMENTS = [instrument(name) for name in WALK.instruments]
COSTLY = BacktestSpec(costs=msgspec.structs.replace(BacktestSpec().costs, taker_fee=0.0005))


@dataclass(frozen=True)
class Guess:
    """Made-up beliefs, one set a seed."""

    seed: int

    def forecast(self, panel: Panel) -> FloatArray:
        return random_forecasts(self.seed, panel)


class Scaled(msgspec.Struct, frozen=True):
    """Beliefs with a parameter that the sweep should report."""

    size: float

    def forecast(self, panel: Panel) -> FloatArray:
        return np.full(panel.shape, self.size)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_sweep_equals_single_runs(workers: int) -> None:
    guesses = [Guess(seed) for seed in range(6)]
    swept = sweep(WALK, guesses, INSTRUMENTS, COSTLY, workers=workers)
    for k, guess in enumerate(guesses):
        single = simulate(WALK, guess.forecast(WALK), INSTRUMENTS, COSTLY)
        capital = COSTLY.account.capital
        assert swept.final_equity[k] == single.equity[-1]
        assert swept.total_return[k] == pytest.approx(single.equity[-1] / capital - 1.0)
        costs = single.fees.sum() + single.slippage.sum() + single.funding.sum() + single.liquidation_fees.sum()
        assert swept.costs[k] == pytest.approx(costs)
        assert swept.fills[k] == len(single.fills)
        equity = np.append(capital, single.equity)
        assert swept.max_drawdown[k] == pytest.approx((equity / np.maximum.accumulate(equity) - 1.0).min())
        assert swept.sharpe[k] == pytest.approx(daily_sharpe(single.equity, capital))


def daily_sharpe(equity: FloatArray, capital: float) -> float:
    """Annual from equity at the end of each UTC day, the last one cut short."""
    days = WALK.at_ns // (86_400 * 10**9)
    ends = [np.flatnonzero(days == day)[-1] for day in np.unique(days)]
    values = np.append(capital, equity[ends])
    returns = values[1:] / values[:-1] - 1.0
    return float(returns.mean() / returns.std(ddof=1) * np.sqrt(365.0))


def test_delay_is_honoured_in_a_sweep() -> None:
    late = msgspec.structs.replace(COSTLY, orders=msgspec.structs.replace(COSTLY.orders, delay_bars=3))
    swept = sweep(WALK, [Guess(1)], INSTRUMENTS, late)
    assert swept.final_equity[0] == simulate(WALK, Guess(1).forecast(WALK), INSTRUMENTS, late).equity[-1]


def test_the_frame_names_parameters_and_figures() -> None:
    frame = sweep(WALK, [Scaled(0.2), Scaled(0.4)], INSTRUMENTS).to_frame()
    assert frame["size"].to_list() == [0.2, 0.4]
    assert set(frame.columns) >= {"final_equity", "total_return", "sharpe", "max_drawdown", "costs", "fills"}


def test_progress_is_told_for_each_set() -> None:
    told: list[tuple[int, int]] = []
    sweep(WALK, [Scaled(0.1), Scaled(0.2), Scaled(0.3)], INSTRUMENTS, progress=lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_nothing_traded_has_no_sharpe() -> None:
    swept = sweep(WALK, [Scaled(0.0)], INSTRUMENTS)
    assert np.isnan(swept.sharpe[0])
    assert (swept.fills[0], swept.final_equity[0]) == (0, 7_700.0)


def test_an_empty_sweep_is_refused() -> None:
    with pytest.raises(DataError, match="at least one parameter set"):
        sweep(WALK, [], INSTRUMENTS)


def test_unknown_funding_stops_a_sweep_as_it_stops_a_run() -> None:
    with pytest.raises(FundingMissingError):
        sweep(WALK, [Scaled(1.0)], INSTRUMENTS, spec_of(funding={"missing": "error"}))


def test_forecasts_out_of_range_are_refused() -> None:
    with pytest.raises(DataError, match="outside"):
        sweep(WALK, [Scaled(2.0)], INSTRUMENTS)
