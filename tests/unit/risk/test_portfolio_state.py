"""An account as the controller sees it: what may be given, and what is refused."""

from decimal import Decimal
from math import nan
from typing import Any

import numpy as np
import pytest

from geobuk.domain.errors import UnknownNameError, UserError
from geobuk.domain.regime import Regime
from geobuk.risk.controller import RiskController
from geobuk.risk.portfolio_state import PortfolioState, covariance_of, regime_code

HELD = {"A": 100.0, "B": -50.0}


def test_numbers_of_any_kind_are_taken() -> None:
    state = PortfolioState(Decimal(1_000), {"A": np.float32(100.0), "B": Decimal(-50)})  # type: ignore[arg-type, dict-item]
    assert state.equity == 1_000.0
    assert state.notionals.tolist() == [100.0, -50.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"equity": "much"}, "equity 'much' is not a number"),
        ({"equity": None}, "equity None"),
        ({"positions": {"A": None}}, "A None is not a number"),
        ({"covariance": [[1.0]]}, r"shape \(1, 1\).*\(2, 2\)"),
        ({"covariance": [[1.0, 0.1], [0.2, 1.0]]}, "not symmetric"),
        ({"returns": [0.1, 0.2]}, r"shape \(2,\)"),
        ({"returns": [[0.1], [0.2]]}, r"give \(days, 2\)"),
        ({"daily_volatility": {"A": "high", "B": 0.1}}, "volatility of A 'high'"),
    ],
)
def test_what_can_not_be_meant_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        PortfolioState.of({"equity": 1_000.0, "positions": HELD, **given})


@pytest.mark.parametrize("given", [{}, {"equity": 1.0}, {"equity": 1.0, "positions": {}, "leverage": 3}, [1.0], None])
def test_a_mapping_needs_the_names_of_a_state(given: Any) -> None:
    with pytest.raises(UserError, match=r"can't be made of.*give equity and positions"):
        PortfolioState.of(given)


def test_a_state_is_its_own() -> None:
    state = PortfolioState(1.0, {})
    assert PortfolioState.of(state) is state


@pytest.mark.parametrize(
    ("known", "matrix"),
    [
        ({}, None),
        ({"daily_volatility": {"A": 0.1}}, None),
        ({"daily_volatility": {"A": 0.1, "B": 0.2, "C": 0.3}}, [[0.01, -0.02], [-0.02, 0.04]]),
        ({"returns": [[0.1, 0.2]]}, None),
        ({"returns": [[0.1, 0.2], [0.3, 0.1]]}, [[0.02, -0.01], [-0.01, 0.005]]),
        ({"covariance": [[1.0, 0.0], [0.0, 2.0]], "returns": [[0.1, 0.2], [0.3, 0.1]]}, [[1.0, 0.0], [0.0, 2.0]]),
    ],
)
def test_the_covariance_is_the_best_that_is_known(known: dict[str, Any], matrix: Any) -> None:
    state = PortfolioState(1_000.0, HELD, **known)
    if matrix is None:
        assert state.matrix is None
    else:
        assert state.matrix is not None
        assert np.allclose(state.matrix, matrix)
    assert state.is_measured == bool({"returns", "covariance"} & set(known))


def test_a_single_row_of_returns_belongs_to_a_single_position() -> None:
    state = PortfolioState(1_000.0, {"A": 1.0}, returns=[0.1, 0.3])
    assert state.matrix is not None
    assert state.matrix.tolist() == [[pytest.approx(0.02)]]


def test_an_empty_account_has_no_covariance() -> None:
    for known in ({}, {"returns": np.empty((5, 0))}, {"daily_volatility": {}}):
        assert PortfolioState(1_000.0, {}, **known).matrix is None  # type: ignore[arg-type]


def test_what_is_no_number_passes_so_that_the_checks_can_say_so() -> None:
    state = PortfolioState(nan, {"A": nan}, covariance=[[nan]])
    assert state.matrix is not None
    assert np.isnan(state.matrix[0, 0])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, -1),
        (-1, -1),
        ("BULL", 1),
        ("bear", 2),
        (Regime.NEUTRAL, 4),
        (0, 0),
        ("SIDEWAYS+HIGH_VOLATILITY", 11),
        (10, 10),
    ],
)
def test_a_regime_has_a_code(given: Any, code: int) -> None:
    assert regime_code(given) == code
    assert PortfolioState(1.0, {}, regime=given).regime_code == code


@pytest.mark.parametrize("given", ["", "BULLISH", "BULL+CALM", "HIGH_VOLATILITY", 5, 7, 13, 16, -2])
def test_another_regime_is_refused(given: Any) -> None:
    with pytest.raises(UnknownNameError, match="regime"):
        regime_code(given)


def test_a_covariance_may_differ_from_its_transpose_by_rounding() -> None:
    assert covariance_of([[1.0, 0.1], [0.1 + 1e-12, 1.0]], 2, "row").shape == (2, 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"positions": [("A", 100.0)]}, "positions is list, not a mapping"),
        ({"positions": None}, "positions is NoneType"),
        ({"daily_volatility": 0.03}, "volatility is float, not a mapping"),
        ({"sectors": None}, "sectors is NoneType"),
        ({"maintenance_rates": {"A": "low"}}, "maintenance rate of A 'low' is not a number"),
        ({"liquidation_prices": {"A": "far"}}, "liquidation price of A 'far'"),
        ({"mark_prices": {"A": None}}, "mark price of A None"),
        ({"peak_equity": "high"}, "peak_equity 'high'"),
        ({"day_start_equity": "high"}, "day_start_equity 'high'"),
        ({"open_orders": None}, "open_orders None"),
        ({"mark_age_seconds": None}, "mark_age_seconds None"),
        ({"covariance": "small"}, "covariance can't be read"),
        ({"returns": {"A": [0.1], "B": [0.1]}}, "returns can't be read"),
        ({"returns": [[0.1, 0.2], [0.3]]}, "returns can't be read"),
        ({"regime": ["bear"]}, "unknown regime"),
    ],
)
def test_what_is_of_another_kind_is_refused_as_the_persons_mistake(given: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        PortfolioState.of({"equity": 1_000.0, "positions": HELD, **given})


@pytest.mark.parametrize("given", [{"daily_volatility": {"A": 0.03, "B": -0.03}}, {"maintenance_rates": {"A": -0.4}}])
def test_a_negative_size_of_a_risk_would_make_a_hedge_of_it_and_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(UserError, match="is negative"):
        PortfolioState.of({"equity": 1_000.0, "positions": HELD, **given})


def test_amounts_in_text_are_checked_like_numbers() -> None:
    rest: dict[str, Any] = {
        "daily_volatility": {"A": 0.03, "B": 0.03},
        "sectors": {"A": "x", "B": "x"},
        "liquidation_prices": {"A": 99.0, "B": 101.0},
        "mark_prices": {"A": 100.0, "B": 100.0},
    }
    controller = RiskController(1_000.0)
    plain = controller.readings({"equity": 1_000.0, "positions": HELD, **rest})
    assert plain == controller.readings({"equity": "1000", "positions": {"A": "100", "B": "-50"}, **rest})
