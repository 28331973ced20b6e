from dataclasses import replace

import numpy as np
import pytest
from tests.unit.strategies.panels import panel_of, random_panel

from geobuk.features.funding import mean_funding_per_day
from geobuk.panel import Panel

NAN = np.nan


def stamped(rate: float, *, bars: int = 240, every: int = 8, hours: int = 8) -> Panel:
    close = np.full((bars, 1), 100.0)
    funding = np.full((bars, 1), NAN)
    funding[::every] = rate
    return panel_of(close, funding=funding, funding_hours=np.array([hours]))


def test_a_constant_rate_is_that_many_times_a_day() -> None:
    per_day = mean_funding_per_day(stamped(1e-4), 2.0)
    np.testing.assert_allclose(per_day[60:], 3e-4)


def test_nothing_is_said_before_three_quarters_of_the_window() -> None:
    per_day = mean_funding_per_day(stamped(1e-4), 2.0)
    first = int(np.isfinite(per_day[:, 0]).argmax())
    assert first == 32  # the fifth of six stamps
    assert per_day[first, 0] == pytest.approx(3e-4)


def test_a_rate_counts_from_the_bar_that_opens_at_its_stamp() -> None:
    panel = stamped(0.0)
    funding = panel.funding.copy()
    funding[96] = 6e-4
    per_day = mean_funding_per_day(replace(panel, funding=funding), 2.0)
    assert per_day[95, 0] == 0.0
    assert per_day[96, 0] == pytest.approx(3e-4)
    assert per_day[96 + 48, 0] == pytest.approx(0.0, abs=1e-18)


def test_it_falls_silent_when_stamps_stop() -> None:
    panel = stamped(1e-4)
    funding = panel.funding.copy()
    funding[121:] = NAN
    per_day = mean_funding_per_day(replace(panel, funding=funding), 7.0)
    assert np.isfinite(per_day[135, 0])
    assert np.isnan(per_day[136:]).all()


def test_an_instrument_without_funding_is_unknown() -> None:
    panel = replace(stamped(1e-4), funding_hours=np.array([0]))
    assert np.isnan(mean_funding_per_day(panel, 2.0)).all()


def test_missing_and_masked_bars_are_unknown() -> None:
    panel = stamped(1e-4)
    tradable = panel.tradable.copy()
    tradable[100] = False
    per_day = mean_funding_per_day(replace(panel, tradable=tradable), 2.0)
    assert np.isnan(per_day[100, 0])
    assert np.isfinite(per_day[101, 0])


def test_coarse_bars_add_the_stamps_inside_them() -> None:
    hourly = random_panel(bars=24 * 20, holes=False)
    days = hourly.funding[::24]
    inside = hourly.funding[8::24] + hourly.funding[16::24]
    daily = panel_of(
        hourly.close[23::24], interval="1d", funding=days, funding_inside=inside, funding_hours=hourly.funding_hours
    )
    np.testing.assert_allclose(mean_funding_per_day(daily, 5.0)[5:], mean_funding_per_day(hourly, 5.0)[23::24][5:])


def test_stamps_closer_than_declared_still_sum_to_the_right_day() -> None:
    per_day = mean_funding_per_day(stamped(1e-4, every=4, hours=8), 2.0)
    np.testing.assert_allclose(per_day[60:], 6e-4)


def test_stamps_farther_apart_than_declared_are_not_trusted() -> None:
    assert np.isnan(mean_funding_per_day(stamped(1e-4, every=8, hours=4), 2.0)[60:]).all()
