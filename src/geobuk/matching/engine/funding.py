"""Funding: at its times every open position pays or receives, at the mark and the rate that hold then."""

from decimal import Decimal

from geobuk.matching.engine.floor import ZERO, Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.reports import AccountReason

RATE_UNIT = Decimal("0.00000001")


def rate_of(listing: Listing) -> Decimal:
    """The rate to come, as a fraction."""
    return listing.book.rate * RATE_UNIT


def plan(floor: Floor, listing: Listing) -> None:
    """Have an instrument's next funding happen at its time."""
    due = listing.next_funding_ns
    if due is not None:
        floor.deadlines.plan(due, lambda: listing.next_funding_ns != due, lambda: pay(floor, listing))


def pay(floor: Floor, listing: Listing) -> None:
    """Settle an instrument's funding with every account, then plan the next."""
    floor.refresh_mark(listing)
    mark, rate = listing.mark, rate_of(listing)
    for member in floor.members.values() if mark and rate else ():
        account = member.account
        entries = account.fund(listing.name, mark, rate, floor.at_ns)
        if not entries:
            continue
        is_isolated = account.holding(listing.name, member.legs[0]).is_isolated
        legs = [(listing.name, side) for side in member.legs if account.position(listing.name, side).quantity]
        changes: dict[str, Decimal] = {}
        for entry in entries:
            changes[entry.asset] = changes.get(entry.asset, ZERO) + entry.amount
        floor.tell_account(member, AccountReason.FUNDING_FEE, changes, legs if is_isolated else (), listing.name)
    listing.next_funding_ns = listing.funding_after(floor.at_ns)
    plan(floor, listing)
