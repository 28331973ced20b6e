"""The luck of many trials, against simulation, and its edges."""

import math
from itertools import pairwise

import numpy as np
import pytest

from geobuk.quant.overfitting import (
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_length,
    trial_variance,
)
from geobuk.quant.ratios import probabilistic_sharpe


@pytest.mark.parametrize(("trials", "tolerance"), [(20, 0.04), (200, 0.02), (1_000, 0.02)])
def test_the_best_of_normal_draws(trials: int, tolerance: float) -> None:
    best = np.random.default_rng(51).normal(0.0, 0.3, (20_000_000 // trials // 20, trials)).max(axis=1)
    assert expected_maximum(trials, 0.09) == pytest.approx(best.mean(), abs=0.3 * tolerance)


def test_one_trial_has_no_luck_to_take_away() -> None:
    assert expected_maximum(1) == 0.0
    found = deflated_sharpe(0.1, 500, -0.5, 5.0, 1, 0.01)
    assert found.benchmark == 0.0
    assert found.probability == probabilistic_sharpe(0.1, 500, -0.5, 5.0)


def test_more_trials_never_lower_the_bar() -> None:
    bars = [expected_maximum(n) for n in (1, 1.01, 1.5, 2, 3, 5, 10, 100, 1e6, 1e15)]
    assert all(0.0 <= low <= high for low, high in pairwise(bars))


def test_trials_that_agree_leave_the_bar_at_zero() -> None:
    assert expected_maximum(100, 0.0) == 0.0
    assert trial_variance([0.2, 0.2, 0.2]) == 0.0
    assert trial_variance([0.3]) == 0.0
    assert trial_variance([0.1, 0.3]) == pytest.approx(0.02)


def test_what_is_not_defined_says_why() -> None:
    short, odd = deflated_sharpe(0.1, 1, 0.0, 3.0, 10, 0.01), deflated_sharpe(1.0, 50, 3.0, 1.0, 10, 0.01)
    assert math.isnan(short.probability)
    assert short.flags == ("too_short",)
    assert math.isnan(odd.probability)
    assert odd.flags == ("undefined",)


def test_a_higher_target_takes_fewer_years() -> None:
    assert minimum_backtest_length(45, 2.0) == pytest.approx(minimum_backtest_length(45) / 4)
    assert minimum_backtest_length(1) == 0.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: expected_maximum(0),
        lambda: expected_maximum(math.nan),
        lambda: expected_maximum(math.inf),
        lambda: expected_maximum(10, -1.0),
        lambda: expected_maximum(10, math.nan),
        lambda: minimum_backtest_length(10, 0.0),
        lambda: trial_variance([0.1, math.nan]),
    ],
)
def test_bad_input_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"trials|variance|target|sharpes"):
        call()
