"""Orders, conditional ("algo") orders and our trades, as the REST calls tell them."""

from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType

Text = str | UnsetType
Number = int | UnsetType
Flag = bool | UnsetType
Amount = Decimal | UnsetType


class OrderReply(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """An order in the book, or one that was. Since 2026-06-30 only queries tell ``avg_price`` and ``cum_quote``.

    ``code`` and ``msg`` stand in the place of an order that a batch refused.
    """

    order_id: int
    symbol: str
    status: str
    client_order_id: str
    price: Decimal
    orig_qty: Decimal
    executed_qty: Decimal
    time_in_force: str
    type: str
    side: str
    update_time: int
    position_side: str = "BOTH"
    reduce_only: Flag = UNSET
    close_position: Flag = UNSET
    avg_price: Amount = UNSET
    stop_price: Amount = UNSET
    orig_type: Text = UNSET
    working_type: Text = UNSET
    price_protect: Flag = UNSET
    price_match: Text = UNSET
    self_trade_prevention_mode: Text = UNSET
    good_till_date: Number = UNSET
    time: Number = UNSET
    pair: Text = UNSET
    modify_id: Number = UNSET
    cum_qty: Amount = UNSET
    cum_quote: Amount = UNSET
    cum_base: Amount = UNSET
    activate_price: Amount = UNSET
    price_rate: Amount = UNSET
    code: Number = UNSET
    msg: Text = UNSET


class BatchRefusal(Struct, kw_only=True, frozen=True, gc=False):
    """One refused element of a batch."""

    code: int
    msg: str


class AlgoReply(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """A conditional order. ``actual_*`` tell of the order that it became. ``order_type`` was once called ``type``."""

    algo_id: int
    client_algo_id: str
    algo_type: str
    symbol: str
    side: str
    time_in_force: str
    algo_status: str
    trigger_price: Decimal
    create_time: int
    update_time: int
    order_type: Text = UNSET
    type: Text = UNSET
    position_side: str = "BOTH"
    quantity: Text = UNSET
    price: Amount = UNSET
    iceberg_quantity: str | UnsetType | None = UNSET
    self_trade_prevention_mode: Text = UNSET
    working_type: Text = UNSET
    price_match: Text = UNSET
    close_position: Flag = UNSET
    price_protect: Flag = UNSET
    reduce_only: Flag = UNSET
    activate_price: Text = UNSET
    callback_rate: Text = UNSET
    trigger_time: Number = UNSET
    good_till_date: Number = UNSET
    actual_order_id: Text = UNSET
    actual_price: Text = UNSET
    actual_qty: Text = UNSET
    actual_type: Text = UNSET
    is_activated: Flag = UNSET
    tp_order_type: Text = UNSET
    tp_trigger_price: Text = UNSET
    tp_price: Text = UNSET
    sl_trigger_price: Text = UNSET
    sl_price: Text = UNSET


class AlgoCancelReply(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """``code`` is a text here, and only here."""

    algo_id: int
    client_algo_id: str
    code: str | int
    msg: str


class TradeRow(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """One of our trades."""

    symbol: str
    id: int
    order_id: int
    side: str
    price: Decimal
    qty: Decimal
    realized_pnl: Decimal
    commission: Decimal
    commission_asset: str
    time: int
    maker: bool
    buyer: bool
    quote_qty: Amount = UNSET
    position_side: str = "BOTH"
    pair: Text = UNSET
    base_qty: Amount = UNSET
    margin_asset: Text = UNSET


class CountdownReply(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    symbol: str
    countdown_time: str


class PriceChange(Struct, kw_only=True, frozen=True, gc=False):
    before: Decimal
    after: Decimal


class Amendment(Struct, kw_only=True, frozen=True, rename="camel"):
    """What one change of an order changed."""

    price: PriceChange
    orig_qty: PriceChange
    count: int
    modify_id: int | UnsetType | None = UNSET


class AmendmentRow(Struct, kw_only=True, frozen=True, rename="camel"):
    """One change of an order."""

    amendment_id: int
    symbol: str
    pair: str
    order_id: int
    client_order_id: str
    time: int
    amendment: Amendment
