"""Bars in, fills and accounts out, each with its ledger worked out by hand. Data only; the runner stands beside it.

Unless a case says otherwise the account has 1,000 in cash and leverage 1, a full forecast wants all of it, nothing
costs anything, the step is 0.001 and the tick 0.01, and bar 0 opens at 01:00 UTC.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.support.markets import START_NS, Row, flat_bars

from geobuk.risk.reasons import Reason

ENTRY, STOP, LIQUIDATION = int(Reason.ENTRY), int(Reason.STOP), int(Reason.LIQUIDATION)
DAILY_LOSS, DRAWDOWN = int(Reason.DAILY_LOSS), int(Reason.DRAWDOWN)
HOUR_NS = 3_600 * 10**9
H07, H22 = START_NS + 6 * HOUR_NS, START_NS + 21 * HOUR_NS
"""Bar 0 opens at 07:00 (bar 1 meets the 08:00 stamp), or at 22:00 (bar 2 opens the next day)."""

Fill = tuple[int, int, float, float, int]
"""Bar, instrument, signed quantity, price, reason."""


@dataclass(frozen=True)
class Case:
    """What goes in, and what must come out: all fills, equity at every close, cash at the last."""

    name: str
    columns: Sequence[Sequence[Row]]
    forecasts: Sequence[Sequence[float | None]]
    fills: Sequence[Fill]
    equity: Sequence[float]
    cash: float
    spec: Mapping[str, Any] = field(default_factory=dict)
    rules: Mapping[str, Any] = field(default_factory=dict)
    panel: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[Reason, int] = field(default_factory=dict)


def long_for(bars: int) -> list[list[float | None]]:
    """One instrument, full belief on every bar."""
    return [[1.0] * bars]


ORDERS = (
    Case(
        # Decided at close 100: 1000 / 100 = 10. Filled at the next open 102, not at the close. Last close 104:
        # 10 * (104 - 102) = 20.
        name="a market order fills at the next open, sized at the close it was decided on",
        columns=[[(100, 101, 99, 100), (102, 105, 101, 104)]],
        forecasts=long_for(2),
        fills=[(1, 0, 10.0, 102.0, ENTRY)],
        equity=[1_000, 1_020],
        cash=1_000,
        spec={"account": {"leverage": 2}},
    ),
    Case(
        # Buy 10 at 100; bar 2 trades 105 and decides for -1: -1050 / 105 = -10, so sell 20 at bar 3's open 105.
        # Realised 10 * 5 = 50. Last close 100: short 10 gains another 50.
        name="a flip closes and opens in one fill",
        columns=[[(100,) * 4, (100,) * 4, (100, 105, 100, 105), (105,) * 4, (105, 105, 100, 100)]],
        forecasts=[[1, 1, -1, -1, -1]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -20.0, 105.0, ENTRY)],
        equity=[1_000, 1_000, 1_050, 1_050, 1_100],
        cash=1_050,
        spec={"sizing": {"rebalance_band": 1.0}},
    ),
    Case(
        # Half of it (5) is wanted back at bar 3: realised 5 * 10 = 50; what stays, 5 at entry 100, gains 50 at 110.
        name="a reduction realises its share and leaves the entry price alone",
        columns=[[*flat_bars(100, 2), (110,) * 4, (110,) * 4]],
        forecasts=[[1, 1, 0.5, 0.5]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -5.0, 110.0, ENTRY)],
        equity=[1_000, 1_000, 1_100, 1_100],
        cash=1_050,
    ),
    Case(
        # Volume 40, participation 10 %: 4 a bar. 4 + 4 + 2 = 10, without a new decision (every 4 hours at 04:00).
        name="what the volume cuts off keeps working on the next bars",
        columns=[flat_bars(100, 8, volume=40)],
        forecasts=long_for(8),
        fills=[(3, 0, 4.0, 100.0, ENTRY), (4, 0, 4.0, 100.0, ENTRY), (5, 0, 2.0, 100.0, ENTRY)],
        equity=[1_000] * 8,
        cash=1_000,
        spec={"costs": {"participation": 0.1}, "decide_every": "4h"},
        refused={Reason.NO_VOLUME: 2},
    ),
    Case(
        # Bars open 01:00 … 08:00; decisions at the closes of 03:00 (04:00) and 07:00 (08:00). The zero forecast of
        # bars 3 to 5 is never looked at, that of bar 6 is: out at bar 7's open 107.
        name="between decisions nothing is decided",
        columns=[[(100 + t,) * 4 for t in range(8)]],
        forecasts=[[1, 1, 1, 0, 0, 0, 0, 1]],
        fills=[(3, 0, 9.803, 103.0, ENTRY), (7, 0, -9.803, 107.0, ENTRY)],
        # 1000 / 102 = 9.8039 -> 9.803
        equity=[1_000, 1_000, 1_000, 1_000, 1_009.803, 1_019.606, 1_029.409, 1_039.212],
        cash=1_039.212,
        spec={"account": {"leverage": 2}, "decide_every": "4h"},
    ),
    Case(
        # The forecast of bar 0 reaches the decision at bar 2's close and trades at bar 3's open.
        name="a delayed forecast trades that many bars later",
        columns=[[(100,) * 4, (101,) * 4, (100,) * 4, (103,) * 4, (104,) * 4]],
        forecasts=[[1, None, None, None, None]],
        fills=[(3, 0, 10.0, 103.0, ENTRY), (4, 0, -10.0, 104.0, ENTRY)],
        equity=[1_000, 1_000, 1_000, 1_000, 1_010],
        cash=1_010,
        spec={"account": {"leverage": 2}, "orders": {"delay_bars": 2}},
        refused={Reason.NO_FORECAST: 4},
    ),
    Case(
        # Leverage 1: A holds everything. At bar 3's open 10 A are sold at 100, and only that pays for 20 B at 50.
        name="reductions go before increases, whatever the column",
        columns=[flat_bars(50, 4), flat_bars(100, 4)],
        forecasts=[[None, None, 1, 1], [1, 1, None, None]],
        fills=[(1, 1, 10.0, 100.0, ENTRY), (3, 1, -10.0, 100.0, ENTRY), (3, 0, 20.0, 50.0, ENTRY)],
        equity=[1_000] * 4,
        cash=1_000,
    ),
    Case(
        # Bar 1 touches 99 only: no fill. Bar 2 trades through it: 10 at 99 (1000 / 100 = 10 was wanted).
        name="a resting limit needs the bar to trade through it",
        columns=[[(100,) * 4, (100, 100, 99, 100), (100, 100, 98.99, 100), (100,) * 4]],
        forecasts=long_for(4),
        fills=[(2, 0, 10.0, 99.0, ENTRY)],
        equity=[1_000, 1_000, 1_010, 1_010],
        cash=1_010 - 10,
        spec={"orders": {"type": "limit", "offset_bps": 100}, "sizing": {"rebalance_band": 1.0}},
        refused={Reason.UNREACHED: 1},
    ),
    Case(
        # A limit at 99 below an open of 97: the open is the better price, and it is taken.
        name="a limit that the open has passed fills at the open",
        columns=[[(100,) * 4, (97, 98, 96, 98)]],
        forecasts=long_for(2),
        fills=[(1, 0, 10.0, 97.0, ENTRY)],
        equity=[1_000, 1_010],
        cash=1_000,
        spec={"orders": {"type": "limit", "offset_bps": 100}},
    ),
    Case(
        # Trigger 101: reached in bar 2 only, and filled there at the trigger.
        name="a stop entry waits for its trigger",
        columns=[[(100,) * 4, (100, 100.99, 99, 100), (100, 102, 100, 102)]],
        forecasts=long_for(3),
        fills=[(2, 0, 9.9, 101.0, ENTRY)],
        equity=[1_000, 1_000, 1_009.9],
        cash=1_000,
        # 99 % of 1000 / 100 = 9.9: at leverage 1 ten of them at 101 would be more than the account holds.
        spec={"orders": {"type": "stop", "offset_bps": 100}, "sizing": {"diversification": 0.99}},
        refused={Reason.UNREACHED: 1},
    ),
    Case(
        # The next open 104 lies beyond the trigger 101: it fills at 104, three worse than asked.
        name="a stop entry that is gapped over fills at the open",
        columns=[[(100,) * 4, (104, 105, 103, 105)]],
        forecasts=long_for(2),
        fills=[(1, 0, 9.0, 104.0, ENTRY)],
        equity=[1_000, 1_009],
        cash=1_000,
        spec={"orders": {"type": "stop", "offset_bps": 100}, "sizing": {"diversification": 0.9}},
    ),
    Case(
        # The limit rests at the close 100 minus 1 %; exits never rest: the zero forecast leaves at bar 3's open.
        name="an order that reduces is a market order whatever the entry type",
        columns=[[(100,) * 4, (100, 100, 98, 100), (100,) * 4, (101,) * 4]],
        forecasts=[[1, 1, 0, 0]],
        fills=[(1, 0, 10.0, 99.0, ENTRY), (3, 0, -10.0, 101.0, ENTRY)],
        equity=[1_000, 1_010, 1_010, 1_020],
        cash=1_020,
        spec={"orders": {"type": "limit", "offset_bps": 100}, "sizing": {"rebalance_band": 1.0}},
    ),
)

COSTS = (
    Case(
        # 9 at 100.10 (10 bps, on the tick), fee 5 bps: 9 * 100.10 * 0.0005 = 0.45045. Close 100.5:
        # 9 * 0.40 = 3.60. Slippage 9 * 0.10 = 0.90 is inside the price.
        name="spread moves the price, the fee leaves in cash",
        columns=[[(100,) * 4, (100, 101, 99, 100.5)]],
        forecasts=[[0.9, 0.9]],
        fills=[(1, 0, 9.0, 100.1, ENTRY)],
        equity=[1_000, 1_003.14955],
        cash=999.54955,
        spec={"costs": {"half_spread_bps": 10}},
        rules={"taker_fee": Decimal("0.0005")},
    ),
    Case(
        # The bar never traded above 100, so the fill is at 100 and the 0.10 a unit is paid in cash: 9 * 0.10 = 0.9.
        name="slippage that the range cuts off is paid in cash",
        columns=[[(100,) * 4, (100, 100, 99, 100)]],
        forecasts=[[0.9, 0.9]],
        fills=[(1, 0, 9.0, 100.0, ENTRY)],
        equity=[1_000, 999.1],
        cash=999.1,
        spec={"costs": {"half_spread_bps": 10}},
    ),
    Case(
        # Maker fee 2 bps of 10 * 99 = 0.198, no spread, although a spread is set.
        name="a resting limit pays the maker fee and no spread",
        columns=[[(100,) * 4, (100, 100, 98, 100)]],
        forecasts=[[0.9, 0.9]],
        fills=[(1, 0, 9.0, 99.0, ENTRY)],
        equity=[1_000, 1_000 + 9 - 0.1782],
        cash=1_000 - 0.1782,
        spec={"orders": {"type": "limit", "offset_bps": 100}, "costs": {"half_spread_bps": 10}},
        rules={"maker_fee": Decimal("0.0002"), "taker_fee": Decimal("0.0005")},
    ),
    Case(
        # A rebate of 1 bp: 9 * 99 * 0.0001 = 0.0891 is received, and not doubled by the multiplier.
        name="a maker rebate is received and never multiplied",
        columns=[[(100,) * 4, (100, 100, 98, 100)]],
        forecasts=[[0.9, 0.9]],
        fills=[(1, 0, 9.0, 99.0, ENTRY)],
        equity=[1_000, 1_009.0891],
        cash=1_000.0891,
        spec={"orders": {"type": "limit", "offset_bps": 100}, "costs": {"multiplier": 2.0}},
        rules={"maker_fee": Decimal("-0.0001")},
    ),
    Case(
        # Sale of 10 at 110 with 0.18 % tax: 1.98; the purchase paid none. 10 * 10 - 1.98 = 98.02.
        name="sell tax is paid on sales only",
        columns=[[*flat_bars(100, 2), (110,) * 4, (110,) * 4]],
        forecasts=[[1, 1, 0, 0]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 110.0, ENTRY)],
        equity=[1_000, 1_000, 1_100, 1_098.02],
        cash=1_098.02,
        rules={"sell_tax": Decimal("0.0018")},
    ),
)

STOPS = (
    Case(
        # Stop at 95; bar 2 falls from 98 through it: out at 95, minus 10 * 5.
        name="a stop inside the bar fills at the stop",
        columns=[[*flat_bars(100, 2), (98, 99, 90, 97), (97,) * 4]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 95.0, STOP)],
        equity=[1_000, 1_000, 950, 950],
        cash=950,
        spec={"stops": {"fixed": 0.05, "cooldown_hours": 9}},
        refused={Reason.COOLING_DOWN: 2},
    ),
    Case(
        # Bar 2 opens at 92 below the stop 95: out at 92, never at 95.
        name="a stop that is gapped through fills at the open",
        columns=[[*flat_bars(100, 2), (92, 99, 90, 97), (97,) * 4]],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 92.0, STOP)],
        equity=[1_000, 1_000, 920, 920],
        cash=920,
        spec={"stops": {"fixed": 0.05, "cooldown_hours": 9}},
    ),
    Case(
        # Bought at 100 at bar 1's open; the same bar falls to 94: out at 95 within it.
        name="a stop protects from the bar of entry on",
        columns=[[(100,) * 4, (100, 101, 94, 99), (99,) * 4]],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (1, 0, -10.0, 95.0, STOP)],
        equity=[1_000, 950, 950],
        cash=950,
        spec={"stops": {"fixed": 0.05, "cooldown_hours": 9}},
    ),
    Case(
        # Short 10 at 100, stop 105: bar 2 trades 106. Minus 10 * 5.
        name="a short is stopped above",
        columns=[[*flat_bars(100, 2), (101, 106, 100, 101), (101,) * 4]],
        forecasts=[[-1] * 4],
        fills=[(1, 0, -10.0, 100.0, ENTRY), (2, 0, 10.0, 105.0, STOP)],
        equity=[1_000, 1_000, 950, 950],
        cash=950,
        spec={"stops": {"fixed": 0.05, "cooldown_hours": 9}},
    ),
    Case(
        # 10 % trailing. Bar 2 rises to 120 (stop 108 from bar 3 on) and falls to 107 within the same bar: held, since
        # its own high does not count yet, the stop is still 90. Bar 3 touches 108: out at 108.
        name="a trailing stop knows previous extremes only",
        columns=[[*flat_bars(100, 2), (100, 120, 95, 115), (115, 116, 107, 110), (110,) * 4]],
        forecasts=long_for(5),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 108.0, STOP)],
        equity=[1_000, 1_000, 1_150, 1_080, 1_080],
        cash=1_080,
        spec={"stops": {"trailing": 0.1, "cooldown_hours": 9}, "sizing": {"rebalance_band": 1.0}},
    ),
    Case(
        # Two hours of rest: stopped in bar 2, refused at the closes of 2 and 3, decided at 4's, filled at 5's open.
        name="after a stop the instrument rests for its cool-down",
        columns=[[*flat_bars(100, 2), (98, 99, 90, 100), *flat_bars(100, 4)]],
        forecasts=long_for(7),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 95.0, STOP), (5, 0, 9.5, 100.0, ENTRY)],
        equity=[1_000, 1_000, 950, 950, 950, 950, 950],
        cash=950,
        spec={"stops": {"fixed": 0.05, "cooldown_hours": 2}},
        refused={Reason.COOLING_DOWN: 2},
    ),
    Case(
        # Decided at 04:00 and not again before 08:00. The stop 95 is hit with room for 4; the other 6 go to market at
        # the next opens: 4 at 94, 2 at 93. Equity: -4 * 5 - 6 * 6; -4 * 5 - 4 * 6 - 2 * 6; -4 * 5 - 4 * 6 - 2 * 7.
        name="what a stop could not sell goes to market on the next bars",
        columns=[
            [*flat_bars(100, 4), (98, 99, 90, 94, 4), (94, 94, 94, 94, 4), (93, 93, 93, 93, 4)],
        ],
        forecasts=long_for(7),
        fills=[
            (3, 0, 10.0, 100.0, ENTRY),
            (4, 0, -4.0, 95.0, STOP),
            (5, 0, -4.0, 94.0, STOP),
            (6, 0, -2.0, 93.0, STOP),
        ],
        equity=[1_000, 1_000, 1_000, 1_000, 944, 944, 942],
        cash=942,
        spec={"stops": {"fixed": 0.05, "cooldown_hours": 9}, "decide_every": "4h"},
        refused={Reason.NO_VOLUME: 2},
    ),
)

FUNDING = (
    Case(
        # Bar 1 opens at 08:00: the long of 10 that is bought at this instant pays nothing. Bar 9 opens at 16:00:
        # 10 * 100 * 0.001 = 1 is paid.
        name="funding is paid on what was held before the instant, not on what it opens",
        columns=[flat_bars(100, 10)],
        forecasts=long_for(10),
        fills=[(1, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000] * 9 + [999],
        cash=999,
        spec={"sizing": {"rebalance_band": 1.0}},
        panel={"start_ns": H07, "funding_hours": [8], "funding": [None, 0.5, *[None] * 7, 0.001]},
    ),
    Case(
        # The position is sold at bar 2's open (08:00): it was held at the instant, so it still pays 10 * 100 * 0.001.
        name="funding is paid on what is sold at the instant",
        columns=[flat_bars(100, 4)],
        forecasts=[[1, 0, 0, 0]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 100.0, ENTRY)],
        equity=[1_000, 1_000, 999, 999],
        cash=999,
        panel={"start_ns": H07 - HOUR_NS, "funding_hours": [8], "funding": [None, None, 0.001, None]},
    ),
    Case(
        # A short receives a positive rate, on the notional at the last mark, 110 at bar 1's end (where equity shows
        # -10 * 10): 10 * 110 * 0.001 = 1.1. Bar 2 has no mark and is valued at its close 100.
        name="a short receives, on the notional at the last mark",
        columns=[flat_bars(100, 3)],
        forecasts=[[-1] * 3],
        fills=[(1, 0, -10.0, 100.0, ENTRY)],
        equity=[1_000, 900, 1_001.1],
        cash=1_001.1,
        spec={"sizing": {"rebalance_band": 1.0}},
        panel={
            "start_ns": H07 - HOUR_NS,
            "funding_hours": [8],
            "funding": [None, None, 0.001],
            "mark": [None, 110, None],
        },
    ),
    Case(
        # Daily bars from midnight: stamps at 08:00 and 16:00 lie inside each. Bought at bar 1's open, held over both:
        # the sum 0.003 of that bar is charged on 10 * 100. The stamp at bar 2's open, 0.001, follows, then 0.002.
        name="stamps inside a coarse bar are charged on what is held over them",
        columns=[flat_bars(100, 3)],
        forecasts=long_for(3),
        fills=[(1, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000, 997, 994],
        cash=994,
        spec={"sizing": {"rebalance_band": 1.0}},
        panel={
            "start_ns": START_NS - HOUR_NS,
            "interval": "1d",
            "funding_hours": [8],
            "funding": [0.1, 0.1, 0.001],
            "funding_inside": [0.1, 0.003, 0.002],
        },
    ),
    Case(
        # No rate is known at 08:00 (bar 2): a short pays the worst case of 0.03 % too: 10 * 100 * 0.0003 = 0.3.
        name="an unknown rate costs the worst case, short as well",
        columns=[flat_bars(100, 3)],
        forecasts=[[-1] * 3],
        fills=[(1, 0, -10.0, 100.0, ENTRY)],
        equity=[1_000, 1_000, 999.7],
        cash=999.7,
        spec={"sizing": {"rebalance_band": 1.0}},
        panel={"start_ns": H07 - HOUR_NS, "funding_hours": [8]},
    ),
    Case(
        # Every 4 hours half of the eight-hour worst case: 10 * 100 * 0.00015 at 04:00 (bar 3).
        name="the worst case is scaled to the stamp's own period",
        columns=[flat_bars(100, 4)],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000, 1_000, 1_000, 999.85],
        cash=999.85,
        spec={"sizing": {"rebalance_band": 1.0}},
        panel={"funding_hours": [4]},
    ),
)

MARGIN = (
    Case(
        # Leverage 10, 50 units at 100: wallet 500. (500 - 5000) / (50 * 0.004 - 50) = 90.361445783. Lost: 481.93;
        # what the wallet kept, 18.07 = maintenance margin, pays the fee of 1 %: 50 * 90.3614 * 0.01 = 45.18 > 18.07.
        name="an isolated long dies at its formula price and loses no more than its wallet",
        columns=[[*flat_bars(100, 2), (95, 96, 80, 95), (95,) * 4]],
        forecasts=[[0.5, 0.5, 0.5, None]],
        fills=[(1, 0, 50.0, 100.0, ENTRY), (2, 0, -50.0, 90.361445783, LIQUIDATION)],
        equity=[1_000, 1_000, 500, 500],
        cash=500,
        spec={
            "account": {"leverage": 10, "margin": "isolated"},
            "sizing": {"diversification": 10.0, "rebalance_band": 1.0},
            "stops": {"cooldown_hours": 9},
        },
        rules={"liquidation_fee": Decimal("0.01")},
    ),
    Case(
        # As before, fee 0.2 %: 50 * 90.361445783 * 0.002 = 9.036144578 is taken, 18.072289157 - 9.036144578 stays.
        name="the liquidation fee is taken from what the wallet kept",
        columns=[[*flat_bars(100, 2), (95, 96, 80, 95), (95,) * 4]],
        forecasts=[[0.5, 0.5, 0.5, None]],
        fills=[(1, 0, 50.0, 100.0, ENTRY), (2, 0, -50.0, 90.361445783, LIQUIDATION)],
        equity=[1_000, 1_000, 509.036144578, 509.036144578],
        cash=509.036144578,
        spec={
            "account": {"leverage": 10, "margin": "isolated"},
            "sizing": {"diversification": 10.0, "rebalance_band": 1.0},
            "stops": {"cooldown_hours": 9},
        },
        rules={"liquidation_fee": Decimal("0.002")},
    ),
    Case(
        # The open 85 gapped through 90.36: closed at 85, 750 lost, of which the wallet's 500 are ours.
        name="a gap through the liquidation price ends at the open, the fund bears the rest",
        columns=[[*flat_bars(100, 2), (85, 96, 80, 95), (95,) * 4]],
        forecasts=[[0.5, 0.5, 0.5, None]],
        fills=[(1, 0, 50.0, 100.0, ENTRY), (2, 0, -50.0, 85.0, LIQUIDATION)],
        equity=[1_000, 1_000, 500, 500],
        cash=500,
        spec={
            "account": {"leverage": 10, "margin": "isolated"},
            "sizing": {"diversification": 10.0, "rebalance_band": 1.0},
            "stops": {"cooldown_hours": 9},
        },
    ),
    Case(
        # A stop at 95 lies above 90.36: the stop acts, the venue has nothing to close.
        name="a stop nearer than the liquidation price goes first",
        columns=[[*flat_bars(100, 2), (97, 98, 80, 95), (95,) * 4]],
        forecasts=[[0.5, 0.5, 0.5, None]],
        fills=[(1, 0, 50.0, 100.0, ENTRY), (2, 0, -50.0, 95.0, STOP)],
        equity=[1_000, 1_000, 750, 750],
        cash=750,
        spec={
            "account": {"leverage": 10, "margin": "isolated"},
            "sizing": {"diversification": 10.0, "rebalance_band": 1.0},
            "stops": {"fixed": 0.05, "cooldown_hours": 9},
        },
    ),
    Case(
        # Cross, 20 A long and 20 B short at 100, capital 1000. Both run against us at once, A to 70 and B to 130, on a
        # straight path x: 1000 - 20 * 30 x - 20 * 30 x = 0.004 * 20 * (100 - 30 x + 100 + 30 x) = 16, so x = 0.82:
        # A at 75.4, B at 124.6. Left: 1000 - 984 = 16.
        name="a cross account is closed whole where its margin ran out",
        columns=[[*flat_bars(100, 2), (100, 100, 70, 90)], [*flat_bars(100, 2), (100, 130, 100, 110)]],
        forecasts=[[1] * 3, [-1] * 3],
        fills=[
            (1, 0, 20.0, 100.0, ENTRY),
            (1, 1, -20.0, 100.0, ENTRY),
            (2, 0, -20.0, 75.4, LIQUIDATION),
            (2, 1, 20.0, 124.6, LIQUIDATION),
        ],
        equity=[1_000, 1_000, 16],
        cash=16,
        spec={
            "account": {"leverage": 5},
            "sizing": {"diversification": 4.0, "rebalance_band": 1.0},
            "stops": {"cooldown_hours": 9},
        },
    ),
    Case(
        # 40 at 100 on 1000 cash; the open 70 has lost 1200: the account ends at 0, not at -200.
        name="a cross account never ends below zero when it is gapped",
        columns=[[*flat_bars(100, 2), (70, 72, 60, 71), (71,) * 4]],
        forecasts=long_for(4),
        fills=[(1, 0, 40.0, 100.0, ENTRY), (2, 0, -40.0, 70.0, LIQUIDATION)],
        equity=[1_000, 1_000, 0, 0],
        cash=0,
        spec={"account": {"leverage": 5}, "sizing": {"diversification": 4.0, "rebalance_band": 1.0}},
    ),
    Case(
        # Half of the cash backs A's wallet (50 at 100, leverage 10). A doubles on paper, but an isolated profit backs
        # nothing else: at bar 3 B may use the free 500 only: 500 * 10 / 100 = 50 of the 250 it wants at equity 5500.
        name="unrealised profit of an isolated position backs nothing else",
        columns=[[*flat_bars(100, 2), *[(190,) * 4] * 2], flat_bars(100, 4)],
        forecasts=[[1] * 4, [0, 0, 1, 1]],
        fills=[(1, 0, 50.0, 100.0, ENTRY), (3, 1, 50.0, 100.0, ENTRY)],
        equity=[1_000, 1_000, 5_500, 5_500],
        cash=1_000,
        spec={
            "account": {"leverage": 10, "margin": "isolated"},
            "sizing": {"diversification": 10.0, "rebalance_band": 1.0},
        },
        refused={Reason.CLAMPED_LEVERAGE: 1},
    ),
    Case(
        # Marked at 90 while the last price is 100: 10 * (90 - 100) = -100 shows in equity, cash stays.
        name="equity is marked at the mark price, and at the close where there is none",
        columns=[flat_bars(100, 4)],
        forecasts=long_for(4),
        fills=[(1, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000, 1_000, 900, 1_000],
        cash=1_000,
        spec={"sizing": {"rebalance_band": 1.0}},
        panel={"mark": [None, None, 90, None]},
    ),
)

LOCKS = (
    Case(
        # 22:00, 23:00 | 00:00 … A loss of 6 % by bar 3's close: 1000 -> 940 on a day that opened with 1000. Flat at
        # bar 4's open 93; no entry on this day although 1 is forecast.
        name="the daily lock flattens at the next open and refuses entries for the rest of the day",
        columns=[[*flat_bars(100, 3), (100, 100, 94, 94), (93,) * 4, *flat_bars(93, 3)]],
        forecasts=long_for(8),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (4, 0, -10.0, 93.0, DAILY_LOSS)],
        equity=[1_000, 1_000, 1_000, 940, 930, 930, 930, 930],
        cash=930,
        spec={"loss": {"daily": 0.05}, "sizing": {"rebalance_band": 1.0}},
        panel={"start_ns": H22},
        refused={Reason.LOCKED: 5},
    ),
    Case(
        # Bars open 20:00 … Locked at bar 2's close, flat at bar 3's open 94 (23:00). Bar 4 opens the new day: decided
        # at its close, filled at bar 5's open: 940 / 94 = 10.
        name="the daily lock opens with the next day",
        columns=[[*flat_bars(100, 2), (100, 100, 94, 94), *flat_bars(94, 4)]],
        forecasts=long_for(7),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 94.0, DAILY_LOSS), (5, 0, 10.0, 94.0, ENTRY)],
        equity=[1_000, 1_000, 940, 940, 940, 940, 940],
        cash=940,
        spec={"loss": {"daily": 0.05}, "sizing": {"rebalance_band": 1.0}},
        panel={"start_ns": H22 - 2 * HOUR_NS},
        refused={Reason.LOCKED: 2},
    ),
    Case(
        # Peak 1200 at bar 2, 20 % below is 960: bar 3 closes at 95 -> 950. Flat at 95, and never again, new day or not.
        name="the drawdown lock halts for good",
        columns=[[*flat_bars(100, 2), (120,) * 4, (95,) * 4, *flat_bars(95, 30)]],
        forecasts=long_for(34),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (4, 0, -10.0, 95.0, DRAWDOWN)],
        equity=[1_000, 1_000, 1_200, *[950] * 31],
        cash=950,
        spec={"loss": {"drawdown": 0.2}, "sizing": {"rebalance_band": 1.0}},
        refused={Reason.LOCKED: 31},
    ),
)

MASKS = (
    Case(
        # Decided at bar 0; bars 1 and 2 are masked: nothing fills, nothing is decided. The order of bar 0 was taken
        # back, decided anew at bar 3's close and filled at bar 4's open.
        name="a masked bar fills and decides nothing",
        columns=[flat_bars(100, 6)],
        forecasts=long_for(6),
        fills=[(4, 0, 10.0, 100.0, ENTRY)],
        equity=[1_000] * 6,
        cash=1_000,
        panel={"masked": [(1, 0), (2, 0)]},
        refused={Reason.MASKED: 3},
    ),
    Case(
        # The stop at 95 is crossed in a masked bar: it holds still; the next bar opens at 93 below it: out at 93.
        name="a stop sleeps through a masked bar and fills at the next open",
        columns=[[*flat_bars(100, 2), (100, 100, 80, 90), (93, 94, 92, 93), (93,) * 4]],
        forecasts=long_for(5),
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 93.0, STOP)],
        equity=[1_000, 1_000, 1_000, 930, 930],
        cash=930,
        spec={"stops": {"fixed": 0.05, "cooldown_hours": 9}},
        panel={"masked": [(2, 0)]},
    ),
    Case(
        # 40 at 100 on leverage 5: 1000 - 40 * (100 - p) = 0.004 * 40 p, p = 3000 / 39.84 = 75.3012. A masked bar trades
        # at 10 and is ignored; the account lives on.
        name="a masked price liquidates nobody",
        columns=[[*flat_bars(100, 2), (100, 100, 10, 50), *flat_bars(100, 2)]],
        forecasts=long_for(5),
        fills=[(1, 0, 40.0, 100.0, ENTRY)],
        equity=[1_000] * 5,
        cash=1_000,
        spec={"account": {"leverage": 5}, "sizing": {"diversification": 4.0, "rebalance_band": 1.0}},
        panel={"masked": [(2, 0)]},
    ),
    Case(
        # The exit decided at bar 1 waits over the masked bar 2 and leaves at bar 3's open.
        name="an exit waits for the first bar that trades",
        columns=[[*flat_bars(100, 2), (50,) * 4, (101,) * 4]],
        forecasts=[[1, 0, 0, 0]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -10.0, 101.0, ENTRY)],
        equity=[1_000, 1_000, 1_000, 1_010],
        cash=1_010,
        panel={"masked": [(2, 0)]},
    ),
    Case(
        # B has no prices before bar 2. A alone believes at first, so it may use everything; later each has half.
        name="an instrument that is not listed yet has no say",
        columns=[flat_bars(100, 5), [None, None, *flat_bars(50, 3)]],
        forecasts=[[1] * 5, [None, None, 1, 1, 1]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -5.0, 100.0, ENTRY), (3, 1, 10.0, 50.0, ENTRY)],
        equity=[1_000] * 5,
        cash=1_000,
        refused={Reason.NO_FORECAST: 2},
    ),
)

REFUSALS = (
    Case(
        # 1000 * 0.05 / 100 = 0.5 units = 50, below the minimum of 100: nothing is bought, nothing is rounded up.
        name="an order below the minimum notional is refused, not enlarged",
        columns=[flat_bars(100, 3)],
        forecasts=[[0.05] * 3],
        fills=[],
        equity=[1_000] * 3,
        cash=1_000,
        rules={"min_notional": Decimal(100)},
        refused={Reason.BELOW_MIN_NOTIONAL: 3},
    ),
    Case(
        # 1000 * 0.9 / 1000 = 0.9 of a step of 1: rounds to zero.
        name="less than a step is refused",
        columns=[flat_bars(1_000, 3)],
        forecasts=[[0.9] * 3],
        fills=[],
        equity=[1_000] * 3,
        cash=1_000,
        rules={"step": Decimal(1), "min_quantity": Decimal(1)},
        refused={Reason.BELOW_STEP: 3},
    ),
    Case(
        # 1.0 -> 0.9 of the account is a change of 10 %, inside the band of 20 %; 0.7 is outside.
        name="a change inside the band is not traded",
        columns=[flat_bars(100, 5)],
        forecasts=[[1, 0.9, 0.7, 0.7, 0.7]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (3, 0, -3.0, 100.0, ENTRY)],
        equity=[1_000] * 5,
        cash=1_000,
        spec={"sizing": {"rebalance_band": 0.2}},
        refused={Reason.INSIDE_BAND: 1 + 2},
    ),
    Case(
        # Forbidden by the person: the position of bar 1 is closed, none is opened.
        name="a short that is not allowed becomes flat",
        columns=[flat_bars(100, 4)],
        forecasts=[[1, -1, -1, -1]],
        fills=[(1, 0, 10.0, 100.0, ENTRY), (2, 0, -10.0, 100.0, ENTRY)],
        equity=[1_000] * 4,
        cash=1_000,
        spec={"limits": {"allow_short": False}},
        refused={Reason.SHORT_FORBIDDEN: 3},
    ),
    Case(
        # 10 wanted at a max_weight of 0.3: 3.
        name="a weight above its limit is cut",
        columns=[flat_bars(100, 2)],
        forecasts=long_for(2),
        fills=[(1, 0, 3.0, 100.0, ENTRY)],
        equity=[1_000] * 2,
        cash=1_000,
        spec={"limits": {"max_weight": 0.3}},
        refused={Reason.CLAMPED_WEIGHT: 2},
    ),
    Case(
        # A stop 5 % away may lose 1 % of 1000 = 10: 10 / 5 = 2 units, and it does lose exactly that.
        name="a stop loses no more than the risk per trade",
        columns=[[*flat_bars(100, 2), (99, 99, 90, 92), (92,) * 4]],
        forecasts=long_for(4),
        fills=[(1, 0, 2.0, 100.0, ENTRY), (2, 0, -2.0, 95.0, STOP)],
        equity=[1_000, 1_000, 990, 990],
        cash=990,
        spec={"sizing": {"risk_per_trade": 0.01}, "stops": {"fixed": 0.05, "cooldown_hours": 9}},
        refused={Reason.CLAMPED_RISK: 2},
    ),
)

CASES = (*ORDERS, *COSTS, *STOPS, *FUNDING, *MARGIN, *LOCKS, *MASKS, *REFUSALS)
