"""The venue's market-data messages as typed values.

Names of the fields on the wire stand beside each attribute. Prices and quantities stay text here: the boundary to the
domain makes Decimals of what it needs. Times are milliseconds since the epoch, as sent.
"""

from typing import final

import msgspec
from msgspec import UNSET, UnsetType, field

Level = tuple[str, str]
"""Price and absolute quantity; quantity 0 removes the level."""

_Text = str | UnsetType
_Count = int | UnsetType


class AggregateTrade(msgspec.Struct, tag_field="e", tag="aggTrade", gc=False, omit_defaults=True):
    """Prints of one taker order at one price within 100 ms. ``quantity_without_rpi`` leaves retail orders out."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    number: int = field(name="a")
    price: str = field(name="p")
    quantity: str = field(name="q")
    first_trade: int = field(name="f")
    last_trade: int = field(name="l")
    trade_ms: int = field(name="T")
    is_buyer_maker: bool = field(name="m")
    quantity_without_rpi: _Text = field(name="nq", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


@final
class TradePrint(msgspec.Struct, tag_field="e", tag="aggTrade", gc=False):
    """What a domain event needs of an aggregate trade: half the fields, where each costs time."""

    symbol: str = field(name="s")
    number: int = field(name="a")
    price: str = field(name="p")
    quantity: str = field(name="q")
    trade_ms: int = field(name="T")
    is_buyer_maker: bool = field(name="m")


class RawTrade(msgspec.Struct, tag_field="e", tag="trade", gc=False, omit_defaults=True):
    """One print. ``origin``: MARKET, INSURANCE_FUND or NA; undocumented."""

    event_ms: int = field(name="E")
    trade_ms: int = field(name="T")
    symbol: str = field(name="s")
    number: int = field(name="t")
    price: str = field(name="p")
    quantity: str = field(name="q")
    is_buyer_maker: bool = field(name="m")
    origin: _Text = field(name="X", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class MarkPriceUpdate(msgspec.Struct, tag_field="e", tag="markPriceUpdate", gc=False, omit_defaults=True):
    """Mark, index and the funding rate to come; ``rate`` is empty and ``next_funding_ms`` 0 for dated contracts."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    price: str = field(name="p")
    rate: str = field(name="r")
    next_funding_ms: int = field(name="T")
    index: _Text = field(name="i", default=UNSET)
    settle_price: _Text = field(name="P", default=UNSET)
    average_price: _Text = field(name="ap", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class Candle(msgspec.Struct, gc=False, omit_defaults=True):
    """The bar inside a kline message. ``is_closed`` is true once, in its last message."""

    open_ms: int = field(name="t")
    close_ms: int = field(name="T")
    interval: str = field(name="i")
    first_trade: int = field(name="f")
    last_trade: int = field(name="L")
    open: str = field(name="o")
    close: str = field(name="c")
    high: str = field(name="h")
    low: str = field(name="l")
    volume: str = field(name="v")
    trades: int = field(name="n")
    is_closed: bool = field(name="x")
    quote_volume: str = field(name="q")
    taker_volume: str = field(name="V")
    taker_quote_volume: str = field(name="Q")
    ignored: _Text = field(name="B", default=UNSET)
    symbol: _Text = field(name="s", default=UNSET)


class Kline(msgspec.Struct, tag_field="e", tag="kline", gc=False, omit_defaults=True):
    """A bar as it grows, every 250 ms."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    candle: Candle = field(name="k")
    market: _Count = field(name="st", default=UNSET)
    pair: _Text = field(name="ps", default=UNSET)


class ContinuousKline(msgspec.Struct, tag_field="e", tag="continuous_kline", gc=False, omit_defaults=True):
    """A bar of whichever contract of a pair is of a type now."""

    event_ms: int = field(name="E")
    pair: str = field(name="ps")
    contract_type: str = field(name="ct")
    candle: Candle = field(name="k")
    market: _Count = field(name="st", default=UNSET)


@final
class BookTicker(msgspec.Struct, tag_field="e", tag="bookTicker", gc=False, omit_defaults=True):
    """Best bid and ask after update ``update_id``."""

    update_id: int = field(name="u")
    event_ms: int = field(name="E")
    trade_ms: int = field(name="T")
    symbol: str = field(name="s")
    bid: str = field(name="b")
    bid_quantity: str = field(name="B")
    ask: str = field(name="a")
    ask_quantity: str = field(name="A")
    pair: _Text = field(name="ps", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class DepthUpdate(msgspec.Struct, tag_field="e", tag="depthUpdate", gc=False, omit_defaults=True):
    """Levels that changed in updates ``first_id`` … ``last_id``; ``previous_id`` is the last id of the message before.

    The streams of the top 5, 10 or 20 levels have the same shape and hold those levels whole.
    """

    event_ms: int = field(name="E")
    trade_ms: int = field(name="T")
    symbol: str = field(name="s")
    first_id: int = field(name="U")
    last_id: int = field(name="u")
    previous_id: int = field(name="pu")
    bids: list[Level] = field(name="b")
    asks: list[Level] = field(name="a")
    pair: _Text = field(name="ps", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class LiquidationOrder(msgspec.Struct, gc=False, omit_defaults=True):
    """The order inside a forceOrder message."""

    symbol: str = field(name="s")
    side: str = field(name="S")
    type: str = field(name="o")
    time_in_force: str = field(name="f")
    quantity: str = field(name="q")
    price: str = field(name="p")
    average_price: str = field(name="ap")
    status: str = field(name="X")
    last_quantity: str = field(name="l")
    filled_quantity: str = field(name="z")
    trade_ms: int = field(name="T")


class ForceOrder(msgspec.Struct, tag_field="e", tag="forceOrder", gc=False, omit_defaults=True):
    """A liquidation of somebody's position: only the largest of an instrument and second."""

    event_ms: int = field(name="E")
    order: LiquidationOrder = field(name="o")
    pair: _Text = field(name="ps", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class DayTicker(msgspec.Struct, tag_field="e", tag="24hrTicker", gc=False, omit_defaults=True):
    """The last 24 hours of an instrument."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    change: str = field(name="p")
    change_percent: str = field(name="P")
    average_price: str = field(name="w")
    last: str = field(name="c")
    last_quantity: str = field(name="Q")
    open: str = field(name="o")
    high: str = field(name="h")
    low: str = field(name="l")
    volume: str = field(name="v")
    quote_volume: str = field(name="q")
    open_ms: int = field(name="O")
    close_ms: int = field(name="C")
    first_trade: int = field(name="F")
    last_trade: int = field(name="L")
    trades: int = field(name="n")
    pair: _Text = field(name="ps", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class MiniTicker(msgspec.Struct, tag_field="e", tag="24hrMiniTicker", gc=False, omit_defaults=True):
    """The last 24 hours in short."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    last: str = field(name="c")
    open: str = field(name="o")
    high: str = field(name="h")
    low: str = field(name="l")
    volume: str = field(name="v")
    quote_volume: str = field(name="q")
    pair: _Text = field(name="ps", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class Bracket(msgspec.Struct, gc=False, omit_defaults=True):
    """One tier of maintenance margin in a contractInfo message; notionals in quote currency."""

    number: int = field(name="bs")
    floor: float = field(name="bnf")
    cap: float = field(name="bnc")
    maintenance_rate: float = field(name="mmr")
    cumulative: float = field(name="cf")
    min_leverage: int = field(name="mi")
    max_leverage: int = field(name="ma")


class ContractInfo(msgspec.Struct, tag_field="e", tag="contractInfo", omit_defaults=True):
    """An instrument was listed, settled, or its tiers changed."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    contract_type: str = field(name="ct")
    delivery_ms: int = field(name="dt")
    onboard_ms: int = field(name="ot")
    status: str = field(name="cs")
    brackets: list[Bracket] | UnsetType = field(name="bks", default=UNSET)
    pair: _Text = field(name="ps", default=UNSET)
    market: _Count = field(name="st", default=UNSET)


class IndexComponent(msgspec.Struct, gc=False):
    """One asset of a composite index."""

    base: str = field(name="b")
    quote: str = field(name="q")
    weight: str = field(name="w")
    weight_share: str = field(name="W")
    index: str = field(name="i")


class CompositeIndex(msgspec.Struct, tag_field="e", tag="compositeIndex", omit_defaults=True):
    """What a composite index consists of."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    price: str = field(name="p")
    component_kind: str = field(name="C")
    components: list[IndexComponent] = field(name="c")
    market: _Count = field(name="st", default=UNSET)


class AssetIndex(msgspec.Struct, tag_field="e", tag="assetIndexUpdate", gc=False, omit_defaults=True):
    """Rates at which assets count as margin in multi-asset mode."""

    event_ms: int = field(name="E")
    symbol: str = field(name="s")
    index: str = field(name="i")
    bid_buffer: str = field(name="b")
    ask_buffer: str = field(name="a")
    bid_rate: str = field(name="B")
    ask_rate: str = field(name="A")
    exchange_bid_buffer: str = field(name="q")
    exchange_ask_buffer: str = field(name="g")
    exchange_bid_rate: str = field(name="Q")
    exchange_ask_rate: str = field(name="G")


class ServerShutdown(msgspec.Struct, tag_field="e", tag="serverShutdown", gc=False, omit_defaults=True):
    """The server is about to close the connection."""

    event_ms: int | UnsetType = field(name="E", default=UNSET)


MarketMessage = (
    AggregateTrade
    | RawTrade
    | MarkPriceUpdate
    | Kline
    | ContinuousKline
    | BookTicker
    | DepthUpdate
    | ForceOrder
    | DayTicker
    | MiniTicker
    | ContractInfo
    | CompositeIndex
    | AssetIndex
    | ServerShutdown
)


class CombinedFrame(msgspec.Struct, gc=False):
    """What comes over ``/stream``: the stream's name beside its message, or the answer to a control message."""

    stream: str
    data: MarketMessage | list[MarketMessage]


FeedMessage = TradePrint | BookTicker | MarkPriceUpdate | Kline | DepthUpdate | ForceOrder | ContractInfo


class FeedFrame(msgspec.Struct, gc=False):
    """A combined frame of the streams that a feed subscribes."""

    data: FeedMessage


class Depth(msgspec.Struct, rename="camel", omit_defaults=True):
    """An order book as REST gives it, best levels first."""

    last_update_id: int
    bids: list[Level]
    asks: list[Level]
    event_ms: int | UnsetType = field(name="E", default=UNSET)
    trade_ms: int | UnsetType = field(name="T", default=UNSET)
