"""Tells the market: what is due of each instrument's prints, prices, candles and book, to those who listen."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.market_memory import DayFigures
from geobuk.emulators.binance.streams import market_events as events
from geobuk.emulators.binance.streams.depth_diffs import DepthDiffs
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.emulators.binance.streams.names import Kind, Topic
from geobuk.matching.engine.orders import Order
from geobuk.matching.engine.reports import LiquidationReport, Report, RulesReport, TradeReport

_encode = msgspec.json.Encoder().encode


class MarketStream:
    """Hears the exchange and publishes to the hub. Only what somebody wants is put together."""

    def __init__(self, exchange: Exchange, hub: Hub) -> None:
        self._exchange = exchange
        self._hub = hub
        self._last_ms = exchange.now_ms
        self._diffs = {name: DepthDiffs(exchange.engine.depth(name, 1).update_id) for name in exchange.instruments}
        self._aggregates = {name: exchange.memory[name].next_aggregate_id - 1 for name in exchange.instruments}
        self._quotes: dict[str, tuple[Any, ...]] = {}
        self._tops: dict[Topic, int] = {}
        self._candles: dict[Topic, tuple[int, int]] = {}
        self._changed: dict[Topic, dict[str, tuple[Any, ...]]] = {}
        self._liquidations: dict[str, Order] = {}
        self._days: dict[str, DayFigures | None] = {}
        self._tellers: dict[Kind, Callable[[Topic, int], None]] = {
            Kind.MARK_PRICE: self._tell_mark,
            Kind.KLINE: self._tell_candle,
            Kind.CONTINUOUS_KLINE: self._tell_candle,
            Kind.MINI_TICKER: self._tell_day,
            Kind.TICKER: self._tell_day,
            Kind.DEPTH: self._tell_diff,
            Kind.TOP: self._tell_top,
            Kind.FORCE_ORDER: self._tell_liquidation,
        }
        exchange.listen(self._heard)
        exchange.on_depth(self._depth_changed)
        exchange.on_advanced(self.advanced)

    def _heard(self, report: Report) -> None:
        if isinstance(report, TradeReport):
            topic = Topic(Kind.TRADE, report.instrument)
            if self._hub.has(topic):
                self._publish(topic, report.instrument, events.trade(self._exchange.rules(report.instrument), report))
        elif isinstance(report, LiquidationReport):
            name = report.order.instrument
            largest = self._liquidations.get(name)
            if largest is None or report.order.filled > largest.filled:
                self._liquidations[name] = report.order
        elif isinstance(report, RulesReport):
            info = events.contract_info(self._exchange.rules(report.instrument), report.at_ns // NS_PER_MS)
            self._publish(Topic(Kind.CONTRACT_INFO), report.instrument, info)

    def _depth_changed(self, instrument: str, changes: Any) -> None:
        self._diffs[instrument].add(changes)

    def advanced(self, at_ns: int) -> None:
        """The exchange has moved to a moment: publish what fell due on the way."""
        at_ms, before_ms = at_ns // NS_PER_MS, self._last_ms
        self._last_ms = at_ms
        self._days.clear()
        for instrument in self._exchange.instruments:
            self._tell_quote(Topic(Kind.BOOK_TICKER, instrument), at_ms)
        due = {period for period in _PERIODS_MS if at_ms // period > before_ms // period}
        if 100 in due:
            self._tell_aggregates(at_ms)
        for kind, teller in self._tellers.items():
            for topic in self._hub.topics(kind):
                if topic.period_ms in due:
                    teller(topic, at_ms)
        if 5_000 in due and self._hub.has(_ALL_QUOTES):
            self._tell_all_quotes(at_ms)
        if 1_000 in due:
            self._liquidations.clear()
        for period in due & {100, 250, 500}:
            for diffs in self._diffs.values():
                diffs.close(period)

    def _publish(self, topic: Topic, instrument: str, payload: dict[str, Any]) -> None:
        if self._hub.has(topic):
            self._hub.publish(topic, payload["e"], instrument, _encode(payload))

    def _names(self, topic: Topic) -> Iterable[str]:
        if not topic.instrument:
            return self._exchange.instruments
        return (topic.instrument,) if topic.instrument in self._exchange.memory else ()

    def _tell_quote(self, topic: Topic, at_ms: int) -> None:
        if not self._hub.has(topic):
            return
        quote = self._exchange.engine.quote(topic.instrument)
        if quote is None:
            return
        best = (quote.bid, quote.bid_quantity, quote.ask, quote.ask_quantity)
        if self._quotes.get(topic.instrument) != best:
            self._quotes[topic.instrument] = best
            rules = self._exchange.rules(topic.instrument)
            self._publish(topic, topic.instrument, events.book_ticker(rules, quote, at_ms))

    def _tell_all_quotes(self, at_ms: int) -> None:
        for name in self._exchange.instruments:
            quote = self._exchange.engine.quote(name)
            if quote is not None:
                self._publish(_ALL_QUOTES, name, events.book_ticker(self._exchange.rules(name), quote, at_ms))

    def _tell_aggregates(self, at_ms: int) -> None:
        for name, memory in self._exchange.memory.items():
            topic = Topic(Kind.AGG_TRADE, name, period_ms=100)
            if not self._hub.has(topic):
                self._aggregates[name] = memory.next_aggregate_id - 1
                continue
            for one in memory.aggregates_since(self._aggregates[name]):
                if one.at_ms >= at_ms:
                    break
                self._aggregates[name] = one.id
                self._publish(topic, name, events.agg_trade(self._exchange.rules(name), one, at_ms))

    def _tell_mark(self, topic: Topic, at_ms: int) -> None:
        rows = [row for name in self._names(topic) if (row := self._mark_row(name, at_ms))]
        if topic.instrument:
            for row in rows:
                self._publish(topic, topic.instrument, row)
        elif rows:
            self._hub.publish(topic, "markPriceUpdate", "", _encode(rows))

    def _mark_row(self, name: str, at_ms: int) -> dict[str, Any] | None:
        engine = self._exchange.engine
        mark = engine.mark_price(name)
        if mark is None:
            return None
        next_ms = (engine.next_funding_ns(name) or 0) // NS_PER_MS
        index = engine.index_price(name) or mark
        return events.mark_price(name, at_ms, mark, index, engine.funding_rate(name) or Decimal(0), next_ms)

    def _tell_candle(self, topic: Topic, at_ms: int) -> None:
        for name in self._names(topic):
            series = self._exchange.memory[name].last
            current = series.current(topic.parameter)
            if current is None:
                continue
            told = self._candles.get(topic)
            closed = series.last_closed(topic.parameter)
            make = events.kline if topic.kind is Kind.KLINE else events.continuous_kline
            rules = self._exchange.rules(name)
            if told is not None and closed is not None and told[0] == closed.open_ms < current.open_ms:
                self._publish(topic, name, make(rules, closed, topic.parameter, at_ms, is_closed=True))
            if told != (current.open_ms, current.count):
                self._publish(topic, name, make(rules, current, topic.parameter, at_ms, is_closed=False))
                self._candles[topic] = (current.open_ms, current.count)

    def _day(self, name: str, at_ms: int) -> DayFigures | None:
        if name not in self._days:
            self._days[name] = self._exchange.memory[name].day(at_ms)
        return self._days[name]

    def _tell_day(self, topic: Topic, at_ms: int) -> None:
        make = events.mini_ticker if topic.kind is Kind.MINI_TICKER else events.ticker
        told = self._changed.setdefault(topic, {})
        rows = []
        for name in self._names(topic):
            day = self._day(name, at_ms)
            if day is None:
                continue
            figures = (day.last_id, day.candle.count, day.last_price)
            if topic.instrument or told.get(name) != figures:
                told[name] = figures
                rows.append(make(self._exchange.rules(name), day, at_ms))
        if topic.instrument:
            for row in rows:
                self._publish(topic, topic.instrument, row)
        elif rows:
            self._hub.publish(topic, rows[0]["e"], "", _encode(rows))

    def _tell_diff(self, topic: Topic, at_ms: int) -> None:
        for name in self._names(topic):
            due = self._diffs[name].due(topic.period_ms)
            if due is not None:
                ids, sides = due
                self._publish(topic, name, events.depth_update(self._exchange.rules(name), ids, sides, at_ms))

    def _tell_top(self, topic: Topic, at_ms: int) -> None:
        for name in self._names(topic):
            depth = self._exchange.engine.depth(name, int(topic.parameter))
            before = self._tops.get(topic)
            if before != depth.update_id:
                self._tops[topic] = depth.update_id
                first = depth.update_id if before is None else before + 1
                ids = (first, depth.update_id, first - 1 if before is None else before)
                sides = (depth.bids, depth.asks)
                self._publish(topic, name, events.depth_update(self._exchange.rules(name), ids, sides, at_ms))

    def _tell_liquidation(self, topic: Topic, at_ms: int) -> None:
        for name in self._names(topic):
            order = self._liquidations.get(name)
            if order is not None:
                self._publish(topic, name, events.force_order(self._exchange.rules(name), order, at_ms))


_ALL_QUOTES = Topic(Kind.BOOK_TICKER, period_ms=5_000)
_PERIODS_MS = (100, 250, 500, 1_000, 2_000, 3_000, 5_000)
