"""One account as the engine keeps it: margin account, orders, fills, and what its open orders would cost."""

from dataclasses import dataclass, field
from decimal import Decimal

from geobuk.domain.order import PositionSide, Side
from geobuk.matching.engine.order_store import OrderStore
from geobuk.matching.engine.orders import Execution
from geobuk.matching.engine.waiting import WaitingStore
from geobuk.matching.margin.account import LegKey, MarginAccount, OpenOrders
from geobuk.matching.margin.ledger import trim

_NOTHING = OpenOrders()


@dataclass(slots=True, eq=False)
class Member:
    """``number`` owns its orders in every book. ``version`` rises whenever wallets or positions change, so that what
    was reckoned from them can be known to be old. ``open_orders`` leaves reduce-only orders out. At least the ``kept``
    newest executions are remembered.
    """

    number: int
    name: str
    account: MarginAccount
    orders: OrderStore = field(default_factory=OrderStore)
    waiting: WaitingStore = field(default_factory=WaitingStore)
    executions: list[Execution] = field(default_factory=list)
    executions_by_instrument: dict[str, list[Execution]] = field(default_factory=dict)
    open_orders: dict[LegKey, OpenOrders] = field(default_factory=dict)
    countdowns: dict[str, int] = field(default_factory=dict)
    """Token of the running countdown by instrument."""
    version: int = 0
    lines: dict[str, tuple[int, int | None, int | None]] = field(default_factory=dict)
    """By instrument: the version they hold for, and the marks (units) at which its margin must be looked at."""
    warned: set[LegKey | None] = field(default_factory=set)
    """What is past the warning line now: isolated legs, and None for the cross account."""
    kept: int = 100_000

    def count(self, key: LegKey, side: Side, notional: Decimal) -> None:
        """Add to (or take off) the notional of a leg's open orders."""
        bid, ask = self.open_orders.get(key, _NOTHING)
        now = OpenOrders(bid + notional, ask) if side > 0 else OpenOrders(bid, ask + notional)
        if now.bid or now.ask:
            self.open_orders[key] = now
        else:
            self.open_orders.pop(key, None)

    def keep(self, execution: Execution) -> None:
        of_instrument = self.executions_by_instrument.setdefault(execution.instrument, [])
        for kept in (self.executions, of_instrument):
            kept.append(execution)
            trim(kept, self.kept)

    @property
    def legs(self) -> tuple[PositionSide, ...]:
        """The legs that its position mode has."""
        return (PositionSide.LONG, PositionSide.SHORT) if self.account.is_hedged else (PositionSide.BOTH,)

    def holds(self, instrument: str) -> bool:
        """Whether a leg of the instrument is not flat."""
        return any(self.account.position(instrument, side).quantity for side in self.legs)
