"""How much of one instrument an account can trade when tick, step, minimum order, fees and stop are solved together.

Exact decimals; the answer may be that it can't be traded, with what it would take. Risk is never rounded up.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext

from geobuk.domain.errors import UserError
from geobuk.domain.instrument import Instrument, InstrumentKind
from geobuk.risk.affordability import smallest_quantity
from geobuk.risk.words import Text

_EXACT = Context(prec=60)
_DOWN = Context(prec=60, rounding=ROUND_FLOOR)
_CENT = Decimal("0.01")
_UNBOUNDED = Decimal("Infinity")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradePlan:
    """A trade that is thought of: entry and stop prices in quote currency; the side follows from which is higher.

    ``capital`` the account's equity, ``risk`` the share of it that the stop may lose, fees and taxes of both ways
    included; ``most_notional`` and ``most_share`` (of capital) what limits allow at most.

    Raises
    ------
    UserError : a float, or anything else that is no exact number; whole numbers are taken.
    """

    entry: Decimal
    stop: Decimal
    capital: Decimal
    risk: Decimal
    most_notional: Decimal = _UNBOUNDED
    most_share: Decimal = _UNBOUNDED

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, int):
                object.__setattr__(self, name, Decimal(value))
            elif not isinstance(value, Decimal):
                raise UserError(f"{name} {value!r} is not exact", cure=f'write Decimal("{value}"): it is money')


@dataclass(frozen=True, slots=True)
class Stake:
    """The answer. Amounts in quote currency; ``quantity`` in base units, on the step, 0 where it can't be traded.

    ``entry`` and ``stop`` lie on the tick, moved apart: what is counted is never less than what is lost. ``loss`` is
    what the stop takes, fees and taxes included; ``capital_needed`` the equity, rounded up to 0.01, from which on the
    smallest order fits. ``code`` is ``OK``, ``BELOW_MIN_NOTIONAL`` (the risk is too small for it), ``NO_ROOM`` (limits
    are), ``SHORT_FORBIDDEN`` or ``LOCKED``.
    """

    instrument: str
    quantity: Decimal
    notional: Decimal
    stop: Decimal
    loss: Decimal
    capital_needed: Decimal
    code: str
    text: str
    text_ko: str
    entry: Decimal = Decimal(0)


def stake(instrument: Instrument, trade: TradePlan, *, allow_short: bool = True) -> Stake:
    """The largest quantity whose stop loses no more than the risk allows, or why there is none.

    Shares are paid for in full, fees included: they never cost more than the capital.

    Raises
    ------
    UserError : prices, capital or risk that are not positive, limits that are negative, a stop at the entry or below
        the first tick.
    """
    _require_sound(trade)
    with localcontext(_EXACT):
        return _solved(instrument, trade, allow_short=allow_short)


def locked_stake(instrument: Instrument, trade: TradePlan) -> Stake:
    """The answer of an account whose losses allow no entries."""
    _require_sound(trade)
    text = f"{instrument.name} can't be entered: losses have locked entries"
    return _refused(instrument, trade, "LOCKED", (text, f"{instrument.name}: 손실로 진입이 잠겨 있습니다"))


def _solved(instrument: Instrument, trade: TradePlan, *, allow_short: bool) -> Stake:
    side = 1 if trade.stop < trade.entry else -1
    if side < 0 and not (allow_short and instrument.can_short):
        text = f"{instrument.name} can't be sold short"
        return _refused(instrument, trade, "SHORT_FORBIDDEN", (text, f"{instrument.name}: 공매도할 수 없습니다"))
    entry, stop = _on_tick(instrument, trade.entry, side), _on_tick(instrument, trade.stop, -side)
    if stop <= 0:
        raise UserError(f"the stop {trade.stop} lies below the first tick", cure="move it nearer to the entry")
    per_unit = abs(entry - stop) + (entry + stop) * instrument.taker_fee
    per_unit += (stop if side > 0 else entry) * instrument.sell_tax
    share = trade.most_share
    if instrument.kind is InstrumentKind.SHARE:
        share = min(share, _DOWN.divide(Decimal(1), 1 + instrument.taker_fee))
    by_risk = _DOWN.divide(trade.capital * trade.risk, per_unit)
    by_limits = _DOWN.divide(min(trade.most_notional, trade.capital * share), entry)
    allowed = min(by_risk, by_limits, instrument.max_quantity)
    quantity = _multiple(allowed, instrument.step, ROUND_FLOOR)
    least = smallest_quantity(instrument, entry)
    smallest = least * entry
    needed = _rounded_up(least * per_unit / trade.risk)
    if share < _UNBOUNDED:
        needed = max(needed, _rounded_up(smallest / share) if share > 0 else _UNBOUNDED)
    found = Stake(instrument.name, quantity, quantity * entry, stop, quantity * per_unit, needed, "OK", "", "", entry)
    if found.notional >= smallest and quantity > 0:
        return _worded(found, _tradable(instrument, trade, found))
    if by_risk * entry < smallest:
        return _worded(found, _too_small(instrument, trade, found, smallest, by_risk * entry), "BELOW_MIN_NOTIONAL")
    room = min(by_limits, instrument.max_quantity) * entry
    return _worded(found, _no_room(instrument, found, smallest, room), "NO_ROOM")


def _tradable(instrument: Instrument, trade: TradePlan, found: Stake) -> Text:
    name, share = instrument.name, found.loss / trade.capital
    text = (
        f"{name}: {found.quantity} for {found.notional:.2f} {instrument.quote}; the stop at {found.stop} loses "
        f"{found.loss:.2f}, {share:.2%} of equity, fees included"
    )
    text_ko = (
        f"{name}: {found.quantity}개, {found.notional:.2f} {instrument.quote}. 손절 {found.stop}에서 수수료 포함 "
        f"{found.loss:.2f} (자산의 {share:.2%}) 손실"
    )
    return text, text_ko


def _too_small(instrument: Instrument, trade: TradePlan, found: Stake, smallest: Decimal, allowed: Decimal) -> Text:
    name, quote, needed = instrument.name, instrument.quote, found.capital_needed
    text = (
        f"with {trade.capital:.2f} {quote} and {trade.risk:.2%} risk {name} can't be traded: the smallest order is "
        f"{smallest:.2f} {quote}, a stop at {found.stop} allows {allowed:.2f}; it needs {needed:.2f} {quote} of "
        "capital or a nearer stop"
    )
    text_ko = (
        f"자본 {trade.capital:.2f} {quote}, 위험 {trade.risk:.2%}로는 {name}을(를) 거래할 수 없습니다. "
        f"최소 주문 {smallest:.2f} {quote}, 손절 {found.stop}에서 허용 {allowed:.2f}. "
        f"자본 {needed:.2f} {quote} 또는 더 가까운 손절이 필요합니다"
    )
    return text, text_ko


def _no_room(instrument: Instrument, found: Stake, smallest: Decimal, room: Decimal) -> Text:
    name, quote, needed = instrument.name, instrument.quote, found.capital_needed
    text = (
        f"{name} can't be traded: the smallest order is {smallest:.2f} {quote}, limits leave {room:.2f}; it needs "
        f"{needed:.2f} {quote} of capital, or more room"
    )
    text_ko = (
        f"{name}을(를) 거래할 수 없습니다. 최소 주문 {smallest:.2f} {quote}, 한도 안에 남은 금액 {room:.2f}. "
        f"자본 {needed:.2f} {quote} 또는 더 큰 한도가 필요합니다"
    )
    return text, text_ko


def _worded(found: Stake, words: Text, refusal: str = "") -> Stake:
    """The answer with its words; a refusal stakes nothing."""
    nothing = Decimal(0)
    quantity, notional, loss = (nothing,) * 3 if refusal else (found.quantity, found.notional, found.loss)
    code, needed = refusal or found.code, found.capital_needed
    return Stake(found.instrument, quantity, notional, found.stop, loss, needed, code, *words, found.entry)


def _refused(instrument: Instrument, trade: TradePlan, code: str, words: Text) -> Stake:
    nothing = Decimal(0)
    return Stake(instrument.name, nothing, nothing, trade.stop, nothing, _UNBOUNDED, code, *words, trade.entry)


def _on_tick(instrument: Instrument, price: Decimal, direction: int) -> Decimal:
    """The price on the tick, moved up (``direction`` 1) or down (-1) where it lies between two."""
    tick = max((band for band in instrument.ticks if band.floor <= price), key=lambda band: band.floor).tick
    return _multiple(price, tick, ROUND_CEILING if direction > 0 else ROUND_FLOOR)


def _multiple(amount: Decimal, of: Decimal, rounding: str) -> Decimal:
    """The whole multiple of a tick or step next to an amount, with the digits of the tick or step."""
    whole = _DOWN.divide(amount, of).to_integral_value(rounding=rounding) * of
    return whole.quantize(of) if of < 1 else whole


def _rounded_up(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_CEILING)


def _require_sound(trade: TradePlan) -> None:
    for name in ("entry", "stop", "capital", "risk"):
        value = getattr(trade, name)
        if not (value.is_finite() and value > 0):
            raise UserError(f"{name} {value} is not a positive number", cure="give one above 0")
    for name in ("most_notional", "most_share"):
        value = getattr(trade, name)
        if value.is_nan() or value < 0:
            raise UserError(f"{name} {value} is not an amount", cure="give one of 0 or more")
    if trade.risk > 1:
        raise UserError(f"risk {trade.risk} is more than the whole account", cure="write 0.01 for 1 %")
    if trade.entry == trade.stop:
        raise UserError(f"the stop {trade.stop} is the entry", cure="move it away: its distance is the risk")
