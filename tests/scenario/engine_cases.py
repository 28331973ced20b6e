"""Steps into a matching engine and the reports that come out, in their order. Data only; the runner stands beside it.

Two accounts, a and b, of 100,000 USDT each at leverage 20; fees 0.02 % (maker) and 0.05 % (taker). Bids 5 at 59,999.9
and 10 at 59,990, asks 5 at 60,000.1 and 10 at 60,010, mark 60,000. A step is (what a Room can do, arguments, more).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.support.engine_room import BTC, BUY, HOUR_NS, SELL

from geobuk.domain.order import OrderType, SelfTradePrevention, TimeInForce, TriggerSource
from geobuk.matching.book.market_event import Happening

Step = tuple[str, tuple[Any, ...], Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """``reports``: all that is told from the first step on, a line each."""

    name: str
    steps: Sequence[Step]
    reports: Sequence[str]
    rules: Mapping[str, Any] = field(default_factory=dict)


def do(what: str, *arguments: Any, **more: Any) -> Step:
    return what, arguments, more


def limit(name: str, side: Any, quantity: Any, price: Any, client_order_id: str, **more: Any) -> Step:
    return do("limit", name, side, quantity, price, client_order_id=client_order_id, **more)


def market(name: str, side: Any, quantity: Any, client_order_id: str, **more: Any) -> Step:
    return do("market", name, side, quantity, client_order_id=client_order_id, **more)


def engine(what: str, *arguments: Any, **more: Any) -> Step:
    return do("engine." + what, *arguments, **more)


OPENING = [
    "a NEW open NEW 0/1",
    "a account ORDER USDT 99969.99995 both:1@60000.1",
    "a TRADE open FILLED 1/1 1@60000.1 taker #1",
]
LONG = market("a", BUY, 1, "open")
"""a buys 1 at 60,000.1 and pays 30.00005."""

MATCHING = (
    Case(
        "a limit order rests, is filled by the market behind what stood before it, and then whole",
        [
            limit("a", BUY, "0.5", "59999.9", "x"),
            do("trade", SELL, "5.2", "59999.9"),
            do("trade", SELL, "1", "59999.9"),
        ],
        [
            "a NEW x NEW 0/0.5",
            "a account ORDER USDT 99997.600004 both:0.2@59999.9",
            "a TRADE x PARTIALLY_FILLED 0.2/0.5 0.2@59999.9 maker #1",
            "a account ORDER USDT 99994.00001 both:0.5@59999.9",
            "a TRADE x FILLED 0.5/0.5 0.3@59999.9 maker #3",
        ],
    ),
    Case(
        "a market order walks the book: each level is a fill of its own, account before order",
        [market("a", BUY, 6, "x")],
        [
            "a NEW x NEW 0/6",
            "a account ORDER USDT 99849.99975 both:5@60000.1",
            "a TRADE x PARTIALLY_FILLED 5/6 5@60000.1 taker #1",
            "a account ORDER USDT 99819.99475 both:6@60001.75",
            "a TRADE x FILLED 6/6 1@60010 taker #2",
        ],
        rules={"maker_fee": Decimal(0)},
    ),
    Case(
        "accounts trade with each other: one trade id, the taker is told first",
        [limit("a", BUY, 1, "60000", "m"), limit("b", SELL, 1, "59999.95", "off"), limit("b", SELL, 1, "60000", "t")],
        [
            "a NEW m NEW 0/1",
            "refused price_decimals",
            "b NEW t NEW 0/1",
            "b account ORDER USDT 99970 both:-1@60000",
            "b TRADE t FILLED 1/1 1@60000 taker #1",
            "a account ORDER USDT 99988 both:1@60000",
            "a TRADE m FILLED 1/1 1@60000 maker #1",
        ],
    ),
    Case(
        "what an immediate-or-cancel order does not get expires with reason 2",
        [limit("a", BUY, 6, "60000.1", "x", time_in_force=TimeInForce.IOC)],
        [
            "a NEW x NEW 0/6",
            "a account ORDER USDT 99849.99975 both:5@60000.1",
            "a TRADE x PARTIALLY_FILLED 5/6 5@60000.1 taker #1",
            "a EXPIRED x EXPIRED 5/6 ioc_remainder",
        ],
    ),
    Case(
        "what a market order does not get expires with reason 9; it walks to 5 % from the mark only",
        [do("book", asks={"60010": 0, "63000.1": 50}), market("a", BUY, "5.5", "x")],
        [
            "a NEW x NEW 0/5.5",
            "a account ORDER USDT 99849.99975 both:5@60000.1",
            "a TRADE x PARTIALLY_FILLED 5/5.5 5@60000.1 taker #1",
            "a EXPIRED x EXPIRED 5/5.5 market_remainder",
        ],
    ),
    Case(
        "post-only that would take and fill-or-kill that would not fill leave no trace",
        [
            limit("a", BUY, 1, "60000.1", "x", time_in_force=TimeInForce.GTX),
            limit("a", BUY, 6, "60000.1", "x", time_in_force=TimeInForce.FOK),
            limit("a", BUY, 5, "60000.1", "x", time_in_force=TimeInForce.FOK),
        ],
        [
            "refused would_take",
            "refused would_not_fill",
            "a NEW x NEW 0/5",
            "a account ORDER USDT 99849.99975 both:5@60000.1",
            "a TRADE x FILLED 5/5 5@60000.1 taker #1",
        ],
    ),
    Case(
        "a cancel keeps what was filled; a second one finds nothing open",
        [
            limit("a", BUY, 1, "60000", "x"),
            do("trade", SELL, "0.4", "60000"),
            engine("cancel", "a", BTC, "x"),
            engine("cancel", "a", BTC, "x"),
            engine("cancel", "a", BTC, "y"),
        ],
        [
            "a NEW x NEW 0/1",
            "a account ORDER USDT 99995.2 both:0.4@60000",
            "a TRADE x PARTIALLY_FILLED 0.4/1 0.4@60000 maker #1",
            "a CANCELED x CANCELED 0.4/1",
            "refused order_not_open",
            "refused unknown_order",
        ],
    ),
    Case(
        "a good-till order ends at its time",
        [
            limit("a", BUY, 1, "59000", "x", time_in_force=TimeInForce.GTD, good_till_ns="601 s"),
            do("wait", 600 * 10**9),
            do("wait", 10**9),
        ],
        ["a NEW x NEW 0/1", "a EXPIRED x EXPIRED 0/1 good_till_date"],
    ),
)

SELF_TRADES = (
    Case(
        "by default the maker expires and the taker goes on",
        [limit("a", SELL, 1, "60000", "m"), limit("a", BUY, 1, "60000.1", "t")],
        [
            "a NEW m NEW 0/1",
            "a NEW t NEW 0/1",
            "a account ORDER USDT 99969.99995 both:1@60000.1",
            "a TRADE t FILLED 1/1 1@60000.1 taker #1",
            "a EXPIRED m EXPIRED_IN_MATCH 0/1 self_trade",
        ],
    ),
    Case(
        "the taker expires if it says so, with reason 3 where it would not have rested anyway",
        [
            limit("a", SELL, 1, "60000", "m"),
            limit("a", BUY, 1, "60000", "t", self_trade_prevention=SelfTradePrevention.EXPIRE_TAKER),
            limit(
                "a",
                BUY,
                1,
                "60000",
                "i",
                self_trade_prevention=SelfTradePrevention.EXPIRE_TAKER,
                time_in_force=TimeInForce.IOC,
            ),
        ],
        [
            "a NEW m NEW 0/1",
            "a NEW t NEW 0/1",
            "a EXPIRED t EXPIRED_IN_MATCH 0/1 self_trade",
            "a NEW i NEW 0/1",
            "a EXPIRED i EXPIRED_IN_MATCH 0/1 ioc_self_trade",
        ],
    ),
    Case(
        "both expire if the taker says so",
        [
            limit("a", SELL, 1, "60000", "m"),
            limit("a", BUY, 1, "60000", "t", self_trade_prevention=SelfTradePrevention.EXPIRE_BOTH),
        ],
        [
            "a NEW m NEW 0/1",
            "a NEW t NEW 0/1",
            "a EXPIRED m EXPIRED_IN_MATCH 0/1 self_trade",
            "a EXPIRED t EXPIRED_IN_MATCH 0/1 self_trade",
        ],
    ),
)

CHANGES = (
    Case(
        "a changed order is amended, loses its place and its self-trade prevention",
        [
            limit("a", BUY, 1, "59999", "x"),
            limit("b", BUY, 1, "59999", "y"),
            engine("modify", "a", BTC, "x", Decimal("0.5"), Decimal(59999), modify_id="m1"),
            do("book", bids={"59999.9": 0}),
            do("trade", SELL, 1, "59999"),
            engine("modify", "a", BTC, "x", Decimal("0.5"), Decimal(59999)),
        ],
        [
            "a NEW x NEW 0/1",
            "b NEW y NEW 0/1",
            "a AMENDMENT x NEW 0/0.5",
            "b account ORDER USDT 99988.0002 both:1@59999",
            "b TRADE y FILLED 1/1 1@59999 maker #1",
            "refused nothing_to_change",
        ],
    ),
    Case(
        "changed to what was filled already, or below, an order is cancelled",
        [
            limit("a", BUY, 1, "60000", "x"),
            do("trade", SELL, "0.4", "60000"),
            engine("modify", "a", BTC, "x", Decimal("0.4"), Decimal(60000)),
        ],
        [
            "a NEW x NEW 0/1",
            "a account ORDER USDT 99995.2 both:0.4@60000",
            "a TRADE x PARTIALLY_FILLED 0.4/1 0.4@60000 maker #1",
            "a CANCELED x CANCELED 0.4/1",
        ],
    ),
    Case(
        "a post-only order changed to a price that would take is cancelled",
        [
            limit("a", BUY, 1, "59999", "x", time_in_force=TimeInForce.GTX),
            engine("modify", "a", BTC, "x", Decimal(1), Decimal("60000.1")),
        ],
        ["a NEW x NEW 0/1", "a CANCELED x CANCELED 0/1"],
    ),
    Case(
        "a changed order that now crosses takes",
        [limit("a", BUY, 1, "59999", "x"), engine("modify", "a", BTC, "x", Decimal(1), Decimal("60000.1"))],
        [
            "a NEW x NEW 0/1",
            "a AMENDMENT x NEW 0/1",
            "a account ORDER USDT 99969.99995 both:1@60000.1",
            "a TRADE x FILLED 1/1 1@60000.1 taker #1",
        ],
    ),
)

REDUCING = (
    Case(
        "a reduce-only order without a position, or on its own side, is refused",
        [
            market("a", SELL, 1, "x", is_reduce_only=True),
            LONG,
            market("a", BUY, 1, "x", is_reduce_only=True),
            limit("b", SELL, 1, "60100", "x", is_reduce_only=True),
        ],
        ["refused reduce_only", *OPENING, "refused reduce_only", "refused reduce_only"],
    ),
    Case(
        "a reduce-only market order larger than the position is trimmed",
        [LONG, market("a", SELL, 3, "x", is_reduce_only=True)],
        [
            *OPENING,
            "a NEW x NEW 0/3",
            "a account ORDER USDT 99939.8 both:0@0",
            "a TRADE x PARTIALLY_FILLED 1/3 1@59999.9 taker #2",
            "a EXPIRED x EXPIRED 1/3 reduce_only_pushed_out",
        ],
    ),
    Case(
        "a resting reduce-only order larger than the position never turns it",
        [LONG, limit("a", SELL, 3, "60005", "x", is_reduce_only=True), do("trade", BUY, 20, "60005")],
        [
            *OPENING,
            "a NEW x NEW 0/3",
            "a account ORDER USDT 99962.89895 both:0@0",
            "a TRADE x PARTIALLY_FILLED 1/3 1@60005 maker #2",
            "a EXPIRED x EXPIRED 1/3 reduce_only_pushed_out",
        ],
    ),
    Case(
        "when the position is closed, what would have reduced it is pushed out",
        [
            LONG,
            limit("a", SELL, "0.4", "60005", "near", is_reduce_only=True),
            limit("a", SELL, "0.6", "60006", "far", is_reduce_only=True),
            limit("a", SELL, "0.1", "60007", "none", is_reduce_only=True),
            market("a", SELL, "0.5", "x"),
            market("a", SELL, "0.5", "y"),
        ],
        [
            *OPENING,
            "a NEW near NEW 0/0.4",
            "a NEW far NEW 0/0.6",
            "refused reduce_only_conflict",
            "a NEW x NEW 0/0.5",
            "a account ORDER USDT 99954.899975 both:0.5@60000.1",
            "a TRADE x FILLED 0.5/0.5 0.5@59999.9 taker #2",
            "a NEW y NEW 0/0.5",
            "a account ORDER USDT 99939.8 both:0@0",
            "a TRADE y FILLED 0.5/0.5 0.5@59999.9 taker #3",
            "a EXPIRED near EXPIRED 0/0.4 reduce_only_pushed_out",
            "a EXPIRED far EXPIRED 0/0.6 reduce_only_pushed_out",
        ],
    ),
)

STOP = {"trigger_price": Decimal(59950), "client_order_id": "s"}

CONDITIONAL = (
    Case(
        "a stop becomes a market order of the same client id when the last price reaches it",
        [
            LONG,
            do("stop", "a", SELL, 1, 59950, client_order_id="s"),
            do("trade", SELL, "0.1", "59950.1"),
            do("rows", (Happening.TRADE, -1, "59950", "0.1"), (Happening.TRADE, -1, "59000", "0.1")),
        ],
        [
            *OPENING,
            "a conditional s NEW",
            "a conditional s TRIGGERING",
            "a conditional s TRIGGERED",
            "a NEW s NEW 0/1",
            "a account ORDER USDT 99939.8 both:0@0",
            "a TRADE s FILLED 1/1 1@59999.9 taker #4",
            "a conditional s FINISHED",
        ],
    ),
    Case(
        "a stop on the mark price does not look at the last",
        [
            LONG,
            do("stop", "a", SELL, 1, 59950, client_order_id="s", trigger_source=TriggerSource.MARK),
            do("trade", SELL, "0.1", "59940"),
            engine("cancel_conditional", "a", "s"),
        ],
        [*OPENING, "a conditional s NEW", "a conditional s CANCELED"],
    ),
    Case(
        "what would trigger at once is refused",
        [
            LONG,
            do("stop", "a", SELL, 1, "60000.1"),
            do("stop", "a", BUY, 1, "60000.1"),
            do("conditional", "a", SELL, OrderType.TAKE_PROFIT_MARKET, 1, trigger_price=Decimal(60000)),
            do("stop", "a", SELL, 1, 60000, trigger_source=TriggerSource.MARK),
        ],
        [*OPENING, *["refused would_trigger"] * 4],
    ),
    Case(
        "an order that can't be carried when it triggers is rejected with the reason",
        [
            do("trade", BUY, "0.1", "60000.1"),
            do("stop", "a", BUY, 100, 60050, client_order_id="s"),
            do("trade", BUY, "0.1", "60050"),
        ],
        ["a conditional s NEW", "a conditional s TRIGGERING", "a conditional s REJECTED margin"],
    ),
    Case(
        "a trailing stop is activated, follows the price up, and fires the callback below the top",
        [
            LONG,
            do(
                "conditional",
                "a",
                SELL,
                OrderType.TRAILING_STOP,
                1,
                activation_price=Decimal(60100),
                callback_rate=Decimal("0.01"),
                client_order_id="s",
            ),
            do("trade", SELL, "0.1", "59000"),
            do("trade", BUY, "0.1", "60100"),
            do("trade", BUY, "0.1", "61000"),
            do("trade", SELL, "0.1", "60390.1"),
            do("trade", SELL, "0.1", "60390"),
        ],
        [
            *OPENING,
            "a conditional s NEW",
            "a conditional s NEW",
            "a conditional s TRIGGERING",
            "a conditional s TRIGGERED",
            "a NEW s NEW 0/1",
            "a account ORDER USDT 99939.8 both:0@0",
            "a TRADE s FILLED 1/1 1@59999.9 taker #7",
            "a conditional s FINISHED",
        ],
    ),
    Case(
        "a take-profit limit rests after its trigger and is finished when filled",
        [
            LONG,
            do(
                "conditional",
                "a",
                SELL,
                OrderType.TAKE_PROFIT_LIMIT,
                1,
                trigger_price=Decimal(60005),
                price=Decimal(60008),
                client_order_id="s",
                is_reduce_only=True,
            ),
            do("trade", BUY, "0.1", "60005"),
            do("trade", BUY, 10, "60008"),
        ],
        [
            *OPENING,
            "a conditional s NEW",
            "a conditional s TRIGGERING",
            "a conditional s TRIGGERED",
            "a NEW s NEW 0/1",
            "a account ORDER USDT 99965.89835 both:0@0",
            "a TRADE s FILLED 1/1 1@60008 maker #3",
            "a conditional s FINISHED",
        ],
    ),
    Case(
        "close-position orders: one a direction and kind; all that is held is closed",
        [
            LONG,
            do("stop", "a", SELL, 0, 59950, client_order_id="s", is_close_position=True),
            do("stop", "a", SELL, 0, 59940, client_order_id="z", is_close_position=True),
            market("a", BUY, 1, "more"),
            do("trade", SELL, "0.1", "59940"),
        ],
        [
            *OPENING,
            "a conditional s NEW",
            "refused close_position_taken",
            "a NEW more NEW 0/1",
            "a account ORDER USDT 99939.9999 both:2@60000.1",
            "a TRADE more FILLED 1/1 1@60000.1 taker #2",
            "a conditional s TRIGGERING",
            "a conditional s TRIGGERED",
            "a NEW s NEW 0/2",
            "a account ORDER USDT 99879.6 both:0@0",
            "a TRADE s FILLED 2/2 2@59999.9 taker #4",
            "a conditional s FINISHED",
        ],
    ),
    Case(
        "an order that needs a position is refused without one and ends with it",
        [
            do("stop", "a", SELL, 1, 59950, needs_position=True),
            LONG,
            do("stop", "a", SELL, 1, 59950, client_order_id="s", needs_position=True),
            market("a", SELL, 1, "x"),
        ],
        [
            "refused no_position_to_protect",
            *OPENING,
            "a conditional s NEW",
            "a NEW x NEW 0/1",
            "a account ORDER USDT 99939.8 both:0@0",
            "a TRADE x FILLED 1/1 1@59999.9 taker #2",
            "a conditional s EXPIRED",
        ],
    ),
    Case(
        "a protected stop waits while mark and last are far apart, and fires when they meet",
        [
            LONG,
            do("stop", "a", SELL, 1, 59000, client_order_id="s", is_price_protected=True),
            do("trade", SELL, "0.1", "56000"),
            do("mark", 58900),
        ],
        [
            *OPENING,
            "a conditional s NEW",
            "a conditional s TRIGGERING",
            "a conditional s TRIGGERED",
            "a NEW s NEW 0/1",
            "a account ORDER USDT 99939.8 both:0@0",
            "a TRADE s FILLED 1/1 1@59999.9 taker #3",
            "a conditional s FINISHED",
        ],
    ),
)

TIME = (
    Case(
        "funding: the long pays the short at the mark, once at its time",
        [
            LONG,
            market("b", SELL, "0.5", "short"),
            do("rows", (Happening.RATE, 0, "0.0001", 0), (Happening.MARK, 0, "61234.5", 0)),
            do("wait", 8 * HOUR_NS),
            do("wait", HOUR_NS),
        ],
        [
            *OPENING,
            "b NEW short NEW 0/0.5",
            "b account ORDER USDT 99985.000025 both:-0.5@59999.9",
            "b TRADE short FILLED 0.5/0.5 0.5@59999.9 taker #2",
            "a account FUNDING_FEE USDT 99963.8765",
            "b account FUNDING_FEE USDT 99988.06175",
        ],
    ),
    Case(
        "a countdown cancels the open orders unless it is set anew",
        [
            limit("a", BUY, 1, "59000", "x"),
            engine("set_countdown", "a", BTC, 10**9),
            do("wait", 9 * 10**8),
            engine("set_countdown", "a", BTC, 10**9),
            do("wait", 9 * 10**8),
            do("wait", 10**8),
            limit("a", BUY, 1, "59000", "y"),
            engine("set_countdown", "a", BTC, 10**9),
            engine("set_countdown", "a", BTC, 0),
            do("wait", 10**10),
        ],
        ["a NEW x NEW 0/1", "a CANCELED x CANCELED 0/1", "a NEW y NEW 0/1"],
    ),
    Case(
        "a leveraged position is warned of, then liquidated: orders end, the book pays, the fund takes the fee",
        [
            engine("transfer", "a", "USDT", Decimal(-99_000)),
            engine("set_leverage", "a", BTC, 100),
            LONG,
            limit("a", BUY, "0.001", "58000", "rest"),
            do("mark", "59340", "59326", "59310", "59267.2"),
            do("mark", "59267.1"),
        ],
        [
            "a account WITHDRAW USDT 1000",
            "a leverage 100",
            "a NEW open NEW 0/1",
            "a account ORDER USDT 969.99995 both:1@60000.1",
            "a TRADE open FILLED 1/1 1@60000.1 taker #1",
            "a NEW rest NEW 0/0.001",
            "a margin call",
            "a EXPIRED rest EXPIRED 0/0.001 liquidated",
            "a NEW liquidation NEW 0/1",
            "a account ORDER USDT 219.8012 both:0@0",
            "a CALCULATED liquidation FILLED 1/1 1@59999.9 taker #2",
            "liquidation SELL 1@59030.2",
        ],
    ),
)

CASES = (*MATCHING, *SELF_TRADES, *CHANGES, *REDUCING, *CONDITIONAL, *TIME)
