"""Bars played as a market: every print inside its bar, open and close where they were, the volume all there."""

import numpy as np
import pytest

from geobuk.domain.errors import DataError
from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.markets.bars import BarMarket, BarSeries
from geobuk.matching.markets.rules import starting_rules

START = 1_790_000_000_000_000_000
MINUTE = 60_000_000_000
RULES = starting_rules(("BTCUSDT",))


def series(bars: list[tuple[float, float, float, float, float]]) -> BarSeries:
    table = np.array(bars)
    times = START + np.arange(len(bars)) * MINUTE
    return BarSeries(times, MINUTE, *(table[:, k].copy() for k in range(5)))


def played(bars: list[tuple[float, float, float, float, float]]) -> MarketArray:
    return BarMarket(RULES, {"BTCUSDT": series(bars)}).until(START + len(bars) * MINUTE)[0][1]


def prints(rows: MarketArray, bar: int = 0) -> MarketArray:
    inside = (rows["at_ns"] >= START + bar * MINUTE) & (rows["at_ns"] < START + (bar + 1) * MINUTE)
    return rows[inside & (rows["kind"] == Happening.TRADE)]


def test_a_rising_bar_sees_its_low_before_its_high() -> None:
    trades = prints(played([(100.0, 103.0, 99.0, 102.0, 7.123)]))
    prices = trades["price"].tolist()
    assert (prices[0], prices[-1], min(prices), max(prices)) == (10_000, 10_200, 9_900, 10_300)
    assert prices.index(9_900) < prices.index(10_300)
    assert trades["quantity"].sum() == 7_123


def test_a_falling_bar_sees_its_high_before_its_low() -> None:
    prices = prints(played([(100.0, 103.0, 99.0, 99.5, 1.0)]))["price"].tolist()
    assert prices.index(10_300) < prices.index(9_900)


def test_the_market_ends_with_its_last_print_wherever_it_begins() -> None:
    bars = {"BTCUSDT": series([(100.0, 103.0, 99.0, 102.0, 1.0), (102.0, 102.0, 101.0, 101.0, 1.0)])}
    for begin in (START, START + 7 * MINUTE):
        market = BarMarket(RULES, bars, start_ns=begin)
        rows = market.until(begin + 3 * MINUTE)[0][1]
        assert market.end_ns == rows["at_ns"][-1] == begin + 2 * MINUTE - 1


def test_each_print_is_at_the_touch_that_was_quoted_and_nothing_is_crossed() -> None:
    rows = played([(100.0, 103.0, 99.0, 102.0, 5.0), (102.0, 102.0, 90.0, 91.0, 8.0), (91.0, 91.0, 91.0, 91.0, 1.0)])
    sides: dict[int, dict[int, int]] = {1: {}, -1: {}}
    for row in rows:
        side = sides[int(row["side"])] if row["side"] else {}
        if row["kind"] == Happening.LEVEL and row["quantity"]:
            side[int(row["price"])] = int(row["quantity"])
        elif row["kind"] == Happening.LEVEL:
            del side[int(row["price"])]
        elif row["kind"] == Happening.TRADE:
            best = min(sides[-1]) if row["side"] > 0 else max(sides[1])
            assert row["price"] == best
        if sides[1] and sides[-1]:
            assert max(sides[1]) < min(sides[-1])
    assert (np.diff(rows["at_ns"]) >= 0).all()


def test_a_bar_without_volume_quotes_and_does_not_print() -> None:
    rows = played([(100.0, 100.0, 100.0, 100.0, 0.0)])
    assert not prints(rows).size
    assert (rows["kind"] == Happening.MARK).any()


def test_a_bar_with_nan_is_left_out() -> None:
    rows = played([(100.0, 101.0, 99.0, 100.0, 1.0), (np.nan,) * 5, (100.0, 101.0, 99.0, 100.0, 1.0)])
    assert not prints(rows, 1).size
    assert prints(rows, 2)["id"].tolist() == list(range(11, 21))


def test_the_rows_do_not_depend_on_how_they_are_asked_for() -> None:
    random = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.002, 700)))
    opens = np.append(100.0, close[:-1])
    bars = [(o, max(o, c) * 1.001, min(o, c) * 0.999, c, 3.3) for o, c in zip(opens, close, strict=True)]
    market, parts = BarMarket(RULES, {"BTCUSDT": series(bars)}), []
    for now in range(START, START + 701 * MINUTE, 17_000_000_000):
        parts += [rows for _, rows in market.until(now)]
    parts += [rows for _, rows in market.until(START + 701 * MINUTE)]
    assert np.array_equal(np.concatenate(parts), played(bars))


def test_a_market_can_begin_at_another_time() -> None:
    market = BarMarket(RULES, {"BTCUSDT": series([(100.0, 101.0, 99.0, 100.0, 1.0)])}, start_ns=5)
    assert market.until(5)[0][1]["at_ns"][0] == 5


@pytest.mark.parametrize(
    ("bars", "words"),
    [
        ([(100.0, 99.0, 98.0, 98.5, 1.0)], "bar 0 .* is impossible"),
        ([(100.0, 101.0, 99.0, 100.0, -1.0)], "bar 0 .* is impossible"),
    ],
)
def test_impossible_bars_are_refused(bars: list[tuple[float, float, float, float, float]], words: str) -> None:
    with pytest.raises(DataError, match=words):
        played(bars)
