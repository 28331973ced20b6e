"""Ruin at its edges, against linear equations, and against paths drawn in the test."""

import math

import numpy as np
import pytest
from scipy import stats

from geobuk.quant.ruin import (
    RuinQuestion,
    brownian_ruin,
    gambler_duration,
    gambler_ruin,
    ruin_probability,
)


@pytest.mark.parametrize("win", [0.3, 0.48, 0.5, 0.55, 0.8])
@pytest.mark.parametrize(("capital", "goal"), [(1, 2), (3, 10), (19, 20)])
def test_ruin_and_duration_solve_the_equations_of_one_bet(win: float, capital: int, goal: int) -> None:
    """u_i = p u_{i+1} + q u_{i-1} and d_i = 1 + p d_{i+1} + q d_{i-1} between the two ends."""
    system = np.eye(goal + 1)
    for i in range(1, goal):
        system[i, i + 1], system[i, i - 1] = -win, win - 1.0
    ends, ones = np.zeros(goal + 1), np.ones(goal + 1)
    ends[0], ones[[0, goal]] = 1.0, 0.0
    assert gambler_ruin(win, capital, goal) == pytest.approx(np.linalg.solve(system, ends)[capital], abs=1e-12)
    assert gambler_duration(win, capital, goal) == pytest.approx(np.linalg.solve(system, ones)[capital], rel=1e-9)


@pytest.mark.parametrize(
    ("win", "capital", "goal", "ruin", "duration"),
    [
        (0.5, 90, 100, 0.1, 900.0),
        (0.6, 5, math.inf, (0.4 / 0.6) ** 5, math.inf),
        (0.5, 5, math.inf, 1.0, math.inf),
        (0.4, 5, math.inf, 1.0, 25.0),
        (1.0, 5, 10, 0.0, 5.0),
        (0.0, 5, 10, 1.0, 5.0),
        (0.4, 0, 10, 1.0, 0.0),
        (0.4, 10, 10, 0.0, 0.0),
        (0.9, 10_000, 20_000, 0.0, 12_500.0),
        (0.1, 10_000, 20_000, 1.0, 12_500.0),
    ],
)
def test_ruin_at_its_edges(win: float, capital: float, goal: float, ruin: float, duration: float) -> None:
    assert gambler_ruin(win, capital, goal) == pytest.approx(ruin, abs=1e-12)
    assert gambler_duration(win, capital, goal) == pytest.approx(duration, rel=1e-9)


def test_a_bet_that_is_nearly_fair_is_nearly_the_fair_one() -> None:
    for win in (0.5 + 1e-9, 0.5 - 1e-9, 0.5 + 1e-7):
        assert gambler_ruin(win, 30, 100) == pytest.approx(0.7, abs=1e-4)
        assert gambler_duration(win, 30, 100) == pytest.approx(2_100.0, rel=1e-4)


@pytest.mark.parametrize(
    ("win", "capital", "goal"),
    [
        (1.2, 5, 10),
        (math.nan, 5, 10),
        (0.5, -1, 10),
        (0.5, math.nan, 10),
        (0.5, 11, 10),
        (0.5, 0, 0),
        (0.5, 5, math.nan),
    ],
)
def test_bets_that_cannot_be_are_refused(win: float, capital: float, goal: float) -> None:
    for rule in (gambler_ruin, gambler_duration):
        with pytest.raises(ValueError, match=r"win|capital|goal"):
            rule(win, capital, goal)


def test_brownian_ruin_is_the_inverse_gaussian_distribution() -> None:
    """The time to fall from 10 with a drift of -0.5 is inverse Gaussian with mean 20 and shape 100."""
    expected = stats.invgauss(20.0 / 100.0, scale=100.0).cdf(12.0)
    assert brownian_ruin(10.0, -0.5, 1.0, 12.0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("equity", "drift", "deviation", "horizon", "expected"),
    [
        (0.0, 1.0, 1.0, 5.0, 1.0),
        (-1.0, 1.0, 1.0, None, 1.0),
        (10.0, 0.0, 1.0, None, 1.0),
        (10.0, -1.0, 1.0, None, 1.0),
        (10.0, 1.0, 1.0, 0.0, 0.0),
        (10.0, 1.0, 0.0, None, 0.0),
        (10.0, -1.0, 0.0, None, 1.0),
        (10.0, -1.0, 0.0, 9.0, 0.0),
        (10.0, -1.0, 0.0, 10.0, 1.0),
        (10.0, 1.0, 1e-200, 5.0, 0.0),
        (10.0, -3.0, 1e-8, 5.0, 1.0),
    ],
)
def test_brownian_ruin_at_its_edges(
    equity: float, drift: float, deviation: float, horizon: float | None, expected: float
) -> None:
    assert brownian_ruin(equity, drift, deviation, horizon) == expected


@pytest.mark.parametrize("numbers", [(math.nan, 0.1, 1.0, 1.0), (1.0, math.inf, 1.0, 1.0), (1.0, 0.1, -1.0, 1.0)])
def test_motions_that_cannot_be_are_refused(numbers: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"finite|negative"):
        brownian_ruin(*numbers)
    with pytest.raises(ValueError, match="negative"):
        brownian_ruin(1.0, 0.1, 1.0, -1.0)


def test_independent_draws_of_two_outcomes_are_a_binomial() -> None:
    """Returns of -10 % and +11.1 % (1 / 0.9): wealth falls to 0.9^3 as soon as falls lead by three."""
    past, periods = np.array([-0.1, 1.0 / 0.9 - 1.0]), 12
    lead = {0: 1.0}
    ruined = 0.0
    for _ in range(periods):
        after: dict[int, float] = {}
        for at, chance in lead.items():
            for move in (-1, 1):
                after[at + move] = after.get(at + move, 0.0) + chance / 2
        ruined += after.pop(-3, 0.0)
        lead = after
    question = RuinQuestion(1.0 - 0.9**3, periods, mean_block=1.0, paths=40_000, seed=3)
    found = ruin_probability(past, question)
    assert abs(found.probability - ruined) < 4.0 * found.standard_error
    equal = ruin_probability(
        past, RuinQuestion(1.0 - 0.9**3, periods, mean_block=1.0, is_stationary=False, paths=40_000)
    )
    assert abs(equal.probability - ruined) < 4.0 * equal.standard_error


def test_stationary_blocks_agree_with_a_plain_bootstrap() -> None:
    past = np.random.default_rng(1).standard_t(4, size=300) * 0.02
    question = RuinQuestion(0.25, 120, is_from_peak=True, mean_block=8.0, paths=20_000, seed=5)
    generator, paths, ruined = np.random.default_rng(6), 4_000, 0
    for _ in range(paths):
        place, wealth = int(generator.integers(300)), [1.0]
        for _ in range(120):
            wealth.append(wealth[-1] * (1.0 + past[place]))
            place = int(generator.integers(300)) if generator.random() < 1 / 8 else (place + 1) % 300
        path = np.array(wealth)
        ruined += bool((path / np.maximum.accumulate(path)).min() <= 0.75)
    found, share = ruin_probability(past, question), ruined / paths
    error = math.hypot(found.standard_error, math.sqrt(share * (1 - share) / paths))
    assert abs(found.probability - share) < 4.0 * error


def test_blocks_keep_losses_together() -> None:
    """Ten losses in a row among gains: drawn whole they ruin, drawn singly they hardly do."""
    past = np.concatenate((np.full(10, -0.08), np.full(190, 0.005)))
    whole = ruin_probability(past, RuinQuestion(0.5, 60, mean_block=20.0, is_stationary=False, paths=4_000))
    single = ruin_probability(past, RuinQuestion(0.5, 60, mean_block=1.0, paths=4_000))
    assert whole.probability > single.probability + 0.1


def test_a_fall_below_the_peak_comes_before_one_below_the_start() -> None:
    past = np.random.default_rng(2).normal(0.002, 0.03, size=400)
    start, peak = (
        ruin_probability(past, RuinQuestion(0.3, 200, is_from_peak=is_from_peak, paths=4_000))
        for is_from_peak in (False, True)
    )
    assert peak.probability > start.probability


@pytest.mark.parametrize(("past", "flag", "value"), [([0.01] * 200, "never", 0.0), ([-1.0] * 200, "always", 1.0)])
def test_a_future_that_is_certain_is_flagged(past: list[float], flag: str, value: float) -> None:
    found = ruin_probability(past, RuinQuestion(0.5, 50, paths=100))
    assert (found.probability, found.flags) == (value, (flag,))


def test_a_short_past_is_flagged() -> None:
    assert "short" in ruin_probability([0.01, -0.02], RuinQuestion(0.5, 50, paths=100)).flags


def test_the_same_seed_gives_the_same_probability() -> None:
    past = np.random.default_rng(2).normal(0.0, 0.03, size=400)
    first, again, other = (ruin_probability(past, RuinQuestion(0.3, 90, paths=999, seed=seed)) for seed in (1, 1, 2))
    assert first == again
    assert first.probability != other.probability


@pytest.mark.parametrize(
    "values",
    [
        {"fraction": 0.0},
        {"fraction": 1.5},
        {"fraction": math.nan},
        {"periods": 0},
        {"mean_block": 0.5},
        {"mean_block": math.nan},
        {"mean_block": 2.5, "is_stationary": False},
        {"paths": 1},
        {"seed": -1},
    ],
)
def test_questions_that_cannot_be_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"give|write"):
        RuinQuestion(**({"fraction": 0.5, "periods": 10} | values))


def test_a_past_that_is_not_finite_is_refused() -> None:
    for past in ([], [0.1, math.nan]):
        with pytest.raises(ValueError, match="returns"):
            ruin_probability(past, RuinQuestion(0.5, 10))
