"""What a finished trade forbids: the same day, a pause after losses in a row, a rest after a time stop."""

import pytest
from tests.support.records import account_row, desk_of, market_row, rules_from, state_row, table_of, term_row

from geobuk.domain.times import NS_PER_HOUR
from geobuk.risk.reasons import Reason
from geobuk.risk.reentry import entry_refusal, note_exit
from geobuk.risk.spec import Stops
from geobuk.risk.targets import set_targets

FORCED = {Reason.STOP, Reason.TIME_STOP, Reason.LIQUIDATION, Reason.CRASH}


@pytest.mark.parametrize("reason", [*FORCED, Reason.ENTRY, Reason.TAKE_PROFIT, Reason.DAILY_LOSS])
@pytest.mark.parametrize("rebuy", ["always", "after_stop", "after_exit"])
def test_a_trade_that_ended_bars_its_day_as_rebuy_says(rebuy: str, reason: Reason) -> None:
    rules, state, account = rules_from(stops={"rebuy": rebuy}), state_row(left_day=-1), account_row(day=19_000)
    note_exit(5.0, int(reason), state, account, rules)
    is_barred = rebuy == "after_exit" or (rebuy == "after_stop" and reason in FORCED)
    assert state["left_day"] == (19_000 if is_barred else -1)
    assert entry_refusal(state, account, rules) == (Reason.BARRED_TODAY if is_barred else -1)
    account["day"] = 19_001
    assert entry_refusal(state, account, rules) == -1


def test_every_rebuy_of_the_settings_has_a_number() -> None:
    for number, rebuy in enumerate(("always", "after_stop", "after_exit")):
        assert rules_from(stops={"rebuy": rebuy})["rebuy"] == number
    assert Stops.__annotations__["rebuy"].__args__ == ("always", "after_stop", "after_exit")


STREAK = rules_from(loss={"losses_in_row": 3, "pause_hours": 1.5})


def test_so_many_losses_in_a_row_pause_entries() -> None:
    account, state = account_row(now_ns=10 * NS_PER_HOUR), state_row()
    for count in (1, 2):
        note_exit(-1.0, int(Reason.STOP), state, account, STREAK)
        assert (account["losses_in_row"], account["paused_until"]) == (count, 0)
        assert entry_refusal(state, account, STREAK) == -1
    note_exit(-0.01, int(Reason.ENTRY), state, account, STREAK)
    assert (account["losses_in_row"], account["paused_until"]) == (0, 11.5 * NS_PER_HOUR)
    assert entry_refusal(state, account, STREAK) == Reason.PAUSED
    account["now_ns"] = 11.5 * NS_PER_HOUR
    assert entry_refusal(state, account, STREAK) == -1


@pytest.mark.parametrize("result", [0.0, 0.01])
def test_a_trade_that_lost_nothing_ends_the_row(result: float) -> None:
    account = account_row(losses_in_row=2)
    note_exit(result, int(Reason.STOP), state_row(), account, STREAK)
    assert account["losses_in_row"] == 0


def test_without_the_limit_nothing_is_counted() -> None:
    account = account_row()
    note_exit(-1.0, int(Reason.STOP), state_row(), account, rules_from())
    assert (account["losses_in_row"], account["paused_until"]) == (0, 0)


def test_only_a_time_stop_sets_its_rest_here() -> None:
    rules = rules_from(stops={"cooldown_hours": 3.0})
    rests = []
    for reason in (Reason.TIME_STOP, Reason.TAKE_PROFIT, Reason.ENTRY):
        state = state_row()
        note_exit(1.0, int(reason), state, account_row(), rules)
        rests.append(int(state["resting"]))
    assert rests == [4, 0, 0]


def test_a_box_that_is_not_known_forbids_entry() -> None:
    rules = rules_from(stops={"box_days": 1.0})
    assert entry_refusal(state_row(), account_row(), rules) == Reason.NO_VOLATILITY
    assert entry_refusal(state_row(box_low=90.0, box_high=110.0), account_row(), rules) == -1


@pytest.mark.parametrize(
    ("forecast", "held", "taken", "is_paused", "allowed"),
    [
        (0.8, 4.0, 4.0, False, 4.0),  # the rung's half is not bought back
        (0.3, 4.0, 4.0, False, 3.0),
        (-0.8, 4.0, 4.0, False, -8.0),  # the other side is another trade
        (0.8, 4.0, 0.0, False, 8.0),
        (0.8, 0.0, 0.0, True, 0.0),
        (0.8, 4.0, 0.0, True, 4.0),
        (-0.8, 4.0, 0.0, True, 0.0),
        (-0.8, -4.0, 4.0, False, -4.0),
        (0.0, 4.0, 4.0, True, 0.0),
    ],
)
def test_a_decision_is_held_back(forecast: float, held: float, taken: float, is_paused: bool, allowed: float) -> None:
    # a full forecast wants 10 at 100 of 1,000
    book = table_of(state_row(quantity=held, taken=taken, largest=abs(held) + taken))
    desk = desk_of(table_of(market_row(forecast=forecast)), book, table_of(term_row()), paused_until=int(is_paused))
    set_targets(desk, rules_from(), None)
    target = float(book["target"][0])
    assert target == pytest.approx(allowed)
    wanted = 10.0 * forecast
    assert book["refusals"][0, Reason.PAUSED] == int(is_paused and wanted not in (0.0, allowed))
    assert book["refusals"][0, Reason.LADDER_TAKEN] == int(taken > 0.0 and wanted * held > 0.0 and wanted != allowed)
