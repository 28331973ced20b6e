"""What a path says of itself, on hand-made codes."""

import numpy as np
import pytest

from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.domain.trading_year import TradingYear
from geobuk.regime import RegimePath, regime_statistics

U, BULL, BEAR, SIDE, NEUTRAL = (int(one) for one in Regime)
CODES = np.array([U, U, BULL, BULL, BEAR + HIGH_VOLATILITY, BEAR, BEAR, NEUTRAL, U, SIDE])
NAN = np.nan


def path() -> RegimePath:
    chances = np.full((10, 3), NAN)
    chances[[2, 3]] = [0.8, 0.1, 0.1]
    chances[[4, 5]] = [0.1, 0.7, 0.2]
    chances[6] = [0.5, 0.4, 0.1]
    chances[7] = [0.5, 0.3, 0.2]
    chances[9] = [0.1, 0.1, 0.8]
    return RegimePath(
        at_ns=NS_PER_DAY * np.arange(10),
        interval_ns=NS_PER_DAY,
        every_ns=NS_PER_DAY,
        codes=CODES,
        probabilities=chances,
        volatility=np.array([NAN, NAN, 1.0, 1.0, 2.25, 1.5, 1.2, 1.0, 1.0, 0.5]),
        ages=np.array([0, 1, 0, 1, 0, 1, 2, 0, 0, 0]),
        refits=(),
    )


def test_probability_is_that_of_the_held_direction() -> None:
    np.testing.assert_array_equal(path().probability, [NAN, NAN, 0.8, 0.8, 0.7, 0.7, 0.4, 0.5, NAN, 0.8])


def test_the_most_probable_direction_is_not_held() -> None:
    assert path().most_probable.tolist() == [U, U, BULL, BULL, BEAR, BEAR, BULL, BULL, U, SIDE]


def test_switches_leave_out_the_unknown() -> None:
    assert path().switches.tolist() == [4, 7]
    found = path().statistics()
    assert found.switches == 2
    assert found.switches_per_year == pytest.approx(2 / (7 / 365))


def test_shares_and_dwell_times_by_hand() -> None:
    found = path().statistics()
    assert found.shares == {"UNKNOWN": 0.3, "BULL": 0.2, "BEAR": 0.3, "SIDEWAYS": 0.1, "NEUTRAL": 0.1}
    assert found.mean_dwell_days == {"UNKNOWN": 1.5, "BULL": 2.0, "BEAR": 3.0, "SIDEWAYS": 1.0, "NEUTRAL": 1.0}
    assert found.high_volatility == 0.1


def test_hours_of_a_venue_with_sessions_count_as_parts_of_its_day() -> None:
    year = TradingYear(246.0, 7 * NS_PER_HOUR)
    found = regime_statistics(np.full(70, BULL), NS_PER_HOUR, year)
    assert found.mean_dwell_days["BULL"] == 10.0


def test_no_bars_and_nothing_known_give_no_numbers() -> None:
    for codes in (np.empty(0, dtype=np.int64), np.zeros(5, dtype=np.int64)):
        found = regime_statistics(codes, NS_PER_DAY)
        assert np.isnan(found.switches_per_year)
        assert np.isnan(found.mean_dwell_days["BULL"])


@pytest.mark.parametrize(
    ("row", "language", "says"),
    [
        (4, "en", "1970-01-06 00:00 UTC: BEAR, probability 70%, for 0.0 days, volatility 2.25 times the usual (high)."),
        (3, "en", "1970-01-05 00:00 UTC: BULL, probability 80%, for 1.0 days, volatility 1.00 times the usual."),
        (1, "en", "1970-01-03 00:00 UTC: UNKNOWN, for 1.0 days."),
        (-1, "ko", "1970-01-11 00:00 UTC: 횡보장, 확률 80%, 0.0일째, 변동성은 평소의 0.50배."),
        (4, "ko", "1970-01-06 00:00 UTC: 하락장, 확률 70%, 0.0일째, 변동성은 평소의 2.25배 (높음)."),
    ],
)
def test_one_sentence_says_it(row: int, language: str, says: str) -> None:
    assert path().describe(row, language) == says  # type: ignore[arg-type]
