"""What the user stream pushes. The venue's one-letter names stand beside ours."""

from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType, field

from geobuk.venues.binance.messages.orders import Amount, Flag, Number, Text

MaybeText = str | None | UnsetType
MaybeAmount = Decimal | None | UnsetType


class OrderEventBody(Struct, kw_only=True, frozen=True, gc=False):
    """An order after something happened to it; ``last_*`` tell of this execution, ``filled`` of all so far."""

    instrument: str = field(name="s")
    client_order_id: str = field(name="c")
    side: str = field(name="S")
    type: str = field(name="o")
    time_in_force: str = field(name="f")
    quantity: Decimal = field(name="q")
    price: Decimal = field(name="p")
    average_price: Decimal = field(name="ap")
    execution: str = field(name="x")
    status: str = field(name="X")
    order_id: int = field(name="i")
    last_quantity: Decimal = field(name="l")
    filled: Decimal = field(name="z")
    last_price: Decimal = field(name="L")
    at_ms: int = field(name="T")
    trade_id: int = field(name="t")
    is_maker: bool = field(name="m")
    is_reduce_only: bool = field(name="R")
    realized: Decimal = field(name="rp")
    position_side: str = field(name="ps", default="BOTH")
    stop_price: MaybeAmount = field(name="sp", default=UNSET)
    fee: MaybeAmount = field(name="n", default=UNSET)
    fee_asset: MaybeText = field(name="N", default=UNSET)
    bids_notional: Amount = field(name="b", default=UNSET)
    asks_notional: Amount = field(name="a", default=UNSET)
    working_type: Text = field(name="wt", default=UNSET)
    original_type: Text = field(name="ot", default=UNSET)
    is_close_position: Flag = field(name="cp", default=UNSET)
    activation_price: MaybeAmount = field(name="AP", default=UNSET)
    callback_rate: MaybeAmount = field(name="cr", default=UNSET)
    is_price_protected: Flag = field(name="pP", default=UNSET)
    ignored_si: Number = field(name="si", default=UNSET)
    ignored_ss: Number = field(name="ss", default=UNSET)
    self_trade_prevention: MaybeText = field(name="V", default=UNSET)
    price_match: Text = field(name="pm", default=UNSET)
    good_till: Number = field(name="gtd", default=UNSET)
    expire_reason: Text = field(name="er", default=UNSET)
    modify_id: int | UnsetType | None = field(name="M", default=UNSET)
    working_since: int | UnsetType | None = field(name="W", default=UNSET)


class OrderEvent(Struct, kw_only=True, frozen=True, tag_field="e", tag="ORDER_TRADE_UPDATE"):
    event_ms: int = field(name="E")
    at_ms: int = field(name="T")
    order: OrderEventBody = field(name="o")


class BalanceBody(Struct, kw_only=True, frozen=True, gc=False):
    """A wallet that changed; ``change`` is what neither profit nor fee explains."""

    asset: str = field(name="a")
    wallet: Decimal = field(name="wb")
    cross_wallet: Decimal = field(name="cw")
    change: Decimal = field(name="bc")


class PositionBody(Struct, kw_only=True, frozen=True, gc=False):
    """A position that changed."""

    instrument: str = field(name="s")
    quantity: Decimal = field(name="pa")
    entry_price: Decimal = field(name="ep")
    realized: Decimal = field(name="cr")
    unrealized: Decimal = field(name="up")
    margin_type: str = field(name="mt")
    isolated_wallet: Decimal = field(name="iw")
    side: str = field(name="ps")
    margin_asset: Text = field(name="ma", default=UNSET)
    break_even_price: Amount = field(name="bep", default=UNSET)


class AccountBody(Struct, kw_only=True, frozen=True):
    reason: str = field(name="m")
    balances: list[BalanceBody] = field(name="B", default_factory=list)
    positions: list[PositionBody] = field(name="P", default_factory=list)
    funded: Text = field(name="S", default=UNSET)


class AccountEvent(Struct, kw_only=True, frozen=True, tag_field="e", tag="ACCOUNT_UPDATE"):
    event_ms: int = field(name="E")
    at_ms: int = field(name="T")
    account: AccountBody = field(name="a")


class AlgoEventBody(Struct, kw_only=True, frozen=True, gc=False):
    """A conditional order after something happened to it. ``type`` is ``o``, the same letter as what holds it."""

    client_order_id: str = field(name="caid")
    algo_id: int = field(name="aid")
    algo_type: str = field(name="at")
    type: str = field(name="o")
    instrument: str = field(name="s")
    side: str = field(name="S")
    status: str = field(name="X")
    trigger_price: Decimal = field(name="tp")
    price: Decimal = field(name="p")
    quantity: Decimal = field(name="q")
    time_in_force: str = field(name="f")
    position_side: str = field(name="ps", default="BOTH")
    actual_order_id: str = field(name="ai", default="")
    actual_price: Text = field(name="ap", default=UNSET)
    actual_quantity: Text = field(name="aq", default=UNSET)
    actual_type: Text = field(name="act", default=UNSET)
    self_trade_prevention: MaybeText = field(name="V", default=UNSET)
    working_type: Text = field(name="wt", default=UNSET)
    price_match: Text = field(name="pm", default=UNSET)
    is_close_position: Flag = field(name="cp", default=UNSET)
    is_price_protected: Flag = field(name="pP", default=UNSET)
    is_reduce_only: Flag = field(name="R", default=UNSET)
    triggered_ms: Number = field(name="tt", default=UNSET)
    good_till: Number = field(name="gtd", default=UNSET)
    reject_reason: Text = field(name="rm", default=UNSET)
    is_activated: Flag = field(name="ia", default=UNSET)
    activation_price: MaybeAmount = field(name="AP", default=UNSET)
    callback_rate: MaybeAmount = field(name="cr", default=UNSET)


class AlgoEvent(Struct, kw_only=True, frozen=True, tag_field="e", tag="ALGO_UPDATE"):
    event_ms: int = field(name="E")
    at_ms: int = field(name="T")
    order: AlgoEventBody = field(name="o")


class LeverageBody(Struct, kw_only=True, frozen=True, gc=False):
    instrument: str = field(name="s")
    leverage: int = field(name="l")


class MultiAssetsBody(Struct, kw_only=True, frozen=True, gc=False):
    is_joint: bool = field(name="j")


class ConfigEvent(Struct, kw_only=True, frozen=True, tag_field="e", tag="ACCOUNT_CONFIG_UPDATE"):
    event_ms: int = field(name="E")
    at_ms: int = field(name="T")
    leverage: LeverageBody | UnsetType = field(name="ac", default=UNSET)
    multi_assets: MultiAssetsBody | UnsetType = field(name="ai", default=UNSET)


class CalledPosition(Struct, kw_only=True, frozen=True, gc=False):
    """A position that is near its liquidation."""

    instrument: str = field(name="s")
    side: str = field(name="ps")
    quantity: Decimal = field(name="pa")
    margin_type: str = field(name="mt")
    isolated_wallet: Decimal = field(name="iw")
    mark_price: Decimal = field(name="mp")
    unrealized: Decimal = field(name="up")
    maintenance_margin: Decimal = field(name="mm")


class MarginCallEvent(Struct, kw_only=True, frozen=True, tag_field="e", tag="MARGIN_CALL"):
    event_ms: int = field(name="E")
    positions: list[CalledPosition] = field(name="p")
    cross_wallet: Amount = field(name="cw", default=UNSET)


class TradeLiteEvent(Struct, kw_only=True, frozen=True, tag_field="e", tag="TRADE_LITE"):
    """An early word of a fill, without its fee; never counted."""

    event_ms: int = field(name="E")
    at_ms: int = field(name="T")
    instrument: str = field(name="s")
    quantity: Decimal = field(name="q")
    price: Decimal = field(name="p")
    is_maker: bool = field(name="m")
    client_order_id: str = field(name="c")
    side: str = field(name="S")
    last_price: Decimal = field(name="L")
    last_quantity: Decimal = field(name="l")
    trade_id: int = field(name="t")
    order_id: int = field(name="i")


class ListenKeyExpiredEvent(Struct, kw_only=True, frozen=True, tag_field="e", tag="listenKeyExpired"):
    event_ms: int = field(name="E")
    listen_key: Text = field(name="listenKey", default=UNSET)


UserEvent = (
    OrderEvent | AccountEvent | AlgoEvent | ConfigEvent | MarginCallEvent | TradeLiteEvent | ListenKeyExpiredEvent
)
