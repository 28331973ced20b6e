"""Liquidation: the path inside a bar, where margin runs out on it, and who bears what."""

from decimal import Decimal

import numpy as np
import pytest
from tests.support.markets import brackets, flat_tiers
from tests.support.records import account_row, fill_log, market_row, rules_from, state_row, table_of, term_row

from geobuk.panel import Record, RecordArray
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Cashbook, OrderKind
from geobuk.simulate.liquidation import check_margin, price_in_range, price_on_path

ISOLATED = rules_from(account={"margin": "isolated"})
CROSS = rules_from()
AT_THE_OPEN, AT_THE_WORST = 0.0, 1.0
ONE_PERCENT = {"brackets": flat_tiers("0.01")}


def bar(open_: float, high: float, low: float, **fields: float) -> Record:
    return market_row(open=open_, high=high, low=low, close=open_, **fields)


def held(quantity: float, entry: float = 100.0, **fields: float) -> Record:
    return state_row(**{"quantity": quantity, "entry": entry, "last": entry, **fields})


def checked(
    share: float, rows: list[Record], states: list[Record], account: Record, rules: Record, **term: object
) -> tuple[RecordArray, RecordArray]:
    """The book after the margin check, and the fills; every position has its place in ``account``."""
    book, log = table_of(*states), fill_log()
    book["index"] = np.arange(len(states))
    account["held"] = np.count_nonzero(book["quantity"])
    account["set_aside"] = book["wallet"].sum()
    terms = table_of(*[term_row(**{**ONE_PERCENT, **term})] * len(states))
    check_margin(share, table_of(*rows), book, terms, rules, Cashbook(account, log))
    return book, log[: account["fills"]]


@pytest.mark.parametrize(
    ("quantity", "stop", "market", "worst"),
    [
        (1.0, 0.0, bar(100, 105, 80), 80.0),
        (1.0, 90.0, bar(100, 105, 80), 90.0),  # the stop acts first
        (1.0, 75.0, bar(100, 105, 80), 80.0),  # the stop is not reached
        (1.0, 98.0, bar(95, 105, 80), 95.0),  # gapped through the stop: nothing worse than the open
        (1.0, 0.0, bar(100, 105, 80, mark=70.0), 70.0),
        (1.0, 0.0, bar(100, 105, 80, mark=85.0), 80.0),
        (1.0, 90.0, bar(100, 105, 80, mark=70.0), 90.0),  # out at the stop, so the mark no longer matters
        (1.0, 75.0, bar(100, 105, 80, mark=70.0), 70.0),  # the mark goes where last prices reach no stop
        (1.0, 80.0, bar(100, 105, 80, mark=70.0), 80.0),  # a touch is enough for the stop
        (-1.0, 0.0, bar(100, 120, 95), 120.0),
        (-1.0, 110.0, bar(100, 120, 95), 110.0),
        (-1.0, 125.0, bar(100, 120, 95), 120.0),
        (-1.0, 102.0, bar(105, 120, 95), 105.0),
        (-1.0, 0.0, bar(100, 120, 95, mark=130.0), 130.0),
        (-1.0, 0.0, bar(100, 120, 95, mark=115.0), 120.0),
        (-1.0, 110.0, bar(100, 120, 95, mark=130.0), 110.0),
        (-1.0, 125.0, bar(100, 120, 95, mark=130.0), 130.0),
        (-1.0, 120.0, bar(100, 120, 95, mark=130.0), 120.0),
    ],
)
def test_the_path_runs_from_the_open_to_a_stop_else_to_the_worse_of_extreme_and_mark(
    quantity: float, stop: float, market: Record, worst: float
) -> None:
    state = held(quantity, stop=stop)
    assert price_on_path(market, state, 0.0) == market["open"]
    assert price_on_path(market, state, 1.0) == worst
    assert price_on_path(market, state, 0.25) == pytest.approx(0.75 * market["open"] + 0.25 * worst)


def test_the_path_of_a_position_entered_inside_the_bar_starts_at_its_entry() -> None:
    state = held(1.0, entry=110.0, is_joining=True)
    assert [price_on_path(bar(100, 112, 90), state, share) for share in (0.0, 0.5, 1.0)] == [110.0, 100.0, 90.0]


def test_a_masked_bar_has_no_path_only_the_last_price() -> None:
    state = held(1.0, last=97.0)
    assert price_on_path(bar(100, 105, 80, is_tradable=False), state, 1.0) == 97.0


@pytest.mark.parametrize(("quantity", "mark", "price"), [(1.0, 60.0, 80.0), (-1.0, 140.0, 120.0)])
def test_the_venue_closes_inside_the_bar_also_where_only_the_mark_went_further(
    quantity: float, mark: float, price: float
) -> None:
    market = bar(100, 120, 80, mark=mark)
    assert price_on_path(market, held(quantity), 1.0) == mark
    assert price_in_range(market, held(quantity), 1.0) == price


@pytest.mark.parametrize(
    ("quantity", "market", "price"),
    [
        (2.0, bar(100, 101, 60), 150 / (2 * 0.99)),  # wallet + q (p - e) = q p r, so p = (q e - w) / (q (1 - r))
        (-2.0, bar(100, 140, 99), 250 / (2 * 1.01)),  # p = (|q| e + w) / (|q| (1 + r))
    ],
)
def test_an_isolated_position_goes_where_its_wallet_is_down_to_maintenance(
    quantity: float, market: Record, price: float
) -> None:
    account = account_row()
    book, fills = checked(AT_THE_WORST, [market], [held(quantity, wallet=50.0)], account, ISOLATED)
    assert fills["price"].tolist() == pytest.approx([price])
    assert (fills[0]["quantity"], fills[0]["reason"]) == (-quantity, Reason.LIQUIDATION)
    assert account["cash"] == pytest.approx(1_000.0 - 50.0 + abs(quantity) * price * 0.01)
    assert (book[0]["quantity"], book[0]["wallet"], account["set_aside"], account["held"]) == (0.0, 0.0, 0.0, 0)


def test_the_cumulative_amount_of_the_bracket_moves_the_strike() -> None:
    # 10 at 60,000 with a wallet of 30,000: rate 0.5 %, cumulative 300, p = (600,000 - 30,000 - 300) / (10 * 0.995)
    state, account = held(10.0, 60_000.0, wallet=30_000.0), account_row(100_000.0)
    _, fills = checked(AT_THE_WORST, [bar(60_000, 60_000, 50_000)], [state], account, ISOLATED, brackets=brackets())
    assert fills["price"].tolist() == pytest.approx([569_700 / 9.95])


@pytest.mark.parametrize(("low", "count"), [(75.76, 0), (75.75, 1)])
def test_nothing_is_liquidated_before_the_strike_is_reached(low: float, count: int) -> None:
    _, fills = checked(AT_THE_WORST, [bar(100, 101, low)], [held(2.0, wallet=50.0)], account_row(), ISOLATED)
    assert len(fills) == count  # 150 / 1.98 = 75.7576


def test_a_stop_before_the_strike_saves_the_position() -> None:
    book, fills = checked(
        AT_THE_WORST, [bar(100, 101, 60)], [held(2.0, wallet=50.0, stop=80.0)], account_row(), ISOLATED
    )
    assert (len(fills), book[0]["quantity"]) == (0, 2.0)


def test_at_the_open_only_the_open_counts() -> None:
    _, fills = checked(AT_THE_OPEN, [bar(100, 101, 60)], [held(2.0, wallet=50.0)], account_row(), ISOLATED)
    assert len(fills) == 0


@pytest.mark.parametrize("share", [AT_THE_OPEN, AT_THE_WORST])
def test_after_a_gap_the_fund_bears_what_the_wallet_does_not_hold(share: float) -> None:
    # 2 * (70 - 100) is 10 more than the wallet; no fee, since nothing is left for it
    account = account_row()
    terms = {"liquidation_fee": Decimal("0.02")}
    book, fills = checked(share, [bar(70, 75, 60)], [held(2.0, wallet=50.0)], account, ISOLATED, **terms)
    assert fills["price"].tolist() == [70.0]
    assert (account["cash"], account["insurance"]) == (950.0, 10.0)
    assert (fills[0]["realized"], fills[0]["fee"], fills[0]["cash"]) == (-60.0, 0.0, -50.0)
    assert (book[0]["ledger"], book[0]["liquidation_fees"]) == (-50.0, 0.0)


@pytest.mark.parametrize(
    ("rate", "fee"),
    [("0.004", 0.004 * 150 / 0.99), ("0.05", 0.01 * 150 / 0.99)],  # of the notional; never more than is left
)
def test_the_liquidation_fee_is_limited_by_what_is_left(rate: str, fee: float) -> None:
    account = account_row()
    book, fills = checked(
        AT_THE_WORST,
        [bar(100, 101, 60)],
        [held(2.0, wallet=50.0)],
        account,
        ISOLATED,
        liquidation_fee=Decimal(rate),
    )
    maintenance = 0.01 * 150 / 0.99
    assert fills[0]["fee"] == book[0]["liquidation_fees"] == pytest.approx(fee)
    assert account["cash"] == pytest.approx(950.0 + maintenance - fee)
    assert account["insurance"] == 0.0


def test_an_isolated_position_takes_no_other_with_it_and_leaves_nothing_behind() -> None:
    working = {"order_kind": OrderKind.LIMIT, "order": 1.0, "stop": 55.0}
    account = account_row(working=1)
    rules = rules_from(account={"margin": "isolated"}, stops={"cooldown_hours": 3.0})
    states = [held(2.0, wallet=150.0), held(2.0, wallet=50.0, **working)]
    book, fills = checked(AT_THE_WORST, [bar(100, 101, 60)] * 2, states, account, rules)
    assert fills["instrument"].tolist() == [1]
    assert book["quantity"].tolist() == [2.0, 0.0]
    assert (book[1]["stop"], book[1]["order_kind"], account["working"]) == (0.0, OrderKind.NOTHING, 0)
    assert book["resting"].tolist() == [0, 4]
    assert (account["set_aside"], account["held"]) == (150.0, 1)


def test_an_isolated_position_on_a_masked_bar_is_left_alone() -> None:
    market = bar(70, 75, 60, is_tradable=False)
    book, fills = checked(AT_THE_WORST, [market], [held(2.0, wallet=50.0, last=60.0)], account_row(), ISOLATED)
    assert (len(fills), book[0]["quantity"], book[0]["order_kind"]) == (0, 2.0, OrderKind.NOTHING)


def test_cross_positions_are_struck_together_where_the_cash_no_longer_covers_their_maintenance() -> None:
    # share s of the way: long 10 at 100 - 40 s, short 5 at 200 + 60 s
    # 300 - 400 s - 300 s - 0.01 (1000 - 400 s + 1000 + 300 s) = 280 - 699 s
    account, s = account_row(300.0), 280 / 699
    rows, states = [bar(100, 101, 60), bar(200, 260, 199)], [held(10.0), held(-5.0, 200.0)]
    book, fills = checked(AT_THE_WORST, rows, states, account, CROSS)
    assert fills["price"].tolist() == pytest.approx([100 - 40 * s, 200 + 60 * s])
    assert account["cash"] == pytest.approx(300 - 700 * s)
    assert (book["quantity"].tolist(), account["held"], account["insurance"]) == ([0.0, 0.0], 0, 0.0)


def test_cross_survives_where_one_gains_what_the_other_loses() -> None:
    rows, states = [bar(100, 100, 60), bar(60, 60, 60)], [held(10.0), held(-10.0)]
    _, fills = checked(AT_THE_WORST, rows, states, account_row(100.0), CROSS)
    assert len(fills) == 0  # 100 - 400 + 400 covers 12 of maintenance


def test_the_fee_of_a_cross_account_is_taken_while_anything_is_left() -> None:
    # both open at 90.6: 200 - 94 - 94 = 12 is left, less than 1 % of 1,812; fees 0.8 % of 906 each: 7.248, then 4.752
    account, terms = account_row(200.0), {"liquidation_fee": Decimal("0.008")}
    rows, states = [bar(90.6, 91, 90)] * 2, [held(10.0), held(10.0)]
    book, fills = checked(AT_THE_OPEN, rows, states, account, CROSS, **terms)
    assert fills["fee"].tolist() == pytest.approx([7.248, 4.752])
    assert book["liquidation_fees"].tolist() == pytest.approx([7.248, 4.752])
    assert account["cash"] == pytest.approx(0.0, abs=1e-9)


def test_a_shortfall_of_a_cross_account_is_shared_by_loss_and_winners_bear_none() -> None:
    # losses 200 and 100, a gain of 50, cash 100: 150 beyond, and nothing left for a fee
    account, terms = account_row(100.0), {"liquidation_fee": Decimal("0.01")}
    rows = [bar(80, 80, 80), bar(190, 190, 190), bar(50, 50, 50)]
    states = [held(10.0), held(-5.0, 200.0), held(2.0)]
    book, fills = checked(AT_THE_OPEN, rows, states, account, CROSS, **terms)
    assert book["ledger"].tolist() == pytest.approx([-100.0, 50.0, -50.0])
    assert fills["cash"].tolist() == pytest.approx([-100.0, 50.0, -50.0])
    assert account["insurance"] == pytest.approx(150.0)
    assert account["cash"] == pytest.approx(0.0, abs=1e-9)


def test_what_a_cross_account_holds_on_a_masked_bar_goes_to_market_later() -> None:
    account = account_row(100.0, bar=5)
    rows = [bar(80, 80, 80), bar(50, 50, 50, is_tradable=False)]
    book, fills = checked(AT_THE_OPEN, rows, [held(10.0), held(-3.0)], account, CROSS)
    assert fills["instrument"].tolist() == [0]
    assert book["quantity"].tolist() == [0.0, -3.0]
    assert (book[1]["order"], book[1]["order_kind"], book[1]["order_from"]) == (3.0, OrderKind.MARKET, 6)
    assert (book[1]["order_reason"], account["working"]) == (Reason.LIQUIDATION, 1)


@pytest.mark.parametrize("rules", [ISOLATED, CROSS])
@pytest.mark.parametrize(("open_", "count"), [(90.0, 1), (90.01, 0)])
def test_margin_that_is_exactly_used_up_is_too_little(rules: Record, open_: float, count: int) -> None:
    # no maintenance: a wallet, or cash, of 20 covers a loss of 2 * 10 and not a cent more
    rows, states, terms = [bar(open_, 91, 80)], [held(2.0, wallet=20.0)], {"brackets": flat_tiers("0")}
    _, fills = checked(AT_THE_OPEN, rows, states, account_row(20.0), rules, **terms)
    assert len(fills) == count


@pytest.mark.parametrize(("other", "cash", "borne"), [(0.0, 0.0, 40.0), (1.0, -40.0, 0.0)])
def test_what_an_account_owes_is_borne_once_it_holds_nothing_more(other: float, cash: float, borne: float) -> None:
    # funding took the wallet and 40 more; the position itself is even
    account = account_row(-40.0)
    rows, states = [bar(100, 100, 100)] * 2, [held(2.0), held(other, wallet=100.0 * other)]
    book, fills = checked(AT_THE_OPEN, rows, states, account, ISOLATED)
    assert fills["instrument"].tolist() == [0]
    assert (account["cash"], account["insurance"], book[0]["ledger"], fills[0]["cash"]) == (cash, borne, borne, borne)


def test_the_log_shows_a_liquidation_as_a_taking_fill_without_slippage() -> None:
    _, fills = checked(AT_THE_OPEN, [bar(70, 75, 60)], [held(2.0, wallet=50.0)], account_row(bar=3), ISOLATED)
    row = fills[0]
    assert (row["bar"], row["price"], row["reference"], row["slippage"]) == (3, 70.0, 70.0, 0.0)
    assert (row["position"], bool(row["is_maker"])) == (0.0, False)
