from dataclasses import replace

import numpy as np
import pytest

from geobuk.data.resample import resample
from geobuk.data.synthetic import MarketSpec, synthetic_panel
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import Panel

NAN = np.nan


@pytest.fixture(scope="module")
def hourly() -> Panel:
    return synthetic_panel(MarketSpec(seed=3, instruments=3, bars=24 * 20))


def test_prices_and_volume_are_combined(hourly: Panel) -> None:
    coarse = resample(hourly, "4h")
    assert coarse.shape == (120, 3)
    assert coarse.interval == "4h"
    assert coarse.is_synthetic
    first = slice(4, 8)
    assert coarse.open[1].tolist() == hourly.open[4].tolist()
    assert coarse.high[1].tolist() == hourly.high[first].max(axis=0).tolist()
    assert coarse.low[1].tolist() == hourly.low[first].min(axis=0).tolist()
    assert coarse.close[1].tolist() == hourly.close[7].tolist()
    assert coarse.mark[1].tolist() == hourly.mark[7].tolist()
    assert np.allclose(coarse.volume[1], hourly.volume[first].sum(axis=0))
    assert coarse.close.flags.c_contiguous


def test_two_steps_equal_one(hourly: Panel) -> None:
    one, two = resample(hourly, "1d"), resample(resample(hourly, "4h"), "1d")
    for name in ("open", "high", "low", "close", "mark", "funding", "tradable", "at_ns"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name
    assert np.allclose(one.volume, two.volume)
    assert np.allclose(one.funding_inside, two.funding_inside)


def test_the_same_interval_changes_nothing(hourly: Panel) -> None:
    assert resample(hourly, "1h") is hourly


def test_incomplete_bars_at_both_ends_are_dropped(hourly: Panel) -> None:
    coarse = resample(hourly.rows(5, 30), "4h")
    assert coarse.at_ns[0] == hourly.at_ns[8]
    assert coarse.at_ns[-1] == hourly.at_ns[24]
    with pytest.raises(DataError, match="make no whole coarser bar"):
        resample(hourly.rows(1, 4), "4h")


def test_funding_splits_into_opening_and_inside(hourly: Panel) -> None:
    coarse = resample(hourly, "1d")
    assert coarse.funding[3].tolist() == hourly.funding[72].tolist()
    assert np.allclose(coarse.funding_inside[3], hourly.funding[80] + hourly.funding[88])
    assert np.isnan(resample(hourly, "4h").funding_inside).all()


def test_a_rate_that_is_not_known_leaves_the_sum_unknown(hourly: Panel) -> None:
    funding = hourly.funding.copy()
    funding[80, 1] = NAN
    coarse = resample(replace(hourly, funding=funding), "1d")
    assert np.isnan(coarse.funding_inside[3]).tolist() == [False, True, False]


@pytest.mark.parametrize(
    ("masked", "tradable"),
    [([], True), ([1, 2], True), ([0], False), ([3], False), ([1, 2, 3], False)],
)
def test_a_coarse_bar_trades_if_its_ends_and_half_of_it_do(hourly: Panel, masked: list[int], tradable: bool) -> None:
    fine = hourly.tradable.copy()
    fine[masked, 0] = False
    assert resample(replace(hourly, tradable=fine), "4h").tradable[0].tolist() == [tradable, True, True]


def test_unknown_bars_are_skipped_and_a_bar_of_nothing_is_nan(hourly: Panel) -> None:
    fields = {name: getattr(hourly, name).copy() for name in ("open", "high", "low", "close", "volume")}
    for array in fields.values():
        array[[0, 3], 0] = NAN
        array[4:8, 1] = NAN
    coarse = resample(replace(hourly, **fields), "4h")
    assert coarse.open[0, 0] == hourly.open[1, 0]
    assert coarse.close[0, 0] == hourly.close[2, 0]
    assert coarse.high[0, 0] == hourly.high[1:3, 0].max()
    assert coarse.volume[0, 0] == pytest.approx(hourly.volume[1:3, 0].sum())
    for name in fields:
        assert np.isnan(getattr(coarse, name)[1]).tolist() == [False, True, False], name


def test_bars_keep_the_phase_of_the_panel(hourly: Panel) -> None:
    shifted = replace(hourly, at_ns=hourly.at_ns + NS_PER_HOUR // 2)
    assert resample(shifted, "4h").at_ns[0] == shifted.at_ns[0]


@pytest.mark.parametrize("interval", ["30m", "90m"])
def test_what_is_no_multiple_is_refused(hourly: Panel, interval: str) -> None:
    with pytest.raises(DataError, match="choose a multiple of 1h"):
        resample(hourly, interval)


def test_a_panel_with_holes_in_its_grid_is_refused(hourly: Panel) -> None:
    holed = replace(hourly.rows(0, 48), at_ns=np.delete(hourly.at_ns[:49], 10))
    with pytest.raises(DataError, match="leaves out instants"):
        resample(holed, "4h")
