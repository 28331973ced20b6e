"""The modes' settings: each gear is at least as strict as the documents say, and every value is in its range."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from geobuk.domain.errors import UnknownNameError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.risk.controller import RiskController
from geobuk.risk.profiles import PROFILES, UNLIMITED, profile
from geobuk.risk.rules import RiskSpec, pace_of, risk_values

TABLE: dict[str, tuple[float, ...]] = {
    # capital, leverage, var, cvar, daily loss, drawdown, Kelly, gross, net, losses in a row
    "paper": (100.0, 2, 0.05, 0.075, 0.05, 0.20, 0.25, 2.0, 2.0, 6),
    "testnet": (7_700.0, 3, 0.03, 0.045, 0.04, 0.15, 0.25, 2.0, 2.0, 6),
    "staging": (230.0, 3, 0.03, 0.045, 0.04, 0.15, 0.25, 2.0, 2.0, 5),
    "live": (7_700.0, 10, 0.02, 0.03, 0.03, 0.12, 0.25, 2.0, 1.5, 5),
}


@pytest.mark.parametrize("mode", TABLE)
def test_a_mode_has_the_settings_that_were_agreed(mode: str) -> None:
    spec = profile(mode)
    limits, loss = spec.limits, spec.loss
    assert TABLE[mode] == (
        spec.account.capital,
        spec.account.leverage,
        limits.var_daily,
        limits.cvar_daily,
        loss.daily,
        loss.drawdown,
        spec.kelly.fraction,
        limits.max_gross,
        limits.max_net,
        loss.losses_in_row,
    )


def test_there_are_four_modes_and_their_names_are_read_in_any_case() -> None:
    assert set(PROFILES) == set(TABLE)
    assert profile("LIVE") is profile("live")
    for name in ("", "production", "live "):
        with pytest.raises(UnknownNameError, match=r"known: live, paper, staging, testnet|did you mean"):
            profile(name)


@pytest.mark.parametrize("spec", [*PROFILES.values(), UNLIMITED], ids=[*PROFILES, "unlimited"])
def test_every_value_is_in_its_range(spec: RiskSpec) -> None:
    assert msgspec.convert(msgspec.to_builtins(spec), RiskSpec) == spec
    assert RiskController.under(spec).spec == spec


def test_capital_may_be_ones_own() -> None:
    own = profile("staging", capital=500.0)
    assert own.account.capital == 500.0
    assert msgspec.structs.replace(own, account=profile("staging").account) == profile("staging")


def test_no_mode_allows_more_than_the_one_before_but_in_leverage() -> None:
    def allowed(spec: RiskSpec) -> list[Any]:
        limits, loss = spec.limits, spec.loss
        return [limits.var_daily, limits.cvar_daily, loss.daily, loss.drawdown, limits.max_net, loss.losses_in_row]

    modes = ["paper", "testnet", "staging", "live"]
    for before, after in pairwise(modes):
        assert all(a <= b for a, b in zip(allowed(profile(after)), allowed(profile(before)), strict=True))
    assert profile("staging").sizing.size_factor == 0.1


def test_the_room_without_rules_has_none() -> None:
    values = risk_values(UNLIMITED, pace_of(NS_PER_HOUR))
    on = ("by_volatility", "by_covariance", "by_conditions", "by_volume", "estimates", "crash_flattens")
    assert not any(values[name] for name in on)
    assert (values["kelly"], values["max_positions"], values["max_orders"], values["risk_per_trade"]) == (0, 0, 0, 0)
    assert values["daily"] == values["drawdown"] == 1.0
