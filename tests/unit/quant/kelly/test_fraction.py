"""The Kelly function of the order path: each step by itself, and never anything but a finite number."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geobuk.quant.kelly import KellySpec, ema_moments, plug_in_multiple, position_fraction

RETURNS = np.random.default_rng(21).normal(0.005, 0.02, 250)
PLAIN = KellySpec(fraction=1.0, cap=100.0, shrink=0.0)


def test_plain_kelly_is_mean_over_variance() -> None:
    found = position_fraction(RETURNS, PLAIN)
    assert found.value == found.raw == pytest.approx(RETURNS.mean() / RETURNS.var(ddof=1))
    assert found.flags == ()


def test_a_part_of_it_is_taken_then_capped() -> None:
    full = position_fraction(RETURNS, PLAIN).value
    assert position_fraction(RETURNS, KellySpec(fraction=0.25, cap=100.0, shrink=0.0)).value == pytest.approx(full / 4)
    capped = position_fraction(RETURNS, KellySpec(fraction=0.25, cap=0.1, shrink=0.0))
    assert (capped.value, capped.flags, capped.raw) == (0.1, ("capped",), pytest.approx(full))


def test_weights_of_a_span_are_used() -> None:
    moments = ema_moments(RETURNS, 30.0)
    found = position_fraction(RETURNS, KellySpec(fraction=1.0, cap=1e6, shrink=0.0, span=30.0, allow_short=True))
    assert found.value == pytest.approx(moments.mean / moments.variance)


def test_estimation_error_is_the_best_multiple_of_the_plug_in() -> None:
    ratio = RETURNS.mean() / RETURNS.std(ddof=1)
    found = position_fraction(RETURNS, KellySpec(fraction=1.0, cap=100.0))
    full = position_fraction(RETURNS, PLAIN).value
    assert found.value == pytest.approx(full * plug_in_multiple(ratio, len(RETURNS)))
    assert found.shrink_weight == pytest.approx(1.0 - plug_in_multiple(ratio, len(RETURNS)))


def test_bayes_stein_shrinks_more() -> None:
    error = position_fraction(RETURNS, KellySpec(shrink="estimation_error"))
    stein = position_fraction(RETURNS, KellySpec(shrink="bayes_stein"))
    assert stein.shrink_weight > error.shrink_weight
    ratio = RETURNS.mean() / RETURNS.std(ddof=1)
    assert stein.shrink_weight == pytest.approx(3.0 / (3.0 + 250 * ratio**2))


def test_a_prior_alone_decides_where_its_weight_is_one() -> None:
    found = position_fraction(RETURNS, KellySpec(fraction=1.0, cap=100.0, prior_sharpe=0.05, shrink=1.0))
    assert found.value == pytest.approx(0.05 / RETURNS.std(ddof=1))


@pytest.mark.parametrize(
    ("returns", "flag"),
    [
        ([], "empty"),
        ([0.01], "too_short"),
        (RETURNS[:29], "too_short"),
        ([math.nan] * 50, "not_finite"),
        ([*RETURNS, math.inf], "not_finite"),
        ([0.01] * 100, "flat"),
        ([0.0] * 100, "flat"),
        (np.r_[RETURNS, 1e200], "not_finite"),
        (-np.abs(RETURNS), "no_edge"),
    ],
)
def test_no_sound_exposure_is_zero_with_its_reason(returns, flag) -> None:  # type: ignore[no-untyped-def]
    found = position_fraction(returns, KellySpec())
    assert found.value == 0.0
    assert found.flags == (flag,)


def test_a_negative_edge_is_short_only_where_allowed() -> None:
    assert position_fraction(-RETURNS, KellySpec()).value == 0.0
    short = position_fraction(-RETURNS, KellySpec(allow_short=True, cap=0.05))
    assert (short.value, short.flags) == (-0.05, ("capped",))
    long = position_fraction(RETURNS, KellySpec(cap=100.0))
    assert position_fraction(-RETURNS, KellySpec(allow_short=True, cap=100.0)).value == -long.value


@settings(max_examples=300, deadline=None)
@given(
    returns=st.lists(st.floats(allow_nan=True, allow_infinity=True, width=64), max_size=40),
    shrink=st.one_of(st.floats(0, 1), st.sampled_from(["estimation_error", "bayes_stein"])),
    span=st.one_of(st.none(), st.floats(1.0, 1e9, exclude_min=True)),
    prior=st.floats(-10, 10),
    allow_short=st.booleans(),
)
def test_whatever_comes_in_what_goes_out_is_finite_and_within_the_cap(
    returns, shrink, span, prior, allow_short
) -> None:  # type: ignore[no-untyped-def]
    spec = KellySpec(0.5, 3.0, prior, shrink, span, 2, allow_short)
    found = position_fraction(returns, spec)
    numbers = (found.value, found.raw, found.edge, found.variance, found.shrink_weight)
    assert all(math.isfinite(number) for number in numbers)
    assert abs(found.value) <= 3.0
    assert found.value >= 0.0 or allow_short
    assert found.value != 0.0 or found.flags or found.raw == 0.0


@pytest.mark.parametrize(
    "bad",
    [
        {"fraction": 0.0},
        {"fraction": 1.1},
        {"fraction": math.nan},
        {"cap": 0.0},
        {"cap": math.inf},
        {"prior_sharpe": math.nan},
        {"prior_sharpe": 20.0},
        {"shrink": 1.5},
        {"shrink": "guess"},
        {"span": 1.0},
        {"span": math.nan},
        {"least_periods": 1},
    ],
)
def test_a_spec_that_makes_no_sense_is_refused(bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=next(iter(bad))):
        KellySpec(**bad)


def test_a_table_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="one row"):
        position_fraction(np.zeros((5, 2)), KellySpec())
