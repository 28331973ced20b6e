"""The made-up market: repeatable, never crossed, and as unpleasant as a real one."""

from decimal import Decimal

import numpy as np
import pytest

from geobuk.domain.errors import SettingsError
from geobuk.matching.book.market_event import Happening, MarketArray
from geobuk.matching.markets.generated import GeneratedMarket, GeneratedSpec
from geobuk.matching.markets.rules import starting_rules

START = 1_790_000_000_000_000_000
SECOND = 1_000_000_000
HOUR = 3_600 * SECOND


def rows_of(seed: int, name: str = "BTCUSDT", seconds: int = 60, **spec: float) -> MarketArray:
    market = GeneratedMarket(starting_rules((name,)), GeneratedSpec(seed=seed, **spec), START)  # type: ignore[arg-type]
    return market.until(START + seconds * SECOND)[0][1]


def of_kind(rows: MarketArray, kind: Happening) -> MarketArray:
    return rows[rows["kind"] == kind]


def test_it_opens_with_a_snapshot_a_price_and_a_mark_at_the_start() -> None:
    first = rows_of(1, seconds=0)
    assert first["kind"][0] == Happening.CLEAR
    assert set(first["at_ns"]) == {START}
    assert (of_kind(first, Happening.LEVEL)["side"] == 1).sum() >= 50
    assert (of_kind(first, Happening.LEVEL)["side"] == -1).sum() >= 50
    for kind in (Happening.TRADE, Happening.MARK, Happening.INDEX, Happening.RATE):
        assert of_kind(first, kind).size == 1


def test_another_seed_is_another_market() -> None:
    assert np.array_equal(rows_of(1), rows_of(1))
    assert not np.array_equal(rows_of(1)["price"][:500], rows_of(2)["price"][:500])


def test_an_instrument_does_not_depend_on_which_others_there_are() -> None:
    market = GeneratedMarket(starting_rules(), GeneratedSpec(seed=1), START)
    assert np.array_equal(dict(market.until(START + 60 * SECOND))["BTCUSDT"], rows_of(1))


def test_the_pace_is_about_what_was_asked_for() -> None:
    assert 15 < rows_of(1, seconds=600).size / 600 < 60
    assert 150 < rows_of(1, seconds=600, pace=400.0).size / 600 < 600


def test_trades_are_numbered_without_a_gap_and_on_the_grid() -> None:
    rules = starting_rules(("DOTUSDT",))[0]
    trades = of_kind(rows_of(3, "DOTUSDT", seconds=600), Happening.TRADE)
    assert np.array_equal(trades["id"], np.arange(1, trades.size + 1))
    assert not (trades["price"] % int(rules.tick.scaleb(rules.price_decimals))).any()
    assert not (trades["quantity"] % int(rules.instrument.step.scaleb(rules.quantity_decimals))).any()
    assert set(np.unique(trades["side"])) == {-1, 1}


def test_mark_comes_each_second_and_is_never_the_last_price() -> None:
    rows = rows_of(5, seconds=300)
    marks = of_kind(rows, Happening.MARK)
    assert marks.size == 301
    last = 0
    for row in rows:
        if row["kind"] == Happening.TRADE:
            last = row["price"]
        elif row["kind"] == Happening.MARK:
            assert row["price"] != last
            assert abs(row["price"] / last - 1) < 0.01


def test_the_funding_rate_follows_the_premium_within_its_cap() -> None:
    calm = of_kind(rows_of(7, seconds=3_600, premium=0.0), Happening.RATE)["price"]
    wild = of_kind(rows_of(7, seconds=8 * 3_600, premium=0.01, pace=4.0), Happening.RATE)["price"]
    assert set(calm) == {10_000}
    assert wild.min() != wild.max()
    assert abs(wild).max() <= 300_000


def test_returns_have_fat_tails_and_their_size_clusters() -> None:
    trades = of_kind(rows_of(11, seconds=24 * 3_600, pace=8.0), Happening.TRADE)
    seconds = np.arange(START, START + 24 * HOUR, 30 * SECOND)
    prices = trades["price"][np.searchsorted(trades["at_ns"], seconds, side="right") - 1].astype(float)
    returns = np.diff(np.log(prices))
    excess = np.mean((returns - returns.mean()) ** 4) / returns.var() ** 2 - 3
    size = abs(returns)
    assert excess > 1
    assert np.corrcoef(size[:-1], size[1:])[0, 1] > 0.05


def test_trades_come_in_clusters_with_a_heavy_tail_of_sizes() -> None:
    trades = of_kind(rows_of(13, seconds=3_600), Happening.TRADE)
    each_second = np.bincount((trades["at_ns"] - START) // SECOND)
    assert each_second.var() > 1.5 * each_second.mean()
    sizes = trades["quantity"]
    assert np.quantile(sizes, 0.99) > 8 * np.median(sizes)


def test_instruments_move_together() -> None:
    market = GeneratedMarket(starting_rules(("BTCUSDT", "ETHUSDT")), GeneratedSpec(seed=2, correlation=0.8), START)
    rows = dict(market.until(START + 4 * HOUR))
    moves = [np.diff(np.log(of_kind(rows[n], Happening.INDEX)["price"][::30])) for n in ("BTCUSDT", "ETHUSDT")]
    assert np.corrcoef(*moves)[0, 1] > 0.5


def test_it_starts_where_it_is_told_and_refuses_what_the_rules_forbid() -> None:
    rules = starting_rules(("BTCUSDT",))
    market = GeneratedMarket(rules, GeneratedSpec(start_prices={"BTCUSDT": Decimal("50000")}), START)
    assert abs(of_kind(market.until(START)[0][1], Happening.TRADE)["price"][0] / 5_000_000 - 1) < 0.001
    with pytest.raises(SettingsError, match=r"outside of 261\.10 to 809484"):
        GeneratedMarket(rules, GeneratedSpec(start_prices={"BTCUSDT": Decimal(10)}), START)
    with pytest.raises(SettingsError, match="pace 0"):
        GeneratedSpec(pace=0)
