"""Portfolio insurance: its edges, its floor, and its limit of continuous rebalancing."""

import math

import numpy as np
import pytest

from geobuk.quant.drawdown_control import (
    CppiSpec,
    CppiState,
    cppi_continuous,
    cppi_exposure,
    cppi_path,
    cppi_step,
    start_cppi,
)


def test_exposure_is_the_cushion_times_the_multiplier_up_to_the_cap() -> None:
    assert cppi_exposure(CppiState(100.0, 90.0), CppiSpec(3.0)) == pytest.approx(30.0)
    assert cppi_exposure(CppiState(100.0, 50.0), CppiSpec(3.0)) == 100.0
    assert cppi_exposure(CppiState(100.0, 50.0), CppiSpec(3.0, cap=0.6)) == pytest.approx(60.0)


def test_a_gap_beyond_the_survivable_fall_locks_the_account_for_good() -> None:
    spec = CppiSpec(multiplier=4.0)
    path = cppi_path([-0.3, 0.5, 0.5], start_cppi(100.0, spec, 80.0), spec, [0.0, 0.01, 0.01])
    assert path.exposure.tolist() == [pytest.approx(80.0), 0.0, 0.0]
    assert path.locked_at == 1
    assert path.flags == ("cash_locked", "floor_breached")
    assert path.value == pytest.approx([100.0, 76.0, 76.76, 77.5276])


def test_the_largest_survivable_fall_ends_at_the_floor() -> None:
    spec = CppiSpec(multiplier=4.0)
    assert spec.survivable_fall() == 0.25
    path = cppi_path([-0.25], start_cppi(100.0, spec, 80.0), spec)
    assert path.value[-1] == pytest.approx(80.0)
    assert "floor_breached" not in path.flags


def test_falls_that_are_survivable_never_breach_the_floor() -> None:
    returns = np.clip(np.random.default_rng(31).standard_t(3, 2_000) * 0.03, -0.2, 0.2)
    for spec in (CppiSpec(4.9), CppiSpec(4.9, cap=2.0), CppiSpec(4.9, ratchet=0.8)):
        path = cppi_path(returns, start_cppi(100.0, spec, 80.0), spec, np.full(2_000, 1e-5))
        assert (path.value >= path.floor).all()
        assert (path.exposure >= 0.0).all()


def test_a_ratchet_keeps_its_share_of_every_high() -> None:
    spec = CppiSpec(2.0, ratchet=0.8)
    returns = np.clip(np.random.default_rng(32).normal(0.002, 0.03, 500), -0.3, 0.3)
    path = cppi_path(returns, start_cppi(100.0, spec), spec)
    assert path.floor == pytest.approx(0.8 * np.maximum.accumulate(path.value))


def test_a_locked_state_stays_locked_whatever_it_is_told() -> None:
    spec = CppiSpec(3.0)
    state = CppiState(100.0, 90.0, is_locked=True)
    assert cppi_exposure(state, spec) == 0.0
    assert cppi_step(state, spec, 1.0, 0.02) == CppiState(102.0, pytest.approx(91.8), is_locked=True)
    assert start_cppi(100.0, spec, 100.0).is_locked


def test_a_path_does_not_depend_on_what_follows() -> None:
    spec = CppiSpec(3.0, ratchet=0.7)
    returns = np.random.default_rng(33).normal(0.0, 0.03, 60)
    whole, half = (cppi_path(r, start_cppi(100.0, spec), spec) for r in (returns, returns[:30]))
    assert np.array_equal(whole.value[:31], half.value)


def test_many_small_steps_approach_the_closed_form() -> None:
    steps, volatility, rate = 40_000, 0.3, 0.04
    noise = np.random.default_rng(34).normal(0.0, volatility / math.sqrt(steps), steps)
    growth = np.exp(noise - 0.5 * volatility**2 / steps + 0.1 / steps)
    spec = CppiSpec(3.0, cap=1e6)
    path = cppi_path(growth - 1.0, start_cppi(100.0, spec, 85.0), spec, np.full(steps, math.expm1(rate / steps)))
    exact = cppi_continuous(CppiState(100.0, 85.0), 3.0, float(growth.prod()), volatility, 1.0, rate)
    assert path.value[-1] == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize(
    "bad", [{"multiplier": 0.0}, {"multiplier": math.nan}, {"cap": 0.0}, {"ratchet": 1.0}, {"ratchet": 0.0}]
)
def test_a_rule_that_makes_no_sense_is_refused(bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=next(iter(bad))):
        CppiSpec(**{"multiplier": 3.0, **bad})


@pytest.mark.parametrize(
    "call",
    [
        lambda: start_cppi(100.0, CppiSpec(3.0), 101.0),
        lambda: start_cppi(100.0, CppiSpec(3.0), -1.0),
        lambda: start_cppi(100.0, CppiSpec(3.0)),
        lambda: start_cppi(0.0, CppiSpec(3.0), 0.0),
        lambda: cppi_step(CppiState(100.0, 90.0), CppiSpec(3.0), math.nan),
        lambda: cppi_path([], CppiState(100.0, 90.0), CppiSpec(3.0)),
        lambda: cppi_path([0.1], CppiState(100.0, 90.0), CppiSpec(3.0), [0.1, 0.2]),
        lambda: cppi_continuous(CppiState(100.0, 90.0), -1.0, 1.1, 0.2, 1.0),
        lambda: cppi_continuous(CppiState(100.0, 90.0), 2.0, 0.0, 0.2, 1.0),
    ],
)
def test_bad_input_is_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"floor|value|return|multiplier|ratio"):
        call()
