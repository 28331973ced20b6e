"""Why an engine refuses: one reason each, so that an emulator can give the venue's own code for it."""

from enum import StrEnum, auto


class Refusal(StrEnum):
    """Reasons in the order in which they are looked for: instrument, parameters, precision, filters, money."""

    UNKNOWN_INSTRUMENT = auto()
    NOT_TRADING = auto()
    CANCEL_ONLY = auto()
    PARAMETERS = auto()
    POSITION_SIDE = auto()
    CLIENT_ID_TAKEN = auto()
    PRICE_DECIMALS = auto()
    QUANTITY_DECIMALS = auto()
    PRICE_NOT_POSITIVE = auto()
    PRICE_TOO_LOW = auto()
    PRICE_TOO_HIGH = auto()
    PRICE_OFF_TICK = auto()
    PRICE_ABOVE_BAND = auto()
    PRICE_BELOW_BAND = auto()
    QUANTITY_NOT_POSITIVE = auto()
    QUANTITY_TOO_SMALL = auto()
    QUANTITY_TOO_LARGE = auto()
    QUANTITY_OFF_STEP = auto()
    NOTIONAL_TOO_SMALL = auto()
    GOOD_TILL_INVALID = auto()
    TOO_MANY_ORDERS = auto()
    TOO_MANY_CONDITIONAL_ORDERS = auto()
    CALLBACK_RATE = auto()
    WOULD_TRIGGER = auto()
    CLOSE_POSITION_TAKEN = auto()
    NO_POSITION_TO_PROTECT = auto()
    REDUCE_ONLY = auto()
    REDUCE_ONLY_CONFLICT = auto()
    MARGIN = auto()
    MAX_POSITION = auto()
    NO_LIQUIDITY = auto()
    MARKET_PRICE_BAND = auto()
    WOULD_TAKE = auto()
    WOULD_NOT_FILL = auto()
    UNKNOWN_ORDER = auto()
    """There never was such an order."""
    ORDER_NOT_OPEN = auto()
    """There was, but it has ended."""
    NOTHING_TO_CHANGE = auto()
    NOT_A_LIMIT_ORDER = auto()
    TOO_MANY_CHANGES = auto()
    NOT_REDUCE_ONLY = auto()
    LEVERAGE = auto()
    LEVERAGE_BELOW_POSITION = auto()
    MARGIN_MODE_SAME = auto()
    HAS_ORDERS = auto()
    HAS_POSITION = auto()
    POSITION_MODE_SAME = auto()
    NO_ISOLATED_POSITION = auto()
    MARGIN_MOVE_TOO_LARGE = auto()
    IN_LIQUIDATION = auto()
    UNKNOWN_ACCOUNT = auto()
    BALANCE = auto()
    """More than there is was to be taken out."""


class RefusedError(Exception):
    """An engine's "no": nothing changed. ``value`` and ``limit`` are what was compared, as texts for the message."""

    def __init__(self, reason: Refusal, message: str, *, value: str = "", limit: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.value = value
        self.limit = limit
