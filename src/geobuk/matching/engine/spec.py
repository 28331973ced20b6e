"""What an engine is started with."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from geobuk.matching.book.book import QueueModel
from geobuk.matching.engine.orders import Cause

ForcedId = Callable[[Cause, int, int], str]
"""The client order id of an order of the venue's own: from its cause, the time (ns) and its number within the cause."""


def forced_id(cause: Cause, at_ns: int, number: int) -> str:
    """An id that needs no time.

    >>> forced_id(Cause.LIQUIDATION, 0, 3)
    'liquidation-3'
    """
    return f"{cause}-{number}"


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Settings of the whole engine. ``insurance_fund`` is what the fund holds at the start, in the quote currency;
    ``margin_call_ratio`` the margin ratio at which accounts are warned, once a crossing. ``seed`` makes client ids.

    ``first_trade_id`` counts from there until a market's print brings a number of its own. ``kept_orders`` is how many
    ended orders, ended conditional orders and executions of each account are remembered. ``forced_id`` names
    the venue's own orders.
    """

    queue_model: QueueModel = QueueModel.PROPORTIONAL
    max_conditional_orders: int = 200
    max_changes: int = 10_000
    seed: int = 0
    insurance_fund: Decimal = Decimal(1_000_000)
    margin_call_ratio: Decimal = Decimal("0.8")
    first_order_id: int = 1
    first_conditional_id: int = 1
    first_trade_id: int = 1
    kept_orders: int = 100_000
    forced_id: ForcedId = forced_id
    min_good_till_ns: int = 600 * 10**9
    """How far ahead a good-till time must lie at least."""
