"""Listen keys over REST."""

from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params

PATH = "/fapi/v1/listenKey"


def start(exchange: Exchange, account: str, _: Params) -> object:
    """The account's key, made or prolonged."""
    return {"listenKey": exchange.listen_keys.create(account, exchange.now_ms).key}


def extend(exchange: Exchange, account: str, _: Params) -> object:
    return {"listenKey": exchange.listen_keys.extend(account, exchange.now_ms).key}


def close(exchange: Exchange, account: str, _: Params) -> object:
    exchange.listen_keys.close(account, exchange.now_ms)
    return {}


OPERATIONS = (
    Operation("POST", PATH, Security.KEY, 1, start),
    Operation("PUT", PATH, Security.KEY, 1, extend),
    Operation("DELETE", PATH, Security.KEY, 1, close),
)
