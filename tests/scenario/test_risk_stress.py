"""The runner of risk_stress_cases: what an account in each mode survives, and the honest figure where a limit fails.

A stubborn belief, full in one direction throughout, holds the wrong side of every shock.
"""

from decimal import Decimal
from functools import cache

import numpy as np
import pytest
from tests.scenario.risk_stress_cases import COUNT, SHOCK, SHOCKS
from tests.support.decision_scenes import MODES, spec_of_profile
from tests.support.markets import flat_tiers, instrument

from geobuk.panel import FloatArray
from geobuk.risk.reasons import Reason
from geobuk.risk.tail_ceilings import cvar_multiple, var_multiple
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate

CASES = [
    (name, side, margin, mode)
    for name in SHOCKS
    for side in (1.0, -1.0)
    for margin in ("cross", "isolated")
    for mode in MODES
]
EACH = pytest.mark.parametrize(("name", "side", "margin", "mode"), CASES)


@cache
def result_of(name: str, side: float, margin: str, mode: str) -> BacktestResult:
    panel = SHOCKS[name](side)
    rules = {
        "taker_fee": Decimal("0.0005"),
        "maker_fee": Decimal("0.0002"),
        "brackets": flat_tiers("0.01", leverage=20),
    }
    instruments = [instrument(one, **rules) for one in panel.instruments]
    spec = spec_of_profile(mode, account={"margin": margin})
    return simulate(panel, np.full(panel.shape, side), instruments, spec)


def fall_of(equity: FloatArray) -> FloatArray:
    """(T,) share below the peak so far, positive."""
    return np.asarray(1.0 - equity / np.maximum.accumulate(equity))


def never_trades(margin: str, mode: str) -> bool:
    """Isolated at leverage 10 liquidation lies 1 / 10 - 1 % away, nearer than the 10 % that must be left."""
    return (margin, mode) == ("isolated", "live")


@EACH
def test_the_account_is_never_worth_less_than_nothing_and_nobody_pays_for_it(
    name: str, side: float, margin: str, mode: str
) -> None:
    result = result_of(name, side, margin, mode)
    assert (result.equity > 0.0).all()
    assert result.insurance <= 0.001 * result.spec.account.capital
    np.testing.assert_allclose(result.equity[-1] - result.spec.account.capital, result.pnl.sum(), atol=1e-6)


@EACH
def test_it_was_held_on_the_wrong_side_when_it_began(name: str, side: float, margin: str, mode: str) -> None:
    result = result_of(name, side, margin, mode)
    held = result.position[SHOCK - 1] * side
    assert (held == 0.0).all() if never_trades(margin, mode) else (held > 0.0).all()
    if never_trades(margin, mode):
        assert result.refusals[Reason.CLAMPED_LIQUIDATION_DISTANCE].sum() > 0
        assert len(result.fills) == 0


@EACH
def test_exposure_stays_within_its_limits_before_and_through_it(name: str, side: float, margin: str, mode: str) -> None:
    result, limits = result_of(name, side, margin, mode), spec_of_profile(mode).limits
    assert (result.gross <= limits.max_gross * result.equity).all()
    assert (np.abs(result.net) <= limits.max_net * result.equity).all()
    value = np.abs(result.position[:SHOCK] * result.panel.close[:SHOCK])
    assert (value <= limits.max_weight * result.equity[:SHOCK, None] * 1.05).all()


@EACH
def test_value_at_risk_is_within_its_limit_when_it_begins(name: str, side: float, margin: str, mode: str) -> None:
    """From an exponentially weighted covariance made with numpy; 2 % for what moved since the decision."""
    result, limits = result_of(name, side, margin, mode), spec_of_profile(mode).limits
    close = result.panel.close[:SHOCK]
    returns, alpha = close[1:] / close[:-1] - 1.0, 2.0 / (14 * 24 + 1)
    covariance = np.zeros((COUNT, COUNT))
    for seen, row in enumerate(returns, start=1):
        covariance += max(alpha, 1.0 / seen) * (np.outer(row, row) - covariance)
    weights = result.position[SHOCK - 1] * close[-1] / result.equity[SHOCK - 1]
    sigma = float(np.sqrt(24.0 * weights @ covariance @ weights))
    assert sigma * var_multiple(0.99, limits.tail_degrees) <= limits.var_daily * 1.02
    assert sigma * cvar_multiple(0.99, limits.tail_degrees) <= limits.cvar_daily * 1.02


@EACH
def test_the_drawdown_lock_halts_on_the_bar_of_the_breach_and_nothing_is_entered_again(
    name: str, side: float, margin: str, mode: str
) -> None:
    result, limit = result_of(name, side, margin, mode), spec_of_profile(mode).loss.drawdown
    breached = np.flatnonzero(fall_of(result.equity) >= limit - 1e-12)
    assert result.halted_at == (breached[0] if len(breached) else -1)
    if len(breached):
        later = result.fills[result.fills["bar"] > result.halted_at]
        assert set(later["reason"]) <= {Reason.DRAWDOWN, Reason.STOP, Reason.LIQUIDATION}
        sizes = np.abs(result.position[result.halted_at :])
        assert (np.diff(sizes, axis=0) <= 1e-9).all()
        assert (sizes[2:] == 0.0).all()


@EACH
def test_a_day_that_is_locked_sees_no_entry_until_the_next(name: str, side: float, margin: str, mode: str) -> None:
    result, limit = result_of(name, side, margin, mode), spec_of_profile(mode).loss.daily
    day = result.panel.at_ns // (24 * 3_600 * 10**9)
    opening = np.concatenate([[result.spec.account.capital], result.equity[:-1]])
    starts = np.array([opening[np.searchsorted(day, one)] for one in day])
    lost = result.equity <= starts * (1.0 - limit)
    grown = np.abs(result.position[1:]) > np.abs(result.position[:-1]) + 1e-9
    for bar in np.flatnonzero(lost):
        rest = np.flatnonzero((day[1:] == day[bar]) & (np.arange(1, len(day)) > bar))
        assert not grown[rest].any()


@EACH
def test_no_bar_costs_more_than_what_was_held_could_lose_in_it(name: str, side: float, margin: str, mode: str) -> None:
    """Positions at the bar's worst price, what was added at the open included, plus fees, slippage and funding."""
    result = result_of(name, side, margin, mode)
    panel = result.panel
    last = panel.close.copy()
    for t in range(1, len(last)):
        last[t] = np.where(np.isnan(last[t]), last[t - 1], last[t])
    worst = np.where(side > 0.0, panel.low, panel.high)
    move = np.zeros(panel.shape)
    move[1:] = np.nan_to_num(np.abs(np.minimum(side * (worst[1:] - last[:-1]), 0.0)))
    most = np.abs(result.position)
    most[1:] = np.maximum(most[1:], most[:-1])
    costs = np.zeros(len(last))
    np.add.at(costs, result.fills["bar"], result.fills["fee"] + result.fills["slippage"])
    costs += np.nansum(np.abs(np.nan_to_num(panel.funding)) * most * np.nan_to_num(last) * 1.01, axis=1)
    bound = (most * move).sum(axis=1) + costs
    lost = np.maximum(0.0, np.concatenate([[0.0], -np.diff(result.equity)]))
    assert (lost <= bound * (1.0 + 1e-9) + 1e-9).all()


FALLS = {
    # shock: greatest fall from the peak by mode (paper, testnet, staging, live), either side, either margin
    "a gap of 40 %": (0.20, 0.20, 0.03, 0.15),
    "a slow crash": (0.10, 0.10, 0.02, 0.08),
    "a funding spike": (0.14, 0.14, 0.02, 0.11),
    "volume to zero": (0.09, 0.09, 0.02, 0.07),
    "volatility times ten": (0.09, 0.08, 0.02, 0.06),
    "the feed masked": (0.11, 0.11, 0.02, 0.09),
}


@EACH
def test_the_fall_from_the_peak_is_no_deeper_than_told(name: str, side: float, margin: str, mode: str) -> None:
    """Honest figures, rounded up to a percent: what these shocks cost a mode that holds the wrong side."""
    result = result_of(name, side, margin, mode)
    assert fall_of(result.equity).max() <= FALLS[name][MODES.index(mode)]


def test_only_a_gap_goes_beyond_the_drawdown_that_a_mode_allows() -> None:
    """No stop rests inside a gap. Of a fall of 40 % in one bar live loses 13 to 15 % where 12 % is its limit, testnet
    18 to 20 % where 15 % is. The lock can only halt what is left.
    """
    beyond = set()
    for name, side, margin, mode in CASES:
        if fall_of(result_of(name, side, margin, mode).equity).max() > spec_of_profile(mode).loss.drawdown:
            beyond.add((name, margin, mode))
    assert beyond == {
        ("a gap of 40 %", "cross", "testnet"),
        ("a gap of 40 %", "isolated", "testnet"),
        ("a gap of 40 %", "cross", "live"),
    }


def test_a_masked_day_is_lived_through_and_left_as_soon_as_the_loss_is_seen() -> None:
    result = result_of("the feed masked", 1.0, "cross", "live")
    blind = slice(SHOCK, SHOCK + 24)
    assert not np.isin(result.fills["bar"], np.arange(SHOCK, SHOCK + 24)).any()
    np.testing.assert_array_equal(result.position[blind], np.repeat(result.position[[SHOCK - 1]], 24, axis=0))
    # the first bar that trades shows the loss of a day at its close, the next one takes the account out
    after = result.fills[result.fills["bar"] <= SHOCK + 25][-COUNT:]
    assert set(after["bar"]) == {SHOCK + 25}
    assert set(after["reason"]) == {Reason.DAILY_LOSS}
    assert (result.position[SHOCK + 25] == 0.0).all()


def test_without_a_trade_nothing_fills_and_dry_volume_forbids_entries() -> None:
    result = result_of("volume to zero", 1.0, "cross", "live")
    inside = (result.fills["bar"] >= SHOCK) & (result.fills["bar"] < SHOCK + 48)
    assert not inside.any()
    stressed = result_of("volume to zero", 1.0, "cross", "staging")
    assert stressed.refusals[Reason.DRY_VOLUME].sum() > 0
