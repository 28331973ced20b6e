"""Balances and accounts, v2 and v3."""

from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import formats
from geobuk.emulators.binance.account_view import AccountView, account_view
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.formats import money, money_or_zero
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.matching.margin.requirements import LegMargin

Row = dict[str, object]
ALIAS = "SgsR"


def balance(exchange: Exchange, account: str, _: Params) -> object:
    """GET balance, v2 and v3: a row for each asset."""
    view = account_view(exchange, account)
    return [_balance_row(exchange, view, asset) for asset in _assets(view)]


def account_v3(exchange: Exchange, account: str, _: Params) -> object:
    """GET v3/account: only the positions there are, or that have open orders."""
    view = account_view(exchange, account)
    shown = [_v3_position(exchange, view, *key) for key in live_legs(exchange, view)]
    return {
        **_totals(view),
        "assets": [_asset_row(exchange, view, asset) for asset in _assets(view)],
        "positions": shown,
    }


def account_v2(exchange: Exchange, account: str, _: Params) -> object:
    """GET v2/account: every symbol."""
    view = account_view(exchange, account)
    notes = exchange.notes[account]
    head: Row = {
        "feeTier": 0,
        "feeBurn": notes.burns_fee_asset,
        **_rights(exchange, account),
        "updateTime": 0,
        "multiAssetsMargin": notes.is_multi_assets,
        "tradeGroupId": -1,
    }
    assets = [{**_asset_row(exchange, view, asset), "marginAvailable": True} for asset in _assets(view)]
    legs = [(name, side) for name in exchange.instruments for side in v2_sides(view)]
    return {
        **head,
        **_totals(view),
        "assets": assets,
        "positions": [_v2_position(exchange, view, *key) for key in legs],
    }


def config(exchange: Exchange, account: str, _: Params) -> object:
    """GET accountConfig."""
    return {
        "feeTier": 0,
        **_rights(exchange, account),
        "dualSidePosition": exchange.engine.account(account).is_hedged,
        "updateTime": 0,
        "multiAssetsMargin": exchange.notes[account].is_multi_assets,
        "tradeGroupId": -1,
    }


def live_legs(exchange: Exchange, view: AccountView) -> list[tuple[str, PositionSide]]:
    """Legs with a position or an open order, in the order of the instruments."""
    sides = (PositionSide.BOTH, PositionSide.LONG, PositionSide.SHORT)
    held = {(leg.instrument, leg.position_side) for leg in view.state.legs if leg.quantity} | view.has_orders
    return [(name, side) for name in exchange.instruments for side in sides if (name, side) in held]


def v2_sides(view: AccountView) -> tuple[PositionSide, ...]:
    """The older pages show BOTH beside the legs of hedge mode."""
    return (PositionSide.BOTH, *view.sides()) if view.account.is_hedged else view.sides()


def _rights(exchange: Exchange, account: str) -> Row:
    keys = [key for key in exchange.keys.all() if key.account == account]
    can_trade = any(key.can_trade for key in keys) or not keys
    return {"canTrade": can_trade, "canDeposit": True, "canWithdraw": any(key.can_withdraw for key in keys) or not keys}


def _assets(view: AccountView) -> list[str]:
    names = [balance.asset for balance in view.account.balances()]
    margin = view.account.spec.margin_asset
    return [margin, *(name for name in names if name != margin)]


def _totals(view: AccountView) -> Row:
    state = view.state
    amounts: dict[str, Decimal] = {
        "totalInitialMargin": state.initial_margin,
        "totalMaintMargin": state.maintenance_margin,
        "totalWalletBalance": state.wallet,
        "totalUnrealizedProfit": state.unrealized,
        "totalMarginBalance": state.margin_balance,
        "totalPositionInitialMargin": state.position_initial_margin,
        "totalOpenOrderInitialMargin": state.open_order_initial_margin,
        "totalCrossWalletBalance": state.cross_wallet,
        "totalCrossUnPnl": state.cross_unrealized,
        "availableBalance": state.available,
        "maxWithdrawAmount": state.max_withdraw,
    }
    return {name: money(amount) for name, amount in amounts.items()}


def _asset_row(exchange: Exchange, view: AccountView, asset: str) -> Row:
    state, wallet = view.state, view.account.wallet(asset)
    is_margin = asset == view.account.spec.margin_asset
    zero = Decimal(0)
    amounts: dict[str, Decimal] = {
        "walletBalance": wallet,
        "unrealizedProfit": state.unrealized if is_margin else zero,
        "marginBalance": wallet + state.unrealized if is_margin else wallet,
        "maintMargin": state.maintenance_margin if is_margin else zero,
        "initialMargin": state.initial_margin if is_margin else zero,
        "positionInitialMargin": state.position_initial_margin if is_margin else zero,
        "openOrderInitialMargin": state.open_order_initial_margin if is_margin else zero,
        "crossWalletBalance": state.cross_wallet if is_margin else wallet,
        "crossUnPnl": state.cross_unrealized if is_margin else zero,
        "availableBalance": state.available if is_margin else wallet,
        "maxWithdrawAmount": state.max_withdraw if is_margin else wallet,
    }
    row: Row = {"asset": asset, **{name: money(amount) for name, amount in amounts.items()}}
    return {**row, "updateTime": _changed_ms(exchange, view, asset)}


def _balance_row(exchange: Exchange, view: AccountView, asset: str) -> Row:
    row = _asset_row(exchange, view, asset)
    names = ("crossWalletBalance", "crossUnPnl", "availableBalance", "maxWithdrawAmount")
    head: Row = {"accountAlias": ALIAS, "asset": asset, "balance": row["walletBalance"]}
    return {**head, **{name: row[name] for name in names}, "marginAvailable": True, "updateTime": row["updateTime"]}


def _changed_ms(exchange: Exchange, view: AccountView, asset: str) -> int:
    """When the wallet last moved."""
    for entry in reversed(view.account.ledger):
        if entry.asset == asset:
            return entry.at_ns // NS_PER_MS
    return exchange.started_ms


def _v3_position(exchange: Exchange, view: AccountView, instrument: str, side: PositionSide) -> Row:
    rules = exchange.rules(instrument)
    leg = view.leg(instrument, side)
    return {
        "symbol": instrument,
        "positionSide": side.name,
        "positionAmt": formats.quantity(leg.quantity if leg else Decimal(0), rules),
        "unrealizedProfit": money(leg.unrealized if leg else Decimal(0)),
        "isolatedMargin": money_or_zero(leg.isolated_margin if leg else Decimal(0)),
        "notional": money_or_zero(leg.notional if leg else Decimal(0)),
        "isolatedWallet": money_or_zero(leg.isolated_wallet if leg else Decimal(0)),
        "initialMargin": money_or_zero(leg.initial_margin if leg else Decimal(0)),
        "maintMargin": money_or_zero(leg.maintenance_margin if leg else Decimal(0)),
        "updateTime": view.account.position(instrument, side).updated_ns // NS_PER_MS,
    }


def _v2_position(exchange: Exchange, view: AccountView, instrument: str, side: PositionSide) -> Row:
    rules = exchange.rules(instrument)
    leg: LegMargin | None = view.leg(instrument, side)
    holding = view.account.holding(instrument, side, view.marks)
    setting = view.account.settings(instrument)
    zero = Decimal(0)
    return {
        "symbol": instrument,
        "initialMargin": money_or_zero(leg.initial_margin if leg else zero),
        "maintMargin": money_or_zero(leg.maintenance_margin if leg else zero),
        "unrealizedProfit": money(leg.unrealized if leg else zero),
        "positionInitialMargin": money_or_zero(leg.position_initial_margin if leg else zero),
        "openOrderInitialMargin": money_or_zero(leg.open_order_initial_margin if leg else zero),
        "leverage": str(setting.leverage),
        "isolated": setting.mode is MarginMode.ISOLATED,
        "entryPrice": formats.entry(holding.entry_price),
        "breakEvenPrice": formats.entry(holding.break_even_price),
        "maxNotional": formats.plain(view.account.max_notional(instrument)),
        "positionSide": side.name,
        "positionAmt": formats.quantity(holding.quantity, rules),
        "notional": money_or_zero(leg.notional if leg else zero),
        "isolatedWallet": money_or_zero(leg.isolated_wallet if leg else zero),
        "updateTime": holding.updated_ns // NS_PER_MS,
        "bidNotional": money_or_zero(leg.bid_notional if leg else zero),
        "askNotional": money_or_zero(leg.ask_notional if leg else zero),
    }


OPERATIONS = (
    Operation("GET", "/fapi/v2/balance", Security.SIGNED, 5, balance),
    Operation("GET", "/fapi/v3/balance", Security.SIGNED, 5, balance),
    Operation("GET", "/fapi/v2/account", Security.SIGNED, 5, account_v2),
    Operation("GET", "/fapi/v3/account", Security.SIGNED, 5, account_v3),
    Operation("GET", "/fapi/v1/accountConfig", Security.SIGNED, 5, config),
)
