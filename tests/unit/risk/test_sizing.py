"""From forecast to weight, from weight to quantity."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import rules_from

from geobuk.risk.sizing import is_inside_band, on_step, wanted_weight

BY_VOLATILITY = rules_from(sizing={"method": "volatility", "volatility_target": 0.20})
BY_NOTIONAL = rules_from(sizing={"method": "notional"})


def test_a_full_forecast_asks_for_target_over_volatility_shared_among_believers() -> None:
    # diversification 1.5 over four believers: 1.5 / 4 * 0.20 / 0.60
    assert wanted_weight(1.0, 0.60, 1.5 / 4, BY_VOLATILITY) == pytest.approx(0.125)
    assert wanted_weight(-0.5, 0.60, 1.5 / 4, BY_VOLATILITY) == pytest.approx(-0.0625)


def test_notional_sizing_knows_no_volatility() -> None:
    assert wanted_weight(1.0, 0.60, 1.5 / 3, BY_NOTIONAL) == pytest.approx(0.5)
    assert wanted_weight(1.0, 0.0, 1.5 / 3, BY_NOTIONAL) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("target", "held", "band", "inside"),
    [
        (1.1, 1.0, 0.2, True),
        (0.79, 1.0, 0.2, False),
        (0.8, 1.0, 0.2, False),  # exactly the band is traded
        (1.0, 1.0, 0.0, False),
        (0.0, 1.0, 1.0, False),  # leaving is never too small
        (0.001, 0.0, 1.0, False),  # nor is entering
        (-0.1, 1.0, 1.0, False),  # nor is changing sides
        (9.0, 1.0, 1.0, True),  # a band of 1 holds
    ],
)
def test_the_band_holds_small_changes(target: float, held: float, band: float, inside: bool) -> None:
    assert is_inside_band(target, held, band) == inside
    assert is_inside_band(-target, -held, band) == inside


def test_quantity_is_rounded_toward_zero_on_the_step() -> None:
    # 0.3 * 7700 / 61234.5 = 0.037724
    assert on_step(0.3, 7_700.0, 61_234.5, 0.001) == pytest.approx(0.037)
    assert on_step(-0.3, 7_700.0, 61_234.5, 0.001) == pytest.approx(-0.037)
    assert on_step(0.3, 7_700.0, 61_234.5, 1.0) == 0.0


@given(st.floats(-5, 5), st.floats(1, 1e6), st.floats(0.01, 1e5), st.sampled_from([0.001, 0.1, 1.0]))
def test_risk_is_never_rounded_up(weight: float, equity: float, price: float, step: float) -> None:
    quantity = on_step(weight, equity, price, step)
    assert abs(quantity) * price <= abs(weight) * equity * (1 + 1e-12) + 1e-8 * step * price
