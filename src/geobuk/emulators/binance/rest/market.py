"""Public market data of the moment."""

from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params


def ping(_: Exchange, __: str, ___: Params) -> object:
    return {}


def server_time(exchange: Exchange, _: str, __: Params) -> object:
    return {"serverTime": exchange.clock.server_ms()}


OPERATIONS = (
    Operation("GET", "/fapi/v1/ping", Security.NONE, 1, ping),
    Operation("GET", "/fapi/v1/time", Security.NONE, 1, server_time),
)
