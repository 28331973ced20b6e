"""What a venue can do, as a table that people and programs read."""

from dataclasses import dataclass

from geobuk.domain.order import OrderType, SelfTradePrevention, TimeInForce, TriggerSource


@dataclass(frozen=True, slots=True)
class Capabilities:
    """One venue's column of the capability table."""

    venue: str
    order_types: frozenset[OrderType]
    times_in_force: frozenset[TimeInForce]
    trigger_sources: frozenset[TriggerSource] = frozenset()
    self_trade_prevention: frozenset[SelfTradePrevention] = frozenset()
    can_reduce_only: bool = False
    can_close_position: bool = False
    can_amend: bool = False
    can_hedge: bool = False
    can_isolate_margin: bool = False
    can_set_leverage: bool = False
    can_short: bool = False
    has_dead_man_switch: bool = False
    pays_funding: bool = False
