"""Fast time waits for a market that can't follow it; slow time never does."""

from tests.support.clocks import HandClock

from geobuk.emulators.binance.clock import SpeedClock

SECOND = 1_000_000_000


def test_fast_time_runs_no_further_ahead_than_its_leash() -> None:
    base = HandClock(0)
    clock = SpeedClock(base, speed=600, leash_ns=2 * SECOND)
    base.move(1)
    assert clock.now_ns() == 2 * SECOND
    base.move(1)
    assert clock.now_ns() == 2 * SECOND
    clock.reach(2 * SECOND)
    base.move(0.001)
    assert clock.now_ns() == 2_600_000_000


def test_time_at_ordinary_speed_is_never_lost() -> None:
    base = HandClock(0)
    clock = SpeedClock(base, speed=1, leash_ns=2 * SECOND)
    base.move(60)
    assert clock.now_ns() == 60 * SECOND


def test_without_a_leash_time_goes_where_its_base_goes() -> None:
    base = HandClock(0)
    clock = SpeedClock(base, speed=600)
    base.move(60)
    assert clock.now_ns() == 36_000 * SECOND
