"""The venue's refusals: HTTP status, code and text, and which of the engine's refusals becomes which."""

from geobuk.matching.refusals import Refusal, RefusedError


class VenueError(Exception):
    """An answer other than success. ``retry_after`` is whole seconds, for the Retry-After header."""

    def __init__(self, status: int, code: int, msg: str, *, retry_after: int | None = None) -> None:
        super().__init__(f"{status} {code} {msg}")
        self.status = status
        self.code = code
        self.msg = msg
        self.retry_after = retry_after

    def body(self) -> dict[str, object]:
        return {"code": self.code, "msg": self.msg}


def bad(code: int, msg: str) -> VenueError:
    """A business error: HTTP 400."""
    return VenueError(400, code, msg)


def mandatory(name: str) -> VenueError:
    return bad(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def illegal_characters(name: str, legal: str = "") -> VenueError:
    legal_range = f"; legal range is '{legal}'" if legal else ""
    return bad(-1100, f"Illegal characters found in parameter '{name}'{legal_range}.")


def duplicate(name: str) -> VenueError:
    return bad(-1101, f"Duplicate values for parameter '{name}' detected.")


def empty(name: str) -> VenueError:
    return bad(-1105, f"Parameter '{name}' was empty.")


def not_required(name: str) -> VenueError:
    return bad(-1106, f"Parameter '{name}' sent when not required.")


def not_valid(name: str) -> VenueError:
    return bad(-1130, f"Data sent for parameter '{name}' is not valid.")


def bad_combination() -> VenueError:
    return bad(-1128, "Combination of optional parameters invalid.")


def invalid_symbol() -> VenueError:
    return bad(-1121, "Invalid symbol.")


def too_much_weight(limit: int) -> VenueError:
    text = (
        f"Too many requests; current limit of IP is {limit} requests per minute. "
        "Please use the websocket for live updates to avoid polling the API."
    )
    return VenueError(429, -1003, text)


def banned(ip: str, until_ms: int) -> VenueError:
    text = (
        f"Way too many requests; IP({ip}) banned until {until_ms}. "
        "Please use the websocket for live updates to avoid bans."
    )
    return VenueError(418, -1003, text)


def too_many_orders(limit: int, interval: str) -> VenueError:
    return VenueError(429, -1015, f"Too many new orders; current limit is {limit} orders per {interval}.")


def unknown_path(path: str, method: str) -> VenueError:
    return VenueError(404, -5000, f"Path {path}, Method {method} is invalid")


def key_format() -> VenueError:
    return VenueError(401, -2014, "API-key format invalid.")


def key_refused() -> VenueError:
    return VenueError(401, -2015, "Invalid API-key, IP, or permissions for action.")


def bad_signature() -> VenueError:
    return bad(-1022, "Signature for this request is not valid.")


def outside_window() -> VenueError:
    return bad(-1021, "Timestamp for this request is outside of the recvWindow.")


def ahead_of_time() -> VenueError:
    return bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")


def outside_engine_window() -> VenueError:
    return bad(-5028, "Timestamp for this request is outside of the ME recvWindow.")


def no_such_order() -> VenueError:
    return bad(-2013, "Order does not exist.")


def listen_key_missing() -> VenueError:
    return bad(-1125, "This listenKey does not exist.")


def use_algo_orders() -> VenueError:
    return bad(-4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.")


def interval_too_long(days: str) -> VenueError:
    return bad(-4165, f"Maximum time interval is {days} days")


_NOT_RECORDED = "The order will not be recorded in the order history"
_ANSWERS: dict[Refusal, tuple[int, str]] = {
    Refusal.UNKNOWN_INSTRUMENT: (-1121, "Invalid symbol."),
    Refusal.NOT_TRADING: (-1122, "Invalid symbol status."),
    Refusal.CANCEL_ONLY: (-4140, "Invalid symbol status for opening position."),
    Refusal.PARAMETERS: (-1130, "Data sent for parameter '{value}' is not valid."),
    Refusal.POSITION_SIDE: (-4061, "Order's position side does not match user's setting."),
    Refusal.CLIENT_ID_TAKEN: (-4116, "clientOrderId is duplicated"),
    Refusal.PRICE_DECIMALS: (-1111, "Precision is over the maximum defined for this asset."),
    Refusal.QUANTITY_DECIMALS: (-1111, "Precision is over the maximum defined for this asset."),
    Refusal.PRICE_NOT_POSITIVE: (-4001, "Price less than 0."),
    Refusal.PRICE_TOO_LOW: (-4013, "Price less than min price."),
    Refusal.PRICE_TOO_HIGH: (-4002, "Price greater than max price."),
    Refusal.PRICE_OFF_TICK: (-4014, "Price not increased by tick size."),
    Refusal.PRICE_ABOVE_BAND: (-4016, "Limit price can't be higher than {limit}."),
    Refusal.PRICE_BELOW_BAND: (-4024, "Limit price can't be lower than {limit}."),
    Refusal.QUANTITY_NOT_POSITIVE: (-4003, "Quantity less than zero."),
    Refusal.QUANTITY_TOO_SMALL: (-4004, "Quantity less than min quantity."),
    Refusal.QUANTITY_TOO_LARGE: (-4005, "Quantity greater than max quantity."),
    Refusal.QUANTITY_OFF_STEP: (-4023, "Qty not increased by step size."),
    Refusal.NOTIONAL_TOO_SMALL: (
        -4164,
        "Order's notional must be no smaller than {limit} (unless you choose reduce only)",
    ),
    Refusal.GOOD_TILL_INVALID: (
        -5040,
        (
            "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than "
            "253402300799000"
        ),
    ),
    Refusal.TOO_MANY_ORDERS: (-2025, "Reach max open order limit."),
    Refusal.TOO_MANY_CONDITIONAL_ORDERS: (-4045, "Reach max stop order limit."),
    Refusal.CALLBACK_RATE: (-2007, "Invalid callBack rate."),
    Refusal.WOULD_TRIGGER: (-2021, "Order would immediately trigger."),
    Refusal.CLOSE_POSITION_TAKEN: (
        -4130,
        "An open stop or take profit order with GTE and closePosition in the direction is existing.",
    ),
    Refusal.REDUCE_ONLY: (-2022, "ReduceOnly Order is rejected."),
    Refusal.REDUCE_ONLY_CONFLICT: (
        -4118,
        "ReduceOnly Order Failed. Please check your existing position and open orders",
    ),
    Refusal.MARGIN: (-2019, "Margin is insufficient."),
    Refusal.MAX_POSITION: (-2027, "Exceeded the maximum allowable position at current leverage."),
    Refusal.NO_LIQUIDITY: (-2020, "Unable to fill."),
    Refusal.MARKET_PRICE_BAND: (
        -4131,
        "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    ),
    Refusal.WOULD_TAKE: (
        -5022,
        "Due to the order could not be executed as maker, the Post Only order will be rejected. " + _NOT_RECORDED,
    ),
    Refusal.WOULD_NOT_FILL: (
        -5021,
        "Due to the order could not be filled immediately, the FOK order has been rejected. " + _NOT_RECORDED,
    ),
    Refusal.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    Refusal.ORDER_NOT_OPEN: (-2011, "Unknown order sent."),
    Refusal.NOTHING_TO_CHANGE: (-5027, "No need to modify the order."),
    Refusal.NOT_A_LIMIT_ORDER: (-5025, "Only limit order is supported."),
    Refusal.TOO_MANY_CHANGES: (-5026, "Exceed maximum modify order limit."),
    Refusal.NOT_REDUCE_ONLY: (-5047, "The original order is not a reduce-only order"),
    Refusal.LEVERAGE: (-4028, "Leverage {value} is not valid"),
    Refusal.LEVERAGE_BELOW_POSITION: (
        -4161,
        "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
    ),
    Refusal.MARGIN_MODE_SAME: (-4046, "No need to change margin type."),
    Refusal.HAS_ORDERS: (-4047, "Margin type cannot be changed if there exists open orders."),
    Refusal.HAS_POSITION: (-4048, "Margin type cannot be changed if there exists position."),
    Refusal.POSITION_MODE_SAME: (-4059, "No need to change position side."),
    Refusal.NO_ISOLATED_POSITION: (-4054, "Cannot add position margin: position is 0."),
    Refusal.MARGIN_MOVE_TOO_LARGE: (-4051, "Isolated balance insufficient."),
    Refusal.NO_POSITION_TO_PROTECT: (-4509, "Time in Force (TIF) GTE can only be used with open positions."),
    Refusal.BALANCE: (-2018, "Balance is insufficient."),
    Refusal.UNKNOWN_ACCOUNT: (-1109, "Invalid account."),
    Refusal.IN_LIQUIDATION: (-2023, "User in liquidation mode now."),
}


_REJECTED = (-2010, "NEW_ORDER_REJECTED")


def from_refusal(refused: RefusedError, special: dict[Refusal, tuple[int, str]] | None = None) -> VenueError:
    """The venue's answer for an engine's refusal, -2010 for one it has no words for; ``special`` is what one endpoint
    words otherwise.
    """
    code, text = (special or {}).get(refused.reason) or _ANSWERS.get(refused.reason, _REJECTED)
    return bad(code, text.replace("{value}", refused.value).replace("{limit}", refused.limit))


def refusal_text(reason: Refusal) -> str:
    """The venue's words for a reason that no request is answered with, such as a trigger's."""
    return from_refusal(RefusedError(reason, "")).msg
