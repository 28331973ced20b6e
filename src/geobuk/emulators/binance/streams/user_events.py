"""User payloads as the venue writes them; numbers lose their trailing zeros, except in TRADE_LITE."""

from decimal import Decimal
from typing import Any

from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance.errors import refusal_text
from geobuk.emulators.binance.formats import ORDER_TYPE, WORKING_TYPE, fixed, plain
from geobuk.emulators.binance.streams.market_events import Payload
from geobuk.emulators.binance.venue_words import EXPIRE_NUMBER
from geobuk.matching.engine.orders import ConditionalStatus, NewConditional
from geobuk.matching.engine.reports import (
    AccountReason,
    AccountReport,
    ConditionalReport,
    ExecutionType,
    LeverageReport,
    MarginCallReport,
    OrderReport,
)
from geobuk.matching.holdings import Balance, Holding
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.refusals import Refusal


def short(value: Decimal | None) -> str:
    """A number without trailing zeros; nothing is 0.

    >>> short(Decimal("1.1300")), short(Decimal("100")), short(Decimal("0.00"))
    ('1.13', '100', '0')
    """
    return plain(value) if value else "0"


def millis(at_ns: int | None) -> int:
    return 0 if at_ns is None else at_ns // NS_PER_MS


def trade_lite(rules: MarketRules, report: OrderReport) -> Payload:
    """The fast word of a fill; the report must have one."""
    order, fill = report.order, report.execution
    assert fill is not None, "only fills are told this way"
    at_ms = millis(report.at_ns)
    price, quantity = rules.price_decimals, rules.quantity_decimals
    return {
        "e": "TRADE_LITE",
        "E": at_ms,
        "T": at_ms,
        "s": order.instrument,
        "q": fixed(order.quantity, quantity),
        "p": fixed(order.price or Decimal(0), price),
        "m": fill.is_maker,
        "c": order.client_order_id,
        "S": order.side.name,
        "L": fixed(fill.price, price),
        "l": fixed(fill.quantity, quantity),
        "t": fill.trade_id,
        "i": order.id,
    }


def order_update(rules: MarketRules, report: OrderReport, price_match: str = "NONE") -> Payload:
    order, fill, at_ms = report.order, report.execution, millis(report.at_ns)
    average = order.average_price
    told: Payload = {
        "s": order.instrument,
        "c": order.client_order_id,
        "S": order.side.name,
        "o": ORDER_TYPE[order.type],
        "f": order.time_in_force.value.upper(),
        "q": short(order.quantity),
        "p": short(order.price),
        "ap": short(None if average is None else round(average, rules.price_decimals + 1)),
        "sp": short(order.trigger_price),
        "x": report.type.value,
        "X": order.status.value,
        "i": order.id,
        "l": short(fill.quantity if fill else None),
        "z": short(order.filled),
        "L": short(fill.price if fill else None),
        **({"n": short(fill.fee), "N": fill.fee_currency} if fill else {}),
        "T": at_ms,
        "t": fill.trade_id if fill else 0,
        "b": "0",
        "a": "0",
        "m": bool(fill and fill.is_maker),
        "R": order.is_reduce_only,
        "wt": WORKING_TYPE[order.trigger_source],
        "ot": ORDER_TYPE[order.original_type],
        "ps": order.position_side.value.upper(),
        "cp": order.is_close_position,
        "rp": short(fill.realized if fill else None),
        "pP": order.is_price_protected,
        "si": 0,
        "ss": 0,
        "V": order.self_trade_prevention.value.upper(),
        "pm": price_match,
        "gtd": millis(order.good_till_ns),
        "er": str(EXPIRE_NUMBER[order.expire_reason]),
    }
    if report.type is ExecutionType.AMENDMENT and report.modify_id:
        told["M"] = report.modify_id
    return {"e": "ORDER_TRADE_UPDATE", "T": at_ms, "E": at_ms, "o": told}


def account_update(report: AccountReport) -> Payload:
    at_ms = millis(report.at_ns)
    told: Payload = {
        "B": [_balance(one) for one in report.balances],
        "P": [_holding(one) for one in report.holdings],
        "m": report.reason.value,
    }
    if report.reason is AccountReason.FUNDING_FEE and report.instrument:
        told["S"] = report.instrument
    return {"e": "ACCOUNT_UPDATE", "T": at_ms, "E": at_ms, "a": told}


def _balance(one: Balance) -> Payload:
    return {"a": one.asset, "wb": short(one.wallet), "cw": short(one.cross_wallet), "bc": short(one.change)}


def _holding(one: Holding) -> Payload:
    return {
        "s": one.instrument,
        "pa": short(one.quantity),
        "ep": short(one.entry_price),
        "cr": short(one.realized),
        "up": short(one.unrealized),
        "mt": "isolated" if one.is_isolated else "cross",
        "iw": short(one.isolated_wallet),
        "ps": one.position_side.value.upper(),
        "ma": "USDT",
        "bep": short(one.break_even_price),
    }


def algo_update(rules: MarketRules, report: ConditionalReport, price_match: str = "NONE") -> Payload:
    one, asked = report.conditional, report.conditional.request
    at_ms = millis(report.at_ns)
    told: Payload = {
        "caid": one.client_order_id,
        "aid": one.id,
        "at": "CONDITIONAL",
        "o": ORDER_TYPE[asked.type],
        "s": asked.instrument,
        "S": asked.side.name,
        "ps": asked.position_side.value.upper(),
        "f": "GTE_GTC" if asked.needs_position else asked.time_in_force.value.upper(),
        "q": short(asked.quantity),
        "X": one.status.value,
        "ai": "" if one.order_id is None else str(one.order_id),
        **_actual(rules, report),
        "tp": short(asked.trigger_price),
        "p": short(asked.price),
        "V": asked.self_trade_prevention.value.upper(),
        "wt": WORKING_TYPE[asked.trigger_source],
        "pm": price_match,
        "cp": asked.is_close_position,
        "pP": asked.is_price_protected,
        "R": asked.is_reduce_only,
        "tt": millis(one.triggered_ns),
        "gtd": millis(asked.good_till_ns),
        **_trailing(asked),
        "ia": one.is_activated,
    }
    if one.status is ConditionalStatus.REJECTED:
        told["rm"] = refusal_text(Refusal(one.reject_reason))
    return {"e": "ALGO_UPDATE", "T": at_ms, "E": at_ms, "o": told}


def _actual(rules: MarketRules, report: ConditionalReport) -> Payload:
    order = report.order
    if order is None:
        return {}
    average = order.average_price
    return {
        "ap": short(None if average is None else round(average, rules.price_decimals + 1)),
        "aq": short(order.filled),
        "act": ORDER_TYPE[order.type],
    }


def _trailing(asked: NewConditional) -> Payload:
    if asked.callback_rate is None:
        return {}
    return {"AP": short(asked.activation_price), "cr": short(asked.callback_rate * 100)}


def leverage_update(report: LeverageReport) -> Payload:
    at_ms = millis(report.at_ns)
    return {
        "e": "ACCOUNT_CONFIG_UPDATE",
        "E": at_ms,
        "T": at_ms,
        "ac": {"s": report.instrument, "l": report.leverage},
    }


def multi_assets_update(at_ms: int, is_multi_assets: bool) -> Payload:
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": at_ms, "T": at_ms, "ai": {"j": is_multi_assets}}


def margin_call(report: MarginCallReport, marks: dict[str, Decimal], rules: dict[str, MarketRules]) -> Payload:
    return {
        "e": "MARGIN_CALL",
        "E": millis(report.at_ns),
        "cw": short(report.cross_wallet),
        "p": [_called(one, marks[one.instrument], rules[one.instrument]) for one in report.holdings],
    }


def _called(one: Holding, mark: Decimal, rules: MarketRules) -> dict[str, Any]:
    notional = abs(one.quantity) * mark
    tier = next((tier for tier in rules.instrument.brackets if tier.floor <= notional < tier.cap), None)
    maintenance = notional * tier.maintenance_rate - tier.cumulative if tier else Decimal(0)
    return {
        "s": one.instrument,
        "ps": one.position_side.value.upper(),
        "pa": short(one.quantity),
        "mt": "ISOLATED" if one.is_isolated else "CROSSED",
        "iw": short(one.isolated_wallet),
        "mp": short(mark),
        "up": short(one.unrealized),
        "mm": short(round(maintenance, 8)),
    }


def listen_key_expired(listen_key: str, at_ms: int) -> Payload:
    return {"e": "listenKeyExpired", "E": at_ms, "listenKey": listen_key}
