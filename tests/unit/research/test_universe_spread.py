"""Spreads guessed from bars, against numbers computed by hand (30 digits, from the formulas in the papers)."""

import numpy as np
import pytest

from geobuk.panel import FloatArray
from geobuk.research.universe_spread import abdi_ranaldo, corwin_schultz

Bar = tuple[float, float, float]
A: Bar = (101.0, 100.0, 100.9)
B: Bar = (101.2, 100.1, 100.2)

AB = 0.00688436184333325348776971649799
"""beta 0.000218453666785, gamma 0.000142290802888, alpha 0.00688438903356"""

A_THEN_B, B_THEN_A = 3.97773167431896754e-05, 5.31844278438581616e-05
"""4 (c1 - m1)(c1 - m2) with middles 4.61014535141467541 of A and 4.61163422158727004 of B."""


def prices(*bars: Bar) -> tuple[FloatArray, FloatArray, FloatArray]:
    """High, low, close, one instrument."""
    table = np.array(bars)
    return table[:, :1].copy(), table[:, 1:2].copy(), table[:, 2:].copy()


def simulated(
    spread: float, seed: int, days: int = 4_000, ticks: int = 400
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Trades at bid or ask around a driftless walk of 2 % a day."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0.0, 0.02 / np.sqrt(ticks), days * ticks)).reshape(days, ticks)
    trades = 100.0 * np.exp(walk + spread / 2.0 * rng.choice([-1.0, 1.0], (days, ticks)))
    return trades.max(1, keepdims=True), trades.min(1, keepdims=True), trades[:, -1:].copy()


def test_a_range_that_never_grows_is_all_spread() -> None:
    """Equal bars: alpha is ln(101/100) itself, so S = 2 (1.01 - 1) / 2.01."""
    found = corwin_schultz(*prices(*[A] * 12), zero_negatives=False)
    assert found.spread[0] == pytest.approx(0.02 / 2.01, rel=1e-12)
    assert found.low[0] == pytest.approx(found.spread[0], rel=1e-9)


@pytest.mark.parametrize("zero", [True, False])
def test_corwin_schultz_gives_the_number_computed_by_hand(zero: bool) -> None:
    found = corwin_schultz(*prices(*[A, B] * 6), zero_negatives=zero)
    assert found.spread[0] == pytest.approx(AB, rel=1e-9)


def test_a_range_that_grows_like_volatility_is_no_spread() -> None:
    """H 101, L 100 then H 102, L 100.5: alpha is -0.00472262480053."""
    bars = prices(*[A, (102.0, 100.5, 100.8)] * 6)
    for zero in (True, False):
        assert corwin_schultz(*bars, zero_negatives=zero).spread[0] == 0.0


def test_negative_pairs_count_or_count_as_nothing() -> None:
    """Eleven pairs: five of A and A, one of A and the wide bar, five of the wide bar with itself."""
    wide = (102.0, 100.5, 100.8)
    bars = prices(*[A] * 6, *[wide] * 6)
    same = 2.0 * (102.0 / 100.5 - 1.0) / (102.0 / 100.5 + 1.0)
    others = 5.0 * 0.02 / 2.01 + 5.0 * same
    kept = corwin_schultz(*bars, zero_negatives=False).spread[0]
    assert kept == pytest.approx((others - 0.00472261602308642225676163309614) / 11.0, rel=1e-9)
    assert corwin_schultz(*bars, zero_negatives=True).spread[0] == pytest.approx(others / 11.0, rel=1e-9)


def test_a_gap_between_bars_is_taken_out() -> None:
    """Close 100.3 before low 110: the later bar counts as 101.3 to 100.3. Back again, 110.8 to 109.8."""
    low_bar, high_bar = (101.0, 100.0, 100.3), (111.0, 110.0, 110.8)
    up, down = 0.00273950906750398346563396943839, 0.00468437829838102137732935547868
    found = corwin_schultz(*prices(*[low_bar, high_bar] * 6), zero_negatives=False)
    assert found.spread[0] == pytest.approx((6 * up + 5 * down) / 11, rel=1e-9)


@pytest.mark.parametrize("zero", [True, False])
def test_abdi_ranaldo_gives_the_number_computed_by_hand(zero: bool) -> None:
    found = abdi_ranaldo(*prices(*[A, B] * 6), zero_negatives=zero)
    monthly = np.sqrt((6 * A_THEN_B + 5 * B_THEN_A) / 11)
    two_day = (6 * np.sqrt(A_THEN_B) + 5 * np.sqrt(B_THEN_A)) / 11
    assert found.spread[0] == pytest.approx(two_day if zero else monthly, rel=1e-9)


@pytest.mark.parametrize("estimator", [corwin_schultz, abdi_ranaldo])
def test_a_wide_spread_is_found_and_none_is_not_called_wide(estimator: object) -> None:
    assert callable(estimator)
    wide = estimator(*simulated(0.02, seed=3), zero_negatives=False)
    none = estimator(*simulated(0.0, seed=3), zero_negatives=False)
    assert wide.spread[0] == pytest.approx(0.02, rel=0.2)
    assert wide.low[0] > 0.01
    assert none.spread[0] < 0.005
    assert none.low[0] <= none.spread[0]


@pytest.mark.parametrize("estimator", [corwin_schultz, abdi_ranaldo])
def test_pairs_with_a_hole_are_left_out(estimator: object) -> None:
    assert callable(estimator)
    high, low, close = prices(*[A] * 26)
    high[5] = low[9] = close[20] = np.nan
    whole = estimator(*prices(*[A] * 26), zero_negatives=True)
    assert estimator(high, low, close, zero_negatives=True).spread[0] == pytest.approx(whole.spread[0], rel=1e-12)


@pytest.mark.parametrize("estimator", [corwin_schultz, abdi_ranaldo])
def test_fewer_than_ten_pairs_say_nothing(estimator: object) -> None:
    assert callable(estimator)
    assert np.isnan(estimator(*prices(*[A] * 10), zero_negatives=True).spread[0])
    assert np.isfinite(estimator(*prices(*[A] * 11), zero_negatives=True).spread[0])
    assert np.isnan(estimator(*prices(A), zero_negatives=True).spread[0])
