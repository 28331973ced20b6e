"""All operations of the venue in one table."""

from geobuk.emulators.binance.operations import OperationTable
from geobuk.emulators.binance.rest import (
    account,
    batch,
    charts,
    conditional,
    exchange_info,
    funding,
    income,
    listen_key,
    market,
    order_history,
    positions,
    settings,
    spot,
    statistics,
    tickers,
    trading,
)

_PUBLIC = (market, tickers, charts, exchange_info, funding, statistics, spot)
_PRIVATE = (trading, batch, conditional, order_history, account, positions, settings, income, listen_key)


def every_operation() -> OperationTable:
    """A fresh table; paths as on the wire."""
    return OperationTable(operation for room in (*_PUBLIC, *_PRIVATE) for operation in room.OPERATIONS)
