"""The whole-sample fit against statsmodels, and what it says of series that don't revert."""

import math

import numpy as np
import pytest
from statsmodels.tsa.stattools import adfuller

from geobuk.quant.mean_reversion import half_life, half_life_linear, mean_reversion


def process(kappa: float, level: float, sigma: float, dt: float, periods: int, seed: int) -> np.ndarray:
    slope = math.exp(-kappa * dt)
    noise = np.random.default_rng(seed).normal(0.0, sigma * math.sqrt((1 - slope**2) / (2 * kappa)), periods)
    out = np.full(periods, level)
    for t in range(1, periods):
        out[t] = level + slope * (out[t - 1] - level) + noise[t]
    return out


def test_a_long_sample_gives_back_its_process() -> None:
    found = mean_reversion(process(5.0, 100.0, 2.0, 1 / 365, 200_000, 81), 1 / 365)
    assert found.kappa == pytest.approx(5.0, rel=0.05)
    assert found.half_life == pytest.approx(math.log(2) / 5.0, rel=0.05)
    assert found.level == pytest.approx(100.0, abs=0.05)
    assert found.sigma == pytest.approx(2.0, rel=0.01)
    assert found.flags == ()


def test_the_fit_is_ordinary_least_squares() -> None:
    values = process(0.2, 3.0, 0.5, 1.0, 300, 82)
    found = mean_reversion(values)
    slope, intercept = np.polyfit(values[:-1], values[1:], 1)
    left = values[1:] - intercept - slope * values[:-1]
    spread = left @ left / 297
    assert found.slope == pytest.approx(slope)
    assert found.level == pytest.approx(intercept / (1 - slope))
    assert found.sigma == pytest.approx(math.sqrt(spread * 2 * found.kappa / (1 - slope**2)))
    assert found.half_life_linear == pytest.approx(math.log(2) / (1 - slope))
    assert found.slope_corrected == pytest.approx(slope + (1 + 3 * slope) / 299)
    assert found.evidence == pytest.approx(
        adfuller(values, maxlag=0, regression="c", autolag=None, result_object=False)[0]
    )


def test_the_correction_takes_away_most_of_the_bias() -> None:
    fits = [mean_reversion(process(0.1, 0.0, 1.0, 1.0, 100, seed)) for seed in range(400)]
    true = math.exp(-0.1)
    plain, corrected = (np.mean([getattr(fit, name) for fit in fits]) for name in ("slope", "slope_corrected"))
    assert plain < true - 0.02
    assert corrected == pytest.approx(true, abs=0.012)


def test_the_unit_of_time_scales_the_result() -> None:
    values = process(0.2, 3.0, 0.5, 1.0, 300, 83)
    days, years = mean_reversion(values), mean_reversion(values, 1 / 365)
    assert years.half_life == pytest.approx(days.half_life / 365)
    assert years.sigma == pytest.approx(days.sigma * math.sqrt(365))


def test_what_runs_away_alternates_or_stands_still_is_named() -> None:
    away = mean_reversion(1.1 ** np.arange(30))
    assert away.half_life == away.half_life_linear == math.inf
    assert math.isnan(away.kappa)
    assert away.flags == ("not_reverting", "no_noise")
    swinging = mean_reversion(process(0.5, 0.0, 1.0, 1.0, 200, 84) * (-1.0) ** np.arange(200))
    assert math.isnan(swinging.half_life)
    assert "alternating" in swinging.flags
    assert mean_reversion([1.0, 1.0, 1.0, 1.0, 1.0]).flags == ("flat",)
    assert mean_reversion([1.0, 2.0, 1.0]).flags == ("too_short",)
    assert math.isnan(mean_reversion([1.0, 2.0, 1.0]).half_life)


def test_a_random_walk_is_not_saved_by_its_bias() -> None:
    walks = [mean_reversion(np.cumsum(np.random.default_rng(seed).normal(size=250))) for seed in range(60)]
    assert np.mean([walk.half_life < math.inf for walk in walks]) > 0.8
    assert np.mean(["not_reverting_corrected" in walk.flags or walk.evidence > -2.9 for walk in walks]) > 0.9


def test_a_decay_without_noise_is_exact() -> None:
    found = mean_reversion(5.0 + 0.9 ** np.arange(40))
    assert found.half_life == pytest.approx(6.578813479, abs=1e-8)
    assert (found.level, found.sigma) == (pytest.approx(5.0), 0.0)
    assert math.isnan(found.evidence)
    assert found.flags == ("no_noise",)


@pytest.mark.parametrize("function", [half_life, half_life_linear])
def test_half_lives_at_the_edges(function) -> None:  # type: ignore[no-untyped-def]
    assert function(1.0) == function(1.5) == math.inf
    assert math.isnan(function(0.0))
    assert math.isnan(function(-0.5))
    assert function(0.9, 2.0) == pytest.approx(2.0 * function(0.9))
    for bad in ((math.nan, 1.0), (0.5, 0.0)):
        with pytest.raises(ValueError, match=r"slope|interval"):
            function(*bad)


def test_bad_input_is_refused() -> None:
    for bad in ([], [1.0, math.nan, 2.0, 3.0], [[1.0, 2.0]]):
        with pytest.raises(ValueError, match="values"):
            mean_reversion(bad)
