"""Which instruments an account of this size can trade at the chosen risk, in exact arithmetic, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import sqrt

import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.panel import FloatArray, Panel
from geobuk.risk.spec import AccountSpec, Limits, Sizing, Stops

_DAY_NS = 86_400 * 10**9


@dataclass(frozen=True, slots=True)
class RiskChoice:
    """The settings that decide how large a position may be; ``decide_ns`` between decisions, 0 for every bar."""

    account: AccountSpec
    sizing: Sizing
    limits: Limits
    stops: Stops
    decide_ns: int = 0


@dataclass(frozen=True, slots=True)
class Affordability:
    """The answer for one instrument, at the panel's last price and volatility.

    ``smallest_notional`` is the least that the venue's rules allow; ``wanted_notional`` what a full forecast may
    hold at the chosen risk; ``capital_needed`` the equity at which the two meet. Amounts in quote currency. ``code``
    is ``OK``,
    ``BELOW_MIN_NOTIONAL``, ``NO_PRICE`` or ``NO_VOLATILITY``.
    """

    instrument: str
    can_trade: bool
    smallest_notional: Decimal
    wanted_notional: Decimal
    capital_needed: Decimal
    code: str
    text: str
    text_ko: str


def affordability(panel: Panel, instruments: Sequence[Instrument], choice: RiskChoice) -> tuple[Affordability, ...]:
    """Ask each instrument of the panel; never answers by rounding risk up."""
    capital = Decimal(repr(choice.account.capital))
    answers = []
    for column, instrument in enumerate(instruments):
        closes = panel.close[np.isfinite(panel.close[:, column]), column]
        if len(closes) < 2:
            answers.append(_unanswered(instrument, "NO_PRICE", "it has no price", "가격이 없습니다"))
            continue
        price = Decimal(repr(float(closes[-1])))
        weight = Decimal(repr(full_weight(panel, column, len(instruments), choice)))
        answers.append(_answer(instrument, price, weight, capital, choice.sizing.risk_per_trade))
    return tuple(answers)


def full_weight(panel: Panel, column: int, believers: int, choice: RiskChoice) -> float:
    """Share of equity that a full forecast may hold after volatility sizing, stop risk and the weight limit."""
    sizing, limits = choice.sizing, choice.limits
    daily, range_share = _daily_volatility(panel, column), _range_share(panel, column, choice.decide_ns)
    weight = sizing.diversification / believers
    if sizing.method == "volatility":
        weight = weight * sizing.volatility_target / (daily * sqrt(365.0)) if daily > 0.0 else 0.0
    weight = min(weight, limits.max_weight, limits.max_gross, limits.max_net, float(choice.account.leverage))
    distances = [choice.stops.fixed, choice.stops.trailing]
    distances += [choice.stops.atr * range_share, choice.stops.trailing_atr * range_share]
    active = [distance for distance in distances if distance > 0.0]
    if sizing.risk_per_trade > 0.0 and active:
        weight = min(weight, sizing.risk_per_trade / min(active))
    return weight


def smallest_order(instrument: Instrument, price: Decimal) -> Decimal:
    """Least notional that satisfies minimum quantity, step and minimum notional, rounded up to the step.

    >>> from datetime import date
    >>> from geobuk.domain.instrument import InstrumentKind, TickBand
    >>> d = Decimal
    >>> btc = Instrument("v", "BTC", InstrumentKind.PERPETUAL, "BTC", "USDT", (TickBand(d(0), d("0.1")),), d("0.001"),
    ...     d("0.001"), d(1000), d(100), d(0), d(0), date(2025, 1, 1), "doctest")
    >>> smallest_order(btc, d(60000))
    Decimal('120.000')
    """
    quantity = max(instrument.min_quantity, instrument.min_notional / price)
    steps = (quantity / instrument.step).to_integral_value(rounding=ROUND_CEILING)
    return steps * instrument.step * price


def _answer(instrument: Instrument, price: Decimal, weight: Decimal, capital: Decimal, risk: float) -> Affordability:
    smallest = smallest_order(instrument, price)
    if weight <= 0:
        return _unanswered(instrument, "NO_VOLATILITY", "its price did not move", "가격 변동이 없습니다")
    wanted = weight * capital
    needed = smallest / weight
    name, quote = instrument.name, instrument.quote
    if wanted >= smallest:
        text = f"{name}: up to {wanted:.2f} {quote} at full forecast, the venue's minimum is {smallest:.2f}"
        text_ko = f"{name}: 최대 예측 시 {wanted:.2f} {quote}까지 보유, 거래소 최소 주문은 {smallest:.2f}"
        return Affordability(name, True, smallest, wanted, needed, "OK", text, text_ko)
    text = (
        f"{name} can't be traded with {capital:.2f} {quote} at {risk:.2%} risk: the smallest order is {smallest:.2f} "
        f"{quote}, the chosen risk allows {wanted:.2f}; it needs {needed:.0f} {quote} of capital"
    )
    text_ko = (
        f"{name}: 자본 {capital:.2f} {quote}, 위험 {risk:.2%}로는 거래할 수 없습니다. 최소 주문 {smallest:.2f} "
        f"{quote}, 허용 규모 {wanted:.2f}; "
        f"필요한 자본은 {needed:.0f} {quote}입니다"
    )
    return Affordability(name, False, smallest, wanted, needed, "BELOW_MIN_NOTIONAL", text, text_ko)


def _unanswered(instrument: Instrument, code: str, why: str, why_ko: str) -> Affordability:
    zero, name = Decimal(0), instrument.name
    text, text_ko = f"{name} can't be sized: {why} in this period", f"{name}: 이 기간에 {why_ko}"
    return Affordability(name, False, zero, zero, Decimal("Infinity"), code, text, text_ko)


def _recent(values: FloatArray, panel: Panel, days: float) -> FloatArray:
    bars = max(2, int(days * _DAY_NS / panel.interval_ns))
    return values[np.isfinite(values)][-bars:]


def _daily_volatility(panel: Panel, column: int) -> float:
    closes = _recent(panel.close[:, column], panel, 28.0)
    per_bar = float(np.std(np.diff(np.log(closes)), ddof=0)) if len(closes) > 2 else 0.0
    return per_bar * sqrt(_DAY_NS / panel.interval_ns)


def _range_share(panel: Panel, column: int, decide_ns: int) -> float:
    """Mean range between two decisions as a share of the close, over the last 7 days."""
    block = max(1, decide_ns // panel.interval_ns)
    known = np.isfinite(panel.close[:, column])
    bars = max(block, int(7.0 * _DAY_NS / panel.interval_ns) // block * block)
    high, low, close = (getattr(panel, name)[known, column][-bars:] for name in ("high", "low", "close"))
    whole = len(close) // block * block
    if whole == 0:
        return float((high.max() - low.min()) / close[-1]) if len(close) else 0.0
    high, low, close = (values[-whole:].reshape(-1, block) for values in (high, low, close))
    return float(np.mean((high.max(axis=1) - low.min(axis=1)) / close[:, -1]))
