"""Tells accounts what happened to them, in the venue's order, over the listen keys they hold."""

import asyncio
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from aiohttp import WSCloseCode

from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.listen_keys import ListenKey
from geobuk.emulators.binance.streams import user_events as events
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.matching.engine.reports import (
    AccountReport,
    ConditionalReport,
    ExecutionType,
    LeverageReport,
    MarginCallReport,
    OrderReport,
    Report,
)

_encode = msgspec.json.Encoder().encode
AccountsReport = OrderReport | AccountReport | ConditionalReport | LeverageReport | MarginCallReport
Told = tuple[str, str, dict[str, Any]]
"""Account, instrument, payload."""


class UserStream:
    """Hears the exchange; what one step of the program reported goes out together, each fill's TRADE_LITE first."""

    def __init__(self, exchange: Exchange, hub: Hub) -> None:
        self._exchange = exchange
        self._hub = hub
        self._waiting: list[AccountsReport] = []
        exchange.listen(self._heard)
        exchange.on_assets_mode(self._tell_assets_mode)
        exchange.listen_keys.on_expired(self._expired)
        exchange.listen_keys.on_closed(self._closed)

    def _heard(self, report: Report) -> None:
        if not isinstance(report, AccountsReport):
            return
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self.flush)
        self._waiting.append(report)

    def flush(self) -> None:
        """Send what was reported since the last time."""
        keys, now = self._exchange.listen_keys, self._exchange.now_ms
        reports, self._waiting = self._waiting, []
        heard = [report for report in reports if keys.of_account(report.account, now) is not None]
        for account, instrument, payload in self._told(in_order(heard)):
            self._send(account, instrument, payload)

    def _tell_assets_mode(self, account: str, is_multi_assets: bool) -> None:
        self._send(account, "", events.multi_assets_update(self._exchange.now_ms, is_multi_assets))

    def _send(self, account: str, instrument: str, payload: dict[str, Any]) -> None:
        key = self._exchange.listen_keys.of_account(account, self._exchange.now_ms)
        if key is not None:
            self._hub.publish_private(key.key, payload["e"], instrument, _encode(payload))

    def _told(self, reports: Sequence[tuple[Report, bool]]) -> Iterator[Told]:
        for report, is_lite in reports:
            if isinstance(report, OrderReport):
                order, rules = report.order, self._exchange.rules(report.order.instrument)
                if is_lite:
                    yield report.account, order.instrument, events.trade_lite(rules, report)
                else:
                    match = self._exchange.notes[report.account].price_match.get(order.id, "NONE")
                    yield report.account, order.instrument, events.order_update(rules, report, match)
            elif isinstance(report, AccountReport):
                name = report.holdings[0].instrument if report.holdings else report.instrument
                yield report.account, name, events.account_update(report)
            elif isinstance(report, ConditionalReport):
                one = report.conditional
                match = self._exchange.notes[report.account].conditional_price_match.get(one.id, "NONE")
                name = one.request.instrument
                yield report.account, name, events.algo_update(self._exchange.rules(name), report, match)
            elif isinstance(report, LeverageReport):
                yield report.account, report.instrument, events.leverage_update(report)
            elif isinstance(report, MarginCallReport):
                yield report.account, "", self._margin_call(report)

    def _margin_call(self, report: MarginCallReport) -> dict[str, Any]:
        names = {one.instrument for one in report.holdings}
        marks = {name: self._exchange.engine.mark_price(name) or Decimal(0) for name in names}
        return events.margin_call(report, marks, {name: self._exchange.rules(name) for name in names})

    def _expired(self, key: ListenKey, at_ms: int) -> None:
        """The last event of a key; its sockets stay open and hear nothing more of it."""
        self.flush()
        payload = _encode(events.listen_key_expired(key.key, at_ms))
        for subscriber in self._hub.listeners(key.key):
            subscriber.socket.push(subscriber.frame(key.key, payload))
            self._hub.unsubscribe(subscriber, key.key)

    def _closed(self, key: ListenKey, at_ms: int) -> None:
        """The owner deleted the key: sockets that have no other end."""
        del at_ms
        for subscriber in self._hub.listeners(key.key):
            self._hub.unsubscribe(subscriber, key.key)
            if not subscriber.keys:
                subscriber.socket.close(WSCloseCode.OK, "the listen key was closed")


def in_order(reports: Sequence[Report]) -> list[tuple[Report, bool]]:
    """Reports with whether TRADE_LITE is meant, which is told of a fill before all else that belongs to it.

    To a fill belong its account's change right before it, and before that the NEW of the same order.
    """
    told: list[tuple[Report, bool]] = []
    for report in reports:
        if isinstance(report, OrderReport) and report.type is ExecutionType.TRADE:
            told.insert(_start_of_fill(told, report), (report, True))
        told.append((report, False))
    return told


def _start_of_fill(told: Sequence[tuple[Report, bool]], fill: OrderReport) -> int:
    start = len(told)
    changed = told[start - 1][0] if start else None
    if isinstance(changed, AccountReport) and changed.account == fill.account:
        start -= 1
    before = told[start - 1][0] if start else None
    is_new = isinstance(before, OrderReport) and before.type is ExecutionType.NEW and before.order.id == fill.order.id
    return start - 1 if is_new else start
