from typing import ClassVar

import numpy as np
import pytest
from tests.unit.strategies.panels import QUICK, quick, random_panel

from geobuk.domain.errors import StrategyError, UnknownNameError
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.matrix import blend, labels
from geobuk.strategies.strategy import Strategy

PANEL = random_panel(bars=40, instruments=2)
NAN = np.nan


class Says(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "says"

    value: float = 1.0
    wait: int = 0

    def warmup(self, interval_ns: int) -> int:
        return self.wait

    def forecast(self, panel: Panel) -> FloatArray:
        return np.full(panel.shape, self.value)


class Knows(Strategy, frozen=True, kw_only=True):
    """Has a belief about the first instrument only."""

    name: ClassVar[str] = "knows"

    def warmup(self, interval_ns: int) -> int:
        return 0

    def forecast(self, panel: Panel) -> FloatArray:
        out = np.full(panel.shape, NAN)
        out[:, 0] = 1.0
        return out


def test_one_strategy_keeps_its_forecast() -> None:
    result = blend(PANEL, [Says(value=-0.4)])
    np.testing.assert_array_equal(result.forecasts, -0.4)
    np.testing.assert_array_equal(result.parts["says"], -0.4)


def test_warm_up_is_no_belief() -> None:
    result = blend(PANEL, [Says(wait=5)])
    assert np.isnan(result.forecasts[:5]).all()
    assert (result.parts["says"][:5] == 0.0).all()
    assert (result.forecasts[5:] == 1.0).all()


def test_a_warm_up_longer_than_the_panel_leaves_no_belief() -> None:
    assert np.isnan(blend(PANEL, [Says(wait=1_000)]).forecasts).all()


def test_equal_weights_and_silence_counts_as_zero() -> None:
    result = blend(PANEL, [Says(value=0.5), Knows()])
    np.testing.assert_array_equal(result.forecasts[0], [0.75, 0.25])
    np.testing.assert_array_equal(result.parts["knows"][0], [0.5, 0.0])


def test_where_nobody_knows_nothing_is_known() -> None:
    result = blend(PANEL, [Knows(), Says(wait=10)])
    np.testing.assert_array_equal(result.forecasts[0], [0.5, NAN])


def test_given_weights_are_used_as_they_are() -> None:
    result = blend(PANEL, [Says(value=1.0), Knows()], {"says": 0.2})
    np.testing.assert_allclose(result.forecasts[0], [0.2, 0.2])
    assert (result.parts["knows"] == 0.0).all()


def test_loud_weights_are_clipped_and_the_parts_with_them() -> None:
    result = blend(PANEL, [Says(value=1.0), Knows()], {"says": 1.5, "knows": 0.5})
    np.testing.assert_allclose(result.forecasts[0], [1.0, 1.0])
    np.testing.assert_allclose(result.parts["says"][0], [0.75, 1.0])
    np.testing.assert_allclose(result.parts["knows"][0], [0.25, 0.0])


def test_two_of_one_name_are_told_apart() -> None:
    both = [Says(value=1.0), Says(value=0.5), Knows(), Says(value=0.0)]
    assert labels(both) == ("says", "says_2", "knows", "says_3")
    assert blend(PANEL, both[:2], {"says_2": 1.0}).forecasts[0, 0] == 0.5


def test_parts_of_the_real_strategies_sum_to_the_blend() -> None:
    panel = random_panel(bars=800)
    result = blend(panel, [quick(name) for name in QUICK])
    known = ~np.isnan(result.forecasts)
    total = np.sum(list(result.parts.values()), axis=0)
    np.testing.assert_allclose(total[known], result.forecasts[known], rtol=1e-12, atol=1e-15)
    assert set(result.parts) == set(QUICK)


def test_nonsense_is_refused() -> None:
    with pytest.raises(StrategyError, match="no strategy to blend"):
        blend(PANEL, [])
    with pytest.raises(UnknownNameError, match="unknown strategy weight 'say': did you mean says"):
        blend(PANEL, [Says()], {"say": 1.0})
    with pytest.raises(StrategyError, match=r"the weight -1.0 of says"):
        blend(PANEL, [Says()], {"says": -1.0})
    with pytest.raises(StrategyError, match="the weight nan of says"):
        blend(PANEL, [Says()], {"says": NAN})
    with pytest.raises(StrategyError, match="outside -1 to 1"):
        blend(PANEL, [Says(value=2.0)])
