"""The close of a bar: what positions are worth, when the locks close, and the row that is written down."""

import numpy as np
import pytest
from tests.support.markets import brackets
from tests.support.records import account_row, market_row, rules_from, rules_row, state_row, table_of, term_row

from geobuk.panel import Record
from geobuk.risk.loss_locks import HALTED, LOCKED_FOR_DAY, OPEN
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import CURVE, EQUITY, OrderKind, new_log
from geobuk.simulate.marking import begin_day, flatten, lock_losses, mark_to_market, record

PLAIN = rules_from()
LOCKS = rules_from(loss={"daily": 0.05, "drawdown": 0.2})
TERMS = table_of(term_row())


def marked(market: Record, state: Record, account: Record, rules: Record = PLAIN) -> Record:
    """The instrument's state after its bar was marked; ``account`` is changed in place."""
    book = table_of(state)
    mark_to_market(table_of(market), book, TERMS, rules, account)
    return book[0]


@pytest.mark.parametrize(("before", "after"), [(OPEN, OPEN), (LOCKED_FOR_DAY, OPEN), (HALTED, HALTED)])
def test_a_new_day_starts_from_its_opening_equity_and_opens_the_daily_lock_only(before: int, after: int) -> None:
    account = account_row(day=10, equity=900.0, lock=before)
    begin_day(11, table_of(state_row()), TERMS, PLAIN, account)
    assert (account["day"], account["day_start"], account["lock"]) == (11, 900.0, after)


def test_the_rest_of_a_day_changes_nothing() -> None:
    account = account_row(day=10, equity=900.0, lock=LOCKED_FOR_DAY)
    begin_day(10, table_of(state_row()), TERMS, PLAIN, account)
    assert (account["day_start"], account["lock"]) == (1_000.0, LOCKED_FOR_DAY)


@pytest.mark.parametrize(("day", "cap"), [(10, 0.25), (11, 0.5)])
def test_sizes_may_grow_back_by_a_part_a_day(day: int, cap: float) -> None:
    account = account_row(day=10, size_cap=0.25, size_scale=0.25)
    begin_day(day, table_of(state_row()), TERMS, rules_from(loss={"recovery_per_day": 0.25}), account)
    assert (account["size_cap"], account["size_scale"]) == (cap, 0.25)  # the next mark says what it may be


@pytest.mark.parametrize(
    ("bar", "last"),
    [
        ({"close": 104.0, "mark": 103.0}, 103.0),
        ({"close": 104.0, "mark": np.nan}, 104.0),
        ({"close": 104.0, "mark": 103.0, "is_tradable": False}, 101.0),  # masked: the last price stays
        ({"close": np.nan, "mark": np.nan, "is_tradable": False}, 101.0),
    ],
)
@pytest.mark.parametrize("quantity", [3.0, -3.0])
def test_a_position_is_worth_its_mark_or_its_close_or_its_last_price(
    bar: dict[str, float], last: float, quantity: float
) -> None:
    account = account_row()
    state = marked(market_row(100.0, **bar), state_row(quantity=quantity, entry=100.0, last=101.0), account)
    assert state["last"] == last
    assert account["equity"] == pytest.approx(1_000.0 + quantity * (last - 100.0))


def test_gross_adds_sizes_net_adds_signs_and_each_position_needs_its_own_margin() -> None:
    # 2 * 110 long and 5 * 60 short at leverage 4
    book = table_of(state_row(quantity=2.0, entry=100.0), state_row(quantity=-5.0, entry=50.0), state_row())
    rows = table_of(market_row(110.0), market_row(60.0), market_row(7.0))
    account = account_row()
    mark_to_market(rows, book, table_of(*[term_row()] * 3), rules_from(account={"leverage": 4}), account)
    assert (account["gross"], account["net"], account["margin"]) == (520.0, -80.0, 130.0)
    assert account["equity"] == 1_000.0 + 20.0 - 50.0
    np.testing.assert_allclose(book["profit"], [20.0, -50.0, 0.0])


def test_margin_follows_the_bracket_that_the_mark_moved_the_notional_into() -> None:
    # 100 * 4000 = 400,000 lies in the second bracket: leverage 100, not the account's 125
    account = account_row()
    state = state_row(quantity=100.0, entry=2_500.0)
    terms = table_of(term_row(brackets=brackets()))
    mark_to_market(
        table_of(market_row(4_000.0)), table_of(state), terms, rules_from(account={"leverage": 125}), account
    )
    assert account["margin"] == pytest.approx(4_000.0)


def test_profit_of_a_bar_is_what_ledger_and_position_gained_since_the_last_mark() -> None:
    # worth 30 before; now 4 * (97 - 100) unrealised and a ledger that fees brought to -2
    state = marked(market_row(97.0), state_row(quantity=4.0, entry=100.0, ledger=-2.0, value=30.0), account_row())
    assert (state["value"], state["profit"]) == (-14.0, -44.0)


def test_a_bar_on_which_a_position_was_closed_still_has_its_profit() -> None:
    state = marked(market_row(97.0), state_row(ledger=12.0, value=9.5), account_row())
    assert (state["value"], state["profit"]) == (12.0, 2.5)


@pytest.mark.parametrize(("price", "peak"), [(110.0, 1_100.0), (90.0, 1_050.0)])
def test_the_peak_of_equity_only_rises(price: float, peak: float) -> None:
    account = account_row(peak=1_050.0)
    marked(market_row(price), state_row(quantity=10.0, entry=100.0), account)
    assert account["peak"] == peak


@pytest.mark.parametrize(("is_tradable", "seen"), [(True, (108.0, 93.0)), (False, (105.0, 95.0))])
def test_the_range_since_the_last_decision_widens_by_bars_that_trade(
    is_tradable: bool, seen: tuple[float, float]
) -> None:
    market = market_row(100.0, high=108.0, low=93.0, is_tradable=is_tradable)
    state = marked(
        market, state_row(highest=105.0, lowest=95.0, is_joining=True), account_row(), rules_row(estimates=True)
    )
    assert (state["highest"], state["lowest"]) == seen
    assert not state["is_joining"]


@pytest.mark.parametrize(
    ("fields", "lock", "reason", "counted"),
    [
        ({"equity": 950.0}, LOCKED_FOR_DAY, Reason.DAILY_LOSS, (1, -1)),  # 5 % of the day's 1,000
        ({"equity": 960.0, "peak": 1_200.0}, HALTED, Reason.DRAWDOWN, (0, 7)),  # 20 % below the peak
        ({"equity": 700.0}, HALTED, Reason.DRAWDOWN, (0, 7)),  # both: the harder one
        ({"equity": 700.0, "lock": LOCKED_FOR_DAY}, HALTED, Reason.DRAWDOWN, (0, 7)),
    ],
)
def test_a_lock_that_closes_sends_everything_to_market(
    fields: dict[str, float], lock: int, reason: Reason, counted: tuple[int, int]
) -> None:
    account = account_row(bar=7, halted_at=-1, **fields)
    book = table_of(state_row(quantity=2.0), state_row(quantity=-3.0), state_row())
    lock_losses(book, LOCKS, account)
    assert account["lock"] == lock
    assert (account["daily_locks"], account["halted_at"]) == counted
    assert list(book["order"]) == [-2.0, 3.0, 0.0]
    assert list(book["order_kind"]) == [OrderKind.MARKET, OrderKind.MARKET, OrderKind.NOTHING]
    assert set(book["order_reason"][:2]) == {int(reason)}
    assert set(book["order_from"][:2]) == {8}
    assert account["working"] == 2


@pytest.mark.parametrize(
    ("equity", "size", "is_reduce_only"), [(900.0, 1.0, False), (860.0, 0.625, False), (820.0, 0.25, True)]
)
def test_sizes_shrink_with_the_marked_drawdown(equity: float, size: float, is_reduce_only: bool) -> None:
    account = account_row(equity=equity)
    book = table_of(state_row(quantity=2.0))
    lock_losses(book, rules_from(loss={"drawdown": 0.2}), account)
    assert account["size_scale"] == pytest.approx(size)
    assert account["is_reduce_only"] == is_reduce_only
    assert account["working"] == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"equity": 950.01},  # not yet
        {"equity": 900.0, "lock": LOCKED_FOR_DAY},  # closed already
        {"equity": 2_000.0, "lock": LOCKED_FOR_DAY},  # recovered: stays closed
        {"equity": 100.0, "lock": HALTED},
    ],
)
def test_a_lock_acts_once_and_never_before_its_limit(fields: dict[str, float]) -> None:
    account = account_row(bar=7, halted_at=3, daily_locks=1, **fields)
    book = table_of(state_row(quantity=2.0))
    lock_losses(book, LOCKS, account)
    assert account["lock"] == fields.get("lock", OPEN)
    assert (account["daily_locks"], account["halted_at"], account["working"]) == (1, 3, 0)
    assert book[0]["order_kind"] == OrderKind.NOTHING


@pytest.mark.parametrize(
    ("fields", "orders", "reason"),
    [
        ({"equity": 819.0}, [0.0, 0.0, -1.0, -1.0], Reason.REDUCE_ONLY),
        ({"equity": 999.0, "now_ns": 5, "paused_until": 6}, [0.0, 0.0, -1.0, -1.0], Reason.PAUSED),
        ({"equity": 999.0, "now_ns": 6, "paused_until": 6}, [5.0, 5.0, -1.0, -3.0], None),
    ],
)
def test_no_entry_goes_on_working_while_entries_are_refused(
    fields: dict[str, float], orders: list[float], reason: Reason | None
) -> None:
    # an entry, an addition, a reduction, a turn
    book = table_of(
        *(
            state_row(quantity=held, order=order, order_kind=OrderKind.LIMIT)
            for held, order in ((0.0, 5.0), (1.0, 5.0), (2.0, -1.0), (1.0, -3.0))
        )
    )
    account = account_row(peak=1_000.0, working=4, **fields)
    lock_losses(book, rules_from(loss={"drawdown": 0.2}), account)
    assert list(book["order"]) == orders
    assert account["working"] == np.count_nonzero(book["order"])
    assert [code for code in Reason if book["refusals"][:, code].any()] == ([] if reason is None else [reason])


def test_flattening_takes_back_an_entry_that_still_rests() -> None:
    working = {"order_kind": OrderKind.LIMIT, "order": 5.0, "order_price": 90.0}
    book, account = table_of(state_row(**working), state_row(quantity=1.0, **working)), account_row(working=2)
    flatten(int(Reason.DRAWDOWN), book, account)
    assert list(book["order"]) == [0.0, -1.0]
    assert list(book["order_kind"]) == [OrderKind.NOTHING, OrderKind.MARKET]
    assert account["working"] == 1


def test_the_row_holds_the_account_and_each_instruments_position_and_profit() -> None:
    log = new_log(3, 2, 0)
    amounts = {"equity": 1_010.0, "cash": 990.0, "gross": 500.0, "net": -100.0, "margin": 50.0}
    book = table_of(state_row(quantity=2.0, profit=7.0), state_row(quantity=-3.0, profit=-1.5))
    record(1, book, account_row(**amounts), log.curve, log.position, log.pnl)
    assert {name: float(log.curve[row, 1]) for row, name in enumerate(CURVE)} == amounts
    np.testing.assert_array_equal(log.position, [[0, 0], [2, -3], [0, 0]])
    np.testing.assert_array_equal(log.pnl, [[0, 0], [7, -1.5], [0, 0]])
    assert not log.curve[:, [0, 2]].any()


def test_without_detail_only_the_accounts_row_is_kept() -> None:
    log = new_log(2, 1, 0, detail=False)
    record(1, table_of(state_row(quantity=2.0)), account_row(), log.curve, log.position, log.pnl)
    assert log.curve[EQUITY].tolist() == [0.0, 1_000.0]
    assert log.position.shape == log.pnl.shape == (0, 1)
