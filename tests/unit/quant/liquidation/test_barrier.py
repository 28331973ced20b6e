"""Touch probabilities at their edges, against quadrature, and against simulated paths."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.integrate import quad

from geobuk.quant.liquidation import (
    Barrier,
    FilteredReturns,
    HitModel,
    Simulation,
    discrete_probability,
    driftless_probability,
    filtered_hit,
    hit_probability,
    liquidation_probability,
    simulated_hit,
    student_bound,
    with_jumps,
)

BELOW, ABOVE = Barrier(100.0, 90.0), Barrier(100.0, 110.0, is_below=False)


@pytest.mark.parametrize("barrier", [BELOW, ABOVE, Barrier(100.0, 60.0)])
@pytest.mark.parametrize(("volatility", "years", "drift"), [(0.8, 0.1, 0.0), (0.3, 2.0, 0.4), (1.5, 0.5, -1.0)])
def test_the_closed_form_is_the_integral_of_the_first_passage_density(
    barrier: Barrier, volatility: float, years: float, drift: float
) -> None:
    distance, nu = math.log(barrier.level / barrier.spot), drift - volatility**2 / 2

    def density(at: float) -> float:
        z = (distance - nu * at) / (volatility * math.sqrt(at))
        return abs(distance) / (volatility * at**1.5) * stats.norm.pdf(z)

    expected = quad(density, 0.0, years, limit=200)[0]
    assert hit_probability(barrier, volatility, years, drift=drift) == pytest.approx(expected, abs=1e-7)


@given(st.floats(50.0, 99.9), st.floats(1e-9, 50.0), st.floats(1e-9, 50.0), st.floats(-20.0, 20.0))
def test_a_probability_is_one_whatever_the_numbers(level: float, sigma: float, years: float, drift: float) -> None:
    for barrier in (Barrier(100.0, level), Barrier(100.0, 200.0 - level, is_below=False)):
        assert 0.0 <= hit_probability(barrier, sigma, years, drift=drift) <= 1.0


@pytest.mark.parametrize("sigma", [1e-3, 1e-8, 1e-100, 1e-160, 5e-324])
def test_a_tiny_volatility_does_not_overflow(sigma: float) -> None:
    assert hit_probability(BELOW, sigma, 1.0, drift=0.5) == pytest.approx(0.0, abs=1e-12)
    # A drift of -1 carries 100 below 90 within a tenth of a year, except where nothing moves at all.
    assert hit_probability(BELOW, sigma, 1.0, drift=-1.0) == pytest.approx(0.0 if sigma < 1e-150 else 1.0)


@pytest.mark.parametrize(
    ("barrier", "expected"),
    [
        (Barrier(100.0, 100.0), 1.0),
        (Barrier(90.0, 100.0), 1.0),
        (Barrier(110.0, 100.0, is_below=False), 1.0),
        (Barrier(100.0, 0.0), 0.0),
        (Barrier(100.0, -5.0), 0.0),
    ],
)
def test_a_touched_barrier_is_certain_and_one_below_zero_is_out_of_reach(barrier: Barrier, expected: float) -> None:
    for volatility, years in ((0.8, 1.0), (0.8, 0.0), (0.0, 1.0)):
        assert hit_probability(barrier, volatility, years) == expected
        assert driftless_probability(barrier, volatility, years) == expected
        assert discrete_probability(barrier, volatility, years, 0.01) == expected
        assert student_bound(barrier, volatility, years, 4.0) == expected
        assert simulated_hit(barrier, volatility, years, Simulation(10, 2)).probability == expected


@pytest.mark.parametrize(("volatility", "years"), [(0.8, 0.0), (0.0, 1.0), (0.0, 0.0)])
def test_without_time_or_volatility_a_barrier_ahead_is_not_touched(volatility: float, years: float) -> None:
    for barrier in (BELOW, ABOVE):
        assert hit_probability(barrier, volatility, years, drift=-3.0) == 0.0
        assert student_bound(barrier, volatility, years, 4.0) == 0.0
        assert simulated_hit(barrier, volatility, years, Simulation(10, 2)).probability == 0.0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -1.0])
def test_numbers_that_cannot_be_are_refused(bad: float) -> None:
    for call in (
        lambda: hit_probability(BELOW, bad, 1.0),
        lambda: hit_probability(BELOW, 0.8, bad),
        lambda: driftless_probability(BELOW, bad, 1.0),
        lambda: discrete_probability(BELOW, 0.8, 1.0, bad),
        lambda: student_bound(BELOW, 0.8, bad, 4.0),
        lambda: student_bound(BELOW, 0.8, 1.0, bad),
        lambda: with_jumps(0.5, bad, 1.0),
        lambda: with_jumps(0.5, 1.0, bad),
        lambda: with_jumps(bad, 1.0, 1.0),
        lambda: simulated_hit(BELOW, bad, 1.0, Simulation(10, 2)),
        lambda: Barrier(bad, 90.0),
        lambda: Barrier(100.0, bad, is_below=False),
    ):
        with pytest.raises(ValueError, match=r"nan|inf|-1\.0"):
            call()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_drift_that_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="drift"):
        hit_probability(BELOW, 0.8, 1.0, drift=bad)
    with pytest.raises(ValueError, match="drift"):
        simulated_hit(BELOW, 0.8, 1.0, Simulation(10, 2), drift=bad)


def test_rarer_looks_see_fewer_touches() -> None:
    seen = [discrete_probability(BELOW, 0.8, 0.05, look) for look in (0.0, 1e-4, 1e-3, 1e-2)]
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == hit_probability(BELOW, 0.8, 0.05)


def test_discrete_looks_agree_with_paths_that_are_seen_only_then() -> None:
    steps, years, sigma = 50, 0.1, 0.8
    shocks = np.random.default_rng(5).standard_normal((100_000, steps)) * sigma * math.sqrt(years / steps)
    paths = np.cumsum(shocks - 0.5 * sigma**2 * years / steps, axis=1)
    seen = (paths.min(axis=1) <= math.log(0.9)).mean()
    assert discrete_probability(BELOW, sigma, years, years / steps) == pytest.approx(seen, abs=0.005)


@pytest.mark.parametrize("barrier", [BELOW, ABOVE])
@pytest.mark.parametrize("steps", [1, 7, 60])
def test_simulated_paths_agree_with_the_closed_form_at_any_number_of_steps(barrier: Barrier, steps: int) -> None:
    found = simulated_hit(barrier, 0.8, 0.02, Simulation(40_000, steps, seed=3), drift=0.3)
    assert found.standard_error < 0.004
    expected = hit_probability(barrier, 0.8, 0.02, drift=0.3)
    assert abs(found.probability - expected) < 4.0 * found.standard_error


def test_the_same_seed_gives_the_same_estimate() -> None:
    first, again, other = (simulated_hit(BELOW, 0.8, 0.02, Simulation(500, 5, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first.probability != other.probability


def test_a_handful_of_touches_is_flagged_as_rare() -> None:
    assert simulated_hit(BELOW, 0.8, 1 / 365, Simulation(300, 5)).flags == ("rare",)


def test_filtered_paths_with_constant_variance_and_normal_residuals_agree_with_the_closed_form() -> None:
    pool = np.random.default_rng(8).standard_normal(50_000)
    pool = (pool - pool.mean()) / pool.std()
    variance = 0.8**2 / (365 * 24 * 4)
    model = FilteredReturns(pool, variance, 0.0, 0.0, variance)
    found = filtered_hit(BELOW, model, Simulation(40_000, 96 * 7, seed=4))
    assert found.probability == pytest.approx(
        hit_probability(BELOW, 0.8, 7 / 365), abs=5 * found.standard_error + 0.001
    )


def test_a_volatile_start_and_fat_residuals_make_a_touch_likelier() -> None:
    calm = FilteredReturns(np.array([-1.0, 1.0]), 1e-6, 0.1, 0.85, 2e-5)
    wild = FilteredReturns(np.array([-1.0, 1.0]), 1e-6, 0.1, 0.85, 4e-4)
    simulation = Simulation(4_000, 48, seed=9)
    assert filtered_hit(BELOW, wild, simulation).probability > filtered_hit(BELOW, calm, simulation).probability + 0.05


def test_a_drawn_loss_of_everything_ends_the_path_at_nothing() -> None:
    model = FilteredReturns(np.array([-1.0]), 0.0, 0.0, 1.0, 4.0)
    assert filtered_hit(BELOW, model, Simulation(10, 3)).probability == 1.0
    assert filtered_hit(ABOVE, model, Simulation(10, 3)).probability == 0.0
    assert filtered_hit(Barrier(100.0, 0.0), model, Simulation(10, 3)).probability == 0.0


@pytest.mark.parametrize(
    "values", [([], 0, 0, 1, 1), ([math.nan], 0, 0, 1, 1), ([1.0], -1, 0, 1, 1), ([1.0], 0, 0, 1, math.nan)]
)
def test_a_model_that_cannot_be_is_refused(values: tuple[list[float], float, float, float, float]) -> None:
    pool, *numbers = values
    with pytest.raises(ValueError, match=r"residuals|finite number"):
        FilteredReturns(np.array(pool), *numbers)


@pytest.mark.parametrize("numbers", [(1, 5, 1), (10, 0, 1), (10, 5, -1)])
def test_a_simulation_that_cannot_be_is_refused(numbers: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="2 paths or more"):
        Simulation(*numbers)


def test_the_chance_of_a_liquidation_is_the_largest_of_the_models() -> None:
    model = HitModel(0.8, 1 / 365, degrees=5.0, jumps_per_year=2.0, look_years=1 / 8760, simulated=0.02)
    found = liquidation_probability(BELOW, model, mark_age_ns=0)
    assert found.gbm == pytest.approx(0.0125044823, abs=5e-11)
    assert found.student == pytest.approx(0.0227382494, abs=5e-11)
    assert found.jumps == with_jumps(found.student, 2.0, 1 / 365)
    assert (found.value, found.model) == (found.jumps, "jumps")
    assert found.discrete < found.gbm
    assert found.simulated == 0.02


def test_a_simulation_that_says_more_than_the_formulas_counts() -> None:
    found = liquidation_probability(BELOW, HitModel(0.8, 1 / 365, simulated=0.3), mark_age_ns=0)
    assert (found.value, found.model) == (0.3, "simulated")
    assert math.isnan(found.discrete)


@pytest.mark.parametrize("age", [60_000_000_001, -1])
def test_a_stale_mark_price_is_refused(age: int) -> None:
    with pytest.raises(ValueError, match="s old"):
        liquidation_probability(BELOW, HitModel(0.8, 1 / 365), mark_age_ns=age)


@pytest.mark.parametrize(
    ("barrier", "sigma", "value", "flags"),
    [(Barrier(89.0, 90.0), 0.8, 1.0, ("touched",)), (BELOW, 0.0, 0.0, ("still",)), (BELOW, 0.8, None, ())],
)
def test_why_a_chance_is_certain_or_nothing_is_flagged(
    barrier: Barrier, sigma: float, value: float | None, flags: tuple[str, ...]
) -> None:
    found = liquidation_probability(barrier, HitModel(sigma, 1 / 365), mark_age_ns=0)
    assert found.flags == flags
    assert value is None or found.value == value
