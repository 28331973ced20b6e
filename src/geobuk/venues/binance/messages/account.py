"""Account, balances, positions and their settings, as the REST calls tell them."""

from decimal import Decimal

from msgspec import UNSET, Struct, field

from geobuk.venues.binance.messages.orders import Amount, Flag, Number, Text


class AccountAsset(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """One wallet. Amounts in ``asset``."""

    asset: str
    wallet_balance: Decimal
    unrealized_profit: Decimal
    margin_balance: Decimal
    maint_margin: Decimal
    initial_margin: Decimal
    position_initial_margin: Decimal
    open_order_initial_margin: Decimal
    cross_wallet_balance: Decimal
    cross_un_pnl: Decimal
    available_balance: Decimal
    max_withdraw_amount: Decimal
    update_time: int
    margin_available: Flag = UNSET


class AccountPosition(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """A position inside an account; the second version of the call tells more."""

    symbol: str
    position_side: str
    position_amt: Decimal
    unrealized_profit: Decimal
    initial_margin: Decimal
    maint_margin: Decimal
    update_time: int
    notional: Amount = UNSET
    isolated_wallet: Amount = UNSET
    isolated_margin: Amount = UNSET
    position_initial_margin: Amount = UNSET
    open_order_initial_margin: Amount = UNSET
    leverage: Text = UNSET
    isolated: Flag = UNSET
    entry_price: Amount = UNSET
    break_even_price: Amount = UNSET
    max_notional: Amount = UNSET
    bid_notional: Amount = UNSET
    ask_notional: Amount = UNSET


class AccountReply(Struct, kw_only=True, frozen=True, rename="camel"):
    """The account; totals in USDT (or USD in multi-assets mode)."""

    total_initial_margin: Decimal
    total_maint_margin: Decimal
    total_wallet_balance: Decimal
    total_unrealized_profit: Decimal
    total_margin_balance: Decimal
    total_position_initial_margin: Decimal
    total_open_order_initial_margin: Decimal
    total_cross_wallet_balance: Decimal
    total_cross_un_pnl: Decimal
    available_balance: Decimal
    max_withdraw_amount: Decimal
    assets: list[AccountAsset]
    positions: list[AccountPosition]
    fee_tier: Number = UNSET
    fee_burn: Flag = UNSET
    can_trade: Flag = UNSET
    can_deposit: Flag = UNSET
    can_withdraw: Flag = UNSET
    update_time: Number = UNSET
    multi_assets_margin: Flag = UNSET
    trade_group_id: Number = UNSET


class BalanceRow(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """One wallet, in short."""

    account_alias: str
    asset: str
    balance: Decimal
    cross_wallet_balance: Decimal
    cross_un_pnl: Decimal
    available_balance: Decimal
    max_withdraw_amount: Decimal
    margin_available: bool
    update_time: int


class PositionRow(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """A position with its prices; the second version of the call has other fields than the third."""

    symbol: str
    position_side: str
    position_amt: Decimal
    entry_price: Decimal
    mark_price: Decimal
    un_realized_profit: Decimal
    liquidation_price: Decimal
    update_time: int
    break_even_price: Amount = UNSET
    isolated_margin: Amount = UNSET
    notional: Amount = UNSET
    margin_asset: Text = UNSET
    isolated_wallet: Amount = UNSET
    initial_margin: Amount = UNSET
    maint_margin: Amount = UNSET
    position_initial_margin: Amount = UNSET
    open_order_initial_margin: Amount = UNSET
    adl: Number = UNSET
    bid_notional: Amount = UNSET
    ask_notional: Amount = UNSET
    leverage: Text = UNSET
    max_notional_value: Text = UNSET
    margin_type: Text = UNSET
    is_auto_add_margin: Text = UNSET


class AccountConfig(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """What the account may do and how."""

    fee_tier: int
    can_trade: bool
    can_deposit: bool
    can_withdraw: bool
    dual_side_position: bool
    update_time: int
    multi_assets_margin: bool
    trade_group_id: int


class SymbolConfig(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """Leverage and margin type of one instrument."""

    symbol: str
    margin_type: str
    is_auto_add_margin: bool
    leverage: int
    max_notional_value: str


class PositionMode(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    dual_side_position: bool


class CommissionRate(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """Fee rates as fractions."""

    symbol: str
    maker_commission_rate: Decimal
    taker_commission_rate: Decimal
    rpi_commission_rate: Amount = UNSET


class LeverageReply(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    leverage: int
    max_notional_value: str
    symbol: str


class MarginMove(Struct, kw_only=True, frozen=True, gc=False):
    amount: Decimal
    code: int
    msg: str
    type: int


class IncomeRow(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """One booking. ``tran_id`` is unique within ``income_type``."""

    symbol: str
    income_type: str
    income: Decimal
    asset: str
    info: str
    time: int
    tran_id: int
    trade_id: str


class ListenKey(Struct, kw_only=True, frozen=True, gc=False):
    listen_key: str = field(name="listenKey")


class KeyRestrictions(Struct, kw_only=True, frozen=True, rename="camel", gc=False):
    """What an API key may do, as the venue's account page shows it."""

    ip_restrict: bool
    enable_withdrawals: bool
    enable_futures: bool
    enable_reading: Flag = UNSET
    create_time: Number = UNSET
    enable_internal_transfer: Flag = UNSET
    permits_universal_transfer: Flag = UNSET
    enable_spot_and_margin_trading: Flag = UNSET
    enable_margin: Flag = UNSET
    enable_vanilla_options: Flag = UNSET
    enable_portfolio_margin_trading: Flag = UNSET
    trading_authority_expiration_time: Number = UNSET
