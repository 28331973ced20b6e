"""The four modes and the room that never says no."""

import pytest
from tests.support.decision_scenes import spec_of_profile

from geobuk.domain.errors import UnknownNameError
from geobuk.risk.profiles import PROFILES, UNLIMITED, profile
from geobuk.risk.rules import pace_of, risk_values
from geobuk.simulate.run import validated

HOUR_NS = 3_600 * 10**9
PROMISED = {  # capital, leverage, daily value at risk, drawdown, size factor
    "paper": (100.0, 2, 0.05, 0.20, 1.0),
    "testnet": (7_700.0, 3, 0.03, 0.15, 1.0),
    "staging": (230.0, 3, 0.03, 0.15, 0.1),
    "live": (7_700.0, 10, 0.02, 0.12, 1.0),
}


@pytest.mark.parametrize("mode", sorted(PROFILES))
def test_a_mode_has_the_figures_of_the_plan(mode: str) -> None:
    spec = profile(mode)
    figures = (
        spec.account.capital,
        spec.account.leverage,
        spec.limits.var_daily,
        spec.loss.drawdown,
        spec.sizing.size_factor,
    )
    assert figures == PROMISED[mode]


@pytest.mark.parametrize("mode", sorted(PROFILES))
def test_a_mode_lies_within_every_range_of_the_settings(mode: str) -> None:
    validated(spec_of_profile(mode))
    limits, loss = profile(mode).limits, profile(mode).loss
    assert limits.var_daily < limits.cvar_daily
    assert loss.daily < loss.drawdown
    assert limits.max_net <= limits.max_gross


def test_the_more_is_at_stake_the_tighter_it_is() -> None:
    order = [profile(mode) for mode in ("paper", "testnet", "live")]
    for read in (lambda s: s.limits.var_daily, lambda s: s.loss.drawdown, lambda s: s.loss.daily):
        values = [read(spec) for spec in order]
        assert values == sorted(values, reverse=True)


def test_capital_can_be_ones_own_and_names_are_read_in_any_case() -> None:
    assert profile("LIVE", capital=123.0).account.capital == 123.0
    assert profile("live", capital=123.0).limits == profile("live").limits


def test_another_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UnknownNameError, match="paper"):
        profile("production")


def test_the_room_without_rules_has_none() -> None:
    values = risk_values(UNLIMITED, pace_of(HOUR_NS))
    on = ("by_volatility", "by_covariance", "by_conditions", "by_volume", "estimates", "crash_flattens")
    assert not any(values[name] for name in on)
    assert (values["kelly"], values["max_positions"], values["max_orders"], values["risk_per_trade"]) == (0, 0, 0, 0)
    assert values["daily"] == values["drawdown"] == 1.0
