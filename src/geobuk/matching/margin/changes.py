"""Which changes of settings and wallets an account refuses."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.matching.margin.money import ZERO
from geobuk.matching.margin.order_check import exposure
from geobuk.matching.margin.position import Position
from geobuk.matching.margin.requirements import LegKey, LegMargin, OpenOrders
from geobuk.matching.margin.settings import Settings
from geobuk.matching.refusals import Refusal, RefusedError


def require_leverage(
    settings: Settings, instrument: str, leverage: int, legs: Iterable[Position], orders: Mapping[LegKey, OpenOrders]
) -> None:
    """Refuse LEVERAGE, MAX_POSITION (at entry prices), LEVERAGE_BELOW_POSITION on an isolated position."""
    costs = {leg.position_side: leg.cost for leg in legs}
    reached = {
        side: exposure(costs.get(side, ZERO), orders.get((instrument, side), OpenOrders())) for side in PositionSide
    }
    settings.require_leverage(instrument, leverage, max(reached.values()))
    now = settings.get(instrument)
    if leverage < now.leverage and now.mode is MarginMode.ISOLATED and costs:
        raise RefusedError(
            Refusal.LEVERAGE_BELOW_POSITION,
            f"leverage {leverage} is below the {now.leverage} of the isolated {instrument} position: close it first",
            value=str(leverage),
            limit=str(now.leverage),
        )


def require_mode(settings: Settings, instrument: str, mode: MarginMode) -> None:
    """Refuse PARAMETERS for cash, MARGIN_MODE_SAME for no change."""
    if mode is MarginMode.CASH:
        raise RefusedError(Refusal.PARAMETERS, "a margin account has no cash mode: cross or isolated", value=mode)
    if settings.get(instrument).mode is mode:
        raise RefusedError(Refusal.MARGIN_MODE_SAME, f"{instrument} is {mode} already", value=mode)


def require_idle(what: str, has_orders: bool, has_position: bool) -> None:
    """Refuse HAS_ORDERS, HAS_POSITION."""
    if has_orders:
        raise RefusedError(Refusal.HAS_ORDERS, f"{what} has open orders: cancel them first", value=what)
    if has_position:
        raise RefusedError(Refusal.HAS_POSITION, f"{what} has a position: close it first", value=what)


def require_margin_move(amount: Decimal, leg: LegMargin, most_in: Decimal) -> None:
    """Refuse PARAMETERS, NO_ISOLATED_POSITION, MARGIN_MOVE_TOO_LARGE."""
    if not amount:
        raise RefusedError(Refusal.PARAMETERS, "the amount to move is 0", value="0")
    if not leg.is_isolated or not leg.quantity:
        raise RefusedError(
            Refusal.NO_ISOLATED_POSITION,
            f"{leg.instrument} {leg.position_side} has no isolated position to move margin to or from",
            value=leg.instrument,
        )
    most_out = max(ZERO, leg.isolated_wallet + min(ZERO, leg.unrealized) - leg.position_initial_margin)
    most = most_in if amount > 0 else most_out
    if abs(amount) > most:
        raise RefusedError(
            Refusal.MARGIN_MOVE_TOO_LARGE,
            f"{abs(amount)} can't be moved {'in' if amount > 0 else 'out'}, at most {most}",
            value=str(abs(amount)),
            limit=str(most),
        )


def require_withdrawal(asset: str, amount: Decimal, most: Decimal) -> None:
    """Refuse PARAMETERS unless positive, MARGIN beyond what may leave."""
    if amount <= 0:
        raise RefusedError(Refusal.PARAMETERS, f"amount {amount} is not positive", value=str(amount))
    if amount > most:
        raise RefusedError(
            Refusal.MARGIN,
            f"{amount} {asset} can't leave the account: at most {most}",
            value=str(amount),
            limit=str(most),
        )
