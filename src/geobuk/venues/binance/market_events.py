"""From the venue's market messages to domain events: exact Decimals, nanoseconds, our words."""

from decimal import Decimal
from typing import Any

from geobuk.domain.bar import Bar, MarkPrice, Quote, Trade
from geobuk.domain.order import Side
from geobuk.domain.times import interval_ns
from geobuk.venues.binance.market_messages import AggregateTrade, BookTicker, Candle, MarkPriceUpdate

NS_PER_MS = 1_000_000
_MOST_DECIMALS = 1 << 16


class DecimalCache(dict[str, Decimal]):
    """Decimals by their text: the same prices and sizes come again and again, and looking one up is cheaper."""

    def __missing__(self, text: str) -> Decimal:
        if len(self) >= _MOST_DECIMALS:
            self.clear()
        value = self[text] = Decimal(text)
        return value


def _setter(name: str) -> Any:
    return vars(Trade)[name].__set__


# A frozen dataclass sets each field through a look-up of its own, which costs twice what its slots do; prints come by
# the hundred thousand. The fields are all set before anybody sees the value.
_new_trade = Trade.__new__
_set_venue, _set_instrument, _set_at, _set_price, _set_quantity, _set_aggressor, _set_number = map(
    _setter, ("venue", "instrument", "at_ns", "price", "quantity", "aggressor", "trade_id")
)
_BUY, _SELL = Side.BUY, Side.SELL


class EventMaker:
    """Makes the events of one venue."""

    def __init__(self, venue: str = "binance") -> None:
        self._venue = venue
        self._decimals = DecimalCache()

    def trade(self, told: AggregateTrade) -> Trade:
        """Where the buyer was maker, a seller took."""
        trade, decimals = _new_trade(Trade), self._decimals
        _set_venue(trade, self._venue)
        _set_instrument(trade, told.symbol)
        _set_at(trade, told.trade_ms * 1_000_000)
        _set_price(trade, decimals[told.price])
        _set_quantity(trade, decimals[told.quantity])
        _set_aggressor(trade, _SELL if told.is_buyer_maker else _BUY)
        _set_number(trade, told.number)
        return trade

    def quote(self, told: BookTicker) -> Quote:
        d = self._decimals
        return Quote(
            self._venue,
            told.symbol,
            told.trade_ms * NS_PER_MS,
            d[told.bid],
            d[told.bid_quantity],
            d[told.ask],
            d[told.ask_quantity],
        )

    def mark(self, told: MarkPriceUpdate) -> MarkPrice:
        """The rate to come is left out where the venue sends none (dated contracts)."""
        is_perpetual = told.next_funding_ms > 0
        return MarkPrice(
            self._venue,
            told.symbol,
            told.event_ms * NS_PER_MS,
            Decimal(told.price),
            Decimal(told.index) if isinstance(told.index, str) and told.index else None,
            Decimal(told.rate) if is_perpetual and told.rate else None,
            told.next_funding_ms * NS_PER_MS if is_perpetual else None,
        )

    def bar(self, symbol: str, candle: Candle) -> Bar:
        """Only of a closed candle."""
        return Bar(
            self._venue,
            symbol,
            candle.open_ms * NS_PER_MS,
            interval_ns(candle.interval),
            Decimal(candle.open),
            Decimal(candle.high),
            Decimal(candle.low),
            Decimal(candle.close),
            Decimal(candle.volume),
        )
