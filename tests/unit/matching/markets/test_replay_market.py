"""Recorded rows played again: shifted in time, once or without end."""

from decimal import Decimal

import numpy as np
import pytest

from geobuk.domain.errors import DataError
from geobuk.matching.book.market_event import MarketArray
from geobuk.matching.markets.replayed import ReplayMarket
from geobuk.matching.markets.rows import RowMaker, array_of
from geobuk.matching.markets.rules import starting_rules

RULES = starting_rules(("BTCUSDT",))
SECOND = 1_000_000_000


def three_trades() -> MarketArray:
    make = RowMaker(RULES[0])
    return array_of(make.trade(at, Decimal(100), Decimal(1), k, 1) for k, at in ((5, 10), (6, 20), (7, 30)))


def test_replay_starts_when_it_is_told_and_falls_silent_at_its_end() -> None:
    market = ReplayMarket(RULES, {"BTCUSDT": three_trades()}, 1_000)
    assert market.until(1_010)[0][1]["at_ns"].tolist() == [1_000, 1_010]
    assert market.until(9 * SECOND)[0][1]["at_ns"].tolist() == [1_020]
    assert market.until(10 * SECOND) == []
    assert market.end_ns == 1_020


def test_a_loop_goes_on_in_time_and_in_numbers_however_it_is_asked() -> None:
    market = ReplayMarket(RULES, {"BTCUSDT": three_trades()}, 1_000, is_looped=True)
    rows = market.until(1_020 + SECOND + 20)[0][1]
    assert rows["at_ns"].tolist() == [1_000, 1_010, 1_020] + [1_020 + SECOND + d for d in (0, 10, 20)]
    assert rows["id"].tolist() == [5, 6, 7, 8, 9, 10]
    other = ReplayMarket(RULES, {"BTCUSDT": three_trades()}, 1_000, is_looped=True)
    parts = [part for at in range(1_000, 1_060 + SECOND, 9_999_999) for _, part in other.until(at)]
    parts += [part for _, part in other.until(1_020 + SECOND + 20)]
    assert np.array_equal(np.concatenate(parts), rows)
    assert market.end_ns is None


def test_rows_whose_time_falls_are_refused() -> None:
    with pytest.raises(DataError, match="time falls after row 1"):
        ReplayMarket(RULES, {"BTCUSDT": three_trades()[[0, 2, 1]]}, 0)
    with pytest.raises(DataError, match="no rules"):
        ReplayMarket(RULES, {"ETHUSDT": three_trades()}, 0)
