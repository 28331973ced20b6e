"""Positions with their risk, v2 and v3, and their rank in the queue of deleveraging."""

from decimal import Decimal

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.account_view import AccountView, account_view
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.formats import money, money_or_zero
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.rest.account import live_legs, v2_sides
from geobuk.matching.margin.requirements import LegMargin

Row = dict[str, object]
ZERO = Decimal(0)


def risk_v3(exchange: Exchange, account: str, params: Params) -> object:
    """GET v3/positionRisk: only what is held or has orders."""
    instrument = arguments.optional_symbol(exchange, params)
    view = account_view(exchange, account)
    legs = [key for key in live_legs(exchange, view) if instrument in {None, key[0]}]
    return [_v3_row(exchange, view, *key) for key in legs]


def risk_v2(exchange: Exchange, account: str, params: Params) -> object:
    """GET v2/positionRisk: every symbol."""
    instrument = arguments.optional_symbol(exchange, params)
    view = account_view(exchange, account)
    names = exchange.instruments if instrument is None else (instrument,)
    return [_v2_row(exchange, view, name, side) for name in names for side in v2_sides(view)]


def adl_quantiles(exchange: Exchange, account: str, params: Params) -> object:
    """GET adlQuantile: of the positions there are."""
    instrument = arguments.optional_symbol(exchange, params)
    view = account_view(exchange, account)
    rows: list[Row] = []
    for name in exchange.instruments if instrument is None else (instrument,):
        legs = [leg for leg in view.state.legs if leg.instrument == name and leg.quantity]
        if not legs:
            continue
        ranks = {leg.position_side: _rank(leg) for leg in legs}
        both = "HEDGE" if view.account.is_hedged and not legs[0].is_isolated else "BOTH"
        quantile = {side.name: ranks.get(side, 0) for side in (PositionSide.LONG, PositionSide.SHORT)}
        rows.append({"symbol": name, "adlQuantile": {**quantile, both: ranks.get(PositionSide.BOTH, 0)}})
    return rows


def _v3_row(exchange: Exchange, view: AccountView, instrument: str, side: PositionSide) -> Row:
    leg = view.leg(instrument, side)
    return {
        "symbol": instrument,
        "positionSide": side.name,
        **_price_fields(exchange, view, instrument, side),
        "liquidationPrice": money_or_zero(_liquidation(view, instrument, side)),
        "isolatedMargin": money_or_zero(leg.isolated_margin if leg else ZERO),
        "notional": money_or_zero(leg.notional if leg else ZERO),
        "marginAsset": exchange.rules(instrument).instrument.quote,
        "isolatedWallet": money_or_zero(leg.isolated_wallet if leg else ZERO),
        "initialMargin": money_or_zero(leg.initial_margin if leg else ZERO),
        "maintMargin": money_or_zero(leg.maintenance_margin if leg else ZERO),
        "positionInitialMargin": money_or_zero(leg.position_initial_margin if leg else ZERO),
        "openOrderInitialMargin": money_or_zero(leg.open_order_initial_margin if leg else ZERO),
        "adl": _rank(leg) if leg and leg.quantity else 0,
        "bidNotional": money_or_zero(leg.bid_notional if leg else ZERO),
        "askNotional": money_or_zero(leg.ask_notional if leg else ZERO),
        "updateTime": view.account.position(instrument, side).updated_ns // NS_PER_MS,
    }


def _v2_row(exchange: Exchange, view: AccountView, instrument: str, side: PositionSide) -> Row:
    leg = view.leg(instrument, side)
    setting = view.account.settings(instrument)
    fields = _price_fields(exchange, view, instrument, side)
    return {
        "symbol": instrument,
        **fields,
        "liquidationPrice": money_or_zero(_liquidation(view, instrument, side)),
        "leverage": str(setting.leverage),
        "maxNotionalValue": formats.plain(view.account.max_notional(instrument)),
        "marginType": "isolated" if setting.mode is MarginMode.ISOLATED else "cross",
        "isolatedMargin": money(leg.isolated_margin if leg else ZERO),
        "isAutoAddMargin": "false",
        "positionSide": side.name,
        "notional": money_or_zero(leg.notional if leg else ZERO),
        "isolatedWallet": money_or_zero(leg.isolated_wallet if leg else ZERO),
        "updateTime": view.account.position(instrument, side).updated_ns // NS_PER_MS,
    }


def _price_fields(exchange: Exchange, view: AccountView, instrument: str, side: PositionSide) -> Row:
    holding = view.account.holding(instrument, side, view.marks)
    return {
        "positionAmt": formats.quantity(holding.quantity, exchange.rules(instrument)),
        "entryPrice": formats.entry(holding.entry_price),
        "breakEvenPrice": formats.entry(holding.break_even_price),
        "markPrice": money(view.marks.get(instrument, ZERO)),
        "unRealizedProfit": money(holding.unrealized),
    }


def _liquidation(view: AccountView, instrument: str, side: PositionSide) -> Decimal:
    return max(ZERO, view.account.liquidation_price(instrument, side, view.marks))


def _rank(leg: LegMargin) -> int:
    """0 to 4: by profit over what the position binds, the more the nearer to being closed for others' losses."""
    if leg.unrealized <= 0:
        return 0
    bound = leg.position_initial_margin or Decimal(1)
    gain = leg.unrealized / bound
    return next((rank for limit, rank in ((1, 4), (Decimal("0.5"), 3), (Decimal("0.2"), 2)) if gain >= limit), 1)


OPERATIONS = (
    Operation("GET", "/fapi/v2/positionRisk", Security.SIGNED, 5, risk_v2),
    Operation("GET", "/fapi/v3/positionRisk", Security.SIGNED, 5, risk_v3),
    Operation("GET", "/fapi/v1/adlQuantile", Security.SIGNED, 5, adl_quantiles),
)
