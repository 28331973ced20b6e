"""The calls we make: method, path, cost and lane of each. Costs: Binance, USDⓈ-M futures API, 2026-09."""

from dataclasses import dataclass
from enum import IntEnum


class Lane(IntEnum):
    """Who goes first when a limit is near: what reduces risk, what trades, what looks after the account, the rest."""

    RISK = 0
    TRADE = 1
    ACCOUNT = 2
    DATA = 3


class Security(IntEnum):
    """What a call must carry: nothing, the key, or the key and a signature."""

    NONE = 0
    KEY = 1
    SIGNED = 2


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call. ``weight`` counts per IP; ``orders_10s`` and ``orders_1m`` against the account's own limits.

    ``is_repeatable``: asking twice does what asking once does, so that a lost reply may be asked for again.
    """

    method: str
    path: str
    weight: int
    lane: Lane
    security: Security = Security.SIGNED
    orders_10s: int = 0
    orders_1m: int = 0
    is_repeatable: bool = True


def _get(path: str, weight: int, lane: Lane = Lane.ACCOUNT, security: Security = Security.SIGNED) -> Endpoint:
    return Endpoint("GET", path, weight, lane, security)


TIME = _get("/fapi/v1/time", 1, Lane.TRADE, Security.NONE)
EXCHANGE_INFO = _get("/fapi/v1/exchangeInfo", 1, Lane.DATA, Security.NONE)
FUNDING_INFO = _get("/fapi/v1/fundingInfo", 0, Lane.DATA, Security.NONE)
PREMIUM_INDEX = _get("/fapi/v1/premiumIndex", 1, Lane.DATA, Security.NONE)
DEPTH = _get("/fapi/v1/depth", 20, Lane.DATA, Security.NONE)
LEVERAGE_BRACKET = _get("/fapi/v1/leverageBracket", 1)
COMMISSION_RATE = _get("/fapi/v1/commissionRate", 20)
ACCOUNT = _get("/fapi/v3/account", 5)
POSITION_RISK = _get("/fapi/v3/positionRisk", 5)
ACCOUNT_CONFIG = _get("/fapi/v1/accountConfig", 5)
SYMBOL_CONFIG = _get("/fapi/v1/symbolConfig", 5)
POSITION_MODE = _get("/fapi/v1/positionSide/dual", 30)
ORDER = _get("/fapi/v1/order", 1, Lane.TRADE)
OPEN_ORDERS = _get("/fapi/v1/openOrders", 1)
ALL_OPEN_ORDERS = _get("/fapi/v1/openOrders", 40)
USER_TRADES = _get("/fapi/v1/userTrades", 5)
ALGO_ORDER = _get("/fapi/v1/algoOrder", 1, Lane.TRADE)
OPEN_ALGO_ORDERS = _get("/fapi/v1/openAlgoOrders", 1, Lane.TRADE)
ALL_OPEN_ALGO_ORDERS = _get("/fapi/v1/openAlgoOrders", 40)
ALGO_HISTORY = _get("/fapi/v1/allAlgoOrders", 5)
KEY_RESTRICTIONS = _get("/sapi/v1/account/apiRestrictions", 0)

PLACE = Endpoint("POST", "/fapi/v1/order", 0, Lane.TRADE, orders_10s=1, orders_1m=1, is_repeatable=False)
PLACE_REDUCING = Endpoint("POST", "/fapi/v1/order", 0, Lane.RISK, orders_10s=1, orders_1m=1, is_repeatable=False)
PLACE_BATCH = Endpoint("POST", "/fapi/v1/batchOrders", 5, Lane.TRADE, orders_10s=5, orders_1m=1, is_repeatable=False)
PLACE_ALGO = Endpoint("POST", "/fapi/v1/algoOrder", 0, Lane.TRADE, orders_10s=1, orders_1m=1, is_repeatable=False)
PLACE_ALGO_REDUCING = Endpoint(
    "POST", "/fapi/v1/algoOrder", 0, Lane.RISK, orders_10s=1, orders_1m=1, is_repeatable=False
)
AMEND = Endpoint("PUT", "/fapi/v1/order", 0, Lane.TRADE, orders_10s=1, orders_1m=1, is_repeatable=False)
CANCEL = Endpoint("DELETE", "/fapi/v1/order", 1, Lane.RISK, is_repeatable=False)
CANCEL_ALGO = Endpoint("DELETE", "/fapi/v1/algoOrder", 1, Lane.RISK, is_repeatable=False)
CANCEL_ALL = Endpoint("DELETE", "/fapi/v1/allOpenOrders", 1, Lane.RISK)
CANCEL_ALL_ALGO = Endpoint("DELETE", "/fapi/v1/algoOpenOrders", 1, Lane.RISK)
COUNTDOWN = Endpoint("POST", "/fapi/v1/countdownCancelAll", 10, Lane.RISK)
SET_LEVERAGE = Endpoint("POST", "/fapi/v1/leverage", 1, Lane.ACCOUNT)
SET_MARGIN_TYPE = Endpoint("POST", "/fapi/v1/marginType", 1, Lane.ACCOUNT)
SET_POSITION_MODE = Endpoint("POST", "/fapi/v1/positionSide/dual", 1, Lane.ACCOUNT)
MOVE_MARGIN = Endpoint("POST", "/fapi/v1/positionMargin", 1, Lane.RISK, is_repeatable=False)
OPEN_STREAM = Endpoint("POST", "/fapi/v1/listenKey", 1, Lane.TRADE, Security.KEY)
KEEP_STREAM = Endpoint("PUT", "/fapi/v1/listenKey", 1, Lane.TRADE, Security.KEY)
CLOSE_STREAM = Endpoint("DELETE", "/fapi/v1/listenKey", 1, Lane.ACCOUNT, Security.KEY)
