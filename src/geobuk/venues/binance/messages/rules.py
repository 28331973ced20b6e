"""Trading rules: instruments with their filters, leverage brackets, funding intervals, limits."""

from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType

from geobuk.venues.binance.messages.orders import Amount, Flag, Number, Text


class RateLimit(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """At most ``limit`` in every ``interval_num`` intervals."""

    rate_limit_type: str
    interval: str
    interval_num: int
    limit: int


class ExchangeAsset(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    asset: str
    margin_available: bool
    auto_asset_exchange: Text = UNSET


class Filter(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """One filter of an instrument; which fields it has follows from ``filter_type``."""

    filter_type: str
    min_price: Amount = UNSET
    max_price: Amount = UNSET
    tick_size: Amount = UNSET
    min_qty: Amount = UNSET
    max_qty: Amount = UNSET
    step_size: Amount = UNSET
    limit: Number = UNSET
    notional: Amount = UNSET
    multiplier_up: Amount = UNSET
    multiplier_down: Amount = UNSET
    multiplier_decimal: str | int | UnsetType = UNSET
    position_control_side: Text = UNSET


class SymbolRules(Struct, kw_only=True, frozen=True, rename="camel"):
    """One instrument. The precisions are no ticks and no steps; the margin percents mean nothing."""

    symbol: str
    pair: str
    contract_type: str
    status: str
    delivery_date: int
    onboard_date: int
    base_asset: str
    quote_asset: str
    margin_asset: str
    price_precision: int
    quantity_precision: int
    filters: list[Filter]
    order_types: list[str]
    time_in_force: list[str]
    base_asset_precision: Number = UNSET
    quote_precision: Number = UNSET
    maint_margin_percent: Text = UNSET
    required_margin_percent: Text = UNSET
    underlying_type: Text = UNSET
    underlying_sub_type: list[str] | UnsetType = UNSET
    settle_plan: Number = UNSET
    trigger_protect: Amount = UNSET
    liquidation_fee: Amount = UNSET
    market_take_bound: Amount = UNSET
    max_move_order_limit: Number = UNSET
    permission_sets: list[str] | UnsetType = UNSET


class ExchangeInfo(Struct, kw_only=True, frozen=True, rename="camel"):
    """All instruments and limits. ``server_time`` is no clock: it may be cached."""

    timezone: str
    server_time: int
    rate_limits: list[RateLimit]
    symbols: list[SymbolRules]
    exchange_filters: list[str] | UnsetType = UNSET
    assets: list[ExchangeAsset] | UnsetType = UNSET
    futures_type: Text = UNSET


class Bracket(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """One tier of leverage and maintenance margin, by notional in the quote currency."""

    bracket: int
    initial_leverage: int
    notional_cap: Decimal
    notional_floor: Decimal
    maint_margin_ratio: Decimal
    cum: Decimal


class SymbolBrackets(Struct, kw_only=True, frozen=True, rename="camel"):
    symbol: str
    brackets: list[Bracket]
    notional_coef: Amount = UNSET


class FundingRow(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """Funding interval and bounds of an instrument whose interval is not the usual one."""

    symbol: str
    adjusted_funding_rate_cap: Decimal
    adjusted_funding_rate_floor: Decimal
    funding_interval_hours: int
    disclaimer: Flag = UNSET
    update_time: int | UnsetType | None = UNSET


class PremiumIndex(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """Mark and index price of an instrument."""

    symbol: str
    mark_price: Decimal
    index_price: Decimal
    last_funding_rate: Text = UNSET
    interest_rate: Text = UNSET
    next_funding_time: Number = UNSET
    time: Number = UNSET
    estimated_settle_price: Text = UNSET


class ServerTime(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    server_time: int
