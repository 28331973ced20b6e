"""Growth under a drawdown limit: its edges, and what a simulated account does with it."""

import math

import numpy as np
import pytest

from geobuk.quant.drawdown_control import drawdown_exposure
from geobuk.quant.kelly import continuous_kelly


def test_without_a_limit_it_is_kelly() -> None:
    found = drawdown_exposure(0.7, 1.0, 0.1, 0.2, keep=0.0)
    full = continuous_kelly(0.1, 0.2)
    assert (found.fraction, found.growth, found.floor) == (full.fraction, full.growth, 0.0)


def test_exposure_vanishes_toward_the_floor() -> None:
    exposures = [drawdown_exposure(wealth, 1.0, 0.1, 0.2, 0.8).fraction for wealth in (1.0, 0.9, 0.81)]
    assert exposures == pytest.approx([0.5, 2.5 * (1 - 0.8 / 0.9), 2.5 * (1 - 0.8 / 0.81)])


@pytest.mark.parametrize("wealth", [0.8, 0.5, 0.0, -0.2])
def test_at_or_below_the_floor_nothing_is_held(wealth: float) -> None:
    found = drawdown_exposure(wealth, 1.0, 0.1, 0.2, 0.8)
    assert (found.fraction, found.growth, found.flags) == (0.0, 0.0, ("cash_locked",))


def test_without_edge_or_volatility_nothing_is_held() -> None:
    assert drawdown_exposure(1.0, 1.0, -0.1, 0.2, 0.8).flags == ("no_edge",)
    assert drawdown_exposure(1.0, 1.0, 0.1, 0.0, 0.8).flags == ("flat",)
    assert drawdown_exposure(1.0, 1.0, -0.1, 0.2, 0.8).fraction == 0.0


@pytest.mark.parametrize("part", [1.0, 0.5])
def test_a_simulated_account_keeps_its_floor_and_grows_as_said(part: float) -> None:
    drift, volatility, keep, years, steps = 0.2, 0.2, 0.6, 40, 1_000
    random, accounts = np.random.default_rng(41), 400
    wealth, peak = np.ones(accounts), np.ones(accounts)
    unit = drawdown_exposure(1.0, 1.0, drift, volatility, 0.0, part).fraction
    lowest = 1.0
    for _ in range(years * steps // 5):
        invested = unit * (wealth - keep * peak)
        noise = random.normal(drift * 5 / steps, volatility * math.sqrt(5 / steps), accounts)
        wealth = wealth + invested * noise
        peak = np.maximum(peak, wealth)
        lowest = min(lowest, float((wealth / peak).min()))
    assert lowest > keep
    growth = np.log(wealth) / years
    expected = drawdown_exposure(1.0, 1.0, drift, volatility, keep, part).growth
    assert growth.mean() == pytest.approx(expected, abs=0.01 + 4 * growth.std() / math.sqrt(accounts))
    assert growth.mean() > 0.8 * expected


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ((1.1, 1.0, 0.1, 0.2, 0.8), "peak"),
        ((1.0, 0.0, 0.1, 0.2, 0.8), "peak"),
        ((math.nan, 1.0, 0.1, 0.2, 0.8), "wealth"),
        ((1.0, 1.0, math.inf, 0.2, 0.8), "drift"),
        ((1.0, 1.0, 0.1, -0.2, 0.8), "volatility"),
        ((1.0, 1.0, 0.1, 0.2, 1.0), "keep"),
        ((1.0, 1.0, 0.1, 0.2, -0.1), "keep"),
        ((1.0, 1.0, 0.1, 0.2, math.nan), "keep"),
        ((1.0, 1.0, 0.1, 0.2, 0.8, 0.0), "part"),
        ((1.0, 1.0, 0.1, 0.2, 0.8, 1.5), "part"),
    ],
)
def test_bad_input_is_refused_by_name(bad: tuple[float, ...], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        drawdown_exposure(*bad)
