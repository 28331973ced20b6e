"""What follows from what happened, until nothing more does: closing orders in line, triggers, then the reports."""

from geobuk.matching.engine import conditionals, reducing
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.matching import match


def follow(floor: Floor) -> None:
    """Bring everything in line with changed positions and prices, then give the reports."""
    while floor.changed or floor.moved:
        while floor.changed:
            member, listing = next(iter(floor.changed))
            crossing = reducing.bring_in_line(floor, member, listing)
            if crossing is not None:
                match(floor, crossing)
                continue
            del floor.changed[member, listing]
            conditionals.end_unprotecting(floor, member, listing)
        if floor.moved:
            listing = next(iter(floor.moved))
            floor.refresh_mark(listing)
            waiting = listing.lines.reached(conditionals.prices_of(listing))
            if waiting is None:
                del floor.moved[listing]
            else:
                conditionals.consider(floor, waiting)
    floor.outbox.deliver()
