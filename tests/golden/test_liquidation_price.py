"""Liquidation prices against the published examples and the formula

LP = (WB - TMM + UPNL + cum - s q EP) / (q mmr - s q)     Source: Binance, how to calculate the liquidation price.

The loop finds the price by halving a path sixty times, so it agrees to about 1e-12 of the bar's range; tolerances are
those of the printed figures.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.markets import brackets, fill_rows, forecasts_of, panel_of, run, spec_of
from tests.support.records import account_row, fill_log, market_row, rules_from, state_row, table_of, term_row

from geobuk.domain.instrument import LeverageBracket
from geobuk.risk.reasons import Reason
from geobuk.simulate.book import Cashbook
from geobuk.simulate.liquidation import check_margin

BTC = brackets()
FAQ_BTC = brackets(
    [(10**6, 50, "0.01", 1_300), (10**7, 20, "0.025", 16_300), *((10**n, 10, "0.05", 266_300) for n in range(8, 14))]
)
FAQ_ETH = brackets(
    [(10**6, 25, "0.02", 0), (10**7, 5, "0.1", 135_365), *((10**n, 2, "0.25", 10**6) for n in range(8, 14))]
)


@pytest.mark.parametrize(
    ("quantity", "entry", "wallet", "margin", "price"),
    [
        (0.5, 60_000.0, 3_000.0, BTC, 54_216.867470),
        (-0.5, 60_000.0, 3_000.0, BTC, 65_737.051793),
        (10.0, 60_000.0, 30_000.0, BTC, 57_256.281407),  # the second tier holds at the liquidation price
        (0.2, 50_000.0, 1_000.0, BTC, 45_180.722892),
        (-0.2, 50_000.0, 1_000.0, BTC, 54_780.876494),
    ],
)
def test_isolated_examples(
    quantity: float, entry: float, wallet: float, margin: tuple[LeverageBracket, ...], price: float
) -> None:
    book = table_of(state_row(quantity=quantity, entry=entry, wallet=wallet, last=entry))
    rows = table_of(market_row(entry, low=entry * 0.8, high=entry * 1.2))
    log, account = fill_log(), account_row(cash=wallet, held=1)
    rules = rules_from(account={"margin": "isolated", "leverage": 10})
    check_margin(1.0, rows, book, table_of(term_row(brackets=margin)), rules, Cashbook(account, log))
    assert account["fills"] == 1
    assert log[0]["reason"] == Reason.LIQUIDATION
    assert log[0]["price"] == pytest.approx(price, rel=1e-9)
    assert book[0]["quantity"] == 0.0


def test_cross_example_with_another_position() -> None:
    """WB 5000, 0.5 at 60000; the other position stands at UPNL -1000 and maintenance 124: 1 at 32000, now 31000."""
    book = table_of(state_row(quantity=0.5, entry=60_000.0), state_row(quantity=1.0, entry=32_000.0, index=1))
    rows = table_of(market_row(60_000.0, low=50_000.0), market_row(31_000.0))
    log, account = fill_log(), account_row(cash=5_000.0, held=2)
    check_margin(1.0, rows, book, table_of(*[term_row(brackets=BTC)] * 2), rules_from(), Cashbook(account, log))
    assert log[0]["price"] == pytest.approx(52_457.831325, rel=1e-9)
    assert log[1]["price"] == 31_000.0
    assert account["held"] == 0


@pytest.mark.parametrize(
    ("falling", "price", "others_mark"),
    [
        ("eth", 1_153.26, 31_967.27),  # the others: UPNL -56354.57, maintenance 71200.81
        ("btc", 26_316.89, 1_335.18),  # UPNL -448192.89, maintenance 356512.51
    ],
)
def test_published_cross_account_of_two_contracts(falling: str, price: float, others_mark: float) -> None:
    eth, btc = (3_683.979, 1_456.84, FAQ_ETH), (109.488, 32_481.98, FAQ_BTC)
    (quantity, entry, tiers), (other, other_entry, other_tiers) = (eth, btc) if falling == "eth" else (btc, eth)
    book = table_of(state_row(quantity=quantity, entry=entry), state_row(quantity=other, entry=other_entry, index=1))
    rows = table_of(market_row(entry, low=entry * 0.5), market_row(others_mark))
    terms = table_of(term_row(brackets=tiers), term_row(brackets=other_tiers))
    log, account = fill_log(), account_row(cash=1_535_443.01, held=2)
    check_margin(1.0, rows, book, terms, rules_from(), Cashbook(account, log))
    assert log[0]["price"] == pytest.approx(price, abs=0.05)


@given(
    st.sampled_from([1.0, -1.0]),
    st.floats(0.01, 40.0),
    st.floats(1_000.0, 90_000.0),
    st.integers(3, 60),
)
def test_the_loop_agrees_with_the_formula_at_any_size(side: float, size: float, entry: float, leverage: int) -> None:
    wallet = size * entry / leverage
    book = table_of(state_row(quantity=side * size, entry=entry, wallet=wallet))
    rows = table_of(market_row(entry, low=entry * 0.3, high=entry * 1.7))
    log, account = fill_log(), account_row(cash=wallet, held=1)
    rules = rules_from(account={"margin": "isolated"})
    check_margin(1.0, rows, book, table_of(term_row(brackets=BTC)), rules, Cashbook(account, log))
    assert log[0]["price"] == pytest.approx(formula(side, size, entry, wallet), rel=1e-7)


def formula(side: float, size: float, entry: float, wallet: float) -> float:
    """The published formula; the tier is the one that holds at its own price."""
    for tier in BTC:
        rate, cumulative = float(tier.maintenance_rate), float(tier.cumulative)
        price = (wallet + cumulative - side * size * entry) / (size * rate - side * size)
        if float(tier.floor) <= size * price < float(tier.cap):
            return price
    raise AssertionError("no tier holds")


def test_the_whole_loop_liquidates_at_the_example_price() -> None:
    """0.5 BTC bought at 60000 at leverage 10 with a wallet of 3000."""
    panel = panel_of([(60_000,) * 4, (60_000,) * 4, (60_000, 60_000, 50_000, 52_000)])
    spec = spec_of(
        account={"capital": 3_000.0, "leverage": 10, "margin": "isolated"},
        sizing={"diversification": 10.0, "rebalance_band": 1.0},
    )
    result = run(panel, forecasts_of([1, 1, 1]), spec, brackets=BTC)
    assert fill_rows(result)[1][:3] == (2, 0, -0.5)
    assert result.fills[1]["price"] == pytest.approx(54_216.867470, rel=1e-9)
    # What is left is the maintenance margin at that price: 0.5 * 54216.87 * 0.004
    assert result.equity[-1] == pytest.approx(108.433735, rel=1e-6)
    assert np.all(result.equity >= 0.0)
