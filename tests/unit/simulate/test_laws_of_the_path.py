"""Laws of the whole path, each against a history that would break it: what a careless loop gets wrong."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import numpy as np
import pytest
from tests.support.markets import (
    START_NS,
    flat_bars,
    flat_tiers,
    forecasts_of,
    instrument,
    panel_of,
    random_walk,
    run,
    spec_of,
)
from tests.support.records import term_row

from geobuk.domain.errors import UserError
from geobuk.domain.instrument import TickBand
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR
from geobuk.panel import Panel
from geobuk.risk.affordability import RiskChoice, affordability
from geobuk.risk.margin import maintenance_margin
from geobuk.risk.reasons import Reason
from geobuk.risk.spec import AccountSpec, Limits, Sizing, Stops
from geobuk.simulate.pessimism import pessimism
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec
from geobuk.simulate.sweep import sweep

f = flat_bars


def test_partly_stopped_position_never_stays_without_a_stop() -> None:
    bars = [*f(100, 3), (100, 100, 90, 92, 2.0), (92, 92, 92, 92, 2.0), *f(92, 2, 2.0), *[(60,) * 4] * 2]
    r = run(panel_of(bars), forecasts_of([1] * 9), spec_of(stops={"fixed": 0.05}, sizing={"rebalance_band": 1.0}))
    # stopped at 95 in bar 3 with room for 2 of 10: the rest goes on leaving, 2 a bar, whatever the forecast says
    assert r.position[3:8, 0].tolist() == [8.0, 6.0, 4.0, 2.0, 0.0]
    assert r.equity[-1] == 1_000 - 2 * 5 - 6 * 8 - 2 * 40


def test_also_with_a_cool_down_when_volume_is_thin() -> None:
    bars = [*f(100, 3), (100, 100, 90, 92, 2.0), *f(92, 6, 1.0), *[(60,) * 4] * 2]
    r = run(panel_of(bars), forecasts_of([1] * 12), spec_of(stops={"fixed": 0.05, "cooldown_hours": 2.0}))
    # bars 4 and 5 sell one each; at bar 6 the cool-down is over and the forecast buys into a position without a stop
    assert r.equity[-1] > 800


def test_cross_counts_a_realised_loss_once() -> None:
    a, b = [*f(100, 2), *f(70, 4)], f(50, 6)
    n = None
    r = run(panel_of(a, b), forecasts_of([1, 1, n, n, n, n], [n, n, 1, 1, 1, 1]))
    # 700 of equity, nothing held after A is sold: 700 / 50 = 14 at once
    assert r.position[3, 1] == 14.0


def test_cross_counts_a_realised_profit_once() -> None:
    a, b = [*f(100, 2), *f(130, 4)], [*f(50, 3), *[(60,) * 4] * 3]
    n = None
    r = run(panel_of(a, b), forecasts_of([1, 1, n, n, n, n], [n, n, 1, 1, 1, 1]))
    assert (r.gross / r.equity).max() <= 1.0 + 1e-9  # leverage is 1


def test_a_band_never_keeps_a_position_above_its_limit() -> None:
    a = [(round(100 * 1.2**i, 2),) * 4 for i in range(8)]
    spec = spec_of(sizing={"rebalance_band": 1.0, "diversification": 0.5}, limits={"max_weight": 0.5, "max_gross": 0.5})
    r = run(panel_of(a), forecasts_of([1] * 8), spec)
    # decided at each close, so by the next close at most one bar of drift (20 %) lies above 0.5
    assert (r.gross / r.equity).max() < 0.5 * 1.2 + 0.01


def test_what_is_held_in_a_masked_instrument_counts_into_gross() -> None:
    p = panel_of(f(100, 6), f(100, 6), masked=[(t, 0) for t in range(2, 6)])
    spec = spec_of(limits={"max_gross": 1.0}, account={"leverage": 5}, sizing={"diversification": 2.0})
    r = run(p, forecasts_of([1] * 6, [None, 0, 1, 1, 1, 1]), spec)
    assert (r.gross / r.equity).max() <= 1.0 + 1e-9


def test_a_masked_bar_does_not_trade_when_the_account_is_liquidated() -> None:
    p = panel_of(f(100, 5), [*f(100, 2), (100, 100, 5, 10), *f(10, 2)], masked=[(2, 0), (3, 0)])
    r = run(p, forecasts_of([1] * 5, [1] * 5), spec_of(account={"leverage": 5}, sizing={"diversification": 4.0}))
    assert p.tradable[r.fills["bar"], r.fills["instrument"]].all()


def test_nor_when_a_mark_price_fell_before_it() -> None:
    p = panel_of(f(100, 6), mark=[100, 100, 100, 50, np.nan, np.nan], masked=[(4, 0), (5, 0)])
    spec = spec_of(account={"leverage": 5, "margin": "isolated"}, sizing={"diversification": 4.0})
    r = run(p, forecasts_of([1] * 6), spec)
    assert p.tradable[r.fills["bar"], r.fills["instrument"]].all()


def test_liquidation_looks_at_the_mark() -> None:
    p = panel_of(f(100, 6), mark=[100, 100, 100, 50, 100, 100])
    isolated = {"leverage": 5, "margin": "isolated"}
    spec = spec_of(account=isolated, sizing={"diversification": 4.0, "rebalance_band": 1.0})
    r = run(p, forecasts_of([1] * 6), spec)
    # 40 at 100 with a wallet of 800; at a mark of 50 the venue has closed it: at most 800 can be lost
    assert r.equity.min() >= 200 - 1e-6


def test_a_stop_entry_is_not_stopped_at_a_price_from_before_it() -> None:
    bars = [*f(100, 1), (100, 108, 99.5, 107), *f(107, 2)]
    spec = spec_of(
        orders={"type": "stop", "offset_bps": 500},
        stops={"fixed": 0.02, "cooldown_hours": 5.0},
        sizing={"diversification": 0.9},
    )
    r = run(panel_of(bars), forecasts_of([1] * 4), spec)
    # in at 105, stop at 102.90. The open 100 was before the entry: out at 102.9 at the worst, never at 100
    stops = r.fills[r.fills["reason"] == Reason.STOP]
    assert (stops["price"] >= 102.9 - 1e-9).all()


@pytest.mark.parametrize("offset_minutes", [30, 15])
def test_empty_decide_every_decides_on_every_bar_wherever_bars_start(offset_minutes: int) -> None:
    p = panel_of(f(100, 6), start_ns=START_NS + offset_minutes * 60 * 10**9)
    assert run(p, forecasts_of([1] * 6)).decisions == 6


def test_adding_bars_never_changes_funding_in_a_gap() -> None:
    rows = [*f(100, 4), *[None] * 10, *f(100, 2)]
    p = panel_of(rows, funding_hours=[8])
    beliefs = forecasts_of([1] * 16)
    np.testing.assert_array_equal(run(p, beliefs).equity[:12], run(p.rows(0, 12), beliefs[:12]).equity)


def test_an_isolated_flip_takes_no_more_margin_than_there_is() -> None:
    bars = [*f(100, 3), *f(75, 3)]
    spec = spec_of(account={"leverage": 3, "margin": "isolated"}, sizing={"diversification": 3.0})
    r = run(panel_of(bars), forecasts_of([1, 1, -1, -1, -1, -1]), spec)
    # 30 sold at 75 leaves 250 in cash: a short of 10 at leverage 3, not of 30
    assert (r.initial_margin <= r.cash + 1e-6).all()


def test_a_trailing_stop_knows_no_extreme_from_before_the_entry() -> None:
    bars = [*f(100, 1), (100, 101, 94, 95.5), (95.5, 96, 95.4, 96), *f(96, 2)]
    spec = spec_of(orders={"type": "limit", "offset_bps": 500}, stops={"trailing": 0.05, "cooldown_hours": 9.0})
    r = run(panel_of(bars), forecasts_of([1] * 5), spec)
    # bought at 95 inside bar 1 whose high 101 came with the open: best since entry is 95.5 to 96, stop about 91
    assert Reason.STOP not in r.fills["reason"]


def test_a_flip_that_waits_over_a_mask_keeps_its_exit() -> None:
    p = panel_of(f(100, 7), masked=[(3, 0)])
    r = run(p, forecasts_of([1, 1, -1, -1, -1, -1, -1]))
    # like a plain exit, which leaves at bar 4's open
    assert r.position[4, 0] <= 0.0


class Bold:
    def __init__(self, size: float) -> None:
        self.size = size

    def forecast(self, panel: Panel) -> np.ndarray:
        return np.full(panel.shape, self.size)


RUIN = panel_of([*f(100, 3), *f(10, 80)])
RUINOUS = spec_of(account={"leverage": 5}, sizing={"diversification": 5.0})


def test_one_ruined_set_does_not_end_a_sweep() -> None:
    swept = sweep(RUIN, [Bold(1.0), Bold(0.1)], [instrument()], RUINOUS)
    assert swept.final_equity[0] == pytest.approx(0.0)


def test_affordability_knows_how_often_is_decided() -> None:
    p = random_walk(3, 24 * 60, 1, holes=False, volatility=0.01)
    spec = msgspec.structs.replace(BacktestSpec(), account=AccountSpec(capital=2_300.0), decide_every="1d")
    rules = [instrument(min_notional=Decimal(100))]
    answer = affordability(p, rules, RiskChoice(spec.account, spec.sizing, spec.limits, spec.stops, NS_PER_DAY))[0]
    r = simulate(p, np.ones(p.shape), rules, spec)
    assert r.refusals[Reason.BELOW_MIN_NOTIONAL].sum() > 50  # every single entry is refused
    assert not answer.can_trade


def test_a_still_market_is_explained_without_infinity() -> None:
    choice = RiskChoice(AccountSpec(), Sizing(), Limits(), Stops(), NS_PER_HOUR)
    assert "Infinity" not in affordability(panel_of(f(100, 10)), [instrument()], choice)[0].text


def test_break_even_in_basis_points_of_free_trading_is_not_nan() -> None:
    p = panel_of([*f(100, 3), *[(100 + i,) * 4 for i in range(60)]])
    answer = pessimism(run(p, np.ones(p.shape)), [instrument()])
    assert answer.break_even_multiplier == np.inf
    assert not np.isnan(answer.break_even_bps)


def test_a_position_in_an_instrument_that_ended_is_said_to_be_stuck() -> None:
    p = panel_of([*f(100, 4), *[None] * 60], f(50, 64))
    r = run(p, forecasts_of([1] * 4 + [None] * 60, [None] * 64))
    assert r.position[-1, 0] != 0.0
    assert any("AUSDT" in str(note) for note in r.notes if "mark" not in str(note).lower())


def test_a_panel_with_missing_rows_skips_no_funding_in_silence() -> None:
    p = panel_of(f(100, 12), funding_hours=[8])
    keep = np.array([t for t in range(12) if not 5 <= t <= 9])  # the 08:00 stamp falls into the hole
    prices = ("at_ns", "open", "high", "low", "close", "volume", "mark", "funding", "funding_inside", "tradable")
    holed = replace(p, **{name: getattr(p, name)[keep] for name in prices})
    r = run(holed, forecasts_of([1] * len(keep)), spec_of(sizing={"rebalance_band": 1.0}))
    assert r.funding[0] == pytest.approx(1_000 * 0.0003)


def test_the_worst_case_is_per_eight_hours_also_for_a_daily_stamp() -> None:
    p = panel_of(f(100, 30), funding_hours=[24])
    r = run(p, forecasts_of([1] * 30), spec_of(sizing={"rebalance_band": 1.0}))
    assert r.funding[0] == pytest.approx(1_000 * 0.0003 * 3)


def test_volume_that_is_not_a_number_is_a_users_error() -> None:
    p = panel_of(f(100, 6))
    volume = p.volume.copy()
    volume[3:] = np.nan
    with pytest.raises(UserError):
        run(replace(p, volume=volume), forecasts_of([None, None, 1, 1, 1, 1]))


def test_what_a_stop_could_not_sell_is_still_called_a_stop() -> None:
    bars = [*f(100, 2), (98, 99, 90, 94, 4), (94, 94, 94, 94, 4), (93, 93, 93, 93, 4)]
    r = run(panel_of(bars), forecasts_of([1] * 5), spec_of(stops={"fixed": 0.05, "cooldown_hours": 9}))
    assert r.trades.exit_reason.tolist() == [Reason.STOP]


def test_the_first_tiers_cumulative_amount_counts() -> None:
    term = term_row(brackets=flat_tiers("0.1", cumulative=135_365))
    assert maintenance_margin(4_248_572.0, term) == pytest.approx(424_857.2 - 135_365)


def test_funding_draws_on_an_isolated_wallet_and_the_account_never_owes() -> None:
    # 10x on 1,000, two months of worst-case funding on a flat price, then a fall that no wallet survives
    isolated = {"leverage": 10, "margin": "isolated"}
    p = panel_of([*f(100, 24 * 60), *f(85, 12)], funding_hours=[8])
    r = run(
        p,
        forecasts_of([1] * len(p.at_ns)),
        spec_of(account=isolated, sizing={"diversification": 9.0, "rebalance_band": 1.0}),
        brackets=flat_tiers(),
    )
    assert r.funding[0] > 300.0
    assert r.liquidation_fees[0] >= 0.0
    assert Reason.LIQUIDATION in r.fills["reason"]
    assert r.equity.min() >= 0.0


def test_the_harsh_run_never_ends_a_backtest_that_succeeded() -> None:
    # flat before the 08:00 stamp; a bar late it would hold over it
    p = panel_of(f(100, 12), funding_hours=[8])
    spec = spec_of(funding={"missing": "error"})
    r = run(p, forecasts_of([None, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]), spec)
    assert np.isfinite(pessimism(r, [instrument()]).harsh_return)


def test_an_account_without_equity_closes_no_new_lock_each_day() -> None:
    bars = [*f(100, 30), *f(1, 24 * 5)]
    spec = spec_of(account={"leverage": 5}, sizing={"diversification": 5.0}, loss={"daily": 0.05, "drawdown": 1.0})
    r = run(panel_of(bars), forecasts_of([1] * len(bars)), spec, brackets=flat_tiers())
    assert r.equity[-1] == pytest.approx(0.0, abs=1e-9)
    assert r.daily_locks <= 1


def test_a_perpetual_whose_tick_became_coarser_is_stopped_out_all_the_same() -> None:
    ticks = (TickBand(Decimal(0), Decimal("0.1")),)
    prices = [(100.0,) * 4, (100.0,) * 4, (90.05,) * 4, (80.05,) * 4]
    r = run(panel_of(prices), forecasts_of([1] * 4), spec_of(stops={"fixed": 0.05}), ticks=ticks)
    assert r.fills["bar"].tolist()[:2] == [1, 2]
    assert r.fills["price"][1] == 90.05


def test_volume_alone_is_reason_enough_to_estimate_it() -> None:
    result = run(panel_of(f(100, 30)), forecasts_of([1.0] * 30), spec_of(limits={"max_volume_share": 1.0}))
    assert result.position[-1, 0] == 10.0
