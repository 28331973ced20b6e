"""Weighted moments against pandas, Bayes-Stein against its definition in plain matrices."""

import math

import numpy as np
import pandas as pd
import pytest

from geobuk.quant.kelly import (
    bayes_stein,
    bayes_stein_weight,
    ema_covariance,
    ema_moments,
    ema_weights,
    shrunk_mean,
)


@pytest.mark.parametrize("span", [1.5, 3.0, 20.0, 500.0])
def test_moments_are_those_of_pandas(span: float) -> None:
    returns = np.random.default_rng(11).standard_t(4, 120) * 0.01 + 0.3
    window = pd.Series(returns).ewm(span=span, adjust=True)
    found = ema_moments(returns, span)
    assert found.mean == pytest.approx(window.mean().iloc[-1], rel=1e-12)
    assert found.variance == pytest.approx(window.var(bias=False).iloc[-1], rel=1e-9)
    assert found.variance_biased == pytest.approx(window.var(bias=True).iloc[-1], rel=1e-9)


def test_covariances_are_those_of_pandas() -> None:
    returns = np.random.default_rng(12).normal(size=(80, 3)) @ np.array([[1, 0.3, 0], [0, 1, 0.5], [0, 0, 1]])
    expected = pd.DataFrame(returns).ewm(span=15, adjust=True).cov(bias=False).loc[79].to_numpy()
    found = ema_covariance(returns, 15)
    assert found.covariance == pytest.approx(expected, rel=1e-10)
    assert (found.covariance == found.covariance.T).all()


def test_long_spans_weigh_alike() -> None:
    returns = np.random.default_rng(13).normal(size=50)
    found = ema_moments(returns, 1e9)
    assert found.variance == pytest.approx(np.var(returns, ddof=1), rel=1e-6)
    assert found.effective_periods == pytest.approx(50.0, rel=1e-6)


@pytest.mark.parametrize(("returns", "span"), [([0.01], 10.0), ([0.01, 0.02, -0.03], 1.0)])
def test_one_return_has_no_variance(returns: list[float], span: float) -> None:
    found = ema_moments(returns, span)
    assert math.isnan(found.variance)
    assert found.flags == ("too_short",)
    assert found.mean == pytest.approx(returns[-1])


@pytest.mark.parametrize("span", [0.5, 0.0, -3.0, math.nan, math.inf])
def test_a_span_is_at_least_a_period(span: float) -> None:
    with pytest.raises(ValueError, match="span"):
        ema_moments([0.1, 0.2], span)
    with pytest.raises(ValueError, match="periods"):
        ema_weights(0, 3.0)


def test_bayes_stein_is_its_definition() -> None:
    returns = np.random.default_rng(14).normal([0.01, 0.03, -0.02, 0.0], [0.1, 0.2, 0.15, 0.12], (60, 4))
    found = bayes_stein(returns)
    mean, sigma = returns.mean(axis=0), np.cov(returns.T) * 59 / 54
    inverse, ones = np.linalg.inv(sigma), np.ones(4)
    prior = ones @ inverse @ mean / (ones @ inverse @ ones)
    strength = 6.0 / ((mean - prior) @ inverse @ (mean - prior))
    weight = strength / (60 + strength)
    assert found.prior == pytest.approx(prior)
    assert found.weight == pytest.approx(weight)
    assert found.mean == pytest.approx((1 - weight) * mean + weight * prior)
    wider = sigma * (1 + 1 / (60 + strength)) + strength / (60 * (61 + strength)) * np.outer(ones, ones) / (
        ones @ inverse @ ones
    )
    assert found.covariance == pytest.approx(wider)


def test_equal_sample_means_leave_only_the_prior() -> None:
    one = np.random.default_rng(15).normal(size=40)
    returns = np.column_stack([one, np.roll(one, 7), np.roll(one, 19)])
    found = bayes_stein(returns)
    assert found.weight == pytest.approx(1.0)
    assert found.mean == pytest.approx(np.full(3, one.mean()))
    assert np.isfinite(found.covariance).all()


def test_the_prior_fades_as_the_sample_grows() -> None:
    assert bayes_stein_weight(0.0, 3, 100) == 1.0
    assert bayes_stein_weight(0.05, 3, 100) == pytest.approx(5 / 10)
    assert bayes_stein_weight(0.05, 3, 1e9) < 1e-6


@pytest.mark.parametrize(
    "returns",
    [np.ones((3, 2)), np.ones((20, 1)), np.ones((20, 2)), np.arange(40.0).reshape(20, 2), np.full((20, 2), np.nan)],
)
def test_samples_without_an_answer_are_refused(returns: np.ndarray) -> None:
    with pytest.raises(ValueError, match="returns"):
        bayes_stein(returns)


def test_a_weight_is_a_share() -> None:
    assert shrunk_mean(0.1, 0.0, 0.25) == pytest.approx(0.075)
    with pytest.raises(ValueError, match="weight"):
        shrunk_mean(0.1, 0.0, 1.25)
