"""What an account risks within hours: by formula, by paths, and by a plain simulation written here."""

import math

import numpy as np
import pytest

from geobuk.quant.liquidation import (
    AccountRisk,
    BracketTable,
    Simulation,
    account_liquidation_probability,
    hit_probability,
    liquidation_price,
    loss_probability,
)
from geobuk.quant.liquidation.account_paths import toward_common
from geobuk.quant.liquidation.barrier import Barrier
from geobuk.quant.liquidation.brackets import Position

HOURLY = np.array([[1.0e-4, 0.7e-4], [0.7e-4, 1.5e-4]])
TABLE = BracketTable.of([0, 5e4, 2.5e5], [0.004, 0.005, 0.01])


def test_one_long_that_loses_a_share_is_a_price_that_touches_a_barrier() -> None:
    account = AccountRisk(1_000.0, np.array([3_000.0]), np.array([[1e-4]]))
    found = loss_probability(account, 0.3, 24.0, Simulation(60_000, 24, seed=2))
    exact = hit_probability(Barrier(1.0, 0.9), math.sqrt(1e-4 * 24), 1.0)
    assert abs(found.simulated - exact) < 4.0 * found.standard_error + 1e-4
    assert found.distance == pytest.approx(300.0)
    assert found.deviation == pytest.approx(3_000.0 * 0.01 * math.sqrt(24.0))
    assert found.normal == pytest.approx(2.0 * 0.5 * math.erfc(300.0 / found.deviation / math.sqrt(2.0)))


def test_one_long_is_liquidated_where_its_price_says() -> None:
    price = liquidation_price(Position(60.0, 1_000.0, TABLE), 6_000.0)
    assert price is not None
    account = AccountRisk(6_000.0, np.array([60_000.0]), np.array([[1.5e-4]]))
    found = account_liquidation_probability(account, [TABLE], 24.0, Simulation(60_000, 48, seed=3))
    exact = hit_probability(Barrier(1_000.0, price), math.sqrt(1.5e-4 * 24), 1.0)
    assert abs(found.simulated - exact) < 4.0 * found.standard_error + 2e-4


def test_paths_of_two_assets_agree_with_a_plain_simulation() -> None:
    equity, exposures, steps = 1_000.0, np.array([4_000.0, -3_000.0]), 400
    account = AccountRisk(equity, exposures, HOURLY)
    found = loss_probability(account, 0.15, 24.0, Simulation(40_000, 24, seed=6))
    generator, paths = np.random.default_rng(7), 20_000
    moves = generator.multivariate_normal(-np.diag(HOURLY) * 12 / steps, HOURLY * 24 / steps, size=(paths, steps))
    profit = ((np.exp(np.cumsum(moves, axis=1)) - 1.0) * exposures).sum(axis=2)
    seen = float((profit.min(axis=1) <= -0.15 * equity).mean())
    error = math.hypot(found.standard_error, math.sqrt(seen * (1 - seen) / paths))
    assert abs(found.simulated - seen) < 4.0 * error + 0.01  # the plain one looks 400 times only


def test_the_largest_model_is_named() -> None:
    found = loss_probability(AccountRisk(1_000.0, np.array([2_000.0, 1_000.0]), HOURLY), 0.3, 24.0)
    assert found.value == max(found.normal, found.student, found.simulated) == getattr(found, found.model)
    assert found.student > found.normal


def test_a_common_factor_endangers_a_book_on_one_side_and_calms_a_hedged_one() -> None:
    simulation = Simulation(20_000, 12, seed=5)

    def simulated(exposures: list[float], common: float) -> float:
        account = AccountRisk(1_000.0, np.array(exposures), HOURLY, common=common)
        return loss_probability(account, 0.2, 24.0, simulation).simulated

    assert simulated([2_000.0, 1_500.0], 1.0) > simulated([2_000.0, 1_500.0], 0.0)
    assert simulated([3_000.0, -2_500.0], 1.0) < simulated([3_000.0, -2_500.0], 0.0)


def test_moving_correlations_toward_one_keeps_variances() -> None:
    moved = toward_common(HOURLY, 0.5)
    assert np.diag(moved) == pytest.approx(np.diag(HOURLY))
    rho = HOURLY[0, 1] / math.sqrt(HOURLY[0, 0] * HOURLY[1, 1])
    assert moved[0, 1] / math.sqrt(moved[0, 0] * moved[1, 1]) == pytest.approx(0.5 + 0.5 * rho)


def test_an_account_without_room_is_liquidated_for_certain() -> None:
    found = account_liquidation_probability(AccountRisk(200.0, np.array([60_000.0]), np.array([[1e-4]])), [TABLE])
    assert (found.value, found.model, found.flags) == (1.0, "touched", ("touched",))
    assert found.distance < 0.0


@pytest.mark.parametrize(("exposures", "hours"), [([0.0, 0.0], 24.0), ([2_000.0, 1_000.0], 0.0)])
def test_without_positions_or_time_nothing_happens(exposures: list[float], hours: float) -> None:
    found = loss_probability(AccountRisk(1_000.0, np.array(exposures), HOURLY), 0.2, hours, Simulation(100, 3))
    assert (found.value, found.flags) == (0.0, ("still",))


def test_the_same_seed_gives_the_same_chance() -> None:
    account = AccountRisk(1_000.0, np.array([2_000.0, 1_000.0]), HOURLY)
    first, again = (loss_probability(account, 0.2, 24.0, Simulation(500, 6, seed=4)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"equity": math.nan}, "equity nan"),
        ({"exposures": np.array([1.0, math.nan])}, r"exposures\[1\]"),
        ({"exposures": np.array([1.0])}, "use one order"),
        ({"covariance_per_hour": np.array([[1.0, 2.0], [2.0, 1.0]])}, "eigenvalue"),
        ({"degrees": 2.0}, "degrees"),
        ({"common": 1.5}, "common"),
    ],
)
def test_an_account_that_cannot_be_is_refused(change: dict[str, object], said: str) -> None:
    values = {"equity": 1_000.0, "exposures": np.array([1.0, 2.0]), "covariance_per_hour": HOURLY} | change
    with pytest.raises(ValueError, match=said):
        AccountRisk(**values)


def test_questions_that_cannot_be_are_refused() -> None:
    account = AccountRisk(1_000.0, np.array([2_000.0, 1_000.0]), HOURLY)
    for fraction in (0.0, 1.1, math.nan):
        with pytest.raises(ValueError, match="fraction"):
            loss_probability(account, fraction, 24.0)
    with pytest.raises(ValueError, match="hours"):
        loss_probability(account, 0.2, math.nan)
    with pytest.raises(ValueError, match="not positive"):
        loss_probability(AccountRisk(0.0, np.array([1.0, 1.0]), HOURLY), 0.2, 24.0)
    with pytest.raises(ValueError, match="1 bracket tables for 2"):
        account_liquidation_probability(account, [TABLE])
