"""Each measure against a number computed by hand or by another way."""

from dataclasses import replace

import numpy as np
import pytest
from tests.support.markets import Row, panel_of
from tests.unit.research.universe_markets import AT, BARS, START, market, names

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import Panel
from geobuk.research.universe_days import correlations, days_of
from geobuk.research.universe_measures import Calendar, Measures, measure
from geobuk.research.universe_spec import UniverseSpec

SPEC = UniverseSpec(lookback_days=30, recent_days=5)


def seen(panel: Panel, spec: UniverseSpec = SPEC, *, first: int | None = None, listed: int = 0) -> tuple[Measures, ...]:
    """Measures at the end of a panel that is open in every row."""
    end = int(panel.at_ns[-1]) + panel.interval_ns
    count = panel.shape[1]
    calendar = Calendar(
        first_ns=np.full(count, panel.at_ns[0] if first is None else first, dtype=np.int64),
        listed_ns=np.full(count, listed, dtype=np.int64),
        is_open=np.ones(panel.shape[0], dtype=np.bool_),
    )
    return measure(panel, end, spec, calendar).measures


def daily(*rows: Row) -> Panel:
    return panel_of(list(rows), start_ns=START, interval="1d")


def flat(count: int, volume: float = 10.0) -> list[Row]:
    return [(100.0, 100.0, 100.0, 100.0, volume)] * count


def test_turnover_is_the_median_of_volume_times_the_typical_price() -> None:
    """Typical prices 100, 110, 120 with volumes 10, 20, 30: 1,000, 2,200, 3,600; one wild day moves nothing."""
    rows: list[Row] = [(100, 120, 90, 90, 10.0), (100, 130, 100, 100, 20.0), (100, 140, 110, 110, 30.0)]
    (found,) = seen(daily(*rows))
    assert found.turnover == pytest.approx(2_200.0)
    (wild,) = seen(daily(*rows[:2], (100, 140, 110, 110, 30_000.0)))
    assert wild.turnover == pytest.approx(2_200.0)


def test_turnover_of_hours_is_summed_to_days() -> None:
    panel = panel_of([(100.0, 100.0, 100.0, 100.0, 1.0)] * 24 * 3, start_ns=START, interval="1h")
    assert seen(panel)[0].turnover == pytest.approx(2_400.0)


def test_recent_turnover_looks_back_less_far() -> None:
    (found,) = seen(daily(*flat(20, 10.0), *flat(5, 1.0)))
    assert (found.turnover, found.turnover_recent, found.liquidity) == (1_000.0, 100.0, 100.0)


def test_a_day_without_a_bar_counts_as_a_day_without_turnover_but_not_before_the_first_bar() -> None:
    rows: list[Row] = [None, None, None, *flat(1), None, None]
    (found,) = seen(daily(*rows), first=START + 3 * NS_PER_DAY)
    assert found.turnover == 0.0
    (young,) = seen(daily(None, None, None, *flat(3)), first=START + 3 * NS_PER_DAY)
    assert young.turnover == 1_000.0


def test_illiquidity_is_the_mean_move_for_each_unit_of_turnover() -> None:
    """Closes 100, 110, 100 ...: |ln 1.1| = 0.0953101798 for 1,100 and for 1,000 in turn."""
    up, down = (110.0, 110.0, 110.0, 110.0, 10.0), (100.0, 100.0, 100.0, 100.0, 10.0)
    (found,) = seen(daily(*[down, up] * 13))
    move = 0.09531017980432493
    assert found.illiquidity == pytest.approx((13 * move / 1_100 + 12 * move / 1_000) / 25, rel=1e-12)


def test_volatility_is_the_deviation_of_daily_returns_a_year() -> None:
    panel = market(names(3), bars=31)
    returns = np.diff(np.log(panel.close[1:]), axis=0)
    for one, expected in zip(seen(panel), returns.std(axis=0, ddof=1) * np.sqrt(365.0), strict=True):
        assert one.volatility == pytest.approx(expected, rel=1e-12)


def test_volatility_of_a_venue_with_weekends_counts_its_own_days() -> None:
    panel = market(names(2), bars=56)
    is_open = np.arange(56) % 7 < 5
    closed = replace(
        panel,
        close=np.where(is_open[:, None], panel.close, np.nan),
        tradable=panel.tradable & is_open[:, None],
    )
    end = int(panel.at_ns[-1]) + NS_PER_DAY
    calendar = Calendar(np.full(2, START), np.zeros(2, dtype=np.int64), is_open)
    found = measure(closed, end, UniverseSpec(lookback_days=56), calendar).measures
    returns = np.diff(np.log(panel.close[is_open]), axis=0)
    assert found[0].volatility == pytest.approx(returns[:, 0].std(ddof=1) * np.sqrt(365.0 * 40 / 56), rel=1e-12)
    assert found[0].missing == 0.0


def test_bars_are_counted_as_missing_masked_or_without_volume() -> None:
    rows: list[Row] = [*flat(14), None, None, *flat(3, 0.0), *flat(1)]
    panel = panel_of(rows, start_ns=START, interval="1d", masked=[(16, 0), (17, 0)])
    (found,) = seen(panel)
    assert (found.missing, found.masked, found.zero_volume) == (2 / 20, 2 / 20, 3 / 20)
    assert found.unusable == pytest.approx(0.2)


def test_bars_before_the_first_one_are_not_missing() -> None:
    (found,) = seen(daily(*[None] * 10, *flat(10)), first=START + 10 * NS_PER_DAY)
    assert (found.missing, found.history_days, found.age_days) == (0.0, 10.0, 10.0)


def test_age_counts_from_the_listing_where_it_is_known() -> None:
    (found,) = seen(daily(*flat(10)), listed=START - 90 * NS_PER_DAY)
    assert (found.history_days, found.age_days) == (10.0, 100.0)


def test_silence_counts_from_the_last_good_bar_of_the_venue() -> None:
    quiet: list[Row] = [*flat(6), None, None, None, None]
    other: list[Row] = [*flat(9), None]
    panel = panel_of(quiet, other, start_ns=START, interval="1d")
    assert [one.silent_days for one in seen(panel)] == [3.0, 0.0]


def test_the_price_is_the_last_good_close() -> None:
    panel = panel_of(
        [(100.0, 100.0, 100.0, 100.0), (101.0, 101.0, 101.0, 101.0), (500.0, 500.0, 500.0, 500.0)],
        start_ns=START,
        interval="1d",
        masked=[(2, 0)],
    )
    assert seen(panel)[0].price == 101.0


def test_funding_is_the_yearly_sum_of_its_rates() -> None:
    """0.0001 three times a day: 0.1095 a year, whether in hours or summed into days."""
    hours = panel_of([(1.0, 1.0, 1.0, 1.0)] * 48, start_ns=START, interval="1h", funding_hours=[8])
    stamps = (hours.at_ns % (8 * NS_PER_HOUR) == 0)[:, None]
    hourly = replace(hours, funding=np.where(stamps, 0.0001, np.nan))
    days = panel_of([(1.0, 1.0, 1.0, 1.0)] * 4, start_ns=START, interval="1d", funding_hours=[8])
    summed = replace(days, funding=np.full((4, 1), 0.0001), funding_inside=np.full((4, 1), 0.0002))
    for panel in (hourly, summed):
        (found,) = seen(panel)
        assert found.funding == pytest.approx(0.0001 * 3 * 365)
        assert found.pays_funding
    few = replace(hours, funding=np.where(stamps & (hours.at_ns[:, None] > START + NS_PER_DAY), 0.0001, np.nan))
    assert np.isnan(seen(few)[0].funding)
    assert seen(replace(hours, funding_hours=np.zeros(1, dtype=np.int64)))[0].funding == 0.0


def test_too_few_days_leave_what_needs_them_unknown() -> None:
    (found,) = seen(daily(*flat(5)))
    assert np.isnan([found.volatility, found.illiquidity, found.spread]).all()


def test_the_estimator_and_its_negatives_are_chosen() -> None:
    panel = market(names(1), bars=90)
    found = {
        (estimator, negatives): seen(panel, UniverseSpec(spread_estimator=estimator, spread_negatives=negatives))[
            0
        ].spread
        for estimator in ("corwin_schultz", "abdi_ranaldo")
        for negatives in ("average", "zero")
    }
    assert len(set(found.values())) == 4
    assert found["corwin_schultz", "zero"] > found["corwin_schultz", "average"]


def test_days_end_at_the_moment_and_closed_ones_are_left_out() -> None:
    panel = panel_of([(100.0, 100.0, 100.0, 100.0, 1.0)] * 60, start_ns=START, interval="1h")
    is_open = np.ones(60, dtype=np.bool_)
    is_open[12:36] = False
    days = days_of(panel, START + 60 * NS_PER_HOUR, is_open)
    assert days.age.tolist() == [2, 0]
    assert days.turnover[:, 0].tolist() == [1_200.0, 2_400.0]
    assert days.span == 3
    assert days.per_year == pytest.approx(365.0 * 2 / 3)


def test_correlations_equal_those_of_the_days_in_common() -> None:
    returns = np.random.default_rng(3).normal(size=(60, 3))
    returns[:, 1] += returns[:, 0]
    returns[5:20, 2] = np.nan
    found = correlations(returns)
    assert found[0, 1] == pytest.approx(np.corrcoef(returns[:, 0], returns[:, 1])[0, 1], rel=1e-9)
    both = np.isfinite(returns[:, 2])
    assert found[2, 1] == pytest.approx(np.corrcoef(returns[both, 2], returns[both, 1])[0, 1], rel=1e-9)
    assert np.isnan(correlations(returns[:19])).all()
    still = np.zeros((60, 2))
    still[:, 1] = returns[:, 0]
    assert np.isnan(correlations(still)[0, 1])


def test_only_the_look_back_is_measured() -> None:
    panel = market(names(2), bars=BARS).between(None, AT)
    changed = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close", "volume")}
    for array in changed.values():
        array[: 200 - 31] *= 3.0
    assert seen(panel) == seen(replace(panel, **changed))
