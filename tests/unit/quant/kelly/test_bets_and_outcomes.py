"""Bets of two and of many outcomes against brute force, and their edges."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from geobuk.quant.kelly import bet_fraction, bet_growth, discrete_kelly


@pytest.mark.parametrize(
    ("chance", "gain", "loss"), [(0.55, 0.9, 1.0), (0.3, 4.0, 0.5), (0.8, 0.2, 0.4), (0.5, 0.03, 0.02)]
)
def test_no_other_stake_grows_faster(chance: float, gain: float, loss: float) -> None:
    fraction = bet_fraction(chance, gain, loss)
    found = minimize_scalar(
        lambda f: -bet_growth(f, chance, gain, loss),
        bounds=(0.0, 1.0 / loss),
        method="bounded",
        options={"xatol": 1e-12},
    )
    assert fraction == pytest.approx(found.x, abs=1e-5)
    assert bet_growth(fraction, chance, gain, loss) >= -found.fun - 1e-12


@pytest.mark.parametrize(("chance", "gain"), [(0.5, 1.0), (0.2, 2.0), (0.0, 5.0)])
def test_a_bet_without_an_edge_gets_nothing(chance: float, gain: float) -> None:
    assert bet_fraction(chance, gain) == 0.0


def test_a_certain_win_gets_all_that_can_be_lost() -> None:
    assert bet_fraction(1.0, 0.5, 0.25) == 4.0
    assert bet_growth(4.0, 1.0, 0.5, 0.25) == pytest.approx(math.log(3.0))


def test_losing_everything_is_growth_of_minus_infinity() -> None:
    assert bet_growth(1.0, 0.9, 1.0) == -math.inf
    assert bet_growth(-1.0, 0.9, 1.0) == -math.inf
    assert bet_growth(0.0, 0.9, 1.0) == 0.0


@pytest.mark.parametrize(
    ("chance", "gain", "loss"),
    [(-0.1, 1, 1), (1.1, 1, 1), (math.nan, 1, 1), (0.5, 0, 1), (0.5, -1, 1), (0.5, 1, 0), (0.5, math.inf, 1)],
)
def test_impossible_bets_are_refused(chance: float, gain: float, loss: float) -> None:
    with pytest.raises(ValueError, match=r"chance|gain|loss"):
        bet_fraction(chance, gain, loss)
    with pytest.raises(ValueError, match=r"chance|gain|loss"):
        bet_growth(0.1, chance, gain, loss)


@pytest.mark.parametrize("seed", range(8))
def test_outcomes_agree_with_a_fine_search(seed: int) -> None:
    random = np.random.default_rng(seed)
    outcomes, weights = random.normal(0.01, 0.1, 12), random.dirichlet(np.ones(12))
    found = discrete_kelly(outcomes, weights, allow_short=True)
    inside = 0.999999 / np.array([-outcomes.max(), -outcomes.min()])
    best = minimize_scalar(
        lambda f: -float(weights @ np.log1p(f * outcomes)),
        bounds=tuple(inside),
        method="bounded",
        options={"xatol": 1e-12},
    )
    assert found.fraction == pytest.approx(best.x, rel=1e-4, abs=1e-5)
    assert found.growth >= -best.fun - 1e-12
    assert found.quadratic == pytest.approx(float(weights @ outcomes) / float(weights @ outcomes**2))


def test_two_outcomes_are_a_bet() -> None:
    assert discrete_kelly([2.0, -0.5], [0.3, 0.7]).fraction == pytest.approx(bet_fraction(0.3, 2.0, 0.5), abs=1e-12)


def test_the_scale_of_the_outcomes_does_not_matter() -> None:
    small = discrete_kelly(np.array([-0.2, 0.1, 0.3]) * 1e-7, [0.3, 0.5, 0.2])
    assert small.fraction == pytest.approx(1.4766682e7, rel=1e-7)


def test_an_outcome_that_takes_everything_is_never_risked() -> None:
    found = discrete_kelly([-1.0, 5.0], [1e-13, 1.0 - 1e-13])
    assert 0.99 < found.fraction < 1.0
    assert math.isfinite(found.growth)


def test_what_can_not_lose_is_capped() -> None:
    assert discrete_kelly([0.1, 0.2], [0.5, 0.5]).flags == ("no_loss", "capped")
    assert discrete_kelly([0.1, 0.2], [0.5, 0.5]).fraction == 1.0
    assert discrete_kelly([0.1, 0.2], [0.5, 0.5], cap=3.0).fraction == 3.0


def test_an_outcome_without_probability_does_not_count() -> None:
    assert discrete_kelly([-1.0, 0.1], [0.0, 1.0]).flags == ("no_loss", "capped")


def test_a_cap_binds_with_its_own_growth() -> None:
    found = discrete_kelly([-0.2, 0.1, 0.3], [0.3, 0.5, 0.2], cap=1.0)
    assert (found.fraction, found.flags) == (1.0, ("capped",))
    assert found.growth == pytest.approx(0.3 * math.log(0.8) + 0.5 * math.log(1.1) + 0.2 * math.log(1.3))


def test_no_edge_and_no_moves() -> None:
    assert discrete_kelly([-0.2, 0.1], [0.5, 0.5]).flags == ("no_edge",)
    assert discrete_kelly([-0.2, 0.1], [0.5, 0.5]).fraction == 0.0
    assert discrete_kelly([-0.2, 0.1], [0.5, 0.5], allow_short=True).fraction == pytest.approx(-2.5)
    assert discrete_kelly([0.0, 0.0], [0.5, 0.5]).flags == ("flat",)


@pytest.mark.parametrize(
    ("outcomes", "weights"),
    [([], []), ([0.1], [0.5, 0.5]), ([0.1, 0.2], [0.5, 0.6]), ([0.1, 0.2], [1.5, -0.5]), ([math.nan, 0.2], [0.5, 0.5])],
)
def test_what_is_no_distribution_is_refused(outcomes, weights) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"outcomes|probabilities"):
        discrete_kelly(outcomes, weights)
