"""How much of one instrument an account can trade when tick, step, minimum order, fees and stop are solved together.

Exact decimals; the answer may be that it can't be traded, with what it would take. Risk is never rounded up.
"""

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from geobuk.domain.errors import UserError
from geobuk.domain.instrument import Instrument
from geobuk.risk.affordability import smallest_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A trade that is thought of: entry and stop prices in quote currency; the side follows from which is higher.

    ``capital`` the account's equity, ``risk`` the share of it that the stop may lose, fees of both ways included,
    ``most_notional`` what limits allow at most.
    """

    entry: Decimal
    stop: Decimal
    capital: Decimal
    risk: Decimal
    most_notional: Decimal = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Stake:
    """The answer. Amounts in quote currency; ``quantity`` in base units, on the step, 0 where it can't be traded.

    ``loss`` is what the stop takes, fees included; ``capital_needed`` the equity at which the smallest order fits.
    ``code`` is ``OK``, ``BELOW_MIN_NOTIONAL`` or ``NO_ROOM``.
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


def stake(instrument: Instrument, trade: Trade) -> Stake:
    """The largest quantity whose stop loses no more than the risk allows, or why there is none.

    Raises
    ------
    UserError : prices, capital or risk that are not positive, or a stop at the entry.
    """
    _require_sound(trade)
    stop = _on_tick(instrument, trade)
    per_unit = abs(trade.entry - stop) + (trade.entry + stop) * instrument.taker_fee
    allowed = min(trade.capital * trade.risk / per_unit, trade.most_notional / trade.entry, instrument.max_quantity)
    quantity = (allowed / instrument.step).to_integral_value(rounding=ROUND_FLOOR) * instrument.step
    smallest = smallest_order(instrument, trade.entry)
    needed = smallest / trade.entry * per_unit / trade.risk
    if quantity * trade.entry >= smallest:
        return _tradable(instrument, trade, quantity, stop, quantity * per_unit, needed)
    code = "NO_ROOM" if trade.most_notional < smallest else "BELOW_MIN_NOTIONAL"
    name, quote = instrument.name, instrument.quote
    text = (
        f"with {trade.capital:.2f} {quote} and {trade.risk:.2%} risk {name} can't be traded: the smallest order is "
        f"{smallest:.2f} {quote}, a stop at {stop} allows {allowed * trade.entry:.2f}; it needs {needed:.0f} {quote} "
        "of capital or a nearer stop"
    )
    text_ko = (
        f"자본 {trade.capital:.2f} {quote}, 위험 {trade.risk:.2%}로는 {name}을(를) 거래할 수 없습니다. 최소 주문 "
        f"{smallest:.2f} {quote}, 손절 {stop}에서 허용 {allowed * trade.entry:.2f}. 자본 {needed:.0f} {quote} 또는 더 "
        "가까운 손절이 필요합니다"
    )
    return Stake(name, Decimal(0), Decimal(0), stop, Decimal(0), needed, code, text, text_ko)


def _tradable(
    instrument: Instrument, trade: Trade, quantity: Decimal, stop: Decimal, loss: Decimal, needed: Decimal
) -> Stake:
    notional = quantity * trade.entry
    text = (
        f"{instrument.name}: {quantity} for {notional:.2f} {instrument.quote}; the stop at {stop} loses {loss:.2f}, "
        f"{loss / trade.capital:.2%} of equity, fees included"
    )
    text_ko = (
        f"{instrument.name}: {quantity}개, {notional:.2f} {instrument.quote}. 손절 {stop}에서 수수료 포함 {loss:.2f} "
        f"(자산의 {loss / trade.capital:.2%}) 손실"
    )
    return Stake(instrument.name, quantity, notional, stop, loss, needed, "OK", text, text_ko)


def _on_tick(instrument: Instrument, trade: Trade) -> Decimal:
    """The stop on the tick, away from the entry: a stop that is hit later loses more, and that is what is counted."""
    tick = max((band for band in instrument.ticks if band.floor <= trade.stop), key=lambda band: band.floor).tick
    steps = (trade.stop / tick).to_integral_value(rounding=ROUND_FLOOR)
    below = steps * tick
    return below if trade.stop < trade.entry or below == trade.stop else below + tick


def _require_sound(trade: Trade) -> None:
    for name in ("entry", "stop", "capital", "risk"):
        value = getattr(trade, name)
        if not (value.is_finite() and value > 0):
            raise UserError(f"{name} {value} is not a positive number", cure="give one above 0")
    if trade.risk > 1:
        raise UserError(f"risk {trade.risk} is more than the whole account", cure="write 0.01 for 1 %")
    if trade.entry == trade.stop:
        raise UserError(f"the stop {trade.stop} is the entry", cure="move it away: its distance is the risk")
