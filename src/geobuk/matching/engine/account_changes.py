"""What an account may change about itself: leverage, modes, margin, money, and the dead man's switch."""

from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.matching.engine import ending
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.reports import AccountReason, LeverageReport
from geobuk.matching.refusals import Refusal, RefusedError


def set_leverage(floor: Floor, member: Member, listing: Listing, leverage: int) -> None:
    """Refused: LEVERAGE, MAX_POSITION, LEVERAGE_BELOW_POSITION, MARGIN."""
    floor.refresh_mark(listing)
    member.account.set_leverage(listing.name, leverage, marks=floor.marks, orders=member.open_orders)
    member.version += 1
    floor.outbox.put(LeverageReport(floor.at_ns, member.name, listing.name, leverage))


def set_margin_mode(floor: Floor, member: Member, listing: Listing, mode: MarginMode) -> None:
    """Refused: MARGIN_MODE_SAME, HAS_ORDERS, HAS_POSITION."""
    name = listing.name
    has_orders = bool(member.orders.open_count(name) or member.waiting.open(name))
    member.account.set_margin_mode(name, mode, has_orders=has_orders)
    legs = [(name, side) for side in member.legs]
    floor.tell_account(member, AccountReason.MARGIN_TYPE_CHANGE, {}, legs, name)


def set_hedged(member: Member, is_hedged: bool) -> None:
    """Refused: POSITION_MODE_SAME, HAS_ORDERS, HAS_POSITION."""
    has_orders = bool(member.orders.open() or len(member.waiting))
    member.account.set_hedged(is_hedged, has_orders=has_orders)
    member.version += 1


def move_margin(floor: Floor, member: Member, listing: Listing, position_side: PositionSide, amount: Decimal) -> None:
    """Refused: PARAMETERS, NO_ISOLATED_POSITION, MARGIN_MOVE_TOO_LARGE."""
    floor.refresh_mark(listing)
    account = member.account
    account.move_margin(listing.name, position_side, amount, floor.at_ns, marks=floor.marks, orders=member.open_orders)
    changes = {account.spec.margin_asset: Decimal(0)}
    floor.tell_account(member, AccountReason.MARGIN_TRANSFER, changes, ((listing.name, position_side),), listing.name)


def transfer(floor: Floor, member: Member, asset: str, amount: Decimal) -> None:
    """Refused: PARAMETERS for 0, MARGIN beyond what may leave."""
    if not amount:
        raise RefusedError(Refusal.PARAMETERS, "an amount of 0 moves nothing", value="0")
    member.account.transfer(asset, amount, floor.at_ns, marks=floor.marks, orders=member.open_orders)
    reason = AccountReason.DEPOSIT if amount > 0 else AccountReason.WITHDRAW
    floor.tell_account(member, reason, {asset: amount})


def set_countdown(floor: Floor, member: Member, listing: Listing, duration_ns: int) -> None:
    """Cancel the open orders when the time is up; 0 stops what runs."""
    if duration_ns < 0:
        raise RefusedError(Refusal.PARAMETERS, f"countdown {duration_ns} ns is below 0", value=str(duration_ns))
    member.countdowns.pop(listing.name, None)
    if not duration_ns:
        return
    floor.countdown_token += 1
    token = member.countdowns[listing.name] = floor.countdown_token

    def act() -> None:
        del member.countdowns[listing.name]
        ending.cancel_all(floor, member, listing)

    floor.deadlines.plan(floor.at_ns + duration_ns, lambda: member.countdowns.get(listing.name) != token, act)
