"""Walk-forward: a choice sees nothing of what it is judged on, and the account is the one that followed the choices."""

from typing import Annotated, ClassVar

import numpy as np
import pytest
from msgspec import Meta
from tests.support.markets import instrument
from tests.unit.strategies.panels import quick, random_panel

from geobuk.domain.errors import LookAheadError
from geobuk.panel import FloatArray, Panel
from geobuk.research.gate_limits import GateLimits
from geobuk.research.parameter_grid import Trial, trials_of
from geobuk.research.scramble import scramble_future
from geobuk.research.walk_forward import Market, WalkForward, folds_of, try_all, usable, walk
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec
from geobuk.strategies.matrix import blend
from geobuk.strategies.strategy import Strategy

LIMITS = GateLimits(train_days=12, test_days=5, gap_days=1)
PANEL = random_panel(bars=24 * 45, holes=False, seed=3)


def market_of(panel: Panel, spec: BacktestSpec = BacktestSpec()) -> Market:  # noqa: B008
    return Market(panel, [instrument(name) for name in panel.instruments], spec)


def walked(panel: Panel, trials: tuple[Trial, ...]) -> WalkForward:
    market = market_of(panel)
    folds = folds_of(market, LIMITS)
    return walk(market, trials, folds, try_all(market, trials, folds))


class Always(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "always"
    side: Annotated[float, Meta(ge=-1, le=1)] = 1.0

    def warmup(self, interval_ns: int) -> int:
        return 0

    def forecast(self, panel: Panel) -> FloatArray:
        return np.full(panel.shape, self.side)


class Foresight(Always, frozen=True, kw_only=True):
    name: ClassVar[str] = "foresight"

    def forecast(self, panel: Panel) -> FloatArray:
        ahead = np.sign(panel.close[-1] - panel.close) * self.side
        return np.asarray(np.broadcast_to(ahead, panel.shape))


def test_windows_leave_room_for_the_fills_that_a_forecast_leads_to() -> None:
    folds = folds_of(market_of(PANEL), LIMITS)
    assert [(fold.train[0], fold.train[-1], fold.test[0], fold.test[-1]) for fold in folds][:2] == [
        (0, 287, 312, 431),
        (120, 407, 432, 551),
    ]
    late = BacktestSpec(decide_every="24h")
    assert folds_of(market_of(PANEL, late), LIMITS)[0].test[0] == 288 + 25


def test_a_history_shorter_than_a_window_has_none() -> None:
    assert folds_of(market_of(PANEL.rows(0, 400)), LIMITS) == ()


def test_sets_whose_warm_up_fills_a_training_window_are_left_out() -> None:
    trials = trials_of((quick("box_breakout"),), 24)
    left_out = [trial.label for trial in trials if trial not in usable(trials, market_of(PANEL), LIMITS)]
    assert left_out == ["defaults"]  # a box of 20 days
    short = usable(trials, market_of(PANEL), GateLimits(train_days=2))
    assert [trial.label for trial in short] == ["box_breakout.box_days=1"]


@pytest.mark.parametrize("name", ["trend", "mean_reversion", "box_breakout", "funding_carry"])
def test_choices_do_not_change_when_what_they_are_judged_on_is_scrambled(name: str) -> None:
    trials = trials_of((quick(name),), 6)
    before = walked(PANEL, trials)
    folds = folds_of(market_of(PANEL), LIMITS)
    for place in (0, 2, len(folds) - 1):
        scrambled = scramble_future(PANEL, int(folds[place].train[-1]), np.random.default_rng(place))
        after = walked(scrambled, trials)
        seen = slice(0, place + 1)
        assert [(one.chosen, one.train_sharpe) for one in after.windows[seen]] == [
            (one.chosen, one.train_sharpe) for one in before.windows[seen]
        ]
        assert after.windows[place].test_return != before.windows[place].test_return or before.fills == 0


def test_a_strategy_that_sees_the_future_is_caught() -> None:
    with pytest.raises(
        LookAheadError, match=r"foresight: forecasts up to .* change when the bars after it are cut off"
    ):
        walked(PANEL, trials_of((Foresight(),), 3))


def test_the_better_side_of_a_market_that_only_rises_is_chosen_and_traded() -> None:
    rising = random_panel(bars=24 * 45, holes=False, seed=3)
    steps = np.exp(np.linspace(0.0, 1.5, len(rising.at_ns)))[:, None] * np.exp(
        np.random.default_rng(1).normal(0.0, 1e-3, rising.shape)
    )
    fields = {name: np.ascontiguousarray(100.0 * steps) for name in ("open", "high", "low", "close", "mark")}
    panel = Panel(**{**vars(rising), **fields})
    found = walked(panel, (Trial("short", (Always(side=-1.0),)), Trial("", (Always(),))))
    assert {one.chosen for one in found.windows} == {""}
    assert found.sharpe > 5.0
    assert all(one.test_return is not None and one.test_return > 0.0 for one in found.windows)


def test_the_account_is_that_of_the_stitched_choices() -> None:
    trials = trials_of((quick("trend"),), 6)
    market, found = market_of(PANEL), walked(PANEL, trials)
    folds = folds_of(market, LIMITS)
    by_label = {trial.label: trial for trial in trials}
    stitched = np.full(PANEL.shape, np.nan)
    for fold, window in zip(folds, found.windows, strict=True):
        assert window.chosen is not None
        stitched[fold.test] = blend(PANEL, by_label[window.chosen].strategies).forecasts[fold.test]
    first, last = int(folds[0].test[0]), int(folds[-1].test[-1]) + 1
    result = simulate(PANEL.rows(0, last), stitched[:last], market.instruments, market.spec)
    assert np.all(result.equity[:first] == market.spec.account.capital)
    growth = np.prod([1.0 + (window.test_return or 0.0) for window in found.windows])
    assert growth == pytest.approx(result.equity[-1] / market.spec.account.capital)
    assert np.prod(1.0 + found.returns) == pytest.approx(growth)
    assert found.fills == len(result.fills) > 0


def test_trials_hold_every_set_by_the_day() -> None:
    trials = trials_of((quick("trend"),), 4)
    market = market_of(PANEL)
    tried = try_all(market, trials, ())
    assert tried.returns.shape == (45, 4)
    single = simulate(PANEL, blend(PANEL, trials[2].strategies).forecasts, market.instruments, market.spec)
    assert np.prod(1.0 + tried.returns[:, 2]) == pytest.approx(single.equity[-1] / market.spec.account.capital)
