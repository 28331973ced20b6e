"""A bracket table is refused where maintenance would jump, fall or have holes."""

import math
from decimal import Decimal

import pytest
from tests.support.markets import brackets
from tests.support.records import term_row

from geobuk.domain.instrument import LeverageBracket
from geobuk.quant.liquidation import Bracket, BracketTable, CrossAccount, Position
from geobuk.risk.margin import maintenance_margin

BTC = BracketTable.of([0, 50_000, 250_000], [0.004, 0.005, 0.01])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((), "empty"),
        ((Bracket(10.0, 100.0, 0.01, 0.0),), "begins at 10.0"),
        ((Bracket(0.0, 100.0, 0.01, 0.0), Bracket(200.0, 300.0, 0.02, 2.0)), "without a gap"),
        ((Bracket(0.0, 100.0, 0.01, 0.0), Bracket(50.0, 300.0, 0.02, 0.5)), "without a gap"),
        ((Bracket(0.0, 0.0, 0.01, 0.0),), "not above its floor"),
        ((Bracket(0.0, 100.0, 0.02, 0.0), Bracket(100.0, 300.0, 0.01, -1.0)), "must rise"),
        ((Bracket(0.0, 100.0, 1.0, 0.0),), "below 1"),
        ((Bracket(0.0, 100.0, -0.01, 0.0),), "must rise"),
        ((Bracket(0.0, 100.0, math.nan, 0.0),), "rate nan"),
        ((Bracket(0.0, math.nan, 0.01, 0.0),), "ends at nan"),
        ((Bracket(0.0, 100.0, 0.01, 5.0),), "cumulative 5.0"),
        ((Bracket(0.0, 100.0, 0.01, 0.0), Bracket(100.0, 300.0, 0.02, 3.0)), "give 1.0"),
        ((Bracket(0.0, 100.0, 0.01, 0.0), Bracket(100.0, 300.0, 0.02, math.nan)), "cumulative nan"),
    ],
)
def test_a_table_that_cannot_be_is_refused(rows: tuple[Bracket, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BracketTable(rows)


def test_floors_and_rates_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="2 floors but 1 rates"):
        BracketTable.of([0, 10], [0.1])


@pytest.mark.parametrize("notional", [50_000.0, 250_000.0])
def test_maintenance_does_not_jump_at_a_floor(notional: float) -> None:
    below = BTC.maintenance(math.nextafter(notional, 0.0))
    assert BTC.maintenance(notional) == pytest.approx(below, rel=1e-12)


def test_the_last_bracket_holds_above_its_cap() -> None:
    table = BracketTable((Bracket(0.0, 100.0, 0.01, 0.0),))
    assert table.maintenance(1_000.0) == 10.0


def test_the_table_of_an_instruments_rules() -> None:
    rules = [
        LeverageBracket(Decimal(0), Decimal(50_000), 125, Decimal("0.004"), Decimal(0)),
        LeverageBracket(Decimal(50_000), Decimal(250_000), 100, Decimal("0.005"), Decimal(50)),
    ]
    assert BracketTable.from_rules(rules).maintenance(100_000.0) == pytest.approx(450.0)


@pytest.mark.parametrize("notional", [0.0, 10.0, 50_000.0, 123_456.0, 3e6, 4.9e7])
def test_maintenance_is_what_the_simulator_charges(notional: float) -> None:
    table = BracketTable.from_rules(brackets())
    assert table.maintenance(notional) == maintenance_margin(notional, term_row(brackets=brackets()))


@pytest.mark.parametrize(
    ("quantity", "entry", "mark"),
    [(math.nan, 1.0, None), (math.inf, 1.0, None), (1.0, 0.0, None), (1.0, math.nan, None), (1.0, 1.0, math.nan)],
)
def test_a_position_that_cannot_be_is_refused(quantity: float, entry: float, mark: float | None) -> None:
    with pytest.raises(ValueError, match=r"not finite|not a positive price"):
        Position(quantity, entry, BTC, mark=mark)


def test_what_needs_a_mark_is_refused_without_one() -> None:
    with pytest.raises(ValueError, match="has no mark"):
        _ = CrossAccount(1_000.0, (Position(1.0, 100.0, BTC),)).maintenance


def test_an_account_adds_up_its_positions() -> None:
    account = CrossAccount(1_000.0, (Position(1.0, 100.0, BTC, 110.0), Position(-2.0, 50.0, BTC, 60.0)))
    assert account.equity == pytest.approx(990.0)
    assert account.maintenance == pytest.approx(0.004 * 230.0)


def test_a_wallet_that_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError, match="wallet nan"):
        CrossAccount(math.nan, ())
