"""Rules that change while the engine runs: new filters and tiers, new instruments, and those that end."""

from geobuk.matching.engine import ending, funding
from geobuk.matching.engine.floor import Floor
from geobuk.matching.engine.listing import Listing
from geobuk.matching.engine.orders import ConditionalStatus, ExpireReason
from geobuk.matching.engine.reports import RulesReport
from geobuk.matching.market_rules import MarketRules, TradingStatus


def set_rules(floor: Floor, rules: MarketRules) -> None:
    """Put rules into force; what is not listed yet is. SETTLING ends the open orders."""
    listing = floor.listings.get(rules.name)
    if listing is None:
        listing = floor.list_instrument(rules)
        funding.plan(floor, listing)
    else:
        planned = listing.next_funding_ns
        listing.set_rules(rules, floor.at_ns)
        floor.rules[rules.name] = rules
        if listing.next_funding_ns != planned:
            funding.plan(floor, listing)
    for member in floor.members.values():
        member.version += 1
    if rules.status is TradingStatus.SETTLING:
        _end_orders(floor, listing)
    floor.outbox.put(RulesReport(floor.at_ns, rules.name))


def _end_orders(floor: Floor, listing: Listing) -> None:
    for member in floor.members.values():
        for order in member.orders.open(listing.name):
            ending.expire(floor, order, ExpireReason.DELISTED)
        for waiting in member.waiting.open(listing.name):
            ending.end_waiting(floor, waiting, ConditionalStatus.EXPIRED)
