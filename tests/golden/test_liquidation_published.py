"""Liquidation prices, barrier probabilities and ruin against published and independently recomputed values.

Prices: Binance, how to calculate the liquidation price (published examples, tables of their time). Ruin: Feller 1968,
chapter XIV. Tolerance: half a unit in the last printed digit.
"""

import math

import pytest

from geobuk.quant.liquidation import (
    Barrier,
    BracketTable,
    CrossAccount,
    Position,
    cross_liquidation_price,
    discrete_probability,
    driftless_probability,
    hit_probability,
    liquidation_price,
    student_bound,
    with_jumps,
)
from geobuk.quant.ruin import brownian_ruin, gambler_duration, gambler_ruin

BTC = BracketTable.of([0, 5e4, 2.5e5, 1e6, 1e7, 2e7], [0.004, 0.005, 0.01, 0.025, 0.05, 0.1])
ETH = BracketTable.of([0, 1e4, 1e5, 5e5, 1e6, 2e6], [0.005, 0.0065, 0.01, 0.02, 0.05, 0.1])
DAY = 1.0 / 365.0
BELOW = Barrier(100.0, 90.0)


def test_the_tables_give_the_published_cumulative_amounts() -> None:
    assert BTC.cumulatives.tolist() == pytest.approx([0, 50, 1_300, 16_300, 266_300, 1_266_300])
    assert ETH.brackets[-1].cumulative == pytest.approx(135_365)


def test_published_cross_account_from_its_margin_and_profit() -> None:
    eth = liquidation_price(
        Position(3_683.979, 1_456.84, ETH),
        1_535_443.01,
        other_maintenance=71_200.81144,
        other_profit=-56_354.57,
    )
    btc = liquidation_price(
        Position(109.488, 32_481.98, BTC),
        1_535_443.01,
        other_maintenance=356_512.508122,
        other_profit=-448_192.885140,
    )
    assert eth == pytest.approx(1_153.2564647, abs=5e-8)
    assert btc == pytest.approx(26_316.89, abs=5e-3)


def test_published_cross_account_from_its_positions() -> None:
    """The others' maintenance and profit follow from their marks, which were published to the cent."""
    account = CrossAccount(
        1_535_443.01,
        (Position(3_683.979, 1_456.84, ETH, mark=1_335.18), Position(109.488, 32_481.98, BTC, mark=31_967.27)),
    )
    assert cross_liquidation_price(account, 0) == pytest.approx(1_153.26, abs=0.05)
    assert cross_liquidation_price(account, 1) == pytest.approx(26_316.89, abs=0.05)


@pytest.mark.parametrize(("quantity", "expected"), [(0.2, 45_180.722892), (-0.2, 54_780.876494)])
def test_isolated_examples(quantity: float, expected: float) -> None:
    assert liquidation_price(Position(quantity, 50_000.0, BTC), 1_000.0) == pytest.approx(expected, abs=5e-7)


def test_barrier_examples_of_one_day() -> None:
    assert hit_probability(BELOW, 0.8, DAY) == pytest.approx(0.0125044823, abs=5e-11)
    assert driftless_probability(BELOW, 0.8, DAY) == pytest.approx(0.0118648957, abs=6e-11)
    assert discrete_probability(BELOW, 0.8, DAY, DAY / 24, drift=None) == pytest.approx(0.0084122, abs=5e-8)
    assert hit_probability(Barrier(100.0, 110.0, is_below=False), 0.8, DAY) == pytest.approx(0.0217720608, abs=5e-11)


def test_jumps_and_fat_tails_of_the_same_day() -> None:
    assert with_jumps(hit_probability(BELOW, 0.8, DAY), 2.0, DAY) == pytest.approx(0.0179006192, abs=5e-11)
    assert student_bound(BELOW, 0.8, DAY, 5.0) == pytest.approx(0.0227382494, abs=5e-11)


def test_feller_table_of_the_gamblers_ruin() -> None:
    assert gambler_ruin(0.45, 90, 100) == pytest.approx(0.8656, abs=5e-5)
    assert gambler_ruin(0.40, 90, 100) == pytest.approx(0.983, abs=5e-4)
    assert gambler_duration(0.45, 90, 100) == pytest.approx(765.6, abs=0.05)


def test_brownian_ruin_by_a_horizon_and_ever() -> None:
    assert brownian_ruin(10.0, 0.1, 1.0, 100.0) == pytest.approx(0.0904177736, abs=5e-11)
    assert brownian_ruin(10.0, 0.1, 1.0) == pytest.approx(0.1353352832, abs=5e-11)
    assert brownian_ruin(10.0, 0.1, 1.0, 1e7) == pytest.approx(math.exp(-2.0), abs=1e-12)
