"""Boxes: the range of so many bars up to each one, known without sight of the future."""

import numpy as np
import pytest
from tests.support.markets import flat_bars, forecasts_of, instrument, panel_of, random_walk, spec_of

from geobuk.domain.errors import SettingsError
from geobuk.simulate.book import new_book
from geobuk.simulate.boxes import boxes, load_boxes
from geobuk.simulate.inputs import inputs_of


@pytest.mark.parametrize("rows", [1, 2, 7, 24])
def test_a_box_is_the_range_of_its_bars(rows: int) -> None:
    panel = random_walk(4, 120, 2, holes=False)
    low, high = (array.reshape(panel.shape) for array in boxes(panel, rows / 24))
    assert np.isnan(low[: rows - 1]).all()
    for t in range(rows - 1, 120):
        np.testing.assert_array_equal(low[t], panel.low[t - rows + 1 : t + 1].min(axis=0))
        np.testing.assert_array_equal(high[t], panel.high[t - rows + 1 : t + 1].max(axis=0))


def test_a_box_knows_nothing_of_later_bars() -> None:
    panel = random_walk(5, 200, 3)
    for whole, part in zip(boxes(panel, 0.5), boxes(panel.rows(0, 90), 0.5), strict=True):
        np.testing.assert_array_equal(whole[: 90 * 3], part)


def test_masked_bars_widen_no_box_and_leave_the_last_one() -> None:
    wild = (100, 900, 1, 100)
    panel = panel_of([*flat_bars(100, 2), wild, *flat_bars(101, 2)], masked=[(2, 0)])
    box = boxes(panel, 2 / 24)
    book, known = new_book(1, 1_000.0).states, []
    for t in range(5):
        load_boxes(t, book, box)
        known.append((float(book[0]["box_low"]), float(book[0]["box_high"])))
    # a hole counts as a repeat of the bar before it
    assert known == [(0.0, 0.0), (100.0, 100.0), (100.0, 100.0), (100.0, 101.0), (101.0, 101.0)]


def test_without_box_stops_there_are_none() -> None:
    panel = panel_of(flat_bars(100, 3))
    bars = inputs_of(panel, forecasts_of([1] * 3), [instrument()], spec_of()).bars
    assert (len(bars.box_low), len(bars.box_high)) == (0, 0)


def test_a_box_of_more_bars_than_can_be_is_refused() -> None:
    with pytest.raises(SettingsError, match="box_days 3650 is 5,256,000 bars"):
        boxes(panel_of(flat_bars(100, 3), interval="1m"), 3650.0)
