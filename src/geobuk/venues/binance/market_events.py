"""From the venue's market messages to domain events: exact Decimals, nanoseconds, our words."""

from decimal import Decimal

from geobuk.domain.bar import Bar, MarkPrice, Quote, Trade
from geobuk.domain.order import Side
from geobuk.domain.times import NS_PER_MS, interval_ns
from geobuk.venues.binance.market_messages import BookTicker, Candle, MarkPriceUpdate, TradePrint

_MOST_DECIMALS = 1 << 13
"""About 1.6 MB."""


class DecimalCache(dict[str, Decimal]):
    """Decimals by their text: the same prices and sizes come again and again, and looking one up is cheaper."""

    def __missing__(self, text: str) -> Decimal:
        if len(self) >= _MOST_DECIMALS:
            self.clear()
        value = self[text] = Decimal(text)
        return value


_BUY, _SELL = Side.BUY, Side.SELL
_new_tuple = tuple.__new__  # past the constructor that NamedTuple writes in Python: prints come by the hundred thousand


class EventMaker:
    """Makes the events of one venue."""

    def __init__(self, venue: str = "binance") -> None:
        self._venue = venue
        self._decimals = DecimalCache()

    def trade(self, told: TradePrint) -> Trade:
        """Where the buyer was maker, a seller took."""
        decimals = self._decimals
        return _new_tuple(
            Trade,
            (
                self._venue,
                told.symbol,
                told.trade_ms * 1_000_000,
                decimals[told.price],
                decimals[told.quantity],
                _SELL if told.is_buyer_maker else _BUY,
                told.number,
            ),
        )

    def quote(self, told: BookTicker) -> Quote:
        decimals = self._decimals
        return _new_tuple(
            Quote,
            (
                self._venue,
                told.symbol,
                told.trade_ms * 1_000_000,
                decimals[told.bid],
                decimals[told.bid_quantity],
                decimals[told.ask],
                decimals[told.ask_quantity],
            ),
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
