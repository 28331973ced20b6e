"""Ceilings on a row of weights: they hold afterwards, and nothing grew."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.markets import brackets
from tests.support.records import market_row, rules_from, state_row, table_of, term_row

from geobuk.panel import Record, RecordArray
from geobuk.risk.limits import clamp, exposure_of, is_over_limit, limit_gross_and_net, limit_leverage
from geobuk.risk.margin import allowed_leverage
from geobuk.risk.reasons import Reason

WEIGHTS = st.lists(st.floats(-3, 3), min_size=1, max_size=6)
TERM = term_row(brackets=brackets())


def book_of(*weights: float) -> RecordArray:
    return table_of(*(state_row(target=weight) for weight in weights))


def open_rows(book: RecordArray) -> RecordArray:
    """A tradable row for each instrument."""
    return table_of(*(market_row() for _ in book))


def limited(book: RecordArray, rules: Record) -> float:
    """Gross and net limits put on tradable bars, at an equity of 1,000."""
    return limit_gross_and_net(exposure_of(open_rows(book), book, 1_000.0), book, rules)


def counted(book: RecordArray, reason: Reason) -> list[int]:
    return [int(count) for count in book["refusals"][:, reason]]


@pytest.mark.parametrize(("weight", "ceiling", "clamped"), [(2.0, 0.5, 0.5), (-2.0, 0.5, -0.5), (0.3, 0.5, 0.3)])
def test_a_clamp_keeps_the_sign(weight: float, ceiling: float, clamped: float) -> None:
    assert clamp(weight, ceiling) == clamped


def test_gross_shrinks_all_alike_and_counts_who_was_shrunk() -> None:
    book = book_of(1.5, -1.0, 0.0)
    limit_gross_and_net(
        exposure_of(open_rows(book), book, 1_000.0), book, rules_from(limits={"max_gross": 2.0, "max_net": 9.0})
    )
    assert book["target"] == pytest.approx([1.2, -0.8, 0.0])
    assert counted(book, Reason.CLAMPED_GROSS) == [1, 1, 0]


def test_net_shrinks_only_the_heavier_side() -> None:
    book = book_of(0.9, 0.6, -0.5)
    limit_gross_and_net(
        exposure_of(open_rows(book), book, 1_000.0), book, rules_from(limits={"max_gross": 9.0, "max_net": 0.4})
    )
    # longs may be 0.4 + 0.5 = 0.9 of 1.5
    assert book["target"] == pytest.approx([0.54, 0.36, -0.5])
    assert counted(book, Reason.CLAMPED_NET) == [1, 1, 0]
    mirrored = book_of(-0.9, -0.6, 0.5)
    limit_gross_and_net(
        exposure_of(open_rows(mirrored), mirrored, 1_000.0),
        mirrored,
        rules_from(limits={"max_gross": 9.0, "max_net": 0.4}),
    )
    assert mirrored["target"] == pytest.approx([-0.54, -0.36, 0.5])


def test_what_fits_is_left_alone_and_not_counted() -> None:
    book = book_of(0.5, -0.5)
    limit_gross_and_net(
        exposure_of(open_rows(book), book, 1_000.0), book, rules_from(limits={"max_gross": 1.0, "max_net": 0.5})
    )
    assert book["target"].tolist() == [0.5, -0.5]
    assert not book["refusals"].any()


@given(WEIGHTS, st.floats(0.1, 4), st.floats(0.1, 4))
def test_gross_and_net_hold_afterwards_and_nothing_grew(weights: list[float], gross: float, net: float) -> None:
    book = book_of(*weights)
    limit_gross_and_net(
        exposure_of(open_rows(book), book, 1_000.0), book, rules_from(limits={"max_gross": gross, "max_net": net})
    )
    after = book["target"]
    assert np.abs(after).sum() <= gross * (1 + 1e-12)
    assert abs(after.sum()) <= net * (1 + 1e-9)
    assert (np.abs(after) <= np.abs(weights)).all()
    assert (after * weights >= 0.0).all()


def test_initial_margin_fits_into_equity() -> None:
    # 2.0 / 2 + 1.0 / 2 = 1.5 of equity: everything times 2 / 3
    book, terms = book_of(2.0, -1.0), table_of(TERM, TERM)
    limit_leverage(open_rows(book), book, terms, rules_from(account={"leverage": 2}), 1_000.0)
    assert book["target"] == pytest.approx([4 / 3, -2 / 3])
    assert counted(book, Reason.CLAMPED_LEVERAGE) == [1, 1]


def test_a_large_account_is_held_to_the_leverage_of_its_bracket() -> None:
    # 2.0 * 200m = 400m lies in the tier of leverage 5: 0.4 of equity; at 20m the setting of 20 counts: 40m / 25
    book = book_of(8.0)
    limit_leverage(open_rows(book), book, table_of(TERM), rules_from(account={"leverage": 20}), 40e6)
    # 320m at leverage 5 needs 64m of 40m: times 0.625
    assert book["target"] == pytest.approx([5.0])


@given(WEIGHTS, st.floats(1, 1e9), st.integers(1, 125))
def test_margin_holds_afterwards_at_every_size(weights: list[float], equity: float, leverage: int) -> None:
    book, terms = book_of(*weights), table_of(*[TERM] * len(weights))
    limit_leverage(open_rows(book), book, terms, rules_from(account={"leverage": leverage}), equity)
    after = np.abs(book["target"])
    margin = sum(size / allowed_leverage(size * equity, TERM, float(leverage)) for size in after)
    assert margin <= 1.0 + 1e-9
    assert (after <= np.abs(weights)).all()


def test_what_is_held_on_masked_bars_takes_room_from_the_others() -> None:
    # 6 * 100 of 1,000 can't be changed: 0.6 of a gross of 1.0 is taken, 0.4 is left for a wish of 0.8
    book = table_of(state_row(quantity=6.0, anchor=100.0), state_row(target=0.8))
    rows = table_of(market_row(is_tradable=False), market_row())
    limit_gross_and_net(exposure_of(rows, book, 1_000.0), book, rules_from(limits={"max_gross": 1.0, "max_net": 9.0}))
    assert book["target"] == pytest.approx([0.0, 0.4])


@pytest.mark.parametrize(("held", "is_over"), [(19.0, False), (21.0, True), (-21.0, True)])
def test_an_account_knows_when_it_holds_too_much(held: float, is_over: bool) -> None:
    book = table_of(state_row(quantity=held, anchor=90.0))
    rules = rules_from(limits={"max_gross": 2.0, "max_net": 9.0})
    assert is_over_limit(exposure_of(table_of(market_row(100.0)), book, 1_000.0), rules, 1_000.0) is is_over
