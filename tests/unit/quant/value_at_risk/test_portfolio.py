import math

import numpy as np
import pytest

from geobuk.quant.value_at_risk import incremental_risk, normal_multiplier, portfolio_risk

POSITIONS = np.array([3e4, -2e4, 1e4])
COVARIANCE = np.array([[4e-4, 3e-4, 1e-5], [3e-4, 9e-4, 0.0], [1e-5, 0.0, 1e-4]])


def test_components_sum_to_the_whole_and_a_hedge_is_negative() -> None:
    risk = portfolio_risk(POSITIONS, COVARIANCE, 2.0)
    assert risk.component.sum() == pytest.approx(risk.var, rel=1e-12)
    assert risk.var == pytest.approx(2 * math.sqrt(POSITIONS @ COVARIANCE @ POSITIONS), rel=1e-12)
    hedge = portfolio_risk([3e4, -5e3], COVARIANCE[:2, :2], 2.0)
    assert hedge.component[1] < 0.0
    assert risk.undiversified > risk.var


def test_marginal_is_the_slope() -> None:
    risk = portfolio_risk(POSITIONS, COVARIANCE, 2.0)
    for i in range(3):
        step = np.zeros(3)
        step[i] = 0.5
        up, down = (portfolio_risk(POSITIONS + s * step, COVARIANCE, 2.0).var for s in (1, -1))
        assert risk.marginal[i] == pytest.approx(up - down, rel=1e-6)


def test_incremental_is_recomputed() -> None:
    change = -POSITIONS
    assert incremental_risk(POSITIONS, change, COVARIANCE, 2.0) == pytest.approx(
        -portfolio_risk(POSITIONS, COVARIANCE, 2.0).var, rel=1e-12
    )
    assert incremental_risk([3e4, 0], [0, -5e3], COVARIANCE[:2, :2], 2.0) < 0.0


@pytest.mark.parametrize("positions", [[0.0, 0.0, 0.0], [1.0, -1.0, 0.0]])
def test_without_risk_there_is_nothing_to_share(positions: list[float]) -> None:
    perfect = np.full((3, 3), 1e-4)
    risk = portfolio_risk(positions, perfect, 2.0)
    assert risk.var == 0.0
    assert risk.flags == ("no_risk",)
    assert risk.component.tolist() == [0.0, 0.0, 0.0]
    assert np.isnan(risk.marginal).all()


def test_multiplier_of_a_confidence() -> None:
    assert normal_multiplier(0.99) == pytest.approx(2.3263478740, abs=5e-11)
    with pytest.raises(ValueError, match="not above 0"):
        normal_multiplier(0.05)


@pytest.mark.parametrize(
    ("positions", "covariance", "multiplier", "message"),
    [
        ([1.0], COVARIANCE, 2.0, "as many rows"),
        (POSITIONS, COVARIANCE[:2], 2.0, "shape"),
        (POSITIONS, COVARIANCE + np.triu(np.full((3, 3), 1e-4), 1), 2.0, "symmetric"),
        ([1.0, 1.0], [[1.0, 2.0], [2.0, 1.0]], 2.0, "eigenvalue"),
        ([1.0, math.nan, 0.0], COVARIANCE, 2.0, "positions"),
        (POSITIONS, COVARIANCE * math.nan, 2.0, "not finite"),
        (POSITIONS, COVARIANCE, 0.0, "multiplier"),
    ],
)
def test_wrong_arguments_are_refused(positions: list, covariance: np.ndarray, multiplier: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        portfolio_risk(positions, covariance, multiplier)


def test_a_change_of_other_instruments_is_refused() -> None:
    with pytest.raises(ValueError, match="same instruments"):
        incremental_risk(POSITIONS, [1.0], COVARIANCE, 2.0)
