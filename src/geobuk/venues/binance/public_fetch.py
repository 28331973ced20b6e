"""Public market data over the budgeted REST calls, in the form that feed, book and recorder ask for it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from geobuk.venues.binance.endpoints import Endpoint, Lane, Security
from geobuk.venues.binance.errors import FailedCallError, house_error
from geobuk.venues.binance.market_history import Fetch
from geobuk.venues.binance.rest import BinanceRest

_WEIGHTS = {
    "/fapi/v1/depth": 20,
    "/fapi/v1/aggTrades": 20,
    "/fapi/v1/klines": 10,
    "/fapi/v1/fundingRate": 1,
}
"""The dearest that each can cost. Source: Binance, USDⓈ-M futures API, 2026-09."""
_UNKNOWN = 20


def public_fetch(rest: BinanceRest) -> Fetch:
    """GET of a public path: it waits behind orders and account calls, and is repeated where that is safe.

    The result raises NetworkError, DataError or another UserError once its repeats are spent.
    """

    async def fetch(path: str, params: Mapping[str, str]) -> bytes:
        endpoint = Endpoint("GET", path, _WEIGHTS.get(path, _UNKNOWN), Lane.DATA, Security.NONE)
        try:
            return await rest.call(endpoint, urlencode(params), what=f"reading {path}")
        except FailedCallError as error:
            raise house_error(error, is_order=False) from error

    return fetch
