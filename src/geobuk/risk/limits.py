"""Ceilings on a row of target weights. Every function only shrinks; what it shrank is counted under its reason."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from geobuk.domain.instrument import Instrument, InstrumentKind
from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record, RecordArray
from geobuk.risk.margin import allowed_leverage
from geobuk.risk.reasons import Reason
from geobuk.risk.spec import Limits
from geobuk.risk.state import Desk

GROSS = int(Reason.CLAMPED_GROSS)
NET = int(Reason.CLAMPED_NET)
LEVERAGE = int(Reason.CLAMPED_LEVERAGE)


def limits_on(instruments: Sequence[Instrument], limits: Limits) -> Limits:
    """The limits that hold for these instruments: of shares one name has a lower ceiling."""
    if all(instrument.kind is not InstrumentKind.SHARE for instrument in instruments):
        return limits
    return replace(limits, max_weight=min(limits.max_weight, limits.max_share_weight))


@step
def clamp(weight: float, ceiling: float) -> float:
    """A signed weight, its size no larger than ``ceiling`` >= 0."""
    return min(max(weight, -ceiling), ceiling)


@kernel
def shrink(book: RecordArray, sign: float, factor: float, reason: int) -> None:
    """Multiply the target weights of one ``sign`` (0: of both) by ``factor`` in [0, 1], counting each; in place."""
    for i in range(book.shape[0]):
        state = book[i]
        if state.target * sign > 0.0 or (sign == 0.0 and state.target != 0.0):
            state.target *= factor
            state.refusals[reason] += 1


@step
def is_priced(market: Record) -> bool:
    """Whether anything can be ordered at the close: the bar is not masked, and its price is one."""
    return market.is_tradable and 1e-300 < market.close < 1e300


@step
def fixed_weight(market: Record, state: Record, equity: float) -> float:
    """Signed weight of a position that can't change now, for want of a price, at its last decision's close."""
    return 0.0 if is_priced(market) or equity <= 0.0 else state.quantity * state.anchor / equity


class Exposure(NamedTuple):
    """What a row of targets and positions adds up to.

    ``longs`` and ``shorts`` (>= 0) sum the target weights, ``fixed_longs`` and ``fixed_shorts`` the weights of
    positions on masked bars; ``gross`` and ``net`` are the notional held at the present closes, quote currency.
    """

    longs: float
    shorts: float
    fixed_longs: float
    fixed_shorts: float
    gross: float
    net: float


@step
def exposure_with(exposure: Exposure, market: Record, state: Record, equity: float) -> Exposure:
    """The exposure with one more instrument: its target weight and what is held of it."""
    longs, shorts, fixed_longs, fixed_shorts, gross, net = exposure
    weight, held = state.target, state.quantity
    if weight > 0.0:
        longs += weight
    else:
        shorts -= weight
    if held != 0.0:
        notional = held * (market.close if is_priced(market) else state.anchor)
        gross += abs(notional)
        net += notional
        if not is_priced(market):
            fixed = fixed_weight(market, state, equity)
            fixed_longs += max(fixed, 0.0)
            fixed_shorts += max(-fixed, 0.0)
    return Exposure(longs, shorts, fixed_longs, fixed_shorts, gross, net)


@step
def exposure_of(rows: RecordArray, book: RecordArray, equity: float) -> Exposure:
    """The exposure of a whole row."""
    exposure = Exposure(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for i in range(book.shape[0]):
        exposure = exposure_with(exposure, rows[i], book[i], equity)
    return exposure


@step
def limit_gross_and_net(exposure: Exposure, book: RecordArray, rules: Record) -> float:
    """Scale a row of weights so that sum(|w|) <= max_gross and |sum(w)| <= max_net; in place.

    Positions on masked bars count and can't shrink: the others make room. Gross shrinks all alike; net then only the
    heavier side, so that nothing grows. Returns an upper bound of sum(|w|).
    """
    longs, shorts, fixed_longs, fixed_shorts, _, _ = exposure
    room = max(0.0, rules.max_gross - fixed_longs - fixed_shorts)
    if longs + shorts > room:
        factor = room / (longs + shorts)
        shrink(book, 0.0, factor, GROSS)
        longs *= factor
        shorts *= factor
    net = longs + fixed_longs - shorts - fixed_shorts
    if net > rules.max_net and longs > 0.0:
        shrink(book, 1.0, max(0.0, longs - (net - rules.max_net)) / longs, NET)
    elif -net > rules.max_net and shorts > 0.0:
        shrink(book, -1.0, max(0.0, shorts - (-net - rules.max_net)) / shorts, NET)
    return longs + shorts + fixed_longs + fixed_shorts


@step
def limit_leverage(rows: RecordArray, book: RecordArray, terms: RecordArray, rules: Record, equity: float) -> None:
    """Scale a row of weights so that its initial margin, each at its bracket's leverage, fits into equity; in place."""
    margin, fixed_margin = 0.0, 0.0
    for i in range(book.shape[0]):
        size = abs(book[i].target)
        fixed = abs(fixed_weight(rows[i], book[i], equity))
        if size > 0.0:
            margin += size / allowed_leverage(size * equity, terms[i], rules.leverage)
        elif fixed > 0.0:
            fixed_margin += fixed / allowed_leverage(fixed * equity, terms[i], rules.leverage)
    room = max(0.0, 1.0 - fixed_margin)
    if margin > room:
        shrink(book, 0.0, room / margin, LEVERAGE)


@step
def is_over_limit(exposure: Exposure, rules: Record, equity: float) -> bool:
    """Whether what is held, at the present closes, lies above max_gross or max_net."""
    return exposure.gross > rules.max_gross * equity or abs(exposure.net) > rules.max_net * equity


@kernel
def limit_groups(desk: Desk, which: int, ceiling: float, reason: int) -> bool:
    """Scale the weights of each group (row ``which`` of ``desk.groups``) so that their sizes sum to at most a ceiling.

    Positions on masked bars count and can't shrink: the others make room. Returns whether any group had to be scaled,
    or holds more than its limit: then no reduction is too small.
    """
    rows, book, equity = desk.rows, desk.book, desk.account[0].equity
    weight, fixed, held = desk.work[0], desk.work[1], desk.work[2]
    groups = desk.groups[which]
    for i in range(book.shape[0]):
        weight[i] = fixed[i] = held[i] = 0.0
    for i in range(book.shape[0]):
        group = groups[i]
        if group >= 0:
            weight[group] += abs(book[i].target)
            if book[i].quantity != 0.0:
                fixed[group] += abs(fixed_weight(rows[i], book[i], equity))
                held[group] += abs(book[i].quantity) * (rows[i].close if is_priced(rows[i]) else book[i].anchor)
    is_over = False
    for i in range(book.shape[0]):
        group = groups[i]
        if group < 0:
            continue
        room = max(0.0, ceiling - fixed[group])
        is_over |= held[group] > ceiling * equity or weight[group] > room
        if weight[group] > room and book[i].target != 0.0:
            book[i].target *= room / weight[group]
            book[i].refusals[reason] += 1
    return is_over
