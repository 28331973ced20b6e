"""Several assets: against a general optimiser, and every kind of bad covariance."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from geobuk.quant.kelly import KellyLimits, limited_kelly, several_kelly


def market(assets: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    factors = random.normal(size=(assets, assets + 3)) * 0.15
    return random.normal(0.05, 0.08, assets), factors @ factors.T


def value(weights: np.ndarray, drift: np.ndarray, sigma: np.ndarray) -> float:
    return float(weights @ drift - 0.5 * weights @ sigma @ weights)


def test_without_limits_both_roads_meet() -> None:
    drift, sigma = market(5, 1)
    free, limited = several_kelly(drift, sigma, 0.02), limited_kelly(drift, sigma, KellyLimits(), 0.02)
    assert limited.fractions == pytest.approx(free.fractions, abs=1e-6)
    assert limited.flags == free.flags == ()
    assert free.growth == pytest.approx(0.02 + 0.5 * (drift - 0.02) @ np.linalg.inv(sigma) @ (drift - 0.02))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "limits", [KellyLimits(gross=1.0), KellyLimits(gross=1.5, each=0.4), KellyLimits(gross=1.0, is_long_only=True)]
)
def test_limits_against_a_general_optimiser(seed: int, limits: KellyLimits) -> None:
    drift, sigma = market(4, seed)
    found = limited_kelly(drift, sigma, limits)
    each = np.broadcast_to(limits.each, 4)
    low = 0.0 if limits.is_long_only else -np.inf
    # long and short parts, so that the gross limit is smooth
    start = np.full(8, 0.01)
    other = minimize(
        lambda z: -value(z[:4] - z[4:], drift, sigma),
        start,
        bounds=[(0.0, e) for e in each] + [(0.0, 0.0 if low == 0.0 else e) for e in each],
        constraints=[{"type": "ineq", "fun": lambda z: limits.gross - z.sum()}],
        options={"ftol": 1e-14, "maxiter": 1000},
        method="SLSQP",
    )
    assert found.excess_growth == pytest.approx(-other.fun, abs=1e-7)
    assert np.abs(found.fractions).sum() <= limits.gross + 1e-12
    assert (np.abs(found.fractions) <= each).all()
    assert found.fractions.min() >= low


def test_one_limit_for_each_asset() -> None:
    drift, sigma = np.array([0.2, 0.2]), np.eye(2) * 0.04
    found = limited_kelly(drift, sigma, KellyLimits(each=(0.5, 9.0)))
    assert found.fractions == pytest.approx([0.5, 5.0], abs=1e-6)
    assert found.flags == ("limited",)
    with pytest.raises(ValueError, match="one for each asset"):
        limited_kelly(drift, sigma, KellyLimits(each=(0.5, 0.5, 0.5)))


def test_a_limit_of_nothing_holds_nothing() -> None:
    found = limited_kelly([0.2, 0.1], np.eye(2), KellyLimits(gross=0.0))
    assert found.fractions == pytest.approx([0.0, 0.0], abs=1e-9)


def test_daily_figures_solve_as_well_as_annual_ones() -> None:
    drift, sigma = market(4, 9)
    limits = KellyLimits(gross=1.0)
    annual = limited_kelly(drift, sigma, limits).fractions
    assert limited_kelly(drift / 365, sigma / 365, limits).fractions == pytest.approx(annual, abs=1e-6)


def test_twins_share_what_one_would_hold() -> None:
    sigma = np.array([[0.04, 0.04], [0.04, 0.04]])
    found = several_kelly([0.08, 0.08], sigma)
    assert found.flags == ("singular",)
    assert found.fractions == pytest.approx([1.0, 1.0])


def test_a_riskless_edge_is_named_and_needs_a_limit() -> None:
    sigma = np.array([[0.04, 0.04], [0.04, 0.04]])
    assert several_kelly([0.10, 0.02], sigma).flags == ("singular", "riskless")
    assert several_kelly([0.10, 0.02], np.diag([0.04, 0.0])).flags == ("singular", "riskless")
    with pytest.raises(ValueError, match="set a gross limit"):
        limited_kelly([0.10, 0.02], sigma, KellyLimits())
    assert limited_kelly([0.10, 0.02], sigma, KellyLimits(gross=1.0)).fractions == pytest.approx([1.0, 0.0], abs=1e-6)


@pytest.mark.parametrize(
    ("sigma", "reason"),
    [
        ([[0.04, 0.01], [0.02, 0.09]], "symmetric"),
        ([[0.04, 0.08], [0.08, 0.09]], "positive semidefinite"),
        ([[-0.04, 0.0], [0.0, 0.09]], "positive semidefinite"),
        ([[0.04, math.nan], [math.nan, 0.09]], "finite"),
        ([[0.04, 0.01]], "square"),
        ([[0.04]], "same"),
    ],
)
def test_a_bad_covariance_is_refused(sigma, reason) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=reason):
        several_kelly([0.1, 0.1], sigma)
    with pytest.raises(ValueError, match=reason):
        limited_kelly([0.1, 0.1], sigma, KellyLimits(gross=1.0))


def test_rounding_in_the_covariance_is_forgiven() -> None:
    sigma = np.array([[0.04, 0.018 + 1e-12], [0.018, 0.09]])
    assert several_kelly([0.05, 0.08], sigma).fractions == pytest.approx([0.9340659, 0.7020757], abs=1e-6)


@pytest.mark.parametrize("bad", [{"gross": -1.0}, {"gross": math.nan}, {"each": -0.1}, {"each": (0.1, math.nan)}])
def test_limits_are_not_negative(bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="limit"):
        KellyLimits(**bad)
