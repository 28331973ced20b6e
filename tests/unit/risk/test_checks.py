"""What an account is beside what it may be, worked out by hand."""

from math import inf, isnan, nan, sqrt

import numpy as np
import pytest
from hypothesis import given
from tests.support.accounts import account, books

from geobuk.risk import checks
from geobuk.risk.ledger import Ledger
from geobuk.risk.portfolio_state import PortfolioState
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import Limits, LossLimits, RegimeScales
from geobuk.risk.tail_ceilings import cvar_multiple, liquidation_quantile, var_multiple
from geobuk.risk.violations import Limit


def test_money_moves_by_the_covariance() -> None:
    # 200^2 * 4e-4 + 2 * 200 * -100 * 1e-4 + 100^2 * 9e-4 = 16 - 4 + 9 = 21
    state = account(1_000.0, {"A": 200.0, "B": -100.0}, covariance=[[4e-4, 1e-4], [1e-4, 9e-4]])
    assert checks.daily_sigma(state) == pytest.approx(sqrt(21.0) / 1_000.0, rel=1e-14)


def test_without_a_covariance_everything_moves_against_the_account() -> None:
    state = account(1_000.0, {"A": 200.0, "B": -100.0}, daily_volatility={"A": 0.02, "B": 0.03})
    assert checks.daily_sigma(state) == pytest.approx((200 * 0.02 + 100 * 0.03) / 1_000.0)


def test_past_returns_give_their_sample_covariance() -> None:
    table = np.random.default_rng(1).normal(0.0, 0.02, (30, 2))
    state = account(1_000.0, {"A": 200.0, "B": -100.0}, returns=table)
    assert checks.daily_sigma(state) == pytest.approx(np.std(table @ [0.2, -0.1], ddof=1))


@pytest.mark.parametrize(
    ("matrix", "sigma"),
    [
        ([[1e-4, 1e-4], [1e-4, 1e-4]], 0.02),  # a perfect hedge: not believed
        ([[1e-4, -1e-4], [-1e-4, 1e-4]], 0.02),  # singular, but nothing is hedged
        ([[1e-4, 2e-4], [2e-4, 1e-4]], nan),  # no covariance: its variance is negative
        ([[1e-4, nan], [nan, 1e-4]], nan),
        ([[1e-4, 0.0], [0.0, 0.0]], nan),  # an instrument that never moves is not known
    ],
)
def test_a_variance_that_is_none_is_bounded_or_not_known(matrix: list[list[float]], sigma: float) -> None:
    found = checks.daily_sigma(account(100.0, {"A": 100.0, "B": -100.0}, covariance=matrix))
    assert found == pytest.approx(sigma, nan_ok=True)


def test_an_instrument_that_is_not_held_need_not_be_known() -> None:
    state = account(100.0, {"A": 100.0, "B": 0.0}, covariance=[[1e-4, 0.0], [0.0, 0.0]])
    assert checks.daily_sigma(state) == pytest.approx(0.01)


def test_tails_are_multiples_of_the_standard_deviation() -> None:
    state, limits = account(positions={"A": 5_000.0}), Limits(var_daily=0.02, cvar_daily=0.0, tail_degrees=0.0)
    var, cvar = checks.var_reading(state, limits), checks.cvar_reading(state, limits)
    assert var == (Limit.VAR_DAILY, pytest.approx(0.015 * 2.3263478740), 0.02, "")
    assert cvar == (Limit.CVAR_DAILY, pytest.approx(0.015 * 2.6652142203), inf, "")
    fat = Limits(tail_degrees=5.0)
    assert checks.var_reading(state, fat).value == pytest.approx(0.015 * var_multiple(0.99, 5.0))
    assert checks.cvar_reading(state, fat).value == pytest.approx(0.015 * cvar_multiple(0.99, 5.0))


@pytest.mark.parametrize("degrees", [0.0, 1.0, 5.0])
def test_the_chance_of_liquidation_is_the_limit_where_the_decision_path_stops(degrees: float) -> None:
    """The path allows quantile * sigma + margin = equity: there the chance is the very limit."""
    probability, sigma, margin = 0.005, 0.04, 0.01
    size = 1.0 / (liquidation_quantile(probability, degrees) * sigma + margin)
    state = account(1_000.0, {"A": size * 1_000.0}, daily_volatility={"A": sigma})
    assert checks.closed_form_liquidation(state, margin * size * 1_000.0, degrees) == pytest.approx(
        probability, rel=1e-6
    )


def test_a_liquidation_that_has_come_is_certain() -> None:
    assert checks.closed_form_liquidation(account(1_000.0), 1_000.0, 5.0) == 1.0


def test_maintenance_is_what_is_told_or_one_per_cent() -> None:
    state = account(positions={"A": 1.0, "B": 1.0}, maintenance_rates={"B": 0.004})
    assert checks.maintenance_rates(state).tolist() == [0.01, 0.004]


def test_the_regime_has_a_ceiling_of_its_own_whatever_its_flag() -> None:
    spec = RiskSpec(regime=RegimeScales(max_gross_bear=0.5))
    for regime in ("BEAR", "bear+high_volatility", 2, 10):
        readings = {reading.code: reading for reading in checks.exposure_readings(account(regime=regime), spec)}
        assert readings[Limit.REGIME_GROSS].limit == 0.5
    for regime in (None, -1):
        assert Limit.REGIME_GROSS not in {one.code for one in checks.exposure_readings(account(regime=regime), spec)}


def test_what_moves_together_is_named_in_one_order() -> None:
    matrix = np.full((5, 5), 0.9) + 0.1 * np.eye(5)
    state = account(positions=dict.fromkeys("EDCBA", 1_000.0), covariance=matrix)
    (bucket,) = checks.sector_readings(state, Limits(max_bucket=0.4, bucket_correlation=0.8))
    assert bucket == (Limit.BUCKET, pytest.approx(0.5), 0.4, "A + B + C + D (+1)")
    assert list(checks.sector_readings(state, Limits(bucket_correlation=0.0))) == []


def test_opposite_sides_of_one_move_are_not_a_bucket_where_correlation_is_measured() -> None:
    measured = account(positions={"A": 100.0, "B": 100.0}, covariance=[[1.0, -0.9], [-0.9, 1.0]])
    assert list(checks.sector_readings(measured, Limits())) == []
    assumed = account(positions={"A": 100.0, "B": -100.0})
    assert [one.value for one in checks.sector_readings(assumed, Limits())] == [pytest.approx(0.02)]


def test_a_sector_is_the_sum_of_the_sizes_in_it() -> None:
    state = account(
        positions={"A": 1_000.0, "B": -2_000.0, "C": 500.0}, covariance=np.eye(3), sectors={"A": "L1", "B": "L1"}
    )
    assert list(checks.sector_readings(state, Limits(max_sector=0.25))) == [(Limit.SECTOR, 0.3, 0.25, "L1")]


@pytest.mark.parametrize(
    ("equity", "before", "loss"), [(900.0, 1_000.0, 0.1), (1_100.0, 1_000.0, 0.0), (-100.0, 1_000.0, 1.1)]
)
def test_a_drawdown_is_no_less_than_nothing(equity: float, before: float, loss: float) -> None:
    ledger = Ledger.opened(1_000.0, LossLimits(), at_ns=0)
    drawdown, daily = checks.loss_readings(
        account(equity, peak_equity=before, day_start_equity=before), RiskSpec(), ledger
    )
    assert drawdown.value == pytest.approx(loss)
    assert daily.value == pytest.approx(1.0 - equity / before)


def test_a_share_of_nothing_is_without_bound() -> None:
    for equity, value in ((0.0, inf), (-1.0, inf)):
        assert checks.leverage_reading(account(equity), 3.0).value == value
    assert isnan(checks.leverage_reading(account(nan), 3.0).value)
    assert checks.leverage_reading(PortfolioState(0.0, {}), 3.0).value == 0.0


@given(books())
def test_a_larger_book_has_no_smaller_reading(state: PortfolioState) -> None:
    double = PortfolioState(state.equity, {k: 2 * v for k, v in state.positions.items()}, covariance=state.covariance)
    limits = Limits()
    assert checks.var_reading(double, limits).value == pytest.approx(2 * checks.var_reading(state, limits).value)
    one, two = (
        {(r.code, r.subject): r.value for r in checks.liquidation_readings(each, limits)} for each in (state, double)
    )
    assert two[Limit.LIQUIDATION_DISTANCE, "account"] < one[Limit.LIQUIDATION_DISTANCE, "account"]
    assert two[Limit.LIQUIDATION_PROBABILITY, ""] >= one[Limit.LIQUIDATION_PROBABILITY, ""]
