"""The venue's words for what the domain names: order types, times in force, statuses, sides."""

from geobuk.domain.order import (
    OrderStatus,
    OrderType,
    PositionSide,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from geobuk.domain.updates import ChangeReason

SIDES = {Side.BUY: "BUY", Side.SELL: "SELL"}
TYPES = {
    OrderType.MARKET: "MARKET",
    OrderType.LIMIT: "LIMIT",
    OrderType.STOP_MARKET: "STOP_MARKET",
    OrderType.STOP_LIMIT: "STOP",
    OrderType.TAKE_PROFIT_MARKET: "TAKE_PROFIT_MARKET",
    OrderType.TAKE_PROFIT_LIMIT: "TAKE_PROFIT",
    OrderType.TRAILING_STOP: "TRAILING_STOP_MARKET",
}
TIMES_IN_FORCE = {
    TimeInForce.GTC: "GTC",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.GTX: "GTX",
    TimeInForce.GTD: "GTD",
}
POSITION_SIDES = {PositionSide.BOTH: "BOTH", PositionSide.LONG: "LONG", PositionSide.SHORT: "SHORT"}
SELF_TRADE = {
    SelfTradePrevention.EXPIRE_TAKER: "EXPIRE_TAKER",
    SelfTradePrevention.EXPIRE_MAKER: "EXPIRE_MAKER",
    SelfTradePrevention.EXPIRE_BOTH: "EXPIRE_BOTH",
}

SIDE_OF = {word: side for side, word in SIDES.items()}
TYPE_OF = {word: kind for kind, word in TYPES.items()} | {
    "LIQUIDATION": OrderType.MARKET,
    "LIMIT_MAKER": OrderType.LIMIT,
}
TIME_IN_FORCE_OF = {word: tif for tif, word in TIMES_IN_FORCE.items()} | {
    "GTE_GTC": TimeInForce.GTC,
    "RPI": TimeInForce.GTX,
}
POSITION_SIDE_OF = {word: side for side, word in POSITION_SIDES.items()} | {"HEDGE": PositionSide.BOTH}
STATUS_OF = {
    "NEW": OrderStatus.NEW,
    "PARTIALLY_FILLED": OrderStatus.PARTIALLY_FILLED,
    "FILLED": OrderStatus.FILLED,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "EXPIRED_IN_MATCH": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
}
ALGO_STATUS_OF = {
    "NEW": OrderStatus.WAITING,
    "TRIGGERING": OrderStatus.WAITING,
    "TRIGGERED": OrderStatus.NEW,
    "CANCELED": OrderStatus.CANCELED,
    "EXPIRED": OrderStatus.EXPIRED,
    "REJECTED": OrderStatus.REJECTED,
}
EXPIRE_REASONS = {
    "1": "would have met an order of the same account",
    "2": "the rest could not be filled at once",
    "3": "the rest would have met an order of the same account",
    "4": "would have turned the position around, or made way for another reduce-only order",
    "5": "the account was liquidated",
    "6": "its condition no longer held",
    "7": "the instrument was delisted",
    "8": "expired right after its trigger",
    "9": "the market could not fill the rest",
}
CHANGE_REASON_OF = {
    "ORDER": ChangeReason.ORDER,
    "FUNDING_FEE": ChangeReason.FUNDING,
    "DEPOSIT": ChangeReason.TRANSFER,
    "WITHDRAW": ChangeReason.TRANSFER,
    "WITHDRAW_REJECT": ChangeReason.TRANSFER,
    "ADMIN_DEPOSIT": ChangeReason.TRANSFER,
    "ADMIN_WITHDRAW": ChangeReason.TRANSFER,
    "ASSET_TRANSFER": ChangeReason.TRANSFER,
    "COIN_SWAP_DEPOSIT": ChangeReason.TRANSFER,
    "COIN_SWAP_WITHDRAW": ChangeReason.TRANSFER,
    "MARGIN_TRANSFER": ChangeReason.MARGIN,
    "MARGIN_TYPE_CHANGE": ChangeReason.MARGIN,
    "INSURANCE_CLEAR": ChangeReason.LIQUIDATION,
}


def closing_reason(client_order_id: str) -> ChangeReason | None:
    """Why the venue itself ordered, from the id it gave; None for orders of ours."""
    if client_order_id.startswith("adl_autoclose"):
        return ChangeReason.DELEVERAGING
    if client_order_id.startswith("autoclose-"):
        return ChangeReason.LIQUIDATION
    if client_order_id.startswith(("settlement_autoclose", "delivery_autoclose")):
        return ChangeReason.OTHER
    return None
