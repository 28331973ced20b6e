"""Shares bought for cash: no leverage, no shorts, price limits, ticks, sell tax, settlement. Ledgers by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from tests.support.markets import Row, forecasts_of, instrument, panel_of, spec_of

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import DatedRate, DatedTicks, Instrument, InstrumentKind, TickBand
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import Panel
from geobuk.risk.reasons import Reason
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate

D = Decimal
TICKS = tuple(
    TickBand(D(floor), D(tick))
    for floor, tick in ((0, 1), (2_000, 5), (5_000, 10), (20_000, 50), (50_000, 100), (200_000, 500), (500_000, 1_000))
)
SEOUL_NS = 9 * NS_PER_HOUR
MONDAY_NS = int(datetime(2024, 3, 4, tzinfo=UTC).timestamp()) * 1_000_000_000 - SEOUL_NS


def share(name: str = "AUSDT", **changes: Any) -> Instrument:
    fields: dict[str, Any] = {
        "venue": "krx",
        "kind": InstrumentKind.SHARE,
        "quote": "KRW",
        "ticks": TICKS,
        "step": D(1),
        "min_quantity": D(1),
        "brackets": (),
        "price_band": D("0.30"),
        "settlement_days": 2,
        "can_short": False,
    }
    return instrument(name, **{**fields, **changes})


def days(*columns: list[Row], **changes: Any) -> Panel:
    return panel_of(*columns, start_ns=MONDAY_NS, interval="1d", utc_offset_ns=SEOUL_NS, **changes)


def flat(price: float, bars: int) -> list[Row]:
    return [(price, price, price, price)] * bars


def traded(panel: Panel, *forecasts: Any, rules: tuple[Instrument, ...] = (), **groups: Any) -> BacktestResult:
    limits = {"max_share_weight": 1.0, **groups.pop("limits", {})}
    spec = spec_of(account={"capital": 1_000_000.0, **groups.pop("account", {})}, limits=limits, **groups)
    return simulate(panel, forecasts_of(*forecasts), rules or tuple(share(name) for name in panel.instruments), spec)


def test_a_round_trip_pays_commission_on_both_sides_and_tax_on_the_sale() -> None:
    rules = (share(taker_fee=D("0.00015"), sell_tax=D("0.0018")),)
    r = traded(
        days([*flat(10_000, 3), *flat(11_000, 3)]),
        [0.5, 0.5, 0.5, 0, 0, 0],
        rules=rules,
        sizing={"rebalance_band": 1.0},
    )
    # half of 1,000,000 at 10,000: 50 shares; 500,000 * 0.00015 = 75
    # sold at 11,000: 550,000 * (0.00015 + 0.0018) = 1,072.5; profit 50,000
    assert r.fills["quantity"].tolist() == [50.0, -50.0]
    assert r.fills["fee"].tolist() == pytest.approx([75.0, 1_072.5])
    assert r.equity[-1] == pytest.approx(1_000_000 + 50_000 - 75 - 1_072.5)
    assert r.cash.tolist() == pytest.approx([1_000_000, 499_925, 499_925, 499_925, 1_048_852.5, 1_048_852.5])


def test_nothing_is_borrowed_and_nothing_is_sold_short_whatever_the_settings_ask_for() -> None:
    panel = days(flat(10_000, 4), flat(5_000, 4))
    r = traded(
        panel, [1] * 4, [-1] * 4, account={"leverage": 20, "margin": "isolated"}, sizing={"diversification": 10.0}
    )
    assert (r.gross <= r.equity + 1e-6).all()
    assert (r.position >= 0.0).all()
    assert r.refusals[Reason.SHORT_FORBIDDEN, 1] > 0


def test_an_order_waits_while_the_bar_lies_beyond_the_price_limits() -> None:
    # 10,000 * 1.3 = 13,000 is the highest price of the next day: 14,000 can't be paid; from 14,000 on, 18,200 is
    r = traded(days([*flat(10_000, 2), *flat(14_000, 3)]), [0, 0.5, 0.5, 0.5, 0.5], sizing={"rebalance_band": 1.0})
    assert r.fills["bar"].tolist() == [3]
    assert r.refusals[Reason.UNPRINTABLE, 0] == 1


@pytest.mark.parametrize(("locked_participation", "bars"), [(0.0, [3]), (0.01, [2])])
def test_a_day_locked_at_its_limit_is_bought_only_by_the_share_that_is_asked_for(
    locked_participation: float, bars: list[int]
) -> None:
    locked: Row = (13_000, 13_000, 13_000, 13_000, 1_000)
    panel = days([*flat(10_000, 2), locked, *flat(13_500, 2)])
    costs = {"locked_participation": locked_participation}
    r = traded(panel, [0, 0.5, 0.5, 0.5, 0.5], costs=costs, sizing={"rebalance_band": 1.0})
    assert r.fills["bar"].tolist() == bars
    assert r.fills["quantity"][0] == (10.0 if locked_participation else 38.0)  # 500,000 at the 13,000 of the decision
    assert r.refusals[Reason.LIMIT_LOCKED, 0] == 1


def test_a_day_locked_at_its_lower_limit_can_not_be_left() -> None:
    panel = days([*flat(10_000, 3), *flat(7_000, 1), *flat(6_500, 2)])
    r = traded(panel, [0.5, 0.5, 0, 0, 0, 0], sizing={"rebalance_band": 1.0})
    assert r.fills["bar"].tolist() == [1, 4]
    assert r.fills["price"].tolist() == [10_000.0, 6_500.0]


def test_a_day_that_opens_at_the_limit_and_comes_off_it_is_bought_there() -> None:
    panel = days([*flat(10_000, 2), (13_000, 13_000, 12_000, 12_500), *flat(12_500, 1)])
    r = traded(panel, [0, 0.5, 0.5, 0.5], sizing={"rebalance_band": 1.0})
    assert (r.fills["bar"].tolist(), r.fills["price"].tolist()) == ([2], [13_000.0])


def test_no_volume_no_fill_and_a_halted_day_never_fills() -> None:
    silent: Row = (10_000, 10_000, 10_000, 10_000, 0.0)
    panel = days([*flat(10_000, 2), silent, *flat(10_000, 3)], masked=[(3, 0)])
    r = traded(panel, [0, 0.5, 0.5, 0.5, 0.5, 0.5], sizing={"rebalance_band": 1.0})
    # nothing is decided on the halted day either: the order of the next close fills the day after
    assert r.fills["bar"].tolist() == [5]


def test_fills_lie_on_the_tick_rounded_against_us_and_inside_the_bar() -> None:
    # a spread of 20 bps on 20,010 is 20,050.02: on the 50-won tick that is 20,100, but the bar ends at 20,060
    panel = days([*flat(20_000, 2), (20_010, 20_060, 19_990, 20_050), *flat(20_050, 2)])
    r = traded(panel, [0, 0.5, 0.5, 0, 0], costs={"half_spread_bps": 20.0}, sizing={"rebalance_band": 1.0})
    assert r.fills["price"].tolist() == [20_050.0, 20_050.0]
    bought, sold = r.fills
    # what the print could not show is paid all the same
    assert bought["slippage"] == pytest.approx(20_010 * 0.002 * bought["quantity"], rel=1e-9)
    assert sold["slippage"] == pytest.approx(20_050 * 0.002 * -sold["quantity"], rel=1e-9)


def test_a_bar_without_a_price_on_the_tick_can_not_fill() -> None:
    panel = days([*flat(20_000, 2), (20_010, 20_030, 20_005, 20_020), *flat(20_050, 2)])
    r = traded(panel, [0, 0.5, 0.5, 0.5, 0.5], sizing={"rebalance_band": 1.0})
    assert r.fills["bar"].tolist() == [3]
    assert r.refusals[Reason.UNPRINTABLE, 0] == 1


def test_proceeds_are_spent_at_once_or_wait_two_sessions() -> None:
    a, b = flat(10_000, 8), flat(5_000, 8)
    wishes = ([1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1, 1, 1])
    sizing = {"rebalance_band": 1.0, "diversification": 2.0}
    at_once = traded(days(a, b), *wishes, sizing=sizing)
    waiting = traded(days(a, b), *wishes, sizing=sizing, account={"reuse_proceeds": False})
    first_buy = [int(r.fills["bar"][r.fills["instrument"] == 1][0]) for r in (at_once, waiting)]
    # sold on bar 3 and spent on the same bar, or from the second session after on
    assert first_buy == [3, 5]


def test_the_tax_and_the_ticks_are_those_of_the_day_of_the_trade() -> None:
    old = (TickBand(D(0), D(50)),)
    rules = (
        share(
            sell_tax=D("0.0015"),
            sell_taxes=(DatedRate(date(2020, 1, 1), D("0.0018")), DatedRate(date(2024, 3, 8), D("0.0015"))),
            dated_ticks=(DatedTicks(date(2020, 1, 1), old), DatedTicks(date(2024, 3, 7), TICKS)),
        ),
    )
    panel = days([*flat(10_000, 2), (10_010, 10_060, 10_000, 10_010), *flat(10_010, 3)])
    r = traded(panel, [0, 0.5, 0.25, 0.25, 0, 0], rules=rules, sizing={"rebalance_band": 0.1})
    # bar 2 is 6 March: 10,010 is rounded up to 10,050; bar 3 is 7 March, with new ticks; bar 5 is 9 March
    assert [(int(f["bar"]), float(f["price"])) for f in r.fills] == [(2, 10_050.0), (3, 10_010.0), (5, 10_010.0)]
    rates = r.fills["fee"] / (np.abs(r.fills["quantity"]) * r.fills["price"])
    assert rates.tolist() == pytest.approx([0.0, 0.0018, 0.0015])


def test_one_name_and_one_sector_have_ceilings() -> None:
    panel = days(*(flat(1_000, 3) for _ in range(5)))
    rules = tuple(
        share(name, sector=sector)
        for name, sector in zip(panel.instruments, ("steel", "steel", "steel", "steel", "paper"), strict=True)
    )
    limits = {"max_share_weight": 0.10, "max_sector": 0.30}
    r = traded(panel, *([1] * 3 for _ in range(5)), rules=rules, limits=limits)
    # four of steel at 10 % are 40 %: each is cut to 7.5 %; the one of paper keeps 10 %
    assert (r.position[-1] * 1_000 / 1_000_000).tolist() == pytest.approx([0.075] * 4 + [0.10])
    assert r.refusals[Reason.CLAMPED_WEIGHT].min() > 0
    assert r.refusals[Reason.CLAMPED_SECTOR].tolist()[4] == 0


def test_shares_and_perpetuals_have_no_account_in_common() -> None:
    panel = days(flat(10_000, 3), flat(100, 3))
    with pytest.raises(DataError, match="AUSDT is a share and BUSDT is not"):
        traded(panel, [1] * 3, [1] * 3, rules=(share(), instrument("BUSDT")))


def test_a_loss_can_not_exceed_what_was_paid() -> None:
    panel = days([*flat(10_000, 2), *((round(10_000 * 0.71**k, -1),) * 4 for k in range(1, 6))])
    r = traded(panel, [1] * 7, sizing={"rebalance_band": 1.0})
    assert (r.equity > 0.0).all()
    assert r.insurance == 0.0
    assert not (r.fills["reason"] == Reason.LIQUIDATION).any()


def test_days_are_those_of_the_venue() -> None:
    # hourly bars from 09:00 in Seoul, that is midnight UTC, to the next morning: two sessions
    start = MONDAY_NS + 9 * NS_PER_HOUR
    first, second = start + NS_PER_HOUR * np.arange(6), start + NS_PER_DAY + NS_PER_HOUR * np.arange(6)
    panel = days([*flat(10_000, 6), *flat(14_000, 6)])
    panel = Panel(**{**vars(panel), "interval_ns": NS_PER_HOUR, "at_ns": np.concatenate([first, second])})
    r = traded(panel, [0.5] * 5 + [0] + [0.5] * 6, sizing={"rebalance_band": 1.0})
    # on the second day every price lies beyond 13,000, so that nothing fills the whole day
    assert set(r.fills["bar"].tolist()) == {1}


def test_a_sector_makes_room_for_what_can_not_be_sold() -> None:
    panel = days(*(flat(1_000, 6) for _ in range(4)), masked=[(t, 0) for t in range(3, 6)])
    rules = tuple(share(name, sector="steel") for name in panel.instruments)
    wishes = ([1] * 6, [0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1], [0, 0, 1, 1, 1, 1])
    r = traded(panel, *wishes, rules=rules, limits={"max_share_weight": 0.10, "max_sector": 0.30})
    # 10 % of A is held while it is halted: the other three share 20 %
    assert r.position[-1, 0] == 100.0
    assert (r.position[-1] * 1_000).sum() <= 0.30 * 1_000_000


def test_the_base_of_the_limits_is_the_last_close_even_of_a_bar_that_did_not_trade() -> None:
    # 10,000, then a masked 7,100: the next day may go down to 4,970, so that 5,500 can be sold
    panel = days([*flat(10_000, 3), *flat(7_100, 1), *flat(5_500, 2)], masked=[(3, 0)])
    r = traded(panel, [0.5, 0.5, 0, 0, 0, 0], sizing={"rebalance_band": 1.0})
    assert [(int(f["bar"]), float(f["price"])) for f in r.fills] == [(1, 10_000.0), (4, 5_500.0)]


def test_bars_longer_than_a_day_have_no_limits_of_a_day() -> None:
    week: Row = (9_000, 9_100, 5_000, 5_200)
    panel = panel_of(
        [*flat(10_000, 3), week, *flat(5_200, 1)], start_ns=MONDAY_NS, interval="1w", utc_offset_ns=SEOUL_NS
    )
    r = traded(panel, [0.5] * 5, sizing={"rebalance_band": 1.0}, stops={"fixed": 0.4})
    assert r.fills["price"][1] == 6_000.0


def test_a_print_better_than_the_reference_is_not_a_cost() -> None:
    # the bar opens off the tick above its last price on it: 20,030 is printed at 20,000
    panel = days([*flat(20_000, 2), (20_030, 20_030, 19_990, 20_000), *flat(20_000, 1)])
    (fill,) = traded(panel, [0, 0.5, 0.5, 0.5], sizing={"rebalance_band": 1.0}).fills
    assert fill["price"] == 20_000.0
    assert fill["cash"] == pytest.approx(-fill["fee"] - 0.0 - (fill["slippage"] - (20_000 - 20_030) * fill["quantity"]))


def test_a_settlement_longer_than_can_be_awaited_is_refused() -> None:
    with pytest.raises(DataError, match="settles after 4 sessions"):
        traded(days(flat(10_000, 3)), [1] * 3, rules=(share(settlement_days=4),))


def test_a_share_that_settles_at_once_keeps_to_its_ticks_too() -> None:
    panel = days([*flat(20_000, 2), (20_010, 20_030, 20_005, 20_020), *flat(20_050, 2)])
    r = traded(panel, [0, 0.5, 0.5, 0.5, 0.5], rules=(share(settlement_days=0),), sizing={"rebalance_band": 1.0})
    assert r.fills["bar"].tolist() == [3]


RUNG = {"fixed": 0.05, "take_profit": (1.0,), "take_share": (0.5,)}


@pytest.mark.parametrize(
    ("bar", "price"),
    [
        ((10_200, 10_510, 10_200, 10_400), 10_500),  # the limit, through which it traded
        ((10_735, 10_800, 10_700, 10_800), 10_730),  # the open, on the tick below
        ((13_000, 13_000, 13_000, 13_000), 13_000),  # locked at the upper limit, where all buy
    ],
)
def test_a_rung_sells_shares_on_the_tick_and_pays_the_tax(bar: Row, price: float) -> None:
    rules = (share(maker_fee=D("0.00015"), sell_tax=D("0.0018")),)
    r = traded(days([*flat(10_000, 2), bar]), [0.5] * 3, rules=rules, stops=RUNG, sizing={"rebalance_band": 1.0})
    bought, sold = r.fills
    assert (sold["quantity"], sold["price"], sold["reason"]) == (-25.0, price, Reason.TAKE_PROFIT)
    assert sold["fee"] == pytest.approx(25 * price * 0.00195)
    assert bought["quantity"] == 50.0


def test_a_rung_of_shares_is_rounded_up_to_whole_ones_and_to_the_tick() -> None:
    # 10,210 and a stop 5 % below, at 9,700 on the tick: R = 510, half of it 255; 10,465 lies off the tick
    stops = {"fixed": 0.05, "take_profit": (0.5,), "take_share": (0.33,)}
    panel = days([*flat(10_210, 2), (10_210, 10_480, 10_210, 10_300)])
    r = traded(panel, [0.5] * 3, stops=stops, sizing={"rebalance_band": 1.0})
    assert [(f["quantity"], f["price"]) for f in r.fills] == [(48.0, 10_210.0), (-16.0, 10_470.0)]
