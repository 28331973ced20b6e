"""Stationary bootstrap: the distribution of its blocks, intervals against known ones, and its edges."""

import math

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from arch.bootstrap import optimal_block_length as arch_block_length

from geobuk.quant.overfitting import (
    BootstrapSpec,
    bootstrap_interval,
    optimal_block_length,
    stationary_indices,
    variance_of_bootstrap_mean,
)
from geobuk.quant.ratios import sharpe


def autoregressive(periods: int, slope: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0.0, 0.01, periods)
    out = np.zeros(periods)
    for t in range(1, periods):
        out[t] = slope * out[t - 1] + noise[t]
    return out


def mean(values: np.ndarray) -> float:
    return float(np.mean(values))


def test_blocks_run_on_and_wrap_and_have_the_length_asked_for() -> None:
    rows = stationary_indices(200, 8.0, 500, seed=3)
    assert rows.shape == (500, 200)
    assert rows.min() == 0
    assert rows.max() == 199
    runs_on = (rows[:, 1:] == (rows[:, :-1] + 1) % 200).mean()
    assert runs_on == pytest.approx(1 - 1 / 8 + 1 / 8 / 200, abs=0.004)
    assert np.bincount(rows.ravel(), minlength=200) == pytest.approx(np.full(200, 500), rel=0.35)


def test_a_seed_gives_the_same_rows_and_another_seed_others() -> None:
    one, again, other = (stationary_indices(50, 4.0, 6, seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_blocks_of_one_are_independent_draws() -> None:
    rows = stationary_indices(100, 1.0, 400, seed=9)
    assert (rows[:, 1:] == (rows[:, :-1] + 1) % 100).mean() == pytest.approx(0.01, abs=0.003)
    values = np.random.default_rng(10).normal(size=100)
    assert variance_of_bootstrap_mean(values, 1.0) == pytest.approx(np.var(values) / 100)


@pytest.mark.parametrize("mean_block", [1.5, 6.0, 25.0])
def test_the_exact_variance_is_that_of_many_samples(mean_block: float) -> None:
    values = autoregressive(120, 0.5, 71)
    means = values[stationary_indices(120, mean_block, 40_000, seed=72)].mean(axis=1)
    assert variance_of_bootstrap_mean(values, mean_block) == pytest.approx(np.var(means), rel=0.03)


def test_the_exact_variance_is_that_of_another_library() -> None:
    values = autoregressive(150, 0.4, 73)
    other = StationaryBootstrap(5, values, seed=np.random.default_rng(74))
    assert variance_of_bootstrap_mean(values, 5.0) == pytest.approx(other.var(np.mean, reps=20_000).item(), rel=0.04)
    assert variance_of_bootstrap_mean([0.3], 5.0) == 0.0


def test_block_lengths_are_those_of_the_library_and_at_least_one() -> None:
    values = autoregressive(800, 0.6, 75)
    assert optimal_block_length(values) == float(arch_block_length(values)["stationary"].iloc[0]) > 5.0
    assert optimal_block_length(np.full(50, 0.01)) == 1.0
    assert optimal_block_length(autoregressive(300, -0.01, 76)) >= 1.0
    with pytest.raises(ValueError, match="too few"):
        optimal_block_length(values[:7])


@pytest.mark.parametrize("method", ["percentile", "studentised"])
def test_the_interval_of_a_mean_is_near_the_normal_one(method) -> None:  # type: ignore[no-untyped-def]
    values = autoregressive(400, 0.0, 77)
    found = bootstrap_interval(values, mean, BootstrapSpec(seed=1, mean_block=1.0, method=method, replications=1500))
    error = values.std() / 20
    assert found.standard_error == pytest.approx(error, rel=0.06)
    assert found.monte_carlo_error == pytest.approx(found.standard_error / math.sqrt(2 * 1499))
    assert (found.low, found.high) == pytest.approx(
        (values.mean() - 1.96 * error, values.mean() + 1.96 * error), abs=0.25 * error
    )
    assert found.estimate == values.mean()


def test_a_formula_for_the_error_takes_the_place_of_inner_samples() -> None:
    values = np.random.default_rng(78).exponential(1.0, 40)

    def error(sample: np.ndarray) -> float:
        return float(np.std(sample, ddof=1) / math.sqrt(len(sample)))

    spec = BootstrapSpec(seed=2, mean_block=1.0, method="studentised", replications=4000)
    found = bootstrap_interval(values, mean, spec, error)
    # skewed to the right: the bootstrap t reaches farther up than down
    assert found.high - found.estimate > 1.15 * (found.estimate - found.low)


def test_dependence_widens_the_interval() -> None:
    values = autoregressive(500, 0.7, 79)
    wide, narrow = (
        bootstrap_interval(values, mean, BootstrapSpec(seed=3, mean_block=block, replications=500))
        for block in (20.0, 1.0)
    )
    assert wide.standard_error > 1.6 * narrow.standard_error
    assert bootstrap_interval(values, mean, BootstrapSpec(seed=3, replications=50)).mean_block == optimal_block_length(
        values
    )


def test_coverage_of_studentised_intervals() -> None:
    hits = 0
    for seed in range(120):
        values = np.random.default_rng(seed).normal(0.1, 1.0, 30)
        spec = BootstrapSpec(seed=seed, mean_block=1.0, confidence=0.9, replications=300, method="studentised")
        found = bootstrap_interval(values, mean, spec, lambda s: float(np.std(s, ddof=1) / math.sqrt(30)))
        hits += found.low <= 0.1 <= found.high
    assert 0.82 <= hits / 120 <= 0.97


def test_what_is_not_defined_is_said() -> None:
    flat = np.full(60, 0.01)
    undefined = bootstrap_interval(flat, lambda r: sharpe(r, 365), BootstrapSpec(seed=1))
    assert undefined.flags == ("undefined",)
    assert math.isnan(undefined.low)
    still = bootstrap_interval(flat, mean, BootstrapSpec(seed=1))
    assert (still.low, still.high, still.flags) == (pytest.approx(0.01), pytest.approx(0.01), ("flat",))
    rare = np.zeros(20)
    rare[3] = 0.1
    some = bootstrap_interval(rare, lambda r: sharpe(r, 365), BootstrapSpec(seed=1, mean_block=2.0, replications=300))
    assert some.flags == ("some_undefined",)
    assert some.low < some.high


@pytest.mark.parametrize(
    "bad",
    [
        {"mean_block": 0.5},
        {"mean_block": math.nan},
        {"replications": 1},
        {"confidence": 95.0},
        {"method": "magic"},
        {"inner": 1},
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=next(iter(bad)).replace("_", ".")):
        BootstrapSpec(seed=1, **bad)


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="returns"):
        bootstrap_interval([0.1, math.nan], mean, BootstrapSpec(seed=1, mean_block=1.0))
    for call in (lambda: stationary_indices(0, 2.0, 1, 1), lambda: stationary_indices(5, 0.9, 1, 1)):
        with pytest.raises(ValueError, match=r"periods|mean_block"):
            call()
