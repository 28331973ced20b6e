"""Clock, listen keys, candles and the made-up past, without a socket."""

from decimal import Decimal

import pytest
from tests.support.clocks import START_NS, HandClock
from tests.support.emulated_venue import START_MS

from geobuk.emulators.binance.candles import Candle, CandleSeries, closes_at, opens_at
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.errors import VenueError
from geobuk.emulators.binance.listen_keys import LIFE_MS, ListenKeys
from geobuk.emulators.binance.past import KEPT, Past, PastSpec

MINUTE = 60_000


def test_time_runs_at_its_speed_and_never_back() -> None:
    base = HandClock(1_000)
    clock = SpeedClock(base, START_NS, speed=100.0)
    base.at_ns += 10
    assert clock.now_ns() == START_NS + 1_000
    clock.set_speed(0.0)
    base.at_ns += 10
    assert clock.now_ns() == START_NS + 1_000
    base.at_ns -= 20
    clock.set_speed(1.0)
    base.at_ns -= 5
    assert clock.now_ns() == START_NS + 1_000
    clock.skew_ns = -5_000_000_000
    assert (clock.server_ms(), clock.now_ms()) == (START_MS - 5_000, START_MS)
    with pytest.raises(ValueError, match="below zero"):
        clock.set_speed(-1.0)


def test_listen_keys_are_one_an_account() -> None:
    keys = ListenKeys()
    first = keys.create("a", 0)
    assert keys.create("a", 1_000).key == first.key != keys.create("b", 0).key
    assert keys.find(first.key, LIFE_MS + 999) is not None
    assert keys.find(first.key, LIFE_MS + 1_000) is None
    with pytest.raises(VenueError, match="-1125"):
        keys.extend("a", LIFE_MS + 1_000)
    closed: list[str] = []
    keys.on_closed(lambda held, _: closed.append(held.account))
    keys.close("b", 5)
    keys.close("b", 5)
    assert closed == ["b"]


def test_months_and_weeks_open_on_their_days() -> None:
    assert opens_at(1_709_251_199_999, "1M") == 1_706_745_600_000  # 29 February 2024 belongs to February
    assert closes_at(1_706_745_600_000, "1M") == 1_709_251_199_999
    assert opens_at(1_790_000_000_000, "1w") == 1_789_948_800_000  # Monday 21 September 2026
    assert opens_at(1_790_000_000_000, "1d") == 1_789_948_800_000


def print_at(price: str) -> Candle:
    value = Decimal(price)
    return Candle(0, 0, value, value, value, value, Decimal(1), value, 1)


def test_candles_fold_and_quiet_minutes_repeat_the_last_close() -> None:
    series = CandleSeries()
    assert series.is_empty
    for at, price in ((0, "10"), (1, "12"), (2 * MINUTE, "9"), (6 * MINUTE, "11")):
        series.add(at, print_at(price))
    minutes = series.candles("1m")
    assert [(c.open, c.high, c.low, c.close, c.count) for c in minutes[:3]] == [
        (10, 12, 10, 12, 2),
        (12, 12, 12, 12, 0),
        (9, 9, 9, 9, 1),
    ]
    assert len(minutes) == 7
    five = series.candles("5m")
    assert [(c.open, c.high, c.low, c.close, c.volume) for c in five] == [(10, 12, 9, 9, 3), (11, 11, 11, 11, 1)]
    assert series.last_closed("5m") == five[0]
    assert series.current("5m") == five[1]
    assert [c.count for c in series.candles("1d")] == [4]


def test_the_past_ends_where_the_market_begins() -> None:
    past = Past(PastSpec("BTCUSDT", Decimal("84000.00"), START_MS, Decimal("0.10"), 3))
    minutes, hours = past.newest("last", "1m"), past.newest("last", "1h")
    assert len(minutes) == KEPT
    assert minutes[-1].close == hours[-1].close == Decimal("84000.00")
    assert minutes[-1].close_ms < START_MS
    inside = [c for c in minutes if hours[-2].open_ms <= c.open_ms <= hours[-2].close_ms]
    assert len(inside) == 60
    assert (inside[0].open, inside[-1].close) == (hours[-2].open, hours[-2].close)
    assert (max(c.high for c in inside), min(c.low for c in inside)) == (hours[-2].high, hours[-2].low)
    assert all(c.low <= min(c.open, c.close) <= max(c.open, c.close) <= c.high for c in (*minutes, *hours))
    assert all(c.open % Decimal("0.10") == 0 for c in minutes)
    again = Past(PastSpec("BTCUSDT", Decimal("84000.00"), START_MS, Decimal("0.10"), 3))
    assert again.newest("last", "1h") == hours
    assert past.between("last", "1d", 0, 1_500_000_000_000) == []
