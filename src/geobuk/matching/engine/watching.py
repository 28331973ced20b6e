"""Which marks an account's margin must be looked at, and what is done there: a warning, or liquidation.

The lines are reckoned in floats and only wake; what happens there is decided exactly.
"""

from geobuk.domain.order import PositionSide
from geobuk.matching.engine import liquidating
from geobuk.matching.engine.danger import Lines, Stretch, lines_around
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.member import Member
from geobuk.matching.engine.reports import MarginCallReport
from geobuk.matching.margin.account import LegKey, MarginState


def watch(floor: Floor, listing: Listing) -> None:
    """Set the book's lines: the nearest trigger, the nearest margin line."""
    look_at_margins(floor, listing)
    last_below, last_above, mark_below, mark_above = listing.lines.nearest()
    for member in tuple(listing.holders):
        _, below, above = member.lines[listing.name]
        if below is not None and (mark_below is None or below > mark_below):
            mark_below = below
        if above is not None and (mark_above is None or above < mark_above):
            mark_above = above
    lines = (last_below, last_above, mark_below, mark_above)
    if lines != listing.watched:
        listing.book.watch(*lines)
        listing.watched = lines


def note_mark(listing: Listing) -> None:
    """The mark has moved: lines in other instruments that share a wallet with it have moved too."""
    for member in tuple(listing.holders):
        if len(member.account.positions()) > 1:
            member.version += 1


def look_at_margins(floor: Floor, listing: Listing | None = None) -> None:
    """Where a line was reached, or may have moved: warn, liquidate, or reckon the lines anew."""
    for one in floor.listings.values() if listing is None else (listing,):
        for member in tuple(one.holders):
            known = member.lines.get(one.name)
            if known is None or known[0] != member.version or _is_past(known, one.mark_units):
                _look_at(floor, member, one)


def _is_past(known: tuple[int, int | None, int | None], mark: int) -> bool:
    _, below, above = known
    return (below is not None and mark <= below) or (above is not None and mark >= above)


def _look_at(floor: Floor, member: Member, listing: Listing) -> None:
    floor.refresh_mark(listing)
    state = member.account.state(floor.marks)
    while _is_lost(state):
        liquidating.liquidate(floor, member, member.account.is_liquidatable(floor.marks))
        state = member.account.state(floor.marks)
    _warn(floor, member, state)
    lines = _lines(floor, listing, state)
    member.lines[listing.name] = (member.version, lines.below, lines.above)


def _is_lost(state: MarginState) -> bool:
    """Whether the cross account's margin, or an isolated leg's, is gone."""
    return state.ratio >= 1 or any(leg.is_isolated and leg.quantity and leg.ratio >= 1 for leg in state.legs)


def _warn(floor: Floor, member: Member, state: MarginState) -> None:
    """One margin call each time that the account, or an isolated leg, comes past the warning line."""
    ratio = floor.spec.margin_call_ratio
    past: set[LegKey | None] = set()
    if any(not leg.is_isolated and leg.quantity for leg in state.legs) and state.ratio >= ratio:
        past.add(None)
    past |= {
        (leg.instrument, leg.position_side)
        for leg in state.legs
        if leg.is_isolated and leg.quantity and leg.ratio >= ratio
    }
    new = past - member.warned
    member.warned = past
    if not new:
        return
    legs: list[tuple[str, PositionSide]] = [
        (leg.instrument, leg.position_side)
        for leg in state.legs
        if leg.quantity and ((leg.instrument, leg.position_side) in new or (None in new and not leg.is_isolated))
    ]
    holdings = tuple(member.account.holding(*leg, floor.marks) for leg in legs)
    floor.outbox.put(MarginCallReport(floor.at_ns, member.name, state.cross_wallet, holdings))


def _lines(floor: Floor, listing: Listing, state: MarginState) -> Lines:
    warning = float(floor.spec.margin_call_ratio)
    brackets = listing.rules.instrument.brackets
    tiers = tuple((float(row.floor), float(row.maintenance_rate)) for row in brackets)
    own = [leg for leg in state.legs if leg.instrument == listing.name and leg.quantity]
    groups = [([leg], leg.isolated_margin, leg.maintenance_margin) for leg in own if leg.is_isolated]
    cross = [leg for leg in own if not leg.is_isolated]
    if cross:
        groups.append((cross, state.cross_margin_balance, state.cross_maintenance_margin))
    found = Lines(None, None)
    for legs, balance, maintenance in groups:
        stretch = Stretch(
            tuple(float(leg.quantity) for leg in legs), float(balance), float(maintenance), float(legs[0].mark), tiers
        )
        unit = 10.0**-listing.scale.price_places
        found = found.nearer(lines_around(stretch, warning, unit))
        if stretch.gap(warning) >= 0:
            found = found.nearer(lines_around(stretch, 1.0, unit))
    return found
