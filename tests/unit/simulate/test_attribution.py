"""Whose profit was it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.markets import forecasts_of, instrument, panel_of, random_forecasts, random_walk, spec_of

from geobuk.simulate.attribution import attribute
from geobuk.simulate.run import simulate

EVERY = np.ones(4, dtype=np.bool_)


def column(*values: float) -> np.ndarray:
    return np.array(values)[:, None]


def test_profit_is_shared_by_parts_in_the_blended_direction() -> None:
    # At bar 0 a asks for 0.6 and b for 0.2, c against them: a gets three quarters of bar 1.
    parts = {"a": column(0.6, 0, 0, 0), "b": column(0.2, 0, 0, 0), "c": column(-0.1, 0, 0, 0)}
    shares = attribute(column(0, 8, 0, 0), parts, EVERY)
    assert [float(shares[name][1]) for name in "abc"] == pytest.approx([6.0, 2.0, 0.0])


def test_an_exit_is_paid_by_those_who_held() -> None:
    parts = {"a": column(1, 0, 0, 0), "b": column(0, 0, 0, 1)}
    shares = attribute(column(0, 5, -1, 0), parts, EVERY)
    assert shares["a"].tolist() == [0, 5, -1, 0]
    assert shares["b"].tolist() == [0, 0, 0, 0]


def test_a_belief_between_decisions_has_no_share() -> None:
    parts = {"a": column(1, 0, 0, 0), "b": column(0, 1, 0, 0)}
    decides = np.array([True, False, True, False])
    assert attribute(column(0, 0, 4, 0), parts, decides)["a"].tolist() == [0, 0, 4, 0]


def test_a_single_strategy_gets_everything() -> None:
    assert attribute(column(1, 2, 3, 4), {"a": column(0, 0, 0, 0)}, EVERY)["a"].tolist() == [1, 2, 3, 4]


@given(st.integers(0, 10_000))
def test_shares_sum_to_the_profit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pnl = rng.normal(size=(12, 3))
    parts = {name: np.where(rng.random((12, 3)) < 0.2, np.nan, rng.uniform(-1, 1, (12, 3))) for name in "abc"}
    shares = attribute(pnl, parts, rng.random(12) < 0.7)
    np.testing.assert_allclose(sum(shares.values()), pnl.sum(axis=1), atol=1e-12)


def test_a_delay_delays_the_shares_as_well() -> None:
    panel = panel_of([(100,) * 4, (100,) * 4, (100,) * 4, (100, 110, 100, 110), (110,) * 4])
    parts = {"a": forecasts_of([1, 0, 0, 0, 0]), "b": forecasts_of([0, 1, 1, 1, 1])}
    blended = parts["a"] + parts["b"]
    result = simulate(panel, blended, [instrument()], spec_of(orders={"delay_bars": 2}), parts=parts)
    # bought at bar 3's open on the belief of bar 0, which was a's
    assert result.strategy_pnl["a"][3] == pytest.approx(100.0)


def test_a_run_attributes_all_of_its_profit() -> None:
    panel = random_walk(4, 200, 2)
    parts = {"a": random_forecasts(1, panel) / 2, "b": random_forecasts(2, panel) / 2}
    blended = np.nan_to_num(parts["a"]) + np.nan_to_num(parts["b"])
    result = simulate(panel, blended, [instrument(n) for n in panel.instruments], spec_of(), parts=parts)
    assert len(result.fills) > 20
    np.testing.assert_allclose(sum(result.strategy_pnl.values()), result.pnl.sum(axis=1), atol=1e-9)
