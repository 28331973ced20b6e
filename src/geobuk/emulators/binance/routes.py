"""All operations of the venue in one table."""

from geobuk.emulators.binance.operations import OperationTable
from geobuk.emulators.binance.rest.listen_key import OPERATIONS as LISTEN_KEY
from geobuk.emulators.binance.rest.market import OPERATIONS as MARKET


def every_operation() -> OperationTable:
    """A fresh table; paths as on the wire."""
    return OperationTable([*MARKET, *LISTEN_KEY])
