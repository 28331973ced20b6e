"""What a small account can trade, in exact decimals."""

from decimal import Decimal

import numpy as np
import pytest
from tests.support.markets import Row, instrument, panel_of, random_walk, spec_of

from geobuk.data.synthetic import MarketSpec, synthetic_panel
from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import Panel
from geobuk.risk.affordability import (
    RiskChoice,
    affordability,
    closing_states,
    full_weight,
    rules_of,
    smallest_order,
)
from geobuk.risk.spec import AccountSpec, Limits, Sizing, Stops
from geobuk.simulate.run import simulate

BTC = {"min_notional": Decimal(100), "step": Decimal("0.001"), "min_quantity": Decimal("0.001")}


def moving(price: float, share: float, bars: int = 24 * 40) -> list[Row]:
    """Bars that swing by ``share`` around a price, with a range of the same size."""
    return [(p := price * (1 + share * (t % 2)), p * (1 + share / 2), p * (1 - share / 2), p) for t in range(bars)]


def choice(capital: float, **sizing: float) -> RiskChoice:
    return RiskChoice(AccountSpec(capital=capital), Sizing(**sizing), Limits(), Stops(atr=0.0, fixed=0.05), NS_PER_HOUR)


def weight(panel: Panel, believers: int, chosen: RiskChoice) -> float:
    """Full weight of the panel's first instrument."""
    rules = rules_of(chosen)
    return full_weight(closing_states(panel, chosen.decide_ns, rules)[0], believers, rules)


@pytest.mark.parametrize(
    ("price", "rules", "notional"),
    [
        ("61200.0", BTC, "122.4000"),  # 100 / 61200 = 0.00163 -> 0.002
        ("100000", BTC, "100.000"),  # exactly one step
        ("99999.9", BTC, "199.9998"),  # a hair short of one step: two
        ("0.5", {"min_notional": Decimal(5), "step": Decimal(1), "min_quantity": Decimal(1)}, "5.0"),
        ("30", {"min_notional": Decimal(5), "step": Decimal(1), "min_quantity": Decimal(1)}, "30"),
        ("3", {"min_notional": Decimal(0), "step": Decimal(1), "min_quantity": Decimal(7)}, "21"),
        ("0.3", {"min_notional": Decimal("0.9"), "step": Decimal("0.1"), "min_quantity": Decimal("0.1")}, "0.90"),
    ],
)
def test_the_smallest_order_is_exact(price: str, rules: dict[str, Decimal], notional: str) -> None:
    assert smallest_order(instrument(**rules), Decimal(price)) == Decimal(notional)


def test_230_usdt_cannot_trade_bitcoin_and_the_text_names_the_numbers() -> None:
    panel = panel_of(moving(60_000.0, 0.02))
    answer = affordability(panel, [instrument(**BTC)], choice(230.0))[0]
    price = Decimal(repr(float(panel.close[-1, 0])))
    assert not answer.can_trade
    assert answer.code == "BELOW_MIN_NOTIONAL"
    assert answer.smallest_notional == Decimal("0.002") * price
    assert answer.wanted_notional < answer.smallest_notional
    for part in (
        "AUSDT",
        "230.00 USDT",
        "1.00% risk",
        f"{answer.smallest_notional:.2f}",
        f"{answer.wanted_notional:.2f}",
    ):
        assert part in answer.text
    assert f"{answer.capital_needed:.0f} USDT of capital" in answer.text
    assert f"{answer.smallest_notional:.2f}" in answer.text_ko


def test_with_the_capital_it_asks_for_it_can() -> None:
    panel, rules = panel_of(moving(60_000.0, 0.02)), [instrument(**BTC)]
    needed = affordability(panel, rules, choice(230.0))[0].capital_needed
    assert affordability(panel, rules, choice(float(needed) * 1.000001))[0].can_trade
    assert not affordability(panel, rules, choice(float(needed) * 0.999999))[0].can_trade


def test_wanted_times_capital_is_exact_decimal() -> None:
    panel = panel_of(moving(1.0, 0.001))
    one = choice(0.1, risk_per_trade=0.0)
    answer = affordability(panel, [instrument()], one)[0]
    assert answer.wanted_notional == Decimal("0.1") * Decimal(repr(weight(panel, 1, one)))


def test_stop_risk_bounds_what_may_be_held() -> None:
    # 1 % of the account on a stop 5 % away: a fifth of it, however calm the market
    panel = panel_of(moving(100.0, 0.0001))
    assert weight(panel, 1, choice(1_000.0)) == pytest.approx(0.2)


def test_limits_and_leverage_bound_what_may_be_held() -> None:
    panel = panel_of(moving(100.0, 0.0001))
    calm = RiskChoice(AccountSpec(), Sizing(risk_per_trade=0.0), Limits(max_weight=0.35), Stops(atr=0.0), NS_PER_HOUR)
    assert weight(panel, 1, calm) == 0.35
    bold = RiskChoice(
        AccountSpec(leverage=1), Sizing(risk_per_trade=0.0), Limits(max_weight=9.0), Stops(atr=0.0), NS_PER_HOUR
    )
    assert weight(panel, 1, bold) == 1.0


def test_the_risk_is_shared_among_the_instruments() -> None:
    panel = random_walk(1, 24 * 40, 4, holes=False)
    alone, among = (weight(panel, n, choice(1_000.0, risk_per_trade=0.0)) for n in (1, 4))
    assert among <= alone


def test_an_instrument_without_prices_is_said_to_have_none() -> None:
    panel = panel_of(moving(100.0, 0.01, 200), [None] * 200)
    answers = affordability(panel, [instrument("AUSDT"), instrument("BUSDT")], choice(1_000.0))
    assert [answer.code for answer in answers] == ["OK", "NO_PRICE"]
    assert answers[1].text == "BUSDT can't be sized: it has no price in this period"


def test_what_can_be_traded_says_how_much() -> None:
    answer = affordability(panel_of(moving(100.0, 0.001)), [instrument(min_notional=Decimal(5))], choice(7_700.0))[0]
    assert (answer.can_trade, answer.code) == (True, "OK")
    wanted, smallest = f"{answer.wanted_notional:.2f}", f"{answer.smallest_notional:.2f}"
    assert answer.text == f"AUSDT: up to {wanted} USDT at full forecast, the venue's minimum is {smallest}"


def test_an_account_that_can_trade_does_trade() -> None:
    """The answer and the decision path agree on both sides of the line."""
    panel: Panel = panel_of(moving(60_000.0, 0.004))
    rules = [instrument(**BTC)]
    needed = float(affordability(panel, rules, choice(230.0))[0].capital_needed)

    for factor, trades in ((0.5, False), (2.0, True)):
        spec = spec_of(
            account={"capital": needed * factor, "leverage": 3},
            sizing=Sizing(),
            limits=Limits(),
            stops={"fixed": 0.05},
        )
        result = simulate(panel, np.ones(panel.shape), rules, spec)
        assert (len(result.fills) > 0) == trades


def test_sizing_that_reads_no_volatility_still_gets_its_answer() -> None:
    panel = synthetic_panel(MarketSpec(seed=3, instruments=2, bars=2_000))
    chosen = RiskChoice(AccountSpec(), Sizing(method="notional"), Limits(), Stops(atr=0.0, fixed=0.05), NS_PER_HOUR)
    rules = [instrument(name) for name in panel.instruments]
    assert [answer.code for answer in affordability(panel, rules, chosen)] == ["OK", "OK"]
