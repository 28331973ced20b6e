"""What an account sets: leverage, margin mode, position mode, margin of isolated positions, fees in another asset."""

from geobuk.domain.account import MarginMode
from geobuk.domain.order import PositionSide
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.candles import DAY_MS
from geobuk.emulators.binance.errors import bad, from_refusal, mandatory, not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Handler, Operation, Security, by_symbol
from geobuk.emulators.binance.params import Params
from geobuk.matching.refusals import Refusal, RefusedError

Row = dict[str, object]
SUCCESS: Row = {"code": 200, "msg": "success"}
_MODES = {"ISOLATED": MarginMode.ISOLATED, "CROSSED": MarginMode.CROSS}
_MODE_BLOCKED = {
    Refusal.HAS_ORDERS: (-4067, "Position side cannot be changed if there exists open orders."),
    Refusal.HAS_POSITION: (-4068, "Position side cannot be changed if there exists position."),
}
_LEVERAGE_BLOCKED = {
    Refusal.MAX_POSITION: (
        -2028,
        "Leverage is smaller than permitted: insufficient margin balance.",
    ),
}


def set_leverage(exchange: Exchange, account: str, params: Params) -> object:
    """POST leverage."""
    instrument = arguments.symbol(exchange, params)
    leverage = params.required_integer("leverage")
    brackets = exchange.rules(instrument).instrument.brackets
    highest = brackets[0].max_leverage if brackets else 125
    if not 1 <= leverage <= highest:
        raise bad(-4028, f"Leverage {leverage} is not valid")
    try:
        exchange.engine.set_leverage(account, instrument, leverage)
    except RefusedError as refused:
        raise from_refusal(refused, _LEVERAGE_BLOCKED) from None
    most = formats.plain(exchange.engine.account(account).max_notional(instrument))
    return {"leverage": leverage, "maxNotionalValue": most, "symbol": instrument}


def set_margin_type(exchange: Exchange, account: str, params: Params) -> object:
    """POST marginType."""
    instrument = arguments.symbol(exchange, params)
    params.required("marginType")
    mode = params.choice("marginType", _MODES)
    if exchange.notes[account].is_multi_assets and mode is MarginMode.ISOLATED:
        raise bad(-4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode.")
    exchange.engine.set_margin_mode(account, instrument, mode or MarginMode.CROSS)
    return SUCCESS


def position_mode(exchange: Exchange, account: str, _: Params) -> object:
    """GET positionSide/dual."""
    return {"dualSidePosition": exchange.engine.account(account).is_hedged}


def set_position_mode(exchange: Exchange, account: str, params: Params) -> object:
    """POST positionSide/dual."""
    is_hedged = _required_boolean(params, "dualSidePosition")
    try:
        exchange.engine.set_hedged(account, is_hedged)
    except RefusedError as refused:
        raise from_refusal(refused, _MODE_BLOCKED) from None
    return SUCCESS


def assets_mode(exchange: Exchange, account: str, _: Params) -> object:
    """GET multiAssetsMargin."""
    return {"multiAssetsMargin": exchange.notes[account].is_multi_assets}


def set_assets_mode(exchange: Exchange, account: str, params: Params) -> object:
    """POST multiAssetsMargin: remembered and shown; one margin asset still backs everything."""
    wanted = _required_boolean(params, "multiAssetsMargin")
    notes = exchange.notes[account]
    if wanted is notes.is_multi_assets:
        raise bad(-4171, "No need to change Multi-Assets mode.")
    if wanted and any(
        exchange.engine.account(account).settings(name).mode is MarginMode.ISOLATED for name in exchange.instruments
    ):
        raise bad(-4167, "Unable to adjust to Multi-Assets mode with symbols under isolated-margin mode.")
    exchange.set_assets_mode(account, wanted)
    return SUCCESS


def fee_burn(exchange: Exchange, account: str, _: Params) -> object:
    """GET feeBurn."""
    return {"feeBurn": exchange.notes[account].burns_fee_asset}


def set_fee_burn(exchange: Exchange, account: str, params: Params) -> object:
    """POST feeBurn: remembered and shown."""
    exchange.notes[account].burns_fee_asset = _required_boolean(params, "feeBurn")
    return SUCCESS


def move_margin(exchange: Exchange, account: str, params: Params) -> object:
    """POST positionMargin: type 1 adds, 2 takes away."""
    instrument = arguments.symbol(exchange, params)
    leg = arguments.position_side(params)
    amount = params.required_decimal("amount")
    kind = params.required_integer("type")
    if kind not in {1, 2}:
        raise not_valid("type")
    if amount <= 0:
        raise bad(-4055, "Amount must be positive.")
    if exchange.engine.account(account).is_hedged is (leg is PositionSide.BOTH):
        raise bad(-4061, "Order's position side does not match user's setting.")
    exchange.engine.move_margin(account, instrument, leg, amount if kind == 1 else -amount)
    return {"amount": float(amount), "code": 200, "msg": "Successfully modify position margin.", "type": kind}


def margin_moves(exchange: Exchange, account: str, params: Params) -> object:
    """GET positionMargin/history: the owner's own moves, ascending."""
    instrument = arguments.symbol(exchange, params)
    kind = params.integer("type")
    if kind not in {None, 1, 2}:
        raise not_valid("type")
    limit = params.limit(500, 1000)
    window = arguments.span(exchange, params, 30 * DAY_MS)
    asset = exchange.rules(instrument).instrument.quote
    rows: list[Row] = [
        {
            "symbol": move.instrument,
            "type": 1 if move.amount > 0 else 2,
            "deltaType": "USER_ADJUST",
            "amount": formats.money(abs(move.amount)),
            "asset": asset,
            "time": move.at_ns // NS_PER_MS,
            "positionSide": move.position_side.name,
        }
        for move in exchange.engine.account(account).margin_moves
        if move.instrument == instrument and move.at_ns // NS_PER_MS in window
    ]
    return [row for row in rows if kind in {None, row["type"]}][-limit:]


def symbol_config(exchange: Exchange, account: str, params: Params) -> object:
    """GET symbolConfig."""
    instrument = arguments.optional_symbol(exchange, params)
    owner = exchange.engine.account(account)
    rows: list[Row] = []
    for name in exchange.instruments if instrument is None else (instrument,):
        setting = owner.settings(name)
        rows.append(
            {
                "symbol": name,
                "marginType": "ISOLATED" if setting.mode is MarginMode.ISOLATED else "CROSSED",
                "isAutoAddMargin": False,
                "leverage": setting.leverage,
                "maxNotionalValue": formats.plain(owner.max_notional(name)),
            }
        )
    return rows


def leverage_brackets(exchange: Exchange, _: str, params: Params) -> object:
    """GET leverageBracket: a list, with a symbol too."""
    instrument = arguments.optional_symbol(exchange, params)
    return [_brackets(exchange, name) for name in (exchange.instruments if instrument is None else (instrument,))]


def commission(exchange: Exchange, account: str, params: Params) -> object:
    """GET commissionRate."""
    instrument = arguments.symbol(exchange, params)
    owner = exchange.engine.account(account)
    return {
        "symbol": instrument,
        "makerCommissionRate": formats.fixed(owner.fee_rate(instrument, True), 6),
        "takerCommissionRate": formats.fixed(owner.fee_rate(instrument, False), 6),
        "rpiCommissionRate": "0.000050",
    }


def trading_status(exchange: Exchange, _: str, params: Params) -> object:
    """GET apiTradingStatus: nobody is ever locked here."""
    instrument = arguments.optional_symbol(exchange, params)
    limits = (("UFR", 0.05, 0.995), ("IFER", 0.0, 0.99), ("GCR", 0.0, 0.99), ("DR", 0.0, 0.99))
    rows = [_indicator(name, value, limit) for name, value, limit in limits]
    names = exchange.instruments if instrument is None else (instrument,)
    indicators: Row = dict.fromkeys(names, rows)
    return {"indicators": {**indicators, "ACCOUNT": [_indicator("TMV", 0, 10)]}, "updateTime": exchange.now_ms}


def order_limits(exchange: Exchange, _: str, __: Params) -> object:
    """GET rateLimit/order."""
    return exchange.limits.rows(only_orders=True)


def stock_contract(_: Exchange, __: str, ___: Params) -> object:
    """POST stock/contract: agreeing to the terms of contracts on shares."""
    return SUCCESS


def _required_boolean(params: Params, name: str) -> bool:
    params.required(name)
    value = params.boolean(name)
    if value is None:
        raise mandatory(name)
    return value


def _indicator(name: str, value: float, limit: float) -> Row:
    head: Row = {"indicator": name, "value": value, "triggerValue": limit}
    return {**head, "isLocked": False, "plannedRecoverTime": 0}


def _brackets(exchange: Exchange, name: str) -> Row:
    rows = [
        {
            "bracket": number,
            "initialLeverage": bracket.max_leverage,
            "notionalCap": int(bracket.cap),
            "notionalFloor": int(bracket.floor),
            "maintMarginRatio": float(bracket.maintenance_rate),
            "cum": float(bracket.cumulative),
        }
        for number, bracket in enumerate(exchange.rules(name).instrument.brackets, 1)
    ]
    return {"symbol": name, "notionalCoef": 1.0, "brackets": rows}


def _v1(method: str, path: str, security: Security, weight: int, handler: Handler) -> Operation:
    return Operation(method, f"/fapi/v1/{path}", security, weight, handler)


OPERATIONS = (
    _v1("POST", "leverage", Security.TRADE, 1, set_leverage),
    _v1("POST", "marginType", Security.TRADE, 1, set_margin_type),
    _v1("GET", "positionSide/dual", Security.SIGNED, 30, position_mode),
    _v1("POST", "positionSide/dual", Security.TRADE, 1, set_position_mode),
    _v1("GET", "multiAssetsMargin", Security.SIGNED, 30, assets_mode),
    _v1("POST", "multiAssetsMargin", Security.TRADE, 1, set_assets_mode),
    _v1("GET", "feeBurn", Security.SIGNED, 30, fee_burn),
    _v1("POST", "feeBurn", Security.TRADE, 1, set_fee_burn),
    _v1("POST", "positionMargin", Security.TRADE, 1, move_margin),
    _v1("GET", "positionMargin/history", Security.SIGNED, 1, margin_moves),
    _v1("GET", "symbolConfig", Security.SIGNED, 5, symbol_config),
    _v1("GET", "leverageBracket", Security.SIGNED, 1, leverage_brackets),
    _v1("GET", "commissionRate", Security.SIGNED, 20, commission),
    Operation("GET", "/fapi/v1/apiTradingStatus", Security.SIGNED, by_symbol(1, 10), trading_status),
    _v1("GET", "rateLimit/order", Security.SIGNED, 1, order_limits),
    _v1("POST", "stock/contract", Security.TRADE, 50, stock_contract),
)
