"""Which instruments an account of this size can trade at the chosen risk, in exact arithmetic, and why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from math import inf, sqrt

import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import Panel, Record, RecordArray
from geobuk.risk.exits import stop_distance, volatility_distance
from geobuk.risk.rules import RISK_FIELDS, RiskSpec, is_decision, pace_of, record_of
from geobuk.risk.sizing import wanted_weight
from geobuk.risk.spec import AccountSpec, Limits, Sizing, Stops
from geobuk.risk.state import ESTIMATE_DTYPE, MARKET_DTYPE
from geobuk.risk.volatility import follow

_STILL = "the history is too short for a volatility, or its price does not move"
_STILL_KO = "변동성을 알 수 있을 만큼 기록이 길지 않거나 가격이 움직이지 않습니다"


@dataclass(frozen=True, slots=True)
class RiskChoice:
    """The settings that decide how large a position may be; ``decide_ns`` is the time between decisions while the
    venue is open.
    """

    account: AccountSpec
    sizing: Sizing
    limits: Limits
    stops: Stops
    decide_ns: int
    year: TradingYear = ALWAYS_OPEN


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
    """Ask each instrument of the panel; never answers by rounding risk up.

    Volatility, stop distance and limits are those of the decision path, at the panel's end.
    """
    capital = Decimal(repr(choice.account.capital))
    rules = rules_of(choice)
    states = closing_states(panel, choice.decide_ns, rules)
    answers = []
    for instrument, state in zip(instruments, states, strict=True):
        if state["anchor"] <= 0.0:
            answers.append(
                _unanswered(instrument, "NO_PRICE", "it has no price in this period", "이 기간에 가격이 없습니다")
            )
            continue
        weight = full_weight(state, len(instruments), rules, round_trip(instrument))
        price = Decimal(repr(float(state["anchor"])))
        answers.append(_answer(instrument, price, Decimal(repr(weight)), capital, choice.sizing.risk_per_trade))
    return tuple(answers)


def closing_states(panel: Panel, decide_ns: int, rules: RecordArray) -> RecordArray:
    """Volatility and average true range (N,) after the panel's last decision, as the decision path estimates them."""
    states = np.zeros(panel.shape[1], dtype=ESTIMATE_DTYPE)
    rows = np.zeros(panel.shape[1], dtype=MARKET_DTYPE)
    decides = is_decision(panel.at_ns, panel.interval_ns, decide_ns)
    follow((panel.high, panel.low, panel.close, panel.volume), panel.tradable, decides, rules[0], rows, states)
    return states


def round_trip(instrument: Instrument) -> float:
    """Fees of entry and exit and the tax on the sale, a fraction of notional."""
    return float(2 * instrument.taker_fee + instrument.sell_tax)


def full_weight(state: Record, believers: int, rules: RecordArray, costs: float = 0.0) -> float:
    """Share of equity that a full forecast may hold alone after sizing, stop risk and ``costs`` of both ways (a
    fraction), limits, value at risk and leverage; 0 if not known.
    """
    rule = rules[0]
    if state["volatility"] <= 0.0:
        return 0.0
    weight = wanted_weight(1.0, state["volatility"], rule["diversification"] / believers, rule)
    distance = stop_distance(state["anchor"], state["atr"], rule)
    distance = min(distance, volatility_distance(state["anchor"], state["volatility"], rule))
    if rule["risk_per_trade"] > 0.0 and distance < inf:
        loss = distance + costs * state["anchor"]
        weight = min(weight, rule["risk_per_trade"] * state["anchor"] / loss)
    if state["variance"] > 0.0:
        weight = min(weight, min(rule["var_sigma"], rule["cvar_sigma"]) / sqrt(state["variance"]))
    return float(min(weight, rule["max_weight"], rule["max_gross"], rule["max_net"], rule["leverage"]))


def rules_of(choice: RiskChoice) -> RecordArray:
    """The choice as a record (1,) of RISK_FIELDS."""
    spec = RiskSpec(account=choice.account, sizing=choice.sizing, limits=choice.limits, stops=choice.stops)
    rules = record_of(spec, pace_of(choice.decide_ns, choice.year), RISK_FIELDS)
    rules["estimates"] = True  # the answer needs the volatility, whatever else reads it
    return rules


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
    return smallest_quantity(instrument, price) * price


def smallest_quantity(instrument: Instrument, price: Decimal) -> Decimal:
    """The quantity of that order, base units."""
    quantity = max(instrument.min_quantity, instrument.min_notional / price)
    return (quantity / instrument.step).to_integral_value(rounding=ROUND_CEILING) * instrument.step


def _answer(instrument: Instrument, price: Decimal, weight: Decimal, capital: Decimal, risk: float) -> Affordability:
    smallest = smallest_order(instrument, price)
    if weight <= 0:
        return _unanswered(instrument, "NO_VOLATILITY", _STILL, _STILL_KO)
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
    text, text_ko = f"{name} can't be sized: {why}", f"{name}: {why_ko}"
    return Affordability(name, False, zero, zero, Decimal("Infinity"), code, text, text_ko)
