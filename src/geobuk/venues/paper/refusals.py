"""The engine's "no" as the house's error: the value, the rule, and what to do about it."""

from geobuk.domain.errors import OrderRefusedError
from geobuk.matching.refusals import Refusal, RefusedError

_CURES: dict[Refusal, str] = {
    Refusal.UNKNOWN_INSTRUMENT: "use an instrument that this venue lists",
    Refusal.NOT_TRADING: "wait until it trades again",
    Refusal.CANCEL_ONLY: "wait until it takes orders again; cancels are possible",
    Refusal.PARAMETERS: "give what this type of order needs, and nothing else",
    Refusal.POSITION_SIDE: "give BOTH in one-way mode, LONG or SHORT in hedge mode",
    Refusal.CLIENT_ID_TAKEN: "use a client order id that no open order has",
    Refusal.PRICE_DECIMALS: "round it to the tick",
    Refusal.QUANTITY_DECIMALS: "round it down to the step",
    Refusal.PRICE_NOT_POSITIVE: "give a price above 0",
    Refusal.PRICE_TOO_LOW: "raise it",
    Refusal.PRICE_TOO_HIGH: "lower it",
    Refusal.PRICE_OFF_TICK: "round it to the tick",
    Refusal.PRICE_ABOVE_BAND: "lower it into the band about the mark price",
    Refusal.PRICE_BELOW_BAND: "raise it into the band about the mark price",
    Refusal.QUANTITY_NOT_POSITIVE: "give a quantity above 0",
    Refusal.QUANTITY_TOO_SMALL: "raise it, or drop the instrument",
    Refusal.QUANTITY_TOO_LARGE: "split the order",
    Refusal.QUANTITY_OFF_STEP: "round it down to the step",
    Refusal.NOTIONAL_TOO_SMALL: "raise the quantity, or drop the instrument",
    Refusal.GOOD_TILL_INVALID: "give a time at least ten minutes ahead",
    Refusal.TOO_MANY_ORDERS: "cancel some first",
    Refusal.TOO_MANY_CONDITIONAL_ORDERS: "cancel some first",
    Refusal.CALLBACK_RATE: "give a rate that the venue takes",
    Refusal.WOULD_TRIGGER: "move the trigger away from the price, or send the order itself",
    Refusal.CLOSE_POSITION_TAKEN: "cancel the one that exists first",
    Refusal.REDUCE_ONLY: "there must be a position on the other side",
    Refusal.REDUCE_ONLY_CONFLICT: "cancel the orders that reduce it already",
    Refusal.MARGIN: "lower the quantity, raise the leverage, or deposit",
    Refusal.MAX_POSITION: "lower the quantity, or the leverage",
    Refusal.NO_LIQUIDITY: "wait for a quote, or send a limit order",
    Refusal.MARKET_PRICE_BAND: "send a limit order, or a smaller one",
    Refusal.WOULD_TAKE: "move the price away from the other side, or drop post-only",
    Refusal.WOULD_NOT_FILL: "lower the quantity, or use IOC",
    Refusal.UNKNOWN_ORDER: "check instrument and client order id",
    Refusal.ORDER_NOT_OPEN: "nothing is left to do: it has ended",
    Refusal.NOTHING_TO_CHANGE: "change price or quantity",
    Refusal.NOT_A_LIMIT_ORDER: "cancel it and send a new one",
    Refusal.TOO_MANY_CHANGES: "cancel it and send a new one",
    Refusal.NOT_REDUCE_ONLY: "leave reduce-only as it is",
    Refusal.LEVERAGE: "give a whole number that the first bracket allows",
    Refusal.LEVERAGE_BELOW_POSITION: "reduce the position first",
    Refusal.HAS_ORDERS: "cancel the open orders first",
    Refusal.HAS_POSITION: "close the position first",
    Refusal.NO_ISOLATED_POSITION: "open an isolated position first",
    Refusal.MARGIN_MOVE_TOO_LARGE: "move less",
    Refusal.BALANCE: "take out less, or deposit",
    Refusal.NO_POSITION_TO_PROTECT: "open the position first",
    Refusal.UNKNOWN_ACCOUNT: "use the account that the venue was opened with",
    Refusal.IN_LIQUIDATION: "wait until the liquidation is over",
}


def refused(what: str, error: RefusedError) -> OrderRefusedError:
    """``what`` names the order or request. Value and limit are told even where the engine's words leave them out."""
    words = str(error)
    extra = [
        f"{name} {text}"
        for name, text in (("value", error.value), ("limit", error.limit))
        if text and text not in words
    ]
    told = f"{what}: {words}" + (f" ({', '.join(extra)})" if extra else "")
    return OrderRefusedError(told, cure=_CURES.get(error.reason, "look up the venue's rules"))
