"""Which bars a run reads: options before settings, days inclusive, a period that can be."""

import pytest

from geobuk.app.history import wanted_history
from geobuk.app.settings import DataSettings, Settings, SyntheticSettings
from geobuk.data.synthetic_rules import MAX_INSTRUMENTS
from geobuk.domain.errors import DataError, UserError
from geobuk.domain.times import parse_at

SETTINGS = Settings(data=DataSettings(venue="bybit", interval="15m", instruments=("BTCUSDT",), resample="4h"))


def test_what_is_left_out_comes_from_the_settings() -> None:
    wanted = wanted_history(SETTINGS)
    assert (wanted.venue, wanted.interval, wanted.instruments, wanted.resample) == ("bybit", "15m", ("BTCUSDT",), "4h")
    assert (wanted.from_ns, wanted.to_ns) == (None, None)


def test_options_win_over_settings() -> None:
    wanted = wanted_history(SETTINGS, venue="binance", interval="1h", instruments=["ETHUSDT"], resample="1d")
    assert (wanted.venue, wanted.interval, wanted.instruments, wanted.resample) == ("binance", "1h", ("ETHUSDT",), "1d")


def test_the_last_day_is_included_and_an_instant_is_taken_as_it_is() -> None:
    day = wanted_history(SETTINGS, period=("2024-01-01", "2024-01-31"))
    assert (day.from_ns, day.to_ns) == (parse_at("2024-01-01"), parse_at("2024-02-01"))
    instant = wanted_history(SETTINGS, period=("", "2024-01-31T09:00+09:00"))
    assert instant.to_ns == parse_at("2024-01-31")


@pytest.mark.parametrize("period", [("2024-02-01", "2024-01-31"), ("2024-02-01", "2024-02-01T00:00")])
def test_a_period_that_ends_before_it_begins_is_told(period: tuple[str, str]) -> None:
    with pytest.raises(DataError, match="ends before it begins"):
        wanted_history(SETTINGS, period=period)


@pytest.mark.parametrize("options", [{"interval": "hourly"}, {"resample": "4x"}, {"period": ("31/01/2024", "")}])
def test_nonsense_is_told(options: dict[str, object]) -> None:
    with pytest.raises(UserError):
        wanted_history(SETTINGS, **options)  # type: ignore[arg-type]


def test_the_settings_allow_as_many_instruments_as_the_generator() -> None:
    assert SyntheticSettings(instruments=MAX_INSTRUMENTS).instruments == MAX_INSTRUMENTS == 64
