"""Factors and ceilings of each market regime, by hand."""

from math import inf

import pytest
from tests.support.records import rules_from

from geobuk.domain.regime import HIGH_VOLATILITY, NO_REGIME, Regime
from geobuk.risk.regime import regime_gross, regime_scale

RULES = rules_from(
    regime={
        "against": 0.5,
        "sideways": 0.8,
        "neutral": 0.75,
        "unknown": 0.4,
        "high_volatility": 0.25,
        "max_gross_bull": 1.0,
        "max_gross_bear": 2.0,
        "max_gross_sideways": 3.0,
        "max_gross_neutral": 4.0,
        "max_gross_unknown": 5.0,
    }
)

SCALES = [
    (Regime.BULL, 1.0, 0.5),
    (Regime.BEAR, 0.5, 1.0),
    (Regime.SIDEWAYS, 0.8, 0.8),
    (Regime.NEUTRAL, 0.75, 0.75),
    (Regime.UNKNOWN, 0.4, 0.4),
]


@pytest.mark.parametrize(("regime", "long", "short"), SCALES)
def test_what_a_regime_leaves_of_a_long_and_of_a_short(regime: Regime, long: float, short: float) -> None:
    assert (regime_scale(regime, 0.7, RULES), regime_scale(regime, -0.7, RULES)) == (long, short)
    stormy = regime + HIGH_VOLATILITY
    assert regime_scale(stormy, 1.0, RULES) == pytest.approx(0.25 * long)
    assert regime_scale(stormy, -1.0, RULES) == pytest.approx(0.25 * short)


def test_without_a_regime_sizes_are_as_they_are() -> None:
    assert regime_scale(NO_REGIME, 1.0, RULES) == regime_scale(NO_REGIME, -1.0, RULES) == 1.0
    assert regime_gross(NO_REGIME, RULES) == inf


@pytest.mark.parametrize(
    ("regime", "gross"),
    [(Regime.BULL, 1.0), (Regime.BEAR, 2.0), (Regime.SIDEWAYS, 3.0), (Regime.NEUTRAL, 4.0), (Regime.UNKNOWN, 5.0)],
)
def test_each_regime_has_a_gross_of_its_own_whatever_the_volatility(regime: Regime, gross: float) -> None:
    assert regime_gross(regime, RULES) == regime_gross(regime + HIGH_VOLATILITY, RULES) == gross


def test_a_code_that_nobody_knows_is_as_unknown_and_indexes_nothing_beyond() -> None:
    assert regime_scale(7, 1.0, RULES) == 0.4
    assert regime_gross(7, RULES) == 4.0
