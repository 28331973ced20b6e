"""Several orders in one request; each element has its own outcome."""

from collections.abc import Callable

from geobuk.emulators.binance import arguments, order_format
from geobuk.emulators.binance.errors import VenueError, bad, from_refusal, mandatory, not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Handler, Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.rest import trading
from geobuk.matching.refusals import RefusedError

MOST_ORDERS = 5
MOST_CANCELS = 10


def place(exchange: Exchange, account: str, params: Params) -> object:
    """POST batchOrders."""
    return _each(exchange, account, params, trading.place)


def modify(exchange: Exchange, account: str, params: Params) -> object:
    """PUT batchOrders."""
    return _each(exchange, account, params, trading.modify)


def cancel(exchange: Exchange, account: str, params: Params) -> object:
    """DELETE batchOrders: lists of numbers or client ids, under the documented names or lower-case ones."""
    instrument = arguments.symbol(exchange, params)
    numbers = params.json_list("orderIdList", "orderidlist")
    names = params.json_list("origClientOrderIdList", "origclientorderidlist")
    keys = [_number(value) for value in numbers] if numbers is not None else [str(name) for name in names or []]
    if not keys:
        raise mandatory("orderIdList")
    if len(keys) > MOST_CANCELS:
        raise bad(-4082, "Invalid number of batch place orders.")
    return [_outcome(lambda key=key: _cancel(exchange, account, instrument, key)) for key in keys]  # type: ignore[misc]


def _each(exchange: Exchange, account: str, params: Params, handler: Handler) -> list[object]:
    params.required("batchOrders")
    elements = params.json_list("batchOrders") or []
    if not 1 <= len(elements) <= MOST_ORDERS:
        raise bad(-4082, "Invalid number of batch place orders.")
    return [_outcome(lambda one=one: handler(exchange, account, _params(one))) for one in elements]  # type: ignore[misc]


def _params(element: object) -> Params:
    if not isinstance(element, dict):
        raise not_valid("batchOrders")
    return Params.from_json(element)


def _number(value: object) -> int:
    text = str(value)
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        raise not_valid("orderIdList")
    return int(text)


def _cancel(exchange: Exchange, account: str, instrument: str, key: int | str) -> object:
    return order_format.placed(exchange, exchange.engine.cancel(account, instrument, key))


def _outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except VenueError as error:
        return error.body()
    except RefusedError as refused:
        return from_refusal(refused).body()


_PATH = "/fapi/v1/batchOrders"
OPERATIONS = (
    Operation("POST", _PATH, Security.TRADE, 5, place, (5, 1)),
    Operation("PUT", _PATH, Security.TRADE, 5, modify, (5, 1)),
    Operation("DELETE", _PATH, Security.TRADE, 1, cancel),
)
