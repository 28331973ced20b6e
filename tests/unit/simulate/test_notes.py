"""Notes: what was assumed is said when it was, in both languages, and only then."""

import re
from typing import Any

import numpy as np
import pytest
from tests.support.markets import flat_bars, forecasts_of, instrument, panel_of, spec_of

from geobuk.panel import Panel
from geobuk.simulate.book import STATE_DTYPE
from geobuk.simulate.inputs import inputs_of
from geobuk.simulate.notes import assumed_in, assumptions
from geobuk.simulate.result import Note
from geobuk.simulate.spec import BacktestSpec

BARS = 16
"""From 01:00 to 16:00: funding of eight hours is due on bars 7 and 15, of four hours on 3, 7, 11 and 15."""

PRICES = flat_bars(100.0, BARS)
MARKS = np.full(BARS, 100.0)
HANGUL = re.compile("[가-힣]")


def market(*columns: Any, **changes: Any) -> Panel:
    """A recorded panel of which everything is known, unless told otherwise."""
    given = columns or (PRICES,)
    return panel_of(*given, **{"is_synthetic": False, "mark": MARKS, **changes})


def notes_on(
    panel: Panel, insurance: float = 0.0, held: tuple[float, ...] = (), spec: BacktestSpec | None = None
) -> dict[str, Note]:
    """Notes by code on a run that ended with ``held``; each is checked to speak both languages."""
    count = panel.shape[1]
    instruments = [instrument(name) for name in panel.instruments]
    inputs = inputs_of(panel, np.full(panel.shape, np.nan), instruments, spec or spec_of())
    states = np.zeros(count, dtype=STATE_DTYPE)
    states["quantity"] = held or [0.0] * count
    notes = assumptions(assumed_in(panel, inputs), panel, inputs, states, insurance)
    for note in notes:
        assert note.text.endswith(".")
        assert not HANGUL.search(note.text)
        assert note.text_ko.endswith(".")
        assert HANGUL.search(note.text_ko)
    return {note.code: note for note in notes}


def assert_both_say(note: Note, *parts: str) -> None:
    for part in parts:
        assert part in note.text
        assert part in note.text_ko


def test_where_nothing_was_assumed_nothing_is_noted() -> None:
    known = np.full(BARS, np.nan)
    known[[7, 15]] = 0.0001
    assert notes_on(market(funding_hours=[8], funding=known), held=(2.0,)) == {}


def test_synthetic_data_is_called_so() -> None:
    note = notes_on(market(is_synthetic=True))["SYNTHETIC"]
    assert_both_say(note, "Geobuk")
    assert "synthetic" in note.text
    assert "합성" in note.text_ko


def test_unknown_funding_names_its_instruments_counts_its_stamps_and_tells_its_price() -> None:
    known = np.full((BARS, 2), np.nan)
    known[[7, 15], 0] = 0.0001
    known[7, 1] = 0.0001
    notes = notes_on(market(PRICES, PRICES, mark=np.full((BARS, 2), 100.0), funding_hours=[8, 8], funding=known))
    assert list(notes) == ["FUNDING_UNKNOWN"]
    assert_both_say(notes["FUNDING_UNKNOWN"], "BUSDT", "0.0300%")
    assert "AUSDT" not in notes["FUNDING_UNKNOWN"].text + notes["FUNDING_UNKNOWN"].text_ko
    assert "at 1 of 4 stamps" in notes["FUNDING_UNKNOWN"].text
    assert "4개 중 1개" in notes["FUNDING_UNKNOWN"].text_ko


@pytest.mark.parametrize(("hours", "worst", "count"), [(4, "0.0150%", 4), (8, "0.0300%", 2), (2, "0.0075%", 8)])
def test_the_worst_case_of_a_stamp_is_its_share_of_eight_hours(hours: int, worst: str, count: int) -> None:
    note = notes_on(market(funding_hours=[hours]))["FUNDING_UNKNOWN"]
    assert_both_say(note, worst)
    assert f"at {count} of {count} stamps" in note.text


def test_the_worst_case_is_the_one_that_was_asked_for() -> None:
    note = notes_on(market(funding_hours=[8]), spec=spec_of(funding={"worst_case_rate_8h": 0.00123}))
    assert_both_say(note["FUNDING_UNKNOWN"], "0.1230%")


def test_an_instrument_whose_mark_is_missing_on_a_bar_is_named_one_with_all_is_not() -> None:
    marks = np.full((BARS, 2), 100.0)
    marks[4, 1] = np.nan
    note = notes_on(market(PRICES, PRICES, mark=marks))["NO_MARK"]
    assert_both_say(note, "BUSDT")
    assert "AUSDT" not in note.text + note.text_ko


def test_masked_bars_are_counted_and_bars_that_do_not_exist_are_not() -> None:
    missing = [None, None, *PRICES[2:]]
    notes = notes_on(market(PRICES, missing, masked=[(3, 0), (4, 0), (5, 1), (0, 1)]))
    assert notes["MASKED"].text.startswith("3 bars")
    assert "3개 봉" in notes["MASKED"].text_ko
    assert list(notes_on(market(PRICES, missing))) == []


@pytest.mark.parametrize(("quantity", "codes"), [(2.0, ["ENDED"]), (-2.0, ["ENDED"]), (0.0, [])])
def test_a_position_whose_bars_ended_is_said_to_be_stuck(quantity: float, codes: list[str]) -> None:
    ended = [*PRICES[:-1], None]
    notes = notes_on(market(PRICES, ended), held=(5.0, quantity))
    assert list(notes) == codes
    for note in notes.values():
        assert_both_say(note, "BUSDT")
        assert "AUSDT" not in note.text + note.text_ko


@pytest.mark.parametrize(("amount", "codes"), [(0.0, []), (1_234.567, ["INSURANCE"])])
def test_what_the_fund_bore_is_told_to_the_cent(amount: float, codes: list[str]) -> None:
    notes = notes_on(market(), insurance=amount)
    assert list(notes) == codes
    for note in notes.values():
        assert_both_say(note, "1234.57")


@pytest.mark.parametrize(("count", "rest"), [(7, "(+1)"), (8, "(+2)")])
def test_of_many_names_six_are_said_and_the_rest_counted(count: int, rest: str) -> None:
    note = notes_on(market(*[PRICES] * count, mark=np.full((BARS, count), np.nan)))["NO_MARK"]
    assert_both_say(note, f"AUSDT, BUSDT, CUSDT, DUSDT, EUSDT, FUSDT {rest}")
    assert "GUSDT" not in note.text


def test_six_names_are_all_said() -> None:
    note = notes_on(market(*[PRICES] * 6, mark=np.full((BARS, 6), np.nan)))["NO_MARK"]
    assert "FUSDT" in note.text
    assert "(+" not in note.text


def test_everything_at_once_is_said_in_a_fixed_order() -> None:
    columns = [*PRICES[:10], *[None] * 6]
    panel = panel_of(columns, funding_hours=[8], masked=[(3, 0)])
    codes = list(notes_on(panel, insurance=1.0, held=(1.0,)))
    assert codes == ["SYNTHETIC", "FUNDING_UNKNOWN", "NO_MARK", "MASKED", "ENDED", "INSURANCE"]


def test_only_instruments_that_pay_funding_have_unknown_stamps() -> None:
    beliefs = forecasts_of([None] * BARS)
    panel = market(funding_hours=[0])
    assert len(inputs_of(panel, beliefs, [instrument()], spec_of()).events) == 0
    assert notes_on(panel, held=(1.0,)) == {}
