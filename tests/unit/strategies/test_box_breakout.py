from dataclasses import replace

import numpy as np
from tests.unit.strategies.panels import panel_of, random_panel

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import Panel
from geobuk.strategies.box_breakout import BoxBreakout

QUICK = BoxBreakout(box_days=1.0)


def boxed(after: list[float]) -> Panel:
    """A day and a half between 95 and 105, then the given closes."""
    inside = 100.0 + 5.0 * np.sin(np.arange(36) * np.pi / 4)
    return panel_of(np.concatenate([inside, after])[:, None])


def test_a_close_above_the_box_is_followed_until_the_middle() -> None:
    forecast = QUICK.forecast(boxed([106.0, 104.0, 101.0, 99.0]))[36:, 0]
    np.testing.assert_array_equal(forecast, [0.75, 0.75, 0.75, 0.0])


def test_a_close_below_the_box_is_sold() -> None:
    assert QUICK.forecast(boxed([94.0]))[36, 0] == -0.75


def test_inside_the_box_nothing_is_done_and_before_it_nothing_is_known() -> None:
    forecast = QUICK.forecast(boxed([100.0]))
    assert np.isnan(forecast[:24]).all()
    assert (forecast[24:] == 0.0).all()


def test_a_wick_is_no_breakout() -> None:
    panel = boxed([100.0])
    high = panel.high.copy()
    high[36] = 150.0
    assert QUICK.forecast(replace(panel, high=high))[36, 0] == 0.0


def test_a_breakout_without_volume_is_not_believed_when_volume_is_asked_for() -> None:
    panel, asking = boxed([106.0, 106.5]), BoxBreakout(box_days=1.0, volume_ratio=2.0)
    volume = panel.volume.copy()
    assert asking.forecast(panel)[36, 0] == 0.0
    volume[36] = 3.0
    assert asking.forecast(replace(panel, volume=volume))[36, 0] == 0.75


def test_the_far_end_holds_longer_than_the_middle() -> None:
    patient = BoxBreakout(box_days=1.0, leave_at="opposite", strength=1.0)
    np.testing.assert_array_equal(patient.forecast(boxed([106.0, 99.0, 94.9]))[36:, 0], [1.0, 1.0, -1.0])


def test_warm_up_is_the_box_and_one_bar_and_is_enough() -> None:
    assert BoxBreakout().warmup(NS_PER_HOUR) == 481
    assert BoxBreakout().warmup(NS_PER_DAY) == 21
    assert np.isfinite(QUICK.forecast(random_panel(holes=False))[25:]).all()
