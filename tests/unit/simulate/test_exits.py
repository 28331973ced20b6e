"""Protective exits against one bar: whether they act, at which price, what is left, and how stops trail."""

from typing import Any

import pytest
from tests.support.records import account_row, fill_log, market_row, rules_from, state_row, table_of, term_row

from geobuk.panel import Record, RecordArray
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Cashbook, OrderKind
from geobuk.simulate.exits import run_stops, run_time_stops

PLAIN = rules_from()
TRAILING = rules_from(stops={"trailing": 0.1})


def met(
    market: Record, state: Record, rules: Record = PLAIN, account: Record | None = None, **term: Any
) -> tuple[Record, RecordArray]:
    """The instrument's state after its stop met the bar, and the fills."""
    account = account_row(held=1) if account is None else account
    book, log = table_of(state), fill_log()
    run_stops(table_of(market), book, table_of(term_row(**term)), rules, Cashbook(account, log))
    return book[0], log[: account["fills"]]


def bar(open_: float, high: float, low: float, close: float, **fields: float) -> Record:
    return market_row(open=open_, high=high, low=low, close=close, **fields)


@pytest.mark.parametrize(
    ("quantity", "stop", "market", "price"),
    [
        (2.0, 95.0, bar(100, 101, 94, 96), 95.0),  # reached inside
        (2.0, 95.0, bar(100, 101, 95, 96), 95.0),  # a touch is enough
        (2.0, 95.0, bar(93, 97, 90, 96), 93.0),  # gapped through: the open
        (-2.0, 105.0, bar(100, 106, 99, 104), 105.0),
        (-2.0, 105.0, bar(100, 105, 99, 104), 105.0),
        (-2.0, 105.0, bar(107, 110, 103, 104), 107.0),
    ],
)
def test_a_stop_fills_at_its_price_and_at_the_open_after_a_gap(
    quantity: float, stop: float, market: Record, price: float
) -> None:
    account = account_row(held=1)
    state, fills = met(market, state_row(quantity=quantity, entry=100.0, stop=stop), account=account)
    assert [(f["quantity"], f["price"], f["reason"]) for f in fills] == [(-quantity, price, Reason.STOP)]
    assert account["cash"] == pytest.approx(1_000.0 + quantity * (price - 100.0))
    assert (state["quantity"], state["stop"], state["order_kind"]) == (0.0, 0.0, OrderKind.NOTHING)
    assert (account["held"], account["working"]) == (0, 0)


@pytest.mark.parametrize(
    ("stop", "market"),
    [
        (95.0, bar(100, 120, 95.01, 118)),  # not reached
        (95.0, bar(90, 91, 80, 85, is_tradable=False)),  # masked: nothing trades
        (0.0, bar(100, 101, 0.01, 50)),  # no stop rests
    ],
)
def test_a_stop_that_is_not_reached_or_can_not_trade_leaves_all_as_it_is(stop: float, market: Record) -> None:
    state, fills = met(market, state_row(quantity=2.0, entry=100.0, stop=stop))
    assert len(fills) == 0
    assert (state["quantity"], state["stop"], state["resting"]) == (2.0, stop, 0)


@pytest.mark.parametrize(("is_joining", "price"), [(True, 95.0), (False, 90.0)])
def test_for_a_position_entered_inside_the_bar_the_bar_begins_at_its_entry(is_joining: bool, price: float) -> None:
    # bought at 100 on the way up from an open of 90, which lies below the stop but was before it
    _, fills = met(bar(90, 101, 89, 97), state_row(quantity=2.0, entry=100.0, stop=95.0, is_joining=is_joining))
    assert fills["price"].tolist() == [price]


def test_a_short_entered_inside_the_bar_knows_no_open_above_its_stop() -> None:
    _, fills = met(bar(110, 111, 99, 101), state_row(quantity=-0.5, entry=100.0, stop=105.0, is_joining=True))
    assert fills["price"].tolist() == [105.0]


def test_what_the_volume_does_not_allow_goes_to_market_on_the_next_bar() -> None:
    rules = rules_from(costs={"participation": 0.5})
    account = account_row(held=1, bar=6)
    state, fills = met(
        bar(100, 101, 94, 96, volume=4.0), state_row(quantity=5.0, entry=100.0, stop=95.0), rules, account
    )
    assert fills["quantity"].tolist() == [-2.0]
    assert (state["quantity"], state["stop"]) == (3.0, 0.0)
    assert (state["order"], state["order_kind"], state["order_from"]) == (-3.0, OrderKind.MARKET, 7)
    assert (state["order_reason"], account["working"]) == (Reason.STOP, 1)
    assert state["refusals"][Reason.NO_VOLUME] == 1


def test_a_bar_without_volume_fills_nothing_but_the_exit_is_under_way() -> None:
    state, fills = met(bar(100, 101, 94, 96, volume=0.0), state_row(quantity=-5.0, entry=90.0, stop=95.0))
    assert len(fills) == 0
    assert (state["quantity"], state["order"], state["order_reason"]) == (-5.0, 5.0, Reason.STOP)


def test_an_entry_that_still_works_is_taken_back() -> None:
    adding = {"order_kind": OrderKind.LIMIT, "order": 1.0, "order_price": 90.0}
    account = account_row(held=1, working=1)
    state, _ = met(bar(100, 101, 94, 96), state_row(quantity=2.0, entry=100.0, stop=95.0, **adding), account=account)
    assert (state["order_kind"], state["order"], account["working"]) == (OrderKind.NOTHING, 0.0, 0)


@pytest.mark.parametrize(("hours", "resting"), [(0.0, 1), (3.0, 4), (2.5, 4)])
def test_after_a_stop_the_instrument_rests_for_its_cool_down(hours: float, resting: int) -> None:
    # the decision on this very bar's close takes the first one off
    rules = rules_from(stops={"cooldown_hours": hours})
    state, _ = met(bar(100, 101, 94, 96), state_row(quantity=2.0, entry=100.0, stop=95.0), rules)
    assert state["resting"] == resting


def test_a_stop_takes_and_pays_spread_and_fee_on_what_it_got() -> None:
    # 10 bps below 95 is 94.905, rounded against us to 94.90; 0.1 % of 2 * 94.90
    rules = rules_from(costs={"half_spread_bps": 10.0})
    state, fills = met(bar(100, 101, 94, 96), state_row(quantity=2.0, entry=100.0, stop=95.0), rules, taker=0.001)
    assert (fills[0]["reference"], fills[0]["price"]) == (95.0, pytest.approx(94.9))
    assert not fills[0]["is_maker"]
    assert state["fees"] == pytest.approx(0.1898)
    assert state["ledger"] == pytest.approx(2 * (94.9 - 100) - 0.1898)


@pytest.mark.parametrize(
    ("quantity", "old", "market", "peak", "stop"),
    [
        (2.0, 90.0, bar(110, 120.01, 100, 119), 120.01, 108.01),  # 108.009 rounded toward the price
        (2.0, 99.0, bar(105, 108, 100, 101), 110.0, 99.0),  # no new high: it stays
        (-2.0, 110.0, bar(90, 99, 80.01, 81), 80.01, 88.01),  # 88.011 rounded toward the price
        (-2.0, 99.0, bar(95, 98, 92, 97), 90.0, 99.0),
    ],
)
def test_a_stop_trails_the_best_price_and_never_moves_away(
    quantity: float, old: float, market: Record, peak: float, stop: float
) -> None:
    best = 110.0 if quantity > 0.0 else 90.0
    state, fills = met(market, state_row(quantity=quantity, entry=100.0, stop=old, peak=best), TRAILING)
    assert (state["peak"], state["stop"]) == (peak, pytest.approx(stop))
    assert len(fills) == 0


def test_a_bars_own_high_counts_only_from_the_next_bar_on() -> None:
    # 10 % below the high of 120 is 108; the low of 100 may have come first
    wide = bar(100, 120, 100, 110)
    state, fills = met(wide, state_row(quantity=2.0, entry=100.0, stop=90.0, peak=100.0), TRAILING)
    assert (state["stop"], len(fills)) == (pytest.approx(108.0), 0)
    _, fills = met(wide, state, TRAILING)
    assert fills["price"].tolist() == [100.0]  # the next one gapped through it


@pytest.mark.parametrize(("quantity", "stop"), [(2.0, 99.0), (-2.0, 99.0)])
def test_of_a_bar_entered_inside_only_the_close_moves_the_peak(quantity: float, stop: float) -> None:
    # a long peaks at the close of 110, not at 130; a short at 90, not at 70
    market = bar(100, 130, 98, 110) if quantity > 0.0 else bar(100, 102, 70, 90)
    old = 90.0 if quantity > 0.0 else 110.0
    held = state_row(quantity=quantity, entry=100.0, stop=old, peak=100.0, is_joining=True)
    state, _ = met(market, held, TRAILING)
    assert (state["peak"], state["stop"]) == (market["close"], pytest.approx(stop))


def test_a_range_trail_follows_at_its_multiple_of_the_range() -> None:
    rules = rules_from(stops={"trailing_atr": 2.0})
    state, _ = met(bar(100, 120, 100, 110), state_row(quantity=0.5, stop=90.0, peak=100.0, atr=3.0), rules)
    assert state["stop"] == pytest.approx(114.0)


def test_a_fixed_stop_stays_where_it_was_placed() -> None:
    state, _ = met(
        bar(100, 150, 100, 150), state_row(quantity=2.0, stop=95.0, peak=100.0), rules_from(stops={"fixed": 0.05})
    )
    assert (state["stop"], state["peak"]) == (95.0, 100.0)


LADDER = rules_from(stops={"fixed": 0.05, "take_profit": (1.0, 2.0), "take_share": (0.5, 0.5)})


def laddered(side: float = 1.0, **fields: object) -> Record:
    """Ten units entered at 100, a stop 5 away."""
    usual = {"quantity": side * 10.0, "entry": 100.0, "stop": 100.0 - side * 5.0, "first_risk": 5.0, "largest": 10.0}
    return state_row(**{**usual, **fields})


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_a_rung_takes_its_share_and_remembers_it(side: float) -> None:
    market = bar(100, 106, 99, 104) if side > 0 else bar(100, 101, 94, 96)
    state, fills = met(market, laddered(side), LADDER, maker=0.001)
    assert [(f["quantity"], f["price"], f["reason"]) for f in fills] == [
        (-side * 5.0, 100.0 + side * 5.0, Reason.TAKE_PROFIT)
    ]
    assert fills[0]["is_maker"]
    assert fills[0]["fee"] == pytest.approx(0.001 * 5 * (100 + side * 5))
    assert (state["quantity"], state["taken"], state["largest"]) == (side * 5.0, 5.0, 10.0)


def test_the_last_rung_leaves_nothing_behind() -> None:
    state, fills = met(bar(100, 111, 99, 110), laddered(), LADDER)
    assert fills["quantity"].tolist() == [-5.0, -5.0]
    names = ("quantity", "stop", "taken", "largest", "first_risk")
    assert [float(state[name]) for name in names] == [0.0] * 5


@pytest.mark.parametrize(
    ("order", "left"),
    [
        (3.0, 0.0),  # would buy back what was taken
        (-2.0, 0.0),  # the rung did more than it
        (-5.0, 0.0),
        (-10.0, -5.0),  # flat is flat, once
        (-16.0, -11.0),  # a flip still ends at -6
    ],
)
def test_an_order_that_works_still_leads_to_where_it_led(order: float, left: float) -> None:
    account = account_row(held=1, working=1)
    working = {"order_kind": OrderKind.MARKET, "order": order, "order_reason": Reason.ENTRY}
    state, _ = met(bar(100, 106, 99, 104), laddered(**working), LADDER, account)
    assert (state["order"], account["working"]) == (left, int(left != 0.0))
    assert (state["order_kind"] == OrderKind.NOTHING) == (left == 0.0)


@pytest.mark.parametrize(
    "fields",
    [
        {"order_kind": OrderKind.MARKET, "order": -10.0, "order_reason": Reason.DAILY_LOSS},  # leaving already
        {"first_risk": 0.0},
        {"is_joining": True},
        {"taken": 5.0, "quantity": 5.0},  # the first rung is done, the second not reached
    ],
)
def test_no_rung_is_reached(fields: dict[str, object]) -> None:
    _, fills = met(bar(100, 106, 99, 104), laddered(**fields), LADDER)
    assert len(fills) == 0


TIMED = rules_from(stops={"fixed": 0.05, "time_hours": 4.0, "time_profit": 0.5})
FOUR_HOURS = 4 * 3_600 * 10**9


def timed(state: Record, account: Record, **market: object) -> Record:
    """The state after its time was looked at, with 1 a unit earned."""
    book = table_of(state)
    run_time_stops(table_of(market_row(101.0, **market)), book, TIMED, account)
    return book[0]


def test_what_is_out_of_time_goes_to_market_whole() -> None:
    account = account_row(held=1, bar=6, working=1, now_ns=FOUR_HOURS)
    adding = {"order_kind": OrderKind.LIMIT, "order": 1.0, "order_reason": Reason.ENTRY}
    state = timed(laddered(**adding), account)
    assert (state["order_kind"], state["order"], state["order_reason"]) == (OrderKind.MARKET, -10.0, Reason.TIME_STOP)
    assert (state["order_from"], account["working"]) == (7, 1)


@pytest.mark.parametrize(
    ("fields", "market", "now_ns"),
    [
        ({}, {}, FOUR_HOURS - 1),
        ({"entered_ns": 1}, {}, FOUR_HOURS),
        ({"quantity": 0.0}, {}, FOUR_HOURS),
        ({}, {"is_tradable": False}, FOUR_HOURS),
        ({}, {"close": 102.5}, FOUR_HOURS),
    ],
)
def test_nothing_leaves_before_its_time(fields: dict[str, object], market: dict[str, object], now_ns: int) -> None:
    account = account_row(held=1, now_ns=now_ns)
    assert timed(laddered(**fields), account, **market)["order_kind"] == OrderKind.NOTHING


def test_what_leaves_already_keeps_its_reason() -> None:
    leaving = {"order_kind": OrderKind.MARKET, "order": -10.0, "order_reason": Reason.STOP}
    account = account_row(held=1, working=1, now_ns=FOUR_HOURS)
    assert timed(laddered(**leaving), account)["order_reason"] == Reason.STOP
