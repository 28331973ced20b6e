"""Exits beyond the plain stop, each ledger worked out by hand; the conventions are those of simulate_cases.

A stop 5 % from the entry at 100 makes R = 5: a long's stop rests at 95, its rungs at 105 and 110.
"""

from decimal import Decimal
from typing import Any

from tests.scenario.simulate_cases import ENTRY, HOUR_NS, LIQUIDATION, STOP, Case, long_for
from tests.support.markets import START_NS, flat_bars

from geobuk.risk.reasons import Reason

TAKE_PROFIT, TIME_STOP = int(Reason.TAKE_PROFIT), int(Reason.TIME_STOP)
HOLD = {"rebalance_band": 1.0}


def short_for(bars: int) -> list[list[float | None]]:
    """One instrument, full disbelief on every bar."""
    return [[-1.0] * bars]


def five_percent(**stops: Any) -> dict[str, Any]:
    """R = 5 at 100, nothing comes back after a stop, a position is held until its belief turns."""
    return {"sizing": HOLD, "stops": {"fixed": 0.05, "cooldown_hours": 9, **stops}}


TWO_RUNGS = five_percent(take_profit=(1.0, 2.0), take_share=(0.5, 0.5))
ONE_RUNG = five_percent(take_profit=(1.0,), take_share=(0.5,))

LADDER = (
    Case(
        # 5 * 5 = 25 at 105, then 5 * 10 = 50 at 110. Closes 104 and 108: 25 + 5 * 4, 25 + 5 * 8.
        name="rungs fill at their limits, in order",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 104), (104, 109, 103, 108), (108, 111, 107, 110)]],
        forecasts=long_for(5),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -5.0, 105.0, TAKE_PROFIT), (4, 0, -5.0, 110.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_045, 1_065, 1_075],
        cash=1_075,
        spec=TWO_RUNGS,
    ),
    Case(
        name="rungs of a short fill below, in order",
        columns=[[*flat_bars(100, 2), (100, 101, 94, 96), (96, 97, 91, 92), (92, 93, 89, 90)]],
        forecasts=short_for(5),
        fills=[(1, 0, -10.0, 100.0, ENTRY), (2, 0, 5.0, 95.0, TAKE_PROFIT), (4, 0, 5.0, 90.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_045, 1_065, 1_075],
        cash=1_075,
        spec=TWO_RUNGS,
    ),
    Case(
        name="a touch of a rung is not a fill",
        columns=[[*flat_bars(100, 2), (100, 105, 99, 104)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000, 1_000, 1_040],
        cash=1_000,
        spec=ONE_RUNG,
    ),
    Case(
        # The open 112 lies beyond 105 and 110: both fill there, 10 * 12.
        name="a bar that opens beyond both rungs fills both at its open",
        columns=[[*flat_bars(100, 2), (112, 113, 111, 112)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -5.0, 112.0, TAKE_PROFIT), (2, 0, -5.0, 112.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_120],
        cash=1_120,
        spec=TWO_RUNGS,
    ),
    Case(
        name="a short that opens beyond both rungs fills both at the open",
        columns=[[*flat_bars(100, 2), (88, 89, 87, 88)]],
        forecasts=short_for(3),
        fills=[(1, 0, -10.0, 100.0, ENTRY), (2, 0, 5.0, 88.0, TAKE_PROFIT), (2, 0, 5.0, 88.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_120],
        cash=1_120,
        spec=TWO_RUNGS,
    ),
    Case(
        name="of a stop and a rung in one bar the stop has all",
        columns=[[*flat_bars(100, 2), (100, 106, 94, 100)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 95.0, STOP)],
        equity=[1_000, 1_000, 950],
        cash=950,
        spec=ONE_RUNG,
    ),
    Case(
        name="of a short's stop and rung in one bar the stop has all",
        columns=[[*flat_bars(100, 2), (100, 106, 94, 100)]],
        forecasts=short_for(3),
        fills=[(1, 0, -10.0, 100.0, ENTRY), (2, 0, 10.0, 105.0, STOP)],
        equity=[1_000, 1_000, 950],
        cash=950,
        spec=ONE_RUNG,
    ),
    Case(
        # Half of a volume of 4 allows 2 at bar 2, the 3 that are left fill at bar 3: 2 * 5 + 8 * 4, then 5 * 5 + 5 * 4.
        name="what the volume leaves of a rung goes on resting at its limit",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 104, 4), (104, 106, 103, 104)]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -2.0, 105.0, TAKE_PROFIT), (3, 0, -3.0, 105.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_042, 1_045],
        cash=1_025,
        spec={**ONE_RUNG, "costs": {"participation": 0.5}},
        refused={Reason.NO_VOLUME: 1},
    ),
    Case(
        # Half of a volume of 14 allows 7 of the 10: 5 at the first rung, 2 of 5 at the second.
        name="rungs of one bar share what its volume allows",
        columns=[[*flat_bars(100, 2), (100, 111, 99, 110, 14)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -5.0, 105.0, TAKE_PROFIT), (2, 0, -2.0, 110.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_075],
        cash=1_045,
        spec={**TWO_RUNGS, "costs": {"participation": 0.5}},
        refused={Reason.NO_VOLUME: 1},
    ),
    Case(
        # 0.1 % of 5 * 105 = 0.525, no spread although 10 bps are asked of takers: the entry pays 10 * 0.1 = 1.
        name="a rung makes: its own fee, no spread",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 104)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -5.0, 105.0, TAKE_PROFIT)],
        equity=[1_000, 999, 1_043.475],
        cash=1_023.475,
        spec={**ONE_RUNG, "account": {"leverage": 2}, "costs": {"half_spread_bps": 10.0}},
        rules={"maker_fee": Decimal("0.001")},
    ),
    Case(
        # 90 % would leave 1 * 105, less than the smallest order of 200: all goes.
        name="what would be too small to be left alone is taken as well",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 104)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 105.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_050],
        cash=1_050,
        spec=five_percent(take_profit=(1.0,), take_share=(0.9,)),
        rules={"min_notional": Decimal(200)},
    ),
    Case(
        # Steps of 1: a quarter of 10 is 2.5, rounded up to 3; a half is 5, so that the second rung takes 2.
        name="shares are rounded on the step toward closing more",
        columns=[[*flat_bars(100, 2), (100, 111, 99, 100)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -3.0, 105.0, TAKE_PROFIT), (2, 0, -2.0, 110.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_035],
        cash=1_035,
        spec=five_percent(take_profit=(1.0, 2.0), take_share=(0.25, 0.25)),
        rules={"step": Decimal(1), "min_quantity": Decimal(1)},
    ),
    Case(
        # Bought by a stop order at 101 inside bar 1, whose high of 120 may have come before: R = 5.05, the rung 106.05.
        name="a bar that was entered inside reaches no rung",
        columns=[[(100,) * 4, (100, 120, 99, 101), (101, 107, 100, 101)]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 101.0, ENTRY), (2, 0, -5.0, 106.05, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_025.25],
        cash=1_025.25,
        spec={**ONE_RUNG, "account": {"leverage": 2}, "orders": {"type": "stop", "offset_bps": 100.0}},
    ),
)

STAGES = (
    Case(
        # 0.1 % each way: 100 * 1.001 / 0.999 = 100.2002, on the tick 100.21. The high of 105 is one R.
        # 10 * 0.21 - 1 - 1.0021.
        name="after one R the stop goes to the entry and its costs",
        columns=[[*flat_bars(100, 2), (100, 105, 99, 104), (104, 104, 100, 101)]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 100.21, STOP)],
        equity=[1_000, 999, 1_039, 1_000.0979],
        cash=1_000.0979,
        spec={**five_percent(break_even=1.0), "account": {"leverage": 2}},
        rules={"taker_fee": Decimal("0.001")},
    ),
    Case(
        # 100 * 0.999 / 1.001 = 99.8002, on the tick 99.80: 10 * 0.2 - 1 - 0.998.
        name="a short's stop goes to the entry less its costs",
        columns=[[*flat_bars(100, 2), (100, 101, 95, 96), (96, 100, 96, 99)]],
        forecasts=short_for(4),
        fills=[(1, 0, -10.0, 100.0, ENTRY), (3, 0, 10.0, 99.80, STOP)],
        equity=[1_000, 999, 1_039, 1_000.002],
        cash=1_000.002,
        spec={**five_percent(break_even=1.0), "account": {"leverage": 2}},
        rules={"taker_fee": Decimal("0.001")},
    ),
    Case(
        # The low of 99 may have come before the high of 106; the close of 99.5 lies below the stop at 100 by then.
        name="a break-even stop that the close fell through fills at the next open",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 99.5), (99.5, 101, 99, 100)]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 99.5, STOP)],
        equity=[1_000, 1_000, 995, 995],
        cash=995,
        spec=five_percent(break_even=1.0),
    ),
    Case(
        # A high of 104.99 is not one R: the stop stays at 95.
        name="before it is one R away the stop stays",
        columns=[[*flat_bars(100, 2), (100, 104.99, 99, 104), (104, 104, 96, 97)]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000, 1_000, 1_040, 970],
        cash=1_000,
        spec=five_percent(break_even=1.0),
    ),
    Case(
        # 106 is 1.2 R: the stop trails by 1 R to 101. 111 is 2.2 R: by 0.5 R to 108.5.
        name="the stop trails nearer with each stage",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 104), (104, 111, 103, 110), (110, 110, 108, 109)]],
        forecasts=long_for(5),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (4, 0, -10.0, 108.5, STOP)],
        equity=[1_000, 1_000, 1_040, 1_100, 1_085],
        cash=1_085,
        spec=five_percent(trail_from=(1.0, 2.0), trail_by=(1.0, 0.5)),
    ),
    Case(
        name="a short's stop trails nearer with each stage",
        columns=[[*flat_bars(100, 2), (100, 101, 94, 96), (96, 97, 89, 90), (90, 92, 90, 91)]],
        forecasts=short_for(5),
        fills=[(1, 0, -10.0, 100.0, ENTRY), (4, 0, 10.0, 91.5, STOP)],
        equity=[1_000, 1_000, 1_040, 1_100, 1_085],
        cash=1_085,
        spec=five_percent(trail_from=(1.0, 2.0), trail_by=(1.0, 0.5)),
    ),
    Case(
        # The rung at 105 leaves 5; the same bar's high of 111 moves the stop to 108.5; bar 3 gaps below it: 107.
        name="what the ladder leaves is trailed, and gapped",
        columns=[[*flat_bars(100, 2), (100, 111, 99, 110), (107, 108, 106, 107)]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -5.0, 105.0, TAKE_PROFIT), (3, 0, -5.0, 107.0, STOP)],
        equity=[1_000, 1_000, 1_075, 1_060],
        cash=1_060,
        spec=five_percent(take_profit=(1.0,), take_share=(0.5,), trail_from=(2.0,), trail_by=(0.5,)),
    ),
)

TIME = (
    Case(
        # Held from 02:00 (bar 1's open): three hours are over at bar 3's close, with 2 < 0.5 * 5 earned.
        name="after its hours a position that earned too little leaves at the next open",
        columns=[[*flat_bars(100, 2), (101,) * 4, (102,) * 4, (103,) * 4]],
        forecasts=long_for(5),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (4, 0, -10.0, 103.0, TIME_STOP)],
        equity=[1_000, 1_000, 1_010, 1_020, 1_030],
        cash=1_030,
        spec=five_percent(time_hours=3.0, time_profit=0.5),
    ),
    Case(
        name="a short that earned too little leaves as well",
        columns=[[*flat_bars(100, 2), (99,) * 4, (98,) * 4, (97,) * 4]],
        forecasts=short_for(5),
        fills=[(1, 0, -10.0, 100.0, ENTRY), (4, 0, 10.0, 97.0, TIME_STOP)],
        equity=[1_000, 1_000, 1_010, 1_020, 1_030],
        cash=1_030,
        spec=five_percent(time_hours=3.0, time_profit=0.5),
    ),
    Case(
        # 3 >= 2.5 at bar 3's close, 2 at bar 4's: out at bar 5's open.
        name="one that earned enough stays until it has lost it again",
        columns=[[*flat_bars(100, 3), (103,) * 4, (102,) * 4, (101,) * 4]],
        forecasts=long_for(6),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (5, 0, -10.0, 101.0, TIME_STOP)],
        equity=[1_000, 1_000, 1_000, 1_030, 1_020, 1_010],
        cash=1_010,
        spec=five_percent(time_hours=3.0, time_profit=0.5),
    ),
    Case(
        # Out at bar 3's open; two hours of rest forbid the decisions at 05:00 and 06:00, that of 07:00 trades bar 6.
        name="after a time stop the instrument rests",
        columns=[flat_bars(100, 7)],
        forecasts=long_for(7),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 100.0, TIME_STOP), (6, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000] * 7,
        cash=1_000,
        spec=five_percent(time_hours=2.0, time_profit=0.1, cooldown_hours=2.0),
        refused={Reason.COOLING_DOWN: 2},
    ),
)

BOXES = (
    Case(
        # Bars 0 to 2 (an eighth of a day) went from 97 to 103: the stop rests a tick below, at 96.99.
        name="a box stop rests a tick below the box of the decision",
        columns=[
            [(100, 103, 98, 100), (100, 101, 99, 100), (100, 102, 97, 100), (100, 100, 95, 100), (97, 98, 96.5, 98)]
        ],
        forecasts=[[None, None, None, 1, 1]],
        fills=[(4, 0, 10.0, 97.0, ENTRY)],
        equity=[1_000] * 4 + [1_010],
        cash=1_000,
        spec={"sizing": HOLD, "stops": {"box_days": 0.125, "cooldown_hours": 9}},
    ),
    Case(
        name="a box stop is hit a tick beyond the box",
        columns=[[(100, 103, 98, 100), (100, 101, 99, 100), (100, 102, 97, 100), (100,) * 4, (100, 100, 96.99, 98)]],
        forecasts=[[None, None, 1, 1, 1]],
        fills=[(3, 0, 10.0, 100.0, ENTRY), (4, 0, -10.0, 96.99, STOP)],
        equity=[1_000, 1_000, 1_000, 1_000, 969.9],
        cash=969.9,
        spec={"sizing": HOLD, "stops": {"box_days": 0.125, "cooldown_hours": 9}},
    ),
    Case(
        name="a short's box stop is hit a tick above the box",
        columns=[[(100, 103, 98, 100), (100, 101, 99, 100), (100, 102, 97, 100), (100,) * 4, (100, 103.01, 99, 102)]],
        forecasts=[[None, None, -1, -1, -1]],
        fills=[(3, 0, -10.0, 100.0, ENTRY), (4, 0, 10.0, 103.01, STOP)],
        equity=[1_000, 1_000, 1_000, 1_000, 969.9],
        cash=969.9,
        spec={"sizing": HOLD, "stops": {"box_days": 0.125, "cooldown_hours": 9}},
    ),
    Case(
        # The open 95 gapped below the box of 97 to 103: the stop is one tick away, and the bar's low reaches it.
        name="an entry below the box leaves at once",
        columns=[[(100, 103, 98, 100), (100, 101, 99, 100), (100, 102, 97, 100), (95, 96, 94, 95)]],
        forecasts=[[None, None, 1, 1]],
        fills=[(3, 0, 10.0, 95.0, ENTRY), (3, 0, -10.0, 94.99, STOP)],
        equity=[1_000, 1_000, 1_000, 999.9],
        cash=999.9,
        spec={"sizing": HOLD, "stops": {"box_days": 0.125, "cooldown_hours": 9}},
    ),
)

AGAIN = (
    Case(
        # Half at 105 leaves 5. Bar 2 wants 1045 / 104 = 10.048 again, but no more than the 5 that are kept.
        name="what a rung took is not bought back",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 104), (104,) * 4]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -5.0, 105.0, TAKE_PROFIT)],
        equity=[1_000, 1_000, 1_045, 1_045],
        cash=1_025,
        spec={**ONE_RUNG, "sizing": {"rebalance_band": 0.0}},
    ),
    Case(
        # The other side is another trade: -1045 / 104 = -10.048 in all.
        name="after a rung a flip is whole",
        columns=[[*flat_bars(100, 2), (100, 106, 99, 104), (104,) * 4]],
        forecasts=[[1, 1, -1, -1]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -5.0, 105.0, TAKE_PROFIT), (3, 0, -15.048, 104.0, ENTRY)],
        equity=[1_000, 1_000, 1_045, 1_045],
        cash=1_045,
        spec=ONE_RUNG,
    ),
    Case(
        # 20:00 … Stopped in the bar of 22:00, refused at 23:00 and at 00:00 (the close of the bar of 23:00 belongs to
        # its day); decided at 01:00, bought at bar 5's open: 950 / 95.
        name="after a stop nothing is bought on the same day",
        columns=[[*flat_bars(100, 2), (100, 100, 94, 95), *[(95,) * 4] * 3]],
        forecasts=long_for(6),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 95.0, STOP), (5, 0, 10.0, 95.0, ENTRY)],
        equity=[1_000, 1_000, 950, 950, 950, 950],
        cash=950,
        spec=five_percent(rebuy="after_stop", cooldown_hours=0),
        panel={"start_ns": START_NS + 19 * HOUR_NS},
        refused={Reason.BARRED_TODAY: 2},
    ),
    Case(
        # Left by decision at bar 2's open: after_stop lets it come back at once, after_exit (the next case) does not.
        name="after a decision's exit after_stop bars nothing",
        columns=[flat_bars(100, 5)],
        forecasts=[[1, 0, 1, 1, 1]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 100.0, ENTRY), (3, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000] * 5,
        cash=1_000,
        spec=five_percent(rebuy="after_stop"),
        refused={Reason.BARRED_TODAY: 0},
    ),
    Case(
        name="after any exit after_exit bars the day",
        columns=[flat_bars(100, 5)],
        forecasts=[[1, 0, 1, 1, 1]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 100.0, ENTRY)],
        equity=[1_000] * 5,
        cash=1_000,
        spec=five_percent(rebuy="after_exit"),
        refused={Reason.BARRED_TODAY: 3},
    ),
    Case(
        # A loses at bar 2's open 99, B at bar 3's open 98: two in a row, entries pause from 04:00 to 06:00. What both
        # want at 05:00 is refused, what they want at 06:00 trades at bar 5's open: 985 / 2 / 99 and 985 / 2 / 98.
        name="after two losses in a row all entries pause",
        columns=[
            [*flat_bars(100, 2), *[(99,) * 4] * 4],
            [*flat_bars(100, 2), *[(98,) * 4] * 4],
        ],
        forecasts=[[1, 0, 0, 1, 1, 1], [1, 1, 0, 1, 1, 1]],
        fills=[
            (1, 0, 5.0, 100.0, ENTRY),
            (1, 1, 5.0, 100.0, ENTRY),
            (2, 0, -5.0, 99.0, ENTRY),
            (3, 1, -5.0, 98.0, ENTRY),
            (5, 0, 4.974, 99.0, ENTRY),
            (5, 1, 5.025, 98.0, ENTRY),
        ],
        equity=[1_000, 1_000, 985, 985, 985, 985],
        cash=985,
        spec={"sizing": HOLD, "loss": {"losses_in_row": 2, "pause_hours": 2.0}},
        refused={Reason.PAUSED: 2},
    ),
    Case(
        # Leverage 10, 50 at 100: dies at 90.361445783 and loses its wallet of 500, as in simulate_cases.
        name="after a liquidation nothing is bought on the same day",
        columns=[[*flat_bars(100, 2), (95, 96, 80, 95), *flat_bars(95, 2)]],
        forecasts=[[0.5] * 5],
        fills=[(1, 0, 50.0, 100.0, ENTRY), (2, 0, -50.0, 90.361445783, LIQUIDATION)],
        equity=[1_000, 1_000, 500, 500, 500],
        cash=500,
        spec={
            "account": {"leverage": 10, "margin": "isolated"},
            "sizing": {"diversification": 10.0, "rebalance_band": 1.0},
            "stops": {"rebuy": "after_stop"},
        },
        rules={"liquidation_fee": Decimal("0.01")},
        refused={Reason.BARRED_TODAY: 3},
    ),
    Case(
        # No box is known before bar 2's close, when there are three bars of an eighth of a day.
        name="without a known box there is no entry",
        columns=[flat_bars(100, 5)],
        forecasts=long_for(5),
        fills=[(3, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000] * 5,
        cash=1_000,
        spec={"sizing": HOLD, "stops": {"box_days": 0.125, "fixed": 0.05}},
        refused={Reason.NO_VOLATILITY: 2},
    ),
    Case(
        # The stop at 94 - 0.01 (the box) is nearer than nothing: 1 % of 1000 over 6 is 1.666 units.
        name="the risk per trade counts the way to the box",
        columns=[[(100, 103, 98, 100), (100, 101, 99, 100), (100, 102, 94, 100), (100,) * 4]],
        forecasts=long_for(4),
        fills=[(3, 0, 1.666, 100.0, ENTRY)],
        equity=[1_000] * 4,
        cash=1_000,
        spec={"sizing": {"rebalance_band": 1.0, "risk_per_trade": 0.01}, "stops": {"box_days": 0.125}},
    ),
)

EXIT_CASES = (*LADDER, *STAGES, *TIME, *BOXES, *AGAIN)
