"""Breakers: each trips at its limit and not before, the worst one wins, and each ends by its own rule only."""

from dataclasses import replace
from math import inf, nan
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.domain.errors import DataError, SettingsError, UserError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_SECOND
from geobuk.risk.breaker_events import BreakerChange
from geobuk.risk.breaker_spec import BreakerCode, BreakerLimits, BreakerState, Readings
from geobuk.risk.breakers import Breakers, judged, trips_of

ACTIVE, REDUCING, HALTED = BreakerState.ACTIVE, BreakerState.REDUCING, BreakerState.HALTED
NOON = 100 * NS_PER_DAY + 12 * NS_PER_HOUR
SECOND = float(NS_PER_SECOND)
CALM = Readings(
    day_loss=-0.01,
    losses_in_row=2,
    quote_age_ns={"binance": 0.2 * SECOND, "kiwoom": 1.0 * SECOND},
    bad_quotes=0,
    orders=10,
    rejected=1,
    spread_ratio=1.2,
    clock_drift_ms=-20.0,
    mark_age_ns=2.0 * SECOND,
)
LIMITS = BreakerLimits()


def limits_with(**groups: dict[str, Any]) -> BreakerLimits:
    """The default limits with changes: ``limits_with(daily_loss={"limit": 0.1})``."""
    return msgspec.structs.replace(
        LIMITS, **{name: msgspec.structs.replace(getattr(LIMITS, name), **values) for name, values in groups.items()}
    )


def tripped(readings: Readings, limits: BreakerLimits = LIMITS) -> list[str]:
    return [trip.code.value for trip in trips_of(readings, limits)]


def told(breakers: Breakers, readings: Readings, at_ns: int) -> list[tuple[str, str]]:
    return [(event.code.value, event.change.value) for event in breakers.look(readings, at_ns)]


AT_THE_LIMIT: list[tuple[str, BreakerState, dict[str, Any], dict[str, Any]]] = [
    ("DAILY_LOSS", HALTED, {"day_loss": 0.0499}, {"day_loss": 0.05}),
    ("LOSS_STREAK", REDUCING, {"losses_in_row": 7}, {"losses_in_row": 8}),
    ("STALE_DATA", REDUCING, {"quote_age_ns": {"a": 9.99 * SECOND}}, {"quote_age_ns": {"a": 10.0 * SECOND}}),
    ("STALE_DATA", REDUCING, {"quote_age_ns": {"a": 1.0, "b": 9e9}}, {"quote_age_ns": {"a": 1.0, "b": 11e9}}),
    ("STALE_DATA", REDUCING, {"quote_age_ns": {"a": 1.0}}, {"quote_age_ns": {"a": 1.0, "b": inf}}),
    ("STALE_DATA", REDUCING, {"quote_age_ns": {"a": -0.5 * SECOND}}, {"quote_age_ns": {}}),
    ("BAD_DATA", HALTED, {"bad_quotes": 2}, {"bad_quotes": 3}),
    ("ORDER_RATE", HALTED, {"orders": 119}, {"orders": 120}),
    ("REJECTS", HALTED, {"orders": 10, "rejected": 4}, {"orders": 8, "rejected": 5}),
    ("REJECTS", HALTED, {"orders": 11, "rejected": 5}, {"orders": 10, "rejected": 5}),
    ("REJECTS", HALTED, {"orders": 4, "rejected": 4}, {"orders": 5, "rejected": 5}),  # too few to tell
    ("REJECTS", HALTED, {"orders": 0, "rejected": 4}, {"orders": 0, "rejected": 5}),  # sent a minute ago, refused now
    ("WIDE_SPREAD", REDUCING, {"spread_ratio": 7.99}, {"spread_ratio": 8.0}),
    ("CLOCK_DRIFT", REDUCING, {"clock_drift_ms": 499.0}, {"clock_drift_ms": 500.0}),
    ("CLOCK_DRIFT", REDUCING, {"clock_drift_ms": -499.0}, {"clock_drift_ms": -500.0}),
    ("STALE_MARK", REDUCING, {"mark_age_ns": 29.9 * SECOND}, {"mark_age_ns": 30.0 * SECOND}),
]


@pytest.mark.parametrize(("code", "state", "below", "at"), AT_THE_LIMIT)
def test_a_breaker_trips_at_its_limit(
    code: str, state: BreakerState, below: dict[str, Any], at: dict[str, Any]
) -> None:
    assert tripped(replace(CALM, **below)) == []
    assert judged(replace(CALM, **below), LIMITS, ACTIVE) is ACTIVE
    assert tripped(replace(CALM, **at)) == [code]
    assert judged(replace(CALM, **at), LIMITS, ACTIVE) is state


@pytest.mark.parametrize("code", list(BreakerCode))
def test_a_response_is_a_setting_and_a_limit_of_zero_is_off(code: BreakerCode) -> None:
    beyond = next(at for name, _, _, at in AT_THE_LIMIT if name == code)
    readings = replace(CALM, **beyond)
    name = code.value.lower()
    assert judged(readings, limits_with(**{name: {"response": "reduce"}}), ACTIVE) is REDUCING
    assert judged(readings, limits_with(**{name: {"response": "halt"}}), ACTIVE) is HALTED
    assert judged(readings, limits_with(**{name: {"limit": 0.0}}), ACTIVE) is ACTIVE


@pytest.mark.parametrize(
    "wrong",
    [
        {"day_loss": nan},
        {"day_loss": -inf},
        {"losses_in_row": nan},
        {"losses_in_row": -1},
        {"quote_age_ns": {"binance": nan}},
        {"quote_age_ns": {"binance": 1.0, "kiwoom": nan}},
        {"quote_age_ns": {"binance": -1.0 * SECOND}},
        {"bad_quotes": nan},
        {"orders": nan},
        {"rejected": nan},
        {"rejected": -2},
        {"spread_ratio": nan},
        {"spread_ratio": -0.5},  # a crossed book
        {"clock_drift_ms": nan},
        {"mark_age_ns": nan},
        {"mark_age_ns": -inf},
    ],
)
@pytest.mark.parametrize("limit", [0.0, 3.0])
def test_a_reading_that_can_t_be_believed_is_bad_data_whatever_the_limit(wrong: dict[str, Any], limit: float) -> None:
    limits = limits_with(bad_data={"limit": limit})
    assert "BAD_DATA" in tripped(replace(CALM, **wrong), limits)
    breakers = Breakers(limits)
    event = next(event for event in breakers.look(replace(CALM, **wrong), NOON) if event.code is BreakerCode.BAD_DATA)
    assert next(iter(wrong)) in event.text
    assert next(iter(wrong)) in event.text_ko
    assert breakers.state is HALTED


def test_the_worst_response_wins_and_the_present_state_is_never_eased() -> None:
    both = replace(CALM, spread_ratio=20.0, day_loss=0.2)
    assert tripped(both) == ["DAILY_LOSS", "WIDE_SPREAD"]
    assert judged(both, LIMITS, ACTIVE) is HALTED
    assert judged(replace(CALM, spread_ratio=20.0), LIMITS, HALTED) is HALTED
    assert judged(CALM, LIMITS, REDUCING) is REDUCING


@given(
    st.sampled_from(list(BreakerState)),
    st.builds(
        Readings,
        day_loss=st.floats(),
        losses_in_row=st.floats(),
        quote_age_ns=st.dictionaries(st.sampled_from(["a", "b"]), st.floats()),
        bad_quotes=st.floats(),
        orders=st.floats(),
        rejected=st.floats(),
        spread_ratio=st.floats(),
        clock_drift_ms=st.floats(),
        mark_age_ns=st.floats(),
    ),
)
def test_no_reading_breaks_a_breaker_or_eases_a_state(present: BreakerState, readings: Readings) -> None:
    assert judged(readings, LIMITS, present) >= present
    breakers = Breakers()
    events = breakers.look(readings, NOON)
    assert breakers.state is judged(readings, LIMITS, ACTIVE)
    assert len(events) == len(breakers.tripped) == len(trips_of(readings, LIMITS))
    assert breakers.look(readings, NOON) == ()  # told once
    msgspec.json.decode(msgspec.json.encode(events), type=tuple[type(events[0]), ...] if events else tuple[()])


def test_exits_pass_in_every_state_and_entries_in_one() -> None:
    breakers = Breakers()
    assert (breakers.allows(is_reduction=True), breakers.allows(is_reduction=False)) == (True, True)
    for readings, state in ((replace(CALM, spread_ratio=9.0), REDUCING), (replace(CALM, day_loss=0.9), HALTED)):
        breakers.look(readings, NOON)
        assert breakers.state is state
        assert (breakers.allows(is_reduction=True), breakers.allows(is_reduction=False)) == (True, False)


def test_a_trip_says_what_was_reached_and_how_it_ends() -> None:
    (event,) = Breakers().look(replace(CALM, quote_age_ns={"binance": 1.0, "kiwoom": 12.5 * SECOND}), NOON)
    assert (event.code, event.change, event.before, event.after) == ("STALE_DATA", "TRIPPED", ACTIVE, REDUCING)
    assert (event.value, event.limit, event.at_ns, event.who) == (12.5, 10.0, NOON, "breakers")
    assert event.text == (
        "kiwoom has given no quote for 12.5 s, the limit is 10.0 s: only reductions pass until it has been healthy "
        "for 60 s"
    )
    assert event.text_ko == "kiwoom의 호가가 12.5초 동안 없습니다, 한도 10.0초: 60초간 정상일 때까지 축소만 허용됩니다"


def test_what_ends_by_itself_ends_after_a_calm_without_interruption() -> None:
    breakers, wide = Breakers(), replace(CALM, spread_ratio=9.0)
    trip, reset = [("WIDE_SPREAD", "TRIPPED")], [("WIDE_SPREAD", "RESET")]
    steps = [(0, wide, trip), (10, CALM, []), (60, CALM, []), (69, wide, []), (70, CALM, []), (129, CALM, [])]
    for second, readings, expected in [*steps, (130, CALM, reset)]:
        assert told(breakers, readings, NOON + second * NS_PER_SECOND) == expected
        assert breakers.state is (ACTIVE if expected == reset else REDUCING)


def test_without_a_calm_time_it_ends_with_the_first_healthy_reading() -> None:
    breakers = Breakers(limits_with(wide_spread={"calm_seconds": 0.0}))
    breakers.look(replace(CALM, spread_ratio=9.0), NOON)
    assert told(breakers, CALM, NOON) == [("WIDE_SPREAD", "RESET")]


def test_a_clock_that_was_set_back_begins_the_calm_anew_and_opens_nothing() -> None:
    breakers = Breakers()
    breakers.look(replace(CALM, spread_ratio=9.0, day_loss=0.1), NOON)
    breakers.look(CALM, NOON)
    breakers.look(CALM, NOON - 3 * NS_PER_DAY)
    assert breakers.tripped == (BreakerCode.DAILY_LOSS, BreakerCode.WIDE_SPREAD)
    assert told(breakers, CALM, NOON - 3 * NS_PER_DAY + 60 * NS_PER_SECOND) == [("WIDE_SPREAD", "RESET")]


def test_a_daily_loss_ends_with_the_next_day_that_is_healthy() -> None:
    breakers, lost = Breakers(utc_offset_ns=9 * NS_PER_HOUR), replace(CALM, day_loss=0.06)
    midnight = 101 * NS_PER_DAY - 9 * NS_PER_HOUR
    assert told(breakers, lost, midnight - 2) == [("DAILY_LOSS", "TRIPPED")]
    assert told(breakers, CALM, midnight - 1) == []
    assert told(breakers, CALM, midnight) == [("DAILY_LOSS", "RESET")]
    breakers.look(lost, midnight)
    assert told(breakers, lost, midnight + NS_PER_DAY) == []  # lost again
    assert told(breakers, CALM, midnight + NS_PER_DAY + 1) == []
    assert told(breakers, CALM, midnight + 2 * NS_PER_DAY) == [("DAILY_LOSS", "RESET")]


def test_a_day_that_went_back_while_it_was_lost_is_not_an_earlier_one() -> None:
    breakers, lost = Breakers(), replace(CALM, day_loss=0.06)
    breakers.look(lost, NOON)
    breakers.look(lost, NOON - 2 * NS_PER_DAY)
    assert told(breakers, CALM, NOON) == []


@pytest.mark.parametrize("readings", [replace(CALM, orders=500), replace(CALM, rejected=9)])
def test_what_a_person_ends_outlasts_calm_and_days(readings: Readings) -> None:
    breakers = Breakers()
    ((code, _),) = told(breakers, readings, NOON)
    for day in range(5):
        assert told(breakers, CALM, NOON + day * NS_PER_DAY) == []
    event = breakers.release(BreakerCode(code), "Kim Minji", "a loop was mended", NOON)
    assert (event.change, event.before, event.after, event.who) == ("RELEASED", HALTED, ACTIVE, "Kim Minji")
    assert event.text == f"Kim Minji released {code} (a loop was mended): entries are allowed again"
    assert told(breakers, CALM, NOON) == []
    assert told(breakers, readings, NOON) == [(code, "TRIPPED")]


def test_what_is_left_after_an_end_is_said() -> None:
    breakers = Breakers()
    breakers.look(replace(CALM, orders=500, spread_ratio=9.0), NOON)
    event = breakers.release(BreakerCode.ORDER_RATE, "Kim", "checked", NOON)
    assert (event.before, event.after) == (HALTED, REDUCING)
    assert event.text.endswith("another breaker is still tripped, only reductions pass")


@pytest.mark.parametrize(
    ("code", "by", "reason", "message"),
    [
        (BreakerCode.REJECTS, "Kim", "checked", "REJECTS has not tripped"),
        (BreakerCode.DAILY_LOSS, "Kim", "checked", "its reset is next_day: wait"),
        (BreakerCode.WIDE_SPREAD, "Kim", "checked", "its reset is itself: wait"),
        (BreakerCode.ORDER_RATE, " ", "checked", "say who releases it, and why"),
        (BreakerCode.ORDER_RATE, "Kim", "", "say who releases it, and why"),
    ],
)
def test_a_release_that_may_not_be_changes_nothing(code: BreakerCode, by: str, reason: str, message: str) -> None:
    breakers = Breakers()
    breakers.look(replace(CALM, orders=500, spread_ratio=9.0, day_loss=0.1), NOON)
    before = breakers.stored()
    with pytest.raises(UserError, match=message):
        breakers.release(code, by, reason, NOON)
    assert breakers.stored() == before


@pytest.mark.parametrize("reset", ["next_day", "person"])
def test_a_streak_trips_with_each_further_loss_and_not_by_standing_there(reset: str) -> None:
    breakers = Breakers(limits_with(loss_streak={"reset": reset}))
    streak = [replace(CALM, losses_in_row=count) for count in range(12)]
    assert told(breakers, streak[8], NOON) == [("LOSS_STREAK", "TRIPPED")]
    assert told(breakers, streak[8], NOON + 1) == []
    if reset == "person":
        breakers.release(BreakerCode.LOSS_STREAK, "Kim", "checked", NOON)
        assert told(breakers, streak[8], NOON + 2) == []
    else:
        assert told(breakers, streak[8], NOON + NS_PER_DAY) == [("LOSS_STREAK", "RESET")]
    assert breakers.state is ACTIVE
    assert told(breakers, streak[9], NOON + NS_PER_DAY) == [("LOSS_STREAK", "TRIPPED")]


def test_a_streak_begins_anew_after_a_win() -> None:
    breakers = Breakers(limits_with(loss_streak={"reset": "person"}))
    breakers.look(replace(CALM, losses_in_row=9), NOON)
    breakers.release(BreakerCode.LOSS_STREAK, "Kim", "checked", NOON)
    breakers.look(replace(CALM, losses_in_row=0), NOON)
    assert told(breakers, replace(CALM, losses_in_row=8), NOON) == [("LOSS_STREAK", "TRIPPED")]


def test_what_has_tripped_survives_a_restart_and_goes_on_alike() -> None:
    breakers = Breakers(limits_with(loss_streak={"limit": 5.0}), utc_offset_ns=NS_PER_HOUR)
    breakers.look(replace(CALM, losses_in_row=6, orders=500, spread_ratio=9.0), NOON)
    breakers.look(replace(CALM, losses_in_row=6), NOON + 1)
    again = Breakers.restored(breakers.stored())
    assert (again.state, again.tripped, again.limits) == (HALTED, breakers.tripped, breakers.limits)
    for second in (30, 61, 200_000):
        at_ns = NOON + second * NS_PER_SECOND
        readings = replace(CALM, losses_in_row=6)
        assert again.look(readings, at_ns) == breakers.look(readings, at_ns)
        assert again.stored() == breakers.stored()


def test_a_streak_that_is_no_number_does_not_spoil_what_is_stored() -> None:
    breakers = Breakers()
    breakers.look(replace(CALM, losses_in_row=6), NOON)
    breakers.look(replace(CALM, losses_in_row=inf), NOON)
    again = Breakers.restored(breakers.stored())
    assert again.tripped == breakers.tripped == (BreakerCode.LOSS_STREAK, BreakerCode.BAD_DATA)


def test_limits_that_were_switched_off_end_no_trip() -> None:
    breakers = Breakers()
    breakers.look(replace(CALM, orders=500), NOON)
    again = Breakers.restored(breakers.stored(), limits_with(order_rate={"limit": 0.0}))
    again.look(CALM, NOON + NS_PER_DAY)
    assert again.state is HALTED


def test_a_harder_response_after_a_restart_counts_from_the_next_trip() -> None:
    breakers, wide = Breakers(), replace(CALM, spread_ratio=9.0)
    breakers.look(wide, NOON)
    again = Breakers.restored(breakers.stored(), limits_with(wide_spread={"response": "halt"}))
    (event,) = again.look(wide, NOON)
    assert (event.change, event.before, event.after) == (BreakerChange.TRIPPED, REDUCING, HALTED)


def test_a_damaged_text_is_refused() -> None:
    text = Breakers().stored()
    for damaged in (text[:-4], text.replace(b"limits", b"limitz"), b"", text.replace(b"breakers", b"ledger")):
        with pytest.raises(DataError):
            Breakers.restored(damaged)


@pytest.mark.parametrize(
    "groups",
    [
        {"daily_loss": {"limit": 1.5}},
        {"daily_loss": {"limit": nan}},
        {"stale_data": {"limit": -1.0}},
        {"wide_spread": {"response": "sleep"}},
        {"order_rate": {"reset": "never"}},
        {"clock_drift": {"calm_seconds": -1.0}},
        {"rejects": {"least_rejected": -1}},
    ],
)
def test_limits_out_of_range_are_refused(groups: dict[str, dict[str, Any]]) -> None:
    with pytest.raises(SettingsError, match="breaker limits"):
        Breakers(limits_with(**groups))
