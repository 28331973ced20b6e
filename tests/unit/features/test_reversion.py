import math

import numpy as np
import pytest

from geobuk.features.reversion import rolling_reversion, rolling_zscore

NAN = np.nan


def ornstein_uhlenbeck(slope: float, bars: int = 4_000, *, seed: int = 2) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0.0, 0.01, bars)
    out = np.zeros(bars)
    for t in range(1, bars):
        out[t] = slope * out[t - 1] + noise[t]
    return out[:, None]


def test_zscore_agrees_with_the_plain_definition_everywhere() -> None:
    values = np.cumsum(np.random.default_rng(1).normal(size=(900, 2)), axis=0) + 1_000.0
    windows = np.lib.stride_tricks.sliding_window_view(values, 37, axis=0)
    expected = (values[36:] - windows.mean(axis=2)) / windows.std(axis=2)
    np.testing.assert_allclose(rolling_zscore(values, 37)[36:], expected, rtol=1e-8, atol=1e-10)
    assert np.isnan(rolling_zscore(values, 37)[:36]).all()


def test_zscore_of_a_price_that_never_moves_is_unknown() -> None:
    assert np.isnan(rolling_zscore(np.full((50, 1), 123.456), 10)).all()


def test_zscore_survives_a_jump_to_another_level() -> None:
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(0.0, 1e-3, 200), rng.normal(10.0, 1e-3, 200)])[:, None]
    window = values[-50:, 0]
    assert rolling_zscore(values, 50)[-1, 0] == pytest.approx((window[-1] - window.mean()) / window.std(), rel=1e-6)


@pytest.mark.parametrize("row", [99, 100, 150, 199, 200, 700])
def test_fit_agrees_with_least_squares(row: int) -> None:
    values = ornstein_uhlenbeck(0.95)
    fit = rolling_reversion(values, 100)
    window = values[row - 99 : row + 1, 0]
    design = np.column_stack([np.ones(99), window[:-1]])
    (_, slope), residual, _, _ = np.linalg.lstsq(design, window[1:], rcond=None)
    error = math.sqrt(residual[0] / 97 * np.linalg.inv(design.T @ design)[1, 1])
    assert fit.slope[row, 0] == pytest.approx(slope, rel=1e-9)
    assert fit.evidence[row, 0] == pytest.approx((slope - 1) / error, rel=1e-9)
    assert fit.half_life[row, 0] == pytest.approx(math.log(2) / -math.log(slope), rel=1e-9)


def test_half_life_of_a_decay_without_noise_is_exact() -> None:
    values = (0.9 ** np.arange(40))[:, None]
    fit = rolling_reversion(values, 20)
    assert fit.slope[30, 0] == pytest.approx(0.9, rel=1e-9)
    assert fit.half_life[30, 0] == pytest.approx(6.5788134, abs=1e-7)
    assert np.isnan(fit.evidence[30, 0])


def test_what_runs_away_has_no_half_life_and_what_alternates_has_none_at_all() -> None:
    away = rolling_reversion((1.1 ** np.arange(30))[:, None], 20)
    swinging = rolling_reversion(((-0.9) ** np.arange(30))[:, None], 20)
    assert np.isposinf(away.half_life[-1, 0])
    assert np.isnan(swinging.half_life[-1, 0])
    assert swinging.slope[-1, 0] == pytest.approx(-0.9)


def test_evidence_tells_reversion_from_a_random_walk() -> None:
    walk = np.cumsum(np.random.default_rng(6).normal(size=(3_000, 8)), axis=0)
    assert np.nanmean(rolling_reversion(ornstein_uhlenbeck(0.8), 250).evidence) < -4.0
    assert -2.2 < np.nanmean(rolling_reversion(walk, 250).evidence) < -1.0


def test_holes_are_unknown_and_repeat_the_last_value() -> None:
    values = ornstein_uhlenbeck(0.9, 200)
    values[:10], values[120] = NAN, NAN
    filled = values.copy()
    filled[120] = filled[119]
    fit, whole = rolling_reversion(values, 50), rolling_reversion(filled[10:], 50)
    assert np.isnan(fit.half_life[120, 0])
    assert np.isnan(rolling_zscore(values, 50)[120, 0])
    keep = np.arange(200) != 120
    np.testing.assert_array_equal(fit.slope[keep][10:], whole.slope[keep[10:]])
    np.testing.assert_array_equal(rolling_zscore(values, 50)[keep][10:], rolling_zscore(filled[10:], 50)[keep[10:]])
