"""Continuous Kelly, what estimation leaves of it, and how far it falls; against simulation and closed forms."""

import math

import numpy as np
import pytest

from geobuk.quant.kelly import (
    bet_fraction,
    bet_multiple,
    cautious_multiple,
    chance_of_falling_to,
    chance_of_reaching_first,
    continuous_growth,
    continuous_kelly,
    kept_growth,
    part_for_fall,
    plug_in_multiple,
    plug_in_multiple_of_several,
    sharpe_lower_bound,
)


def test_a_part_keeps_its_share_of_the_growth() -> None:
    full = continuous_kelly(0.08, 0.3, 0.02)
    for part in (0.1, 0.5, 1.3, 2.5):
        gained = continuous_growth(part * full.fraction, 0.08, 0.3, 0.02) - 0.02
        assert gained == pytest.approx(kept_growth(part) * (full.growth - 0.02), abs=1e-14)


def test_no_volatility_and_no_edge_give_nothing_and_say_so() -> None:
    for volatility in (0.0, 1e-300, 1e-13):
        assert continuous_kelly(0.1, volatility).flags == ("flat",)
        assert continuous_kelly(0.1, volatility).fraction == 0.0
    assert continuous_kelly(0.02, 0.2, 0.05).flags == ("no_edge",)
    assert continuous_kelly(0.02, 0.2, 0.05).growth == 0.05
    assert continuous_kelly(0.02, 0.2, 0.02, allow_short=True).flags == ("no_edge",)
    assert continuous_kelly(0.02, 0.2, 0.04, allow_short=True).fraction == pytest.approx(-0.5)


@pytest.mark.parametrize(("drift", "volatility"), [(math.nan, 0.2), (math.inf, 0.2), (0.1, -0.2), (0.1, math.nan)])
def test_impossible_markets_are_refused(drift: float, volatility: float) -> None:
    with pytest.raises(ValueError, match=r"drift|volatility"):
        continuous_kelly(drift, volatility)
    with pytest.raises(ValueError, match=r"drift|volatility"):
        continuous_growth(1.0, drift, volatility)


def test_multiple_is_where_expected_growth_of_the_plug_in_is_greatest() -> None:
    drift, volatility, years = 0.06, 0.25, 7.0
    estimates = np.random.default_rng(3).normal(drift, volatility / math.sqrt(years), 200_000)
    multiples = np.linspace(0.0, 1.5, 301)
    leverage = estimates / volatility**2
    growth = multiples * drift * leverage.mean() - 0.5 * multiples**2 * volatility**2 * np.mean(leverage**2)
    assert plug_in_multiple(drift / volatility, years) == pytest.approx(multiples[np.argmax(growth)], abs=0.01)


def test_more_assets_need_more_years() -> None:
    assert plug_in_multiple_of_several(0.25, 1, 10) == plug_in_multiple(0.5, 10)
    assert plug_in_multiple_of_several(0.25, 4, 40) == pytest.approx(plug_in_multiple(0.5, 10))
    assert plug_in_multiple(0.0, 10) == 0.0


def test_bet_multiple_is_best_where_the_quadratic_approximation_holds() -> None:
    chance, gain, bets = 0.55, 1.0, 400
    found = np.random.default_rng(4).binomial(bets, chance, 400_000) / bets
    stakes = np.maximum(0.0, found * (gain + 1.0) - 1.0) / gain
    multiples = np.linspace(0.3, 1.0, 141)
    growth = [np.mean(chance * np.log1p(k * stakes) + (1 - chance) * np.log1p(-k * stakes)) for k in multiples]
    assert bet_multiple(chance, gain, bets) == pytest.approx(multiples[int(np.argmax(growth))], abs=0.02)
    assert bet_multiple(0.5, 1.0, 100) == 0.0
    assert bet_fraction(0.55, 1.0) * bet_multiple(0.55, 1.0, 1e12) == pytest.approx(0.1)


def test_cautious_multiple_uses_the_lower_bound() -> None:
    bound = sharpe_lower_bound(0.1, 1000, 0.95)
    assert bound == pytest.approx(0.1 - 1.6448536 * math.sqrt(1.005 / 1000), abs=1e-8)
    assert cautious_multiple(0.1, 1000) == plug_in_multiple(bound, 1000) < plug_in_multiple(0.1, 1000)
    assert cautious_multiple(0.1, 50) == 0.0
    for level in (0.0, 1.0, 95.0):
        with pytest.raises(ValueError, match=r"write 0\.\d+ for"):
            sharpe_lower_bound(0.1, 100, level)


@pytest.mark.parametrize("call", [lambda: plug_in_multiple(math.nan, 1), lambda: plug_in_multiple(0.1, 0)])
def test_multiples_refuse_what_is_no_sample(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"sharpe|periods"):
        call()
    with pytest.raises(ValueError, match="assets"):
        plug_in_multiple_of_several(0.1, 0, 5)


def test_at_twice_kelly_every_fall_comes() -> None:
    assert chance_of_falling_to(0.01, 2.0) == chance_of_falling_to(0.01, 3.0) == 1.0
    assert chance_of_falling_to(1.0, 0.5) == 1.0


def test_which_side_comes_first_is_the_scale_function_of_the_process() -> None:
    # log wealth drifts by c - c^2 / 2 with variance c^2 (units of the squared Sharpe ratio)
    for part in (0.3, 1.0, 1.7, 1.999, 2.4, 6.0):
        slope = -2.0 * (part - part**2 / 2) / part**2
        down, up = math.log(0.6), math.log(1.8)
        exact = (1.0 - math.exp(slope * down)) / (math.exp(slope * up) - math.exp(slope * down))
        assert chance_of_reaching_first(1.8, 0.6, part) == pytest.approx(exact, rel=1e-9)
    assert chance_of_reaching_first(1.8, 0.6, 2.0) == pytest.approx(math.log(0.6) / math.log(0.6 / 1.8))
    assert chance_of_reaching_first(2.0, 0.5, 1e-3) == 1.0


def test_part_for_a_fall_inverts_its_chance() -> None:
    for level, chance in ((0.8, 0.01), (0.5, 0.3), (0.9, 0.95)):
        assert chance_of_falling_to(level, part_for_fall(level, chance)) == pytest.approx(chance, rel=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda: chance_of_falling_to(0.0, 1.0),
        lambda: chance_of_falling_to(1.2, 1.0),
        lambda: chance_of_falling_to(0.5, 0.0),
        lambda: chance_of_reaching_first(0.9, 0.5, 1.0),
        lambda: chance_of_reaching_first(2.0, 1.0, 1.0),
        lambda: chance_of_reaching_first(math.inf, 0.5, 1.0),
        lambda: part_for_fall(0.5, 0.0),
        lambda: part_for_fall(1.0, 0.5),
        lambda: part_for_fall(0.5, math.nan),
    ],
)
def test_falls_refuse_impossible_levels(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"level|part|floor|chance"):
        call()
