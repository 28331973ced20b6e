"""What a fill does to the book: position, cash, costs, margin, the protective stop, and the log."""

from math import isnan, sqrt
from typing import NamedTuple

from geobuk.matching.costs import slippage_fraction, slipped_price
from geobuk.matching.printable import is_locked_against, printable_price, tick_of
from geobuk.ops.compiled import kernel, step
from geobuk.panel import Record
from geobuk.quant.grid import round_down, snapped
from geobuk.risk.exits import entry_distance, initial_stop
from geobuk.risk.margin import allowed_leverage
from geobuk.risk.reasons import Reason
from geobuk.risk.reentry import note_exit
from geobuk.simulate.book import SETTLEMENT_SLOTS, Cashbook

NO_VOLUME = int(Reason.NO_VOLUME)
LIMIT_LOCKED = int(Reason.LIMIT_LOCKED)
UNPRINTABLE = int(Reason.UNPRINTABLE)


class Execution(NamedTuple):
    """One fill before it is booked.

    ``reference`` is the price before spread and impact, ``cut_off`` the slippage in cash that the price could not show,
    ``fee_rate`` a fraction of notional.
    """

    quantity: float
    price: float
    reference: float
    cut_off: float
    fee_rate: float
    reason: int
    is_maker: bool


class Move(NamedTuple):
    """A position's next quantity, the price it changes at, and the price at which margin is reserved."""

    after: float
    price: float
    reference: float


class Booked(NamedTuple):
    """What a fill came to, in account currency; ``cash`` is its whole effect on cash."""

    fee: float
    slippage: float
    realized: float
    cash: float


@step
def price_range(market: Record, state: Record) -> tuple[float, float]:
    """Lowest and highest price that can trade in the bar: its range within the day's price limits."""
    if state.limit_high > 0.0:
        return max(market.low, state.limit_low), min(market.high, state.limit_high)
    return market.low, market.high


@step
def is_unprintable(side: float, lowest: float, highest: float, term: Record) -> bool:
    """Whether a share has no price on the tick in the range.

    A perpetual's bars may be older than the tick that is known of it: for want of a price on it, it trades off it.
    """
    return term.is_share and isnan(printable_price(side, lowest, lowest, highest, term))


@step
def printed(side: float, price: float, lowest: float, highest: float, term: Record) -> float:
    """The price on the tick and in the range; the price itself where there is none."""
    found = printable_price(side, price, lowest, highest, term)
    return price if isnan(found) else found


@step
def fillable(quantity: float, market: Record, state: Record, term: Record, rules: Record) -> float:
    """The signed part of ``quantity`` that the bar allows, on the venue's step; counts what it cuts.

    That is a share of its volume; nothing where no price of it can be printed, and another share where the whole bar
    stood at the price limit that the order wants.
    """
    side = 1.0 if quantity > 0.0 else -1.0
    lowest, highest = price_range(market, state)
    if is_unprintable(side, lowest, highest, term):
        state.refusals[UNPRINTABLE] += 1
        return 0.0
    participation, reason = rules.participation, NO_VOLUME
    if state.limit_high > 0.0 and is_locked_against(side, market.low, market.high, state.limit_low, state.limit_high):
        participation, reason = rules.locked_participation, LIMIT_LOCKED
    room = min(round_down(market.volume * participation, term.step), term.max_quantity)
    if abs(quantity) <= room:
        return quantity
    state.refusals[reason] += 1
    return side * room


@step
def most_slippage(quantity: float, price: float, market: Record, state: Record, term: Record, rules: Record) -> float:
    """What a unit can cost beyond ``price`` when so much is taken, rounding included; never below 0."""
    side = 1.0 if quantity > 0.0 else -1.0
    volatility = bar_volatility(market, state, rules)
    fraction = slippage_fraction(abs(quantity), market.volume, volatility, rules)
    lowest, highest = price_range(market, state)
    beyond = side * (printed(side, price * (1.0 + side * fraction), lowest, highest, term) - price)
    return max(price * fraction, beyond)


@step
def bar_volatility(market: Record, state: Record, rules: Record) -> float:
    """Volatility of one bar as known before it; where that is not known, the bar's own range."""
    if state.variance > 0.0:
        return sqrt(state.variance / rules.bars_per_decision)
    return (market.high - market.low) / market.open


class Taking(NamedTuple):
    """A taking fill to be: signed quantity, price before spread and impact, reason.

    ``most`` is the largest slippage as a fraction: infinite, unless a limit price forbids more.
    """

    quantity: float
    reference: float
    reason: int
    most: float


@kernel
def take(wish: Taking, market: Record, state: Record, term: Record, rules: Record, cashbook: Cashbook) -> None:
    """A taking fill: spread and impact move the price against us; what the bar's range cuts off is paid in cash."""
    quantity, reference, reason, most = wish
    side = 1.0 if quantity > 0.0 else -1.0
    volatility = bar_volatility(market, state, rules)
    fraction = min(slippage_fraction(abs(quantity), market.volume, volatility, rules), most)
    lowest, highest = price_range(market, state)
    slipped = slipped_price(side, reference, fraction, tick_of(reference, term), market.high, market.low)
    price = printed(side, slipped, lowest, highest, term)
    cut_off = max(0.0, reference * fraction - side * (price - reference)) * abs(quantity)
    fill = Execution(quantity, price, reference, cut_off, term.taker_fee, reason, False)
    settle(fill, state, term, rules, cashbook)


@kernel
def settle(fill: Execution, state: Record, term: Record, rules: Record, cashbook: Cashbook) -> None:
    """Book one fill: profit of what it closes, fee and tax, position, margin, stop, log."""
    account, held = cashbook.account, state.quantity
    after = snapped(held + fill.quantity, term.step)
    fee = abs(fill.quantity) * fill.price * (fill.fee_rate + (term.sell_tax if fill.quantity < 0.0 else 0.0))
    slippage = fill.quantity * (fill.price - fill.reference) + fill.cut_off
    realized = 0.0
    if held * fill.quantity < 0.0:
        closed = min(abs(fill.quantity), abs(held))
        realized = closed * (fill.price - state.entry) * (1.0 if held > 0.0 else -1.0)
    cash = realized - fee - fill.cut_off
    if rules.notes_exits:
        keep_score(fill, after, Booked(fee, slippage, realized, cash), state, rules, account)
    pay(cash, state, account)
    state.fees += fee
    state.slippage += slippage
    if rules.is_isolated:
        account.available += cash
    else:  # unrealised profit is available already: only costs and the price paid beyond the reference are new
        account.available -= fee + fill.cut_off + fill.quantity * (fill.price - fill.reference)
    move_position(Move(after, fill.price, fill.reference), state, term, rules, account)
    draw_on_wallet(state, account)
    if term.settlement_days > 0 and fill.quantity < 0.0:
        await_settlement(-fill.quantity * fill.price - fee, term, rules, account)
    if account.held == 0 and account.cash < 0.0:
        cash += bear_shortfall(state, account)
    write_fill(fill, Booked(fee, slippage, realized, cash), state, cashbook)


@step
def keep_score(fill: Execution, after: float, booked: Booked, state: Record, rules: Record, account: Record) -> None:
    """Before a fill is booked: where a trade begins or ends in the ledger, and with what result.

    The costs of a flip are split by size.
    """
    held = state.quantity
    if held == 0.0:
        state.entry_ledger = state.ledger
    elif held * after <= 0.0:
        costs = booked.realized - booked.cash
        ledger = state.ledger + booked.realized - costs * min(abs(held / fill.quantity), 1.0)
        note_exit(ledger - state.entry_ledger, fill.reason, state, account, rules)
        state.entry_ledger = ledger


@step
def await_settlement(proceeds: float, term: Record, rules: Record, account: Record) -> None:
    """What a sale of shares brings is there only some sessions later; whether it may be spent before is a rule."""
    account.due[(account.sessions + term.settlement_days) % SETTLEMENT_SLOTS] += proceeds
    account.unsettled += proceeds
    if not rules.reuse_proceeds:
        account.available -= proceeds


@step
def pay(amount: float, state: Record, account: Record) -> None:
    """Add a signed amount to cash on behalf of an instrument."""
    account.cash += amount
    state.ledger += amount


@step
def draw_on_wallet(state: Record, account: Record) -> None:
    """Take from an isolated wallet what its position's funding and costs took beyond the free cash."""
    missing = min(account.set_aside - account.cash, state.wallet)
    if account.set_aside > 0.0 and missing > 0.0:
        state.wallet -= missing
        account.set_aside -= missing


@step
def bear_shortfall(state: Record, account: Record) -> float:
    """Let the venue's fund bear what an account without positions owes; returns that amount."""
    borne = -account.cash
    pay(borne, state, account)
    account.insurance += borne
    return borne


@step
def move_position(move: Move, state: Record, term: Record, rules: Record, account: Record) -> None:
    """Change a position: entry, isolated wallet, margin at the reference price, stop."""
    after, price, reference = move
    held, wallet = state.quantity, state.wallet
    leverage = allowed_leverage(abs(after) * reference, term, rules.leverage)
    account.held += int(after != 0.0) - int(held != 0.0)
    state.quantity = after
    if after == 0.0:
        state.entry = state.stop = state.wallet = 0.0
        state.first_risk = state.largest = state.taken = 0.0
    elif held * after <= 0.0:
        state.entry = price
        state.wallet = abs(after) * price / leverage
        state.entered_ns = account.now_ns
        state.largest, state.taken = abs(after), 0.0
        place_stop(price, state, term, rules)
    elif abs(after) > abs(held):
        added = abs(after) - abs(held)
        state.entry = (abs(held) * state.entry + added * price) / abs(after)
        state.wallet += added * price / leverage
        state.largest = max(state.largest, abs(after))
    else:
        state.wallet *= abs(after) / abs(held)
    if rules.is_isolated:
        account.available += wallet - state.wallet
        account.set_aside += state.wallet - wallet
    else:
        account.available += (abs(held) - abs(after)) * reference / leverage


@step
def place_stop(price: float, state: Record, term: Record, rules: Record) -> None:
    """Rest a protective stop for a new position; its distance is the trade's R, of which there is none without."""
    side, tick = 1.0 if state.quantity > 0.0 else -1.0, tick_of(price, term)
    state.peak = price
    state.stop = initial_stop(side, price, entry_distance(side, price, tick, state, rules), tick)
    state.first_risk = max(0.0, side * (price - state.stop)) if state.stop > 0.0 else 0.0


@step
def write_fill(fill: Execution, booked: Booked, state: Record, cashbook: Cashbook) -> None:
    """Append to the log, where one is kept."""
    account, fills = cashbook
    at = account.fills
    account.fills += 1
    if at < fills.shape[0]:
        row = fills[at]
        row.bar = account.bar
        row.instrument = state.index
        row.reason = fill.reason
        row.quantity = fill.quantity
        row.price = fill.price
        row.reference = fill.reference
        row.fee = booked.fee
        row.slippage = booked.slippage
        row.realized = booked.realized
        row.cash = booked.cash
        row.funding = state.funding
        row.position = state.quantity
        row.is_maker = fill.is_maker
