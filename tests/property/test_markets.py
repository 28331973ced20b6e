"""Laws of every generated market: however it is asked, time never falls and no book is ever crossed."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from geobuk.matching.book.book import Book
from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.markets.generated import GeneratedMarket, GeneratedSpec
from geobuk.matching.markets.rules import starting_rules

START = 1_790_000_000_000_000_000
NAMES = [rules.name for rules in starting_rules()]

specs = st.builds(
    GeneratedSpec,
    seed=st.integers(0, 2**40),
    pace=st.sampled_from([5.0, 40.0, 300.0]),
    calm_volatility=st.floats(0, 3),
    storm_volatility=st.floats(0, 20),
    storm_minutes=st.floats(0.01, 10),
    jumps_per_day=st.sampled_from([0.0, 10_000.0]),
    jump_size=st.floats(0, 0.05),
    clustering=st.floats(0, 0.9),
    premium=st.floats(0, 0.05),
)


def play(rows: MarketArray) -> None:
    """A book of plain dictionaries, checked after every row."""
    sides: dict[int, dict[int, int]] = {1: {}, -1: {}}
    for row in rows:
        side, price = int(row["side"]), int(row["price"])
        if row["kind"] == Happening.CLEAR:
            sides = {1: {}, -1: {}}
        elif row["kind"] == Happening.LEVEL and row["quantity"] == 0:
            assert sides[side].pop(price, 0)
        elif row["kind"] == Happening.LEVEL:
            assert row["quantity"] > 0
            sides[side][price] = int(row["quantity"])
        elif row["kind"] == Happening.TRADE:
            best = min(sides[-1]) if side > 0 else max(sides[1])
            assert price == best
            assert 0 < row["quantity"] <= sides[-side][price]
        else:
            continue
        if sides[1] and sides[-1]:
            assert max(sides[1]) < min(sides[-1])


@settings(max_examples=25)
@given(spec=specs, name=st.sampled_from(NAMES))
def test_no_book_is_ever_crossed_and_trades_are_at_the_best_price(spec: GeneratedSpec, name: str) -> None:
    market = GeneratedMarket(starting_rules((name,)), spec, START)
    rows = market.until(START + 20_000_000_000)[0][1]
    assert (np.diff(rows["at_ns"]) >= 0).all()
    assert rows["at_ns"][0] == START
    play(rows)


@settings(max_examples=25)
@given(spec=specs, name=st.sampled_from(NAMES), steps=st.lists(st.integers(0, 5_000_000_000), max_size=30))
def test_the_rows_do_not_depend_on_how_they_are_asked_for(spec: GeneratedSpec, name: str, steps: list[int]) -> None:
    end = START + sum(steps)
    whole = GeneratedMarket(starting_rules((name,)), spec, START).until(end)[0][1]
    market = GeneratedMarket(starting_rules((name,)), spec, START)
    parts, now = [rows for _, rows in market.until(START)], START
    for step in steps:
        now += step
        for _, rows in market.until(now):
            assert (rows["at_ns"] <= now).all()
            assert (rows["at_ns"] > now - step).all() or step == 0
            parts.append(rows)
    assert np.array_equal(np.concatenate(parts), whole)


@settings(max_examples=15)
@given(spec=specs, name=st.sampled_from(NAMES))
def test_an_engines_book_agrees_with_the_generator_level_by_level(spec: GeneratedSpec, name: str) -> None:
    market = GeneratedMarket(starting_rules((name,)), spec, START)
    rows = market.until(START + 30_000_000_000)[0][1]
    book, at, levels = Book(), 0, {}
    while at < rows.size:
        at = book.run(rows, at)
    for row in rows[rows["kind"] == Happening.LEVEL]:
        levels[int(row["side"]), int(row["price"])] = int(row["quantity"])
    for side in (1, -1):
        told = {price: quantity for (of, price), quantity in levels.items() if of == side and quantity}
        assert dict(book.levels(side, 10_000).tolist()) == told
        assert len(told) >= 50
    assert book.best(1)[0] < book.best(-1)[0]
    assert book.last == rows["price"][rows["kind"] == Happening.TRADE][-1]
