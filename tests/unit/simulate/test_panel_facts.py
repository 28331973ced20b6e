"""What a simulation asks of a panel whatever its settings."""

from dataclasses import replace

import numpy as np
from tests.support.markets import flat_bars, panel_of

from geobuk.panel import Panel
from geobuk.simulate.panel_facts import facts_of


def quiet_panel() -> Panel:
    return panel_of(flat_bars(100, 4), flat_bars(50, 4))


def changed(name: str, row: int, column: int, value: float) -> Panel:
    panel = quiet_panel()
    array = getattr(panel, name).copy()
    array[row, column] = value
    return replace(panel, **{name: array})


def test_a_whole_panel_has_nothing_broken_and_nothing_masked() -> None:
    facts = facts_of(quiet_panel())
    assert (facts.broken, facts.masked) == (-1, 0)


def test_the_first_tradable_bar_without_a_price_or_volume_is_found() -> None:
    for name in ("open", "high", "low", "close", "volume"):
        assert facts_of(changed(name, 2, 1, np.nan)).broken == 5
        assert facts_of(changed(name, 1, 0, np.inf)).broken == 2


def test_a_bar_that_may_not_trade_is_never_broken_and_counts_as_masked_while_it_has_a_price() -> None:
    masked = replace(quiet_panel(), tradable=np.array([[True, True], [False, True], [True, False], [True, True]]))
    assert (facts_of(masked).broken, facts_of(masked).masked) == (-1, 2)
    close = masked.close.copy()
    close[1, 0] = np.nan
    gone = replace(masked, close=close)
    assert (facts_of(gone).broken, facts_of(gone).masked) == (-1, 1)


def test_marks_are_missed_only_where_a_bar_may_trade() -> None:
    marks = np.array([[1.0, 1.0], [np.nan, 1.0], [1.0, 1.0], [1.0, 1.0]])
    panel = replace(quiet_panel(), mark=marks)
    assert facts_of(panel).unmarked.tolist() == [True, False]
    assert facts_of(panel).has_marks
    tradable = np.ones((4, 2), dtype=np.bool_)
    tradable[1, 0] = False
    assert facts_of(replace(panel, tradable=tradable)).unmarked.tolist() == [False, False]
    assert not facts_of(replace(panel, mark=np.full((4, 2), np.nan))).has_marks


def test_rows_with_a_known_rate_are_found() -> None:
    panel = changed("funding", 2, 1, 0.0001)
    assert facts_of(panel).has_rate.tolist() == [False, False, True, False]
    assert facts_of(changed("funding_inside", 3, 0, 0.0)).has_rate_inside.tolist() == [False, False, False, True]


def test_facts_are_found_once_and_forgotten_with_the_panel() -> None:
    panel = quiet_panel()
    assert facts_of(panel) is facts_of(panel)
    assert facts_of(panel) is not facts_of(replace(panel))
