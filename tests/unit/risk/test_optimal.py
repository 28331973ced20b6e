"""The share of equity that returns justify: Kelly worked out anew with numpy, each cap with the step it leaves."""

from math import inf, nan
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from geobuk.domain.errors import SettingsError, UserError
from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.quant.kelly import KellySpec, position_fraction
from geobuk.risk.controller import RiskController
from geobuk.risk.ledger import Ledger
from geobuk.risk.optimal import OptimalPosition, optimal_position
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import AccountSpec, Kelly, Limits, LossLimits, RegimeScales

WIDE: dict[str, Any] = {
    "max_weight": 100.0,
    "max_gross": 100.0,
    "max_net": 100.0,
    "var_daily": 0.0,
    "cvar_daily": 0.0,
    "min_liquidation_distance": 0.0,
    "max_liquidation_probability": 0.0,
    "tail_degrees": 0.0,
}
GAINS = np.random.default_rng(1).normal(0.01, 0.05, 400)
SPREAD = np.std(GAINS, ddof=1)


def sized(
    returns: Any = GAINS, regime: int = -1, part: float = 0.25, drawdown: float = 0.0, **limits: Any
) -> OptimalPosition:
    spec = RiskSpec(
        account=AccountSpec(leverage=100),
        kelly=Kelly(fraction=1.0),
        limits=Limits(**{**WIDE, **limits}),
        regime=RegimeScales(against=0.5, unknown=0.4),
        loss=LossLimits(daily=1.0, drawdown=0.2),
    )
    ledger = Ledger.opened(1_000.0, spec.loss, at_ns=0)
    ledger.mark(1_000.0 * (1.0 - drawdown), at_ns=1)
    return optimal_position(returns, regime, part, spec, ledger)


def test_it_is_a_part_of_kellys_stake_of_the_shrunk_edge() -> None:
    sharpe = GAINS.mean() / SPREAD
    kept = 1.0 - 1.0 / (1.0 + sharpe**2 * len(GAINS))
    full = kept * GAINS.mean() / SPREAD**2
    found = sized()
    assert found.kelly == pytest.approx(full, rel=1e-9)
    assert found.value == pytest.approx(0.25 * full, rel=1e-9)
    assert found.steps == ()
    assert found.flags == ()
    assert sized(part=0.5).value == pytest.approx(2 * found.value)
    assert found.value == position_fraction(GAINS, KellySpec(fraction=0.25, cap=1e6)).value


WHOLE = sized().value


@pytest.mark.parametrize(
    ("limits", "name", "size"),
    [
        ({"max_weight": 0.1}, "max_concentration", 0.1),
        ({"max_gross": 0.2}, "max_exposure", 0.2),
        ({"max_net": 0.3}, "max_exposure", 0.3),
        ({"var_daily": 0.02}, "var_daily", 0.02 / SPREAD / norm.ppf(0.99)),
        ({"cvar_daily": 0.02}, "cvar_daily", 0.02 / SPREAD / (norm.pdf(norm.ppf(0.99)) / 0.01)),
        ({"min_liquidation_distance": 0.95}, "liquidation_distance", 1 / (0.95 + 0.01 * 1.95)),
        (
            {"max_liquidation_probability": 1e-6, "tail_degrees": 5.0},
            "liquidation_probability",
            1 / (student.ppf(1.0 - 0.5e-6, 5) * np.sqrt(3 / 5) * SPREAD + 0.01),
        ),
    ],
)
def test_each_cap_makes_it_smaller_and_says_so(limits: dict[str, Any], name: str, size: float) -> None:
    found = sized(part=1.0, **limits)
    assert [step[0] for step in found.steps] == [name]
    assert 0.0 < found.value < sized(part=1.0).value
    assert found.steps[-1][1] == found.value
    assert found.value == pytest.approx(size, rel=1e-6)


@pytest.mark.parametrize(
    ("regime", "sign", "scale"), [(1, 1, 1.0), (2, 1, 0.5), (2, -1, 1.0), (1, -1, 0.5), (0, 1, 0.4)]
)
def test_a_regime_shrinks_what_stands_against_it(regime: int, sign: int, scale: float) -> None:
    found = sized(sign * GAINS, regime)
    assert found.value == pytest.approx(sign * scale * WHOLE)
    assert [step[0] for step in found.steps] == ([] if scale == 1.0 else ["regime"])


def test_a_drawdown_shrinks_it_and_a_deeper_one_leaves_nothing() -> None:
    assert sized(drawdown=0.14).value == pytest.approx(0.625 * WHOLE)
    assert sized(drawdown=0.14, regime=2).value == pytest.approx(0.3125 * WHOLE)
    for deep in (0.181, 0.2, 0.5):
        assert sized(drawdown=deep).value == 0.0
        assert "reduce_only" in sized(drawdown=deep).flags


def test_a_short_edge_is_taken_where_shorts_may_be() -> None:
    assert sized(-GAINS).value == pytest.approx(-WHOLE)
    assert sized(-GAINS, allow_short=False) == OptimalPosition(0.0, sized(-GAINS).kelly, (), ("no_edge",))


@pytest.mark.parametrize(
    ("returns", "flag"),
    [
        ([], "empty"),
        ([0.01] * 10, "too_short"),
        ([0.01] * 40, "flat"),
        ([0.0] * 40, "flat"),
        ([*GAINS, nan], "not_finite"),
        ([*GAINS, inf], "not_finite"),
        ([0.01, -0.01] * 30, "no_edge"),
    ],
)
def test_nothing_is_staked_without_a_sound_edge(returns: list[float], flag: str) -> None:
    found = sized(returns)
    assert (found.value, found.flags) == (0.0, (flag,))


def test_one_column_is_one_row_and_a_table_is_refused() -> None:
    assert sized(GAINS[:, None]).value == WHOLE
    with pytest.raises(UserError, match=r"shape \(200, 2\)"):
        sized(GAINS.reshape(200, 2))


@pytest.mark.parametrize("part", [0.0, -0.1, 1.1, nan])
def test_a_part_of_kelly_lies_within_it(part: float) -> None:
    with pytest.raises(SettingsError, match="quarter of Kelly"):
        sized(part=part)


def test_the_smaller_part_counts_and_none_leaves_nothing() -> None:
    for cap, value in ((0.1, 0.4 * WHOLE), (0.0, 0.0)):
        spec = RiskSpec(account=AccountSpec(leverage=100), kelly=Kelly(fraction=cap), limits=Limits(**WIDE))
        found = optimal_position(GAINS, -1, 0.25, spec, Ledger.opened(1.0, spec.loss, at_ns=0))
        assert found.value == pytest.approx(value)


@pytest.mark.parametrize(("returns", "side"), [(GAINS, 1.0), (-GAINS, -1.0)])
def test_a_regimes_ceiling_on_gross_exposure_bounds_both_sides(returns: Any, side: float) -> None:
    controller = RiskController(
        regime_caps={"BULL": 0.05, "BEAR": 0.05}, max_concentration=1.0, max_liquidation_probability=0.0
    )
    regime = Regime.BULL if side > 0.0 else Regime.BEAR
    for code in (int(regime), int(regime) + HIGH_VOLATILITY):
        found = controller.optimal_position(returns, code)
        assert found.value == pytest.approx(side * 0.05)
        assert found.steps[-1] == ("regime_exposure", found.value)
    assert abs(controller.optimal_position(returns, "SIDEWAYS").value) > 0.05
    assert abs(controller.optimal_position(returns).value) > 0.05
