"""Leverage that keeps liquidation away, and what volatility, regime and drawdown leave of it."""

from math import inf, nan, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.risk.leverage import adjusted_leverage, safe_leverage, scale_of
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import RegimeScales, Sizing


@given(st.floats(0.0, 0.9), st.floats(0.0, 0.2))
def test_a_move_of_the_distance_leaves_exactly_the_margin_of_either_side(distance: float, rate: float) -> None:
    if distance + rate == 0.0:
        return
    leverage = safe_leverage(distance, rate)
    # a short of notional 1 on margin 1 / leverage: after the move it owes distance, and margin on 1 + distance
    assert 1.0 / leverage - distance == pytest.approx(rate * (1.0 + distance), abs=1e-12)
    # a long has less notional left, so it is safe too
    assert 1.0 / leverage - distance >= rate * (1.0 - distance) - 1e-12


def test_no_distance_and_no_margin_bound_nothing() -> None:
    assert safe_leverage(0.0, 0.0) == inf


@pytest.mark.parametrize(
    ("distance", "rate", "name"),
    [
        (1.0, 0.0, "distance"),
        (-0.1, 0.0, "distance"),
        (nan, 0.0, "distance"),
        (0.1, 1.0, "maintenance_rate"),
        (0.1, nan, "maintenance_rate"),
    ],
)
def test_what_is_no_fraction_is_refused(distance: float, rate: float, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}.*0.1 for 10 %"):
        safe_leverage(distance, rate)


SPEC = RiskSpec(
    sizing=Sizing(volatility_target=0.2),
    regime=RegimeScales(against=0.4, sideways=0.9, neutral=0.7, unknown=0.3, high_volatility=0.5),
)


@pytest.mark.parametrize(
    ("regime", "long", "short"),
    [
        (-1, 1.0, 1.0),
        (0, 0.3, 0.3),
        (1, 1.0, 0.4),
        (2, 0.4, 1.0),
        (3, 0.9, 0.9),
        (4, 0.7, 0.7),
        (9, 0.5, 0.2),
        (10, 0.2, 0.5),
    ],
)
def test_a_regime_scales_each_side_as_in_the_decision_path(regime: int, long: float, short: float) -> None:
    assert scale_of(regime, 1.0, SPEC) == pytest.approx(long)
    assert scale_of(regime, -1.0, SPEC) == pytest.approx(short)


def test_leverage_falls_with_volatility_regime_and_drawdown() -> None:
    daily = 0.2 / sqrt(365.0)
    assert adjusted_leverage(3.0, daily, -1, SPEC, 1.0) == pytest.approx(1.0)
    assert adjusted_leverage(3.0, daily / 10.0, -1, SPEC, 1.0) == 3.0
    assert adjusted_leverage(3.0, daily / 2.0, 2, SPEC, 0.5) == pytest.approx(2.0 * 0.4 * 0.5)


@pytest.mark.parametrize("volatility", [0.0, -0.1, nan, inf])
def test_there_is_none_without_a_volatility(volatility: float) -> None:
    assert adjusted_leverage(3.0, volatility, -1, SPEC, 1.0) == 0.0


def test_a_regimes_ceiling_on_gross_exposure_bounds_leverage_too() -> None:
    spec = RiskSpec(regime=RegimeScales(max_gross_bear=0.1))
    assert adjusted_leverage(3.0, 0.001, int(Regime.BEAR), spec, 1.0) == 0.1
    assert adjusted_leverage(3.0, 0.001, int(Regime.BEAR) + HIGH_VOLATILITY, spec, 1.0) == 0.1
    assert adjusted_leverage(3.0, 0.001, int(Regime.BULL), spec, 1.0) > 0.1
    assert adjusted_leverage(3.0, 0.001, -1, spec, 1.0) > 0.1
