"""Funding at its stamps: longs pay a positive rate on their notional at mark, shorts receive it."""

from math import isnan

from geobuk.ops.compiled import step
from geobuk.panel import Record, RecordArray
from geobuk.simulate.book import Status
from geobuk.simulate.fills import draw_on_wallet, pay

FUNDING_UNKNOWN = int(Status.FUNDING_UNKNOWN)


@step
def charge_funding(
    events: RecordArray, is_inside: bool, rows: RecordArray, book: RecordArray, rules: Record, account: Record
) -> None:
    """Settle the bar's stamps: those at its opening instant (before any fill), or those inside it (after the fills)."""
    k = account.funding_at
    while k < events.shape[0] and events[k].bar == account.bar and events[k].is_inside == is_inside:
        i = events[k].instrument
        if book[i].quantity != 0.0:
            price = rows[i].open if is_inside and rows[i].is_tradable else book[i].last
            charge_stamp(events[k], price, book[i], rules, account)
        k += 1
    account.funding_at = k


@step
def charge_stamp(event: Record, price: float, state: Record, rules: Record, account: Record) -> None:
    """One payment; an unknown rate costs the stated worst case on either side, or stops the run."""
    paid = state.quantity * price * event.rate
    if isnan(event.rate):
        paid = abs(state.quantity) * price * event.worst
        if rules.stops_on_missing_funding:
            account.status = FUNDING_UNKNOWN
            account.status_instrument = state.index
    pay(-paid, state, account)
    draw_on_wallet(state, account)
    state.funding += paid
