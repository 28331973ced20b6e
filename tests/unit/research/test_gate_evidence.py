"""From a run to the figures of the gates: each equals what the mathematics gives, and what can't be known is not."""

import math
from dataclasses import replace
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.support.markets import instrument, random_forecasts
from tests.unit.strategies.panels import random_panel

from geobuk.domain.instrument import InstrumentKind
from geobuk.quant.liquidation import AccountRisk, BracketTable, Simulation, account_liquidation_probability
from geobuk.quant.overfitting import backtest_overfitting, deflated_sharpe
from geobuk.quant.ratios import raw_kurtosis, sharpe, skewness
from geobuk.quant.ruin import RuinQuestion, ruin_probability
from geobuk.research.gate_evidence import (
    EarlierTrials,
    deflated_figure,
    distinct_sharpes,
    drawdown_figure,
    liquidation_figure,
    overfitting_figure,
    ruin_figure,
    walk_forward_figure,
)
from geobuk.research.gate_limits import GateLimits
from geobuk.research.liquidation_days import DaysSpec, worst_day
from geobuk.research.walk_forward import Trials, WalkForward
from geobuk.risk.profiles import UNLIMITED
from geobuk.risk.reasons import Reason
from geobuk.risk.spec import AccountSpec, LossLimits, Sizing
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

HOUSE = GateLimits()
RETURNS = np.random.default_rng(5).normal(0.001, 0.02, 500)


def walked(**changes: Any) -> WalkForward:
    fields: dict[str, Any] = {
        "windows": (),
        "returns": RETURNS,
        "periods_per_year": 365.0,
        "sharpe": 1.6,
        "sharpe_error": 0.5,
        "max_drawdown": -0.1,
        "fills": 9,
    }
    return WalkForward(**{**fields, **changes})


def run_of(**account: Any) -> BacktestResult:
    """Six weeks of a wild market, traded from the sixth day on without a limit but the account's leverage."""
    panel = random_panel(bars=24 * 40, instruments=3, holes=False, seed=3)
    spec = BacktestSpec(
        account=AccountSpec(capital=1_000.0, **account),
        sizing=Sizing(method="notional", diversification=5.0, risk_per_trade=0.0),
        limits=msgspec.structs.replace(UNLIMITED.limits, max_gross=20.0, max_net=20.0, max_weight=20.0),
        loss=LossLimits(daily=1.0, drawdown=1.0),
    )
    forecasts = random_forecasts(2, panel, silent=0.0)
    forecasts[: 24 * 5] = np.nan
    return simulate(panel, forecasts, [instrument(name) for name in panel.instruments], spec)


def test_a_walk_forward_gives_its_ratio_and_a_short_history_none() -> None:
    assert walk_forward_figure(walked(), 912, HOUSE).value == 1.6
    none = walk_forward_figure(None, 200, HOUSE)
    assert none == (None, ("200 days of history, 305 are needed", "기록 200일, 필요한 기록 305일"))
    assert "warm-up" in walk_forward_figure(None, 912, HOUSE).text[0]
    assert math.isnan(walk_forward_figure(walked(sharpe=math.nan), 912, HOUSE).value or 0.0)


def test_the_deeper_fall_counts() -> None:
    assert drawdown_figure(-0.05, 10, walked()).value == 0.1
    assert drawdown_figure(-0.15, 10, walked()).value == 0.15
    assert drawdown_figure(-0.15, 10, None).value == 0.15
    assert drawdown_figure(0.0, 0, walked()).value is None


def test_ruin_is_that_of_a_year_and_needs_a_year() -> None:
    wild = np.random.default_rng(6).normal(0.0, 0.04, 400)
    found = ruin_figure(wild, 10, 365.0, HOUSE)
    assert found.value == ruin_probability(wild, RuinQuestion(0.5, 365, mean_block=10.0, seed=1)).probability
    assert 0.05 < (found.value or 0.0) < 0.95
    assert "standard error 0.00" in found.text[0]
    assert ruin_figure(wild[:364], 10, 365.0, HOUSE).value is None
    assert ruin_figure(np.zeros(400), 0, 365.0, HOUSE).value is None


def test_every_trial_counts_against_the_ratio() -> None:
    tried = Trials(("", "a", "b"), np.zeros((9, 3)), np.array([0.05, 0.02, np.nan]))
    earlier = distinct_sharpes([1.0, None, -0.5])
    found = deflated_figure(RETURNS, 365.0, tried, earlier)
    variance = np.var([0.05, 0.02, 1.0 / math.sqrt(365.0), -0.5 / math.sqrt(365.0)], ddof=1)
    expected = deflated_sharpe(sharpe(RETURNS, 1.0), 500, skewness(RETURNS), raw_kurtosis(RETURNS), 6, float(variance))
    assert found.value == pytest.approx(expected.probability)
    assert "in 6 trials (3 of them recorded runs)" in found.text[0]
    fewer = deflated_figure(RETURNS, 365.0, tried, EarlierTrials())
    assert (fewer.value or 0.0) > (found.value or 1.0)
    assert deflated_figure(np.zeros(50), 365.0, tried, earlier).value is None


def test_over_fitting_is_that_of_all_sets() -> None:
    table = np.random.default_rng(7).normal(0.0, 0.01, (100, 5))
    tried = Trials(tuple("abcde"), table, np.ones(5))
    assert overfitting_figure(tried, HOUSE).value == backtest_overfitting(table, 16).pbo
    assert overfitting_figure(Trials(("",), table[:, :1], np.ones(1)), HOUSE).value is None
    assert overfitting_figure(Trials(tuple("abcde"), table[:31], np.ones(5)), HOUSE).value is None
    assert overfitting_figure(Trials(tuple("abcde"), 0.0 * table, np.full(5, np.nan)), HOUSE).value is None


def test_the_worst_day_is_the_one_whose_account_is_nearest_to_liquidation() -> None:
    result = run_of(leverage=20)
    assert (result.equity > 0.0).all()
    found = worst_day(result, DaysSpec(most=99))
    assert found is not None
    by_day = {}
    for bar in range(23, 24 * 40, 24):
        held = np.flatnonzero(result.position[bar])
        if not len(held):
            continue
        close = result.panel.close[max(0, bar - 720) : bar + 1][:, held]
        covariance = np.atleast_2d(np.cov(close[1:] / close[:-1] - 1.0, rowvar=False))
        notionals = result.position[bar, held] * result.panel.mark[bar, held]
        account = AccountRisk(float(result.equity[bar]), notionals, covariance)
        tables = [BracketTable.from_rules(result.instruments[n].brackets) for n in held]
        chance = account_liquidation_probability(account, tables, 24.0, Simulation(paths=20_000, seed=1))
        by_day[int(result.panel.at_ns[bar]) + result.panel.interval_ns] = chance.value
    assert found.days == len(by_day) > 30
    assert found.value == pytest.approx(by_day[found.at_ns])
    assert found.value == pytest.approx(max(by_day.values()), rel=0.02)
    assert 1e-5 < found.value < 0.5


def test_only_the_days_of_largest_exposure_and_the_last_are_judged() -> None:
    few = worst_day(run_of(leverage=20), DaysSpec(most=3))
    assert few is not None
    assert few.days in {3, 4}


def test_isolated_margin_is_no_safer_than_the_account() -> None:
    cross, isolated = (
        liquidation_figure(run_of(leverage=20, margin=margin), HOUSE).value for margin in ("cross", "isolated")
    )
    assert cross is not None
    assert isolated is not None
    assert isolated > cross


def test_a_day_without_enough_returns_is_no_evidence() -> None:
    result = run_of(leverage=20)
    thin = result.panel.close.copy()
    thin[: 24 * 30] = np.nan
    blind = replace(result.panel, close=thin, mark=np.where(np.isnan(thin), np.nan, result.panel.mark))
    found = liquidation_figure(replace(result, panel=blind), HOUSE)
    assert found.value is None
    assert "too few returns before 2023-01-" in found.text[0]


def test_a_run_that_was_liquidated_has_its_answer() -> None:
    result = run_of(leverage=20)
    fills = result.fills.copy()
    fills["reason"][5] = Reason.LIQUIDATION
    found = worst_day(replace(result, fills=fills), DaysSpec())
    assert found is not None
    assert (found.value, found.model) == (1.0, "happened")


def test_who_borrows_nothing_can_not_be_liquidated_and_who_never_traded_shows_nothing() -> None:
    result = run_of(leverage=20)
    shares = tuple(replace(one, kind=InstrumentKind.SHARE) for one in result.instruments)
    assert liquidation_figure(replace(result, instruments=shares), HOUSE).value == 0.0
    assert liquidation_figure(replace(result, fills=result.fills[:0]), HOUSE).value is None


def test_limits_are_checked_like_any_setting() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"blocks": 15}, GateLimits)
