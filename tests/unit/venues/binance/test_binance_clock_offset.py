"""The venue's clock from round trips."""

from geobuk.venues.binance.clock_offset import ClockOffset

MS = 1_000_000


def test_the_quickest_round_trip_is_believed() -> None:
    clock = ClockOffset()
    clock.add(0, 1_000, 400 * MS)
    clock.add(1_000 * MS, 1_105, 1_010 * MS)
    clock.add(2_000 * MS, 2_400, 2_300 * MS)
    assert clock.offset_ms == 100
    assert clock.error_ms == 5
    assert clock.venue_ms(5_000 * MS) == 5_100


def test_a_round_trip_in_which_our_clock_was_set_back_is_ignored() -> None:
    clock = ClockOffset()
    clock.add(1_000 * MS, 1_000, 900 * MS)
    assert not clock.is_known


def test_forgotten_samples_no_longer_count() -> None:
    clock = ClockOffset()
    clock.add(0, 0, 1 * MS)
    clock.forget()
    clock.add(0, 9_000, 50 * MS)
    assert clock.offset_ms == 8_975


def test_an_offset_or_a_drift_beyond_the_alarm_is_told() -> None:
    clock = ClockOffset(alarm_ms=500)
    clock.add(0, 100, 2 * MS)
    assert clock.alarm() == ""
    clock.forget()
    clock.add(0, 700, 2 * MS)
    assert "off the venue's" in clock.alarm()
    drifting = ClockOffset(alarm_ms=500)
    drifting.add(0, -300, 0)
    drifting.forget()
    drifting.add(0, 300, 0)
    assert "drifted apart by 600 ms" in drifting.alarm()
