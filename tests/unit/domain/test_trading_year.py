"""From figures per bar to figures per year."""

import pytest

from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_MINUTE
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear

KRX = TradingYear(246.0, 390 * NS_PER_MINUTE)


@pytest.mark.parametrize(("interval", "bars"), [(NS_PER_MINUTE, 525_600), (NS_PER_HOUR, 8_760), (NS_PER_DAY, 365)])
def test_a_venue_that_never_closes_trades_every_bar_of_the_year(interval: int, bars: int) -> None:
    assert ALWAYS_OPEN.per_year(interval) == bars


@pytest.mark.parametrize(
    ("interval", "bars"),
    [(NS_PER_MINUTE, 390), (30 * NS_PER_MINUTE, 13), (NS_PER_HOUR, 7), (6 * NS_PER_HOUR, 2), (NS_PER_DAY, 1)],
)
def test_a_session_holds_its_bars(interval: int, bars: int) -> None:
    assert KRX.per_day(interval) == bars
    assert KRX.per_year(interval) == 246 * bars


def test_intervals_longer_than_a_day_are_counted_by_the_calendar() -> None:
    assert KRX.per_year(7 * NS_PER_DAY) == ALWAYS_OPEN.per_year(7 * NS_PER_DAY) == pytest.approx(365 / 7)
    assert KRX.per_day(7 * NS_PER_DAY) == pytest.approx(1 / 7)


def test_an_interval_between_session_and_day_is_one_a_session() -> None:
    assert KRX.per_day(12 * NS_PER_HOUR) == 1.0
