"""The record of a decision's steps, for one instrument whose every step can be worked out by hand."""

from math import isnan, nan

import numpy as np
import pytest
from tests.support.markets import flat_tiers
from tests.support.records import desk_of, market_row, rules_row, state_row, table_of, term_row

from geobuk.domain.regime import Regime
from geobuk.risk.targets import set_targets
from geobuk.risk.trace import STEPS, Step

RULES = {
    "by_volatility": True,
    "volatility_target": 0.4,
    "diversification": 2.5,
    "against": 0.8,
    "jump": 4.0,
    "jump_scale": 0.5,
    "max_weight": 0.3,
    "max_gross": 0.2,
    "max_net": 9.0,
    "var_sigma": 0.003,
    "cvar_sigma": 0.0025,
    "by_covariance": True,
    "max_bucket": 9.0,
    "leverage": 10.0,
    "kelly": 0.5,
    "alpha_kelly": 0.01,
    "kelly_count": 100.0,
    "prior_ratio": 0.0,
    "prior_count": 0.0,
    "min_observed": 10,
    "daily_sigmas": 1.0,
    "decisions_per_year": 625.0,  # a volatility of 0.5 is 0.02 between decisions
}


def test_each_step_by_hand() -> None:
    state = state_row(
        volatility=0.5, variance=0.0004, fast_variance=0.1, anchor=100.0, edge=0.0002, edge_square=0.0004, believed=100
    )
    rows, terms = table_of(market_row(forecast=0.8)), table_of(term_row(brackets=flat_tiers("0.01")))
    desk = desk_of(rows, table_of(state), terms, size_scale=0.7, regime=int(Regime.BEAR))
    desk.covariance[0, 0] = 0.0004
    trace = np.full((1, STEPS), nan)
    set_targets(desk, rules_row(**RULES), trace)
    expected = {
        Step.FORECAST: 0.8,
        Step.WANTED: 1.6,  # 0.8 * 2.5 * 0.4 / 0.5
        Step.REGIME: 1.28,
        Step.CONDITION: 0.64,
        Step.DRAWDOWN: 0.448,
        Step.KELLY: 0.448,  # 0.5 * 0.0002 / 0.0004 = 0.25 for a full forecast: 0.25 * 2.5 * 0.8 = 0.5
        Step.WEIGHT: 0.3,
        Step.RISK: 0.3,
        Step.LIQUIDITY: 0.3,
        Step.PROTECTION: 0.3,
        Step.POSITIONS: 0.3,
        Step.SECTOR: 0.3,
        Step.BUCKET: 0.3,
        Step.GROSS_NET: 0.2,
        Step.REGIME_GROSS: 0.2,
        Step.VAR: 0.15,  # 0.003 / 0.02
        Step.CVAR: 0.125,  # 0.0025 / 0.02
        Step.LIQUIDATION_DISTANCE: 0.125,
        Step.LIQUIDATION_PROBABILITY: 0.125,
        Step.LEVERAGE: 0.125,
        Step.QUANTITY: 1.25,  # 0.125 * 1000 / 100
    }
    assert dict(zip(Step, trace[0], strict=True)) == pytest.approx(expected)


def test_a_refused_instrument_has_a_forecast_and_nothing_until_its_row() -> None:
    rows = table_of(market_row(forecast=0.0))
    trace = np.full((1, STEPS), nan)
    set_targets(desk_of(rows, table_of(state_row()), table_of(term_row())), rules_row(), trace)
    assert trace[0, Step.FORECAST] == 0.0
    assert isnan(trace[0, Step.WANTED])
    assert trace[0, Step.POSITIONS] == trace[0, Step.QUANTITY] == 0.0


def test_columns_are_numbered_without_a_gap_in_the_order_of_the_path() -> None:
    assert [int(step) for step in Step] == list(range(STEPS))
    assert (Step.FORECAST, Step.QUANTITY) == (0, STEPS - 1)
