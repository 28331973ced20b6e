"""How much of one instrument an account can trade: to the last decimal, and never more than the risk allows."""

from dataclasses import replace
from decimal import ROUND_CEILING, Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.accounts import BTC, SHARE
from tests.support.markets import instrument

from geobuk.domain.errors import UserError
from geobuk.domain.instrument import TickBand
from geobuk.risk.controller import RiskController
from geobuk.risk.stake import Stake, TradePlan, locked_stake, stake

D = Decimal


def trade(**changes: Any) -> TradePlan:
    given_ = {"entry": D(60_000), "stop": D(57_000), "capital": D(10_000), "risk": D("0.01"), **changes}
    return TradePlan(**{name: D(str(value)) for name, value in given_.items()})


def test_230_usdt_and_one_per_cent_are_too_little_for_bitcoin() -> None:
    # per unit 3,000 + 117,000 * 0.0005 = 3,058.5; the smallest order is 0.002 (100 / 60,000 on the step) = 120 USDT
    found = stake(BTC, trade(capital=230))
    assert (found.code, found.quantity, found.notional, found.loss) == ("BELOW_MIN_NOTIONAL", D(0), D(0), D(0))
    assert found.capital_needed == D("611.70")
    assert found.text == (
        "with 230.00 USDT and 1.00% risk BTCUSDT can't be traded: the smallest order is 120.00 USDT, a stop at 57000.0 "
        "allows 45.12; it needs 611.70 USDT of capital or a nearer stop"
    )
    for part in ("230.00 USDT", "1.00%", "BTCUSDT", "120.00", "57000.0", "45.12", "611.70", "거래할 수 없습니다"):
        assert part in found.text_ko


def test_the_capital_that_is_needed_is_enough_and_a_cent_less_is_not() -> None:
    enough = stake(BTC, trade(capital="611.70"))
    assert (enough.code, enough.quantity, enough.notional, enough.loss) == ("OK", D("0.002"), D(120), D("6.117"))
    assert stake(BTC, trade(capital="611.69")).code == "BELOW_MIN_NOTIONAL"


def test_a_nearer_stop_makes_230_usdt_enough() -> None:
    # 600 + 119,400 * 0.0005 = 659.7; 2.3 / 659.7 = 0.003486
    found = stake(BTC, trade(capital=230, stop=59_400))
    assert (found.code, found.quantity, found.notional, found.loss) == ("OK", D("0.003"), D(180), D("1.9791"))
    assert (
        found.text == "BTCUSDT: 0.003 for 180.00 USDT; the stop at 59400.0 loses 1.98, 0.86% of equity, fees included"
    )
    assert "자산의 0.86%" in found.text_ko


def test_a_short_counts_the_way_up() -> None:
    found = stake(BTC, trade(stop=63_000))
    # 3,000 + 123,000 * 0.0005 = 3,061.5; 100 / 3,061.5 = 0.03266
    assert (found.quantity, found.loss) == (D("0.032"), D("97.968"))


@pytest.mark.parametrize(
    ("entry", "stop", "placed"),
    [
        ("60000.05", "57000.07", ("60000.1", "57000.0")),
        ("60000.05", "63000.01", ("60000.0", "63000.1")),
        ("60000.1", "57000.1", ("60000.1", "57000.1")),
    ],
)
def test_prices_between_ticks_move_apart(entry: str, stop: str, placed: tuple[str, str]) -> None:
    found = stake(BTC, trade(entry=entry, stop=stop))
    assert (found.entry, found.stop) == (D(placed[0]), D(placed[1]))


def test_a_tick_is_that_of_its_price_band() -> None:
    assert stake(SHARE, trade(entry=50_050, stop=49_999.5, capital=10**8)).entry == D(50_100)
    assert stake(SHARE, trade(entry=50_050, stop=49_999.5, capital=10**8)).stop == D(49_999)


def test_shares_pay_the_tax_on_the_sale_and_cost_no_more_than_there_is() -> None:
    found = stake(SHARE, trade(entry=70_000, stop=63_000, capital=10**7, risk="0.5"))
    # 7,000 + 133,000 * 0.00015 + 63,000 * 0.0015 = 7,114.45; risk allows 702, the cash 142
    assert found.quantity == D(142)
    assert found.loss == 142 * D("7114.45")
    assert found.notional * (1 + SHARE.taker_fee) <= 10**7
    assert stake(SHARE, trade(entry=70_000, stop=77_000)).code == "SHORT_FORBIDDEN"
    assert stake(BTC, trade(stop=63_000), allow_short=False).code == "SHORT_FORBIDDEN"


@pytest.mark.parametrize(
    ("changes", "code", "quantity"),
    [
        ({"most_notional": 119}, "NO_ROOM", "0"),
        ({"most_notional": 120}, "OK", "0.002"),
        ({"most_share": "0.0119"}, "NO_ROOM", "0"),
        ({"most_share": "0.012"}, "OK", "0.002"),
        ({"most_share": 0}, "NO_ROOM", "0"),
        ({"most_notional": 0}, "NO_ROOM", "0"),
        ({"capital": 10**9}, "OK", "1000.000"),
    ],
)
def test_limits_bound_it(changes: dict[str, Any], code: str, quantity: str) -> None:
    found = stake(replace(BTC, max_quantity=D(1_000)), trade(**changes))
    assert (found.code, found.quantity) == (code, D(quantity))
    assert ("limits leave" in found.text) == (code == "NO_ROOM")


def test_a_share_of_capital_tells_the_capital_it_needs() -> None:
    found = stake(BTC, trade(capital=1_000, most_share="0.1", risk="0.02"))
    assert (found.code, found.capital_needed) == ("NO_ROOM", D("1200.00"))
    assert stake(BTC, trade(capital=1_200, most_share="0.1", risk="0.02")).code == "OK"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"entry": 0}, "entry 0 is not a positive"),
    ({"stop": -1}, "stop -1"),
    ({"capital": "NaN"}, "capital NaN"),
    ({"risk": "Infinity"}, "risk Infinity"),
    ({"risk": 2}, "0.01 for 1 %"),
    ({"stop": 60_000}, "the stop 60000 is the entry"),
    ({"stop": "0.05"}, "below the first tick"),
    ({"most_notional": -1}, "most_notional -1"),
    ({"most_share": "NaN"}, "most_share NaN"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG, ids=[one[1] for one in WRONG])
def test_what_is_no_trade_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        stake(BTC, trade(**changes))


AMOUNT = st.decimals("0.5", "100000", places=2)


@given(
    entry=st.decimals("1", "90000", places=3),
    away=st.decimals("0.001", "0.5", places=4),
    side=st.sampled_from([1, -1]),
    capital=st.decimals("10", "1000000", places=2),
    risk=st.decimals("0.001", "1", places=3),
    tick=st.sampled_from(["0.01", "0.1", "0.003", "1"]),
    step=st.sampled_from(["0.001", "0.1", "1", "0.007"]),
    fee=st.sampled_from(["0", "0.0005", "0.001"]),
    least=st.sampled_from(["0", "5", "100"]),
    most=st.sampled_from(["Infinity", "1000"]),
)
def test_the_stop_never_loses_more_and_one_step_more_breaks_a_limit(
    entry: D, away: D, side: int, capital: D, risk: D, tick: str, step: str, fee: str, least: str, most: str
) -> None:
    rules = instrument(
        "AUSDT",
        ticks=(TickBand(D(0), D(tick)),),
        step=D(step),
        min_quantity=D(step),
        taker_fee=D(fee),
        min_notional=D(least),
    )
    stop = entry * (1 - side * away)
    assume(stop > D(tick) and stop != entry)
    wish = TradePlan(entry=entry, stop=stop, capital=capital, risk=risk, most_notional=D(most))
    found = stake(rules, wish)
    assert found.quantity % D(step) == 0
    per_unit = abs(found.entry - found.stop) + (found.entry + found.stop) * D(fee)
    allowed = capital * risk
    smallest = (max(D(step), D(least) / found.entry) / D(step)).to_integral_value(ROUND_CEILING) * D(step)
    if found.code == "OK":
        assert found.entry % D(tick) == found.stop % D(tick) == 0
        assert abs(found.entry - found.stop) >= abs(entry - stop)
        assert found.loss == found.quantity * per_unit <= allowed
        assert found.notional == found.quantity * found.entry <= D(most)
        assert found.notional >= D(least)
        more = found.quantity + D(step)
        assert more * per_unit > allowed or more * found.entry > D(most) or more > rules.max_quantity
    else:
        assert found.quantity == found.notional == found.loss == 0
        assert smallest * per_unit > allowed or smallest * found.entry > D(most)
    if found.code == "BELOW_MIN_NOTIONAL":
        rich = stake(rules, replace(wish, capital=found.capital_needed))
        assert rich.code == "OK" or most != "Infinity"
        if found.capital_needed > D("0.02"):
            assert stake(rules, replace(wish, capital=found.capital_needed - D("0.01"))).code != "OK"


def test_the_controllers_limits_bound_a_stake() -> None:
    controller = RiskController(10_000.0, max_concentration=0.25)
    found = controller.stake(BTC, trade(stop=59_700))  # the risk alone allows 0.277
    assert found.notional == D("2460.000")
    assert RiskController(10_000.0, max_leverage=0.1).stake(BTC, trade(stop=59_700)).notional == D("960.000")
    assert RiskController(allow_short=False).stake(BTC, trade(stop=63_000)).code == "SHORT_FORBIDDEN"


def test_a_drawdown_shrinks_a_stake_and_a_halt_forbids_it() -> None:
    controller = RiskController(10_000.0, max_drawdown_pct=0.2, daily_loss_pct=1.0, max_concentration=5.0)
    whole = controller.stake(BTC, trade()).loss
    controller.ledger.mark(8_600.0, at_ns=1)
    assert controller.stake(BTC, trade()).loss <= D("62.5") < whole
    controller.ledger.mark(8_000.0, at_ns=2)
    locked = controller.stake(BTC, trade())
    assert locked == locked_stake(BTC, trade())
    assert (locked.code, locked.quantity) == ("LOCKED", D(0))
    assert isinstance(locked, Stake)
    assert "잠겨" in locked.text_ko


@pytest.mark.parametrize("value", [60_000.5, "60000", None])
def test_an_inexact_amount_is_refused_with_what_to_write(value: Any) -> None:
    with pytest.raises(UserError, match="is not exact") as caught:
        TradePlan(entry=value, stop=D(57_000), capital=D(10_000), risk=D("0.01"))
    assert caught.value.cure == f'write Decimal("{value}"): it is money'


def test_whole_numbers_are_exact() -> None:
    assert stake(BTC, TradePlan(entry=60_000, stop=57_000, capital=10_000, risk=D("0.01"))) == stake(BTC, trade())  # type: ignore[arg-type]
