"""Funding: what was paid, and by which terms."""

from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.errors import not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params

Row = dict[str, object]
STANDARD_HOURS = 8


def history(exchange: Exchange, _: str, params: Params) -> object:
    """GET fundingRate: ascending; the newest of all, or the first of a window that has a start."""
    instrument = arguments.optional_symbol(exchange, params)
    limit = params.limit(100, 1000)
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and end < start:
        raise not_valid("startTime")
    names = exchange.instruments if instrument is None else (instrument,)
    payments = sorted((paid.at_ms, name, paid) for name in names for paid in exchange.memory[name].payments())
    rows = [(name, paid) for at, name, paid in payments if (start or 0) <= at and (end is None or at <= end)]
    chosen = rows[-limit:] if start is None else rows[:limit]
    return [
        {
            "symbol": name,
            "fundingTime": paid.at_ms,
            "fundingRate": formats.money(paid.rate),
            "markPrice": formats.money(paid.mark_price),
            "rateType": "Regular",
        }
        for name, paid in chosen
    ]


def terms(exchange: Exchange, _: str, __: Params) -> object:
    """GET fundingInfo: the instruments whose terms are not the standard ones."""
    rows: list[Row] = []
    for name in exchange.instruments:
        instrument = exchange.rules(name).instrument
        hours, cap = instrument.funding_interval_hours, instrument.funding_cap
        if hours in {None, STANDARD_HOURS} or cap is None:
            continue
        rows.append(
            {
                "symbol": name,
                "adjustedFundingRateCap": formats.money(cap),
                "adjustedFundingRateFloor": formats.money(-cap),
                "fundingIntervalHours": hours,
                "disclaimer": False,
                "updateTime": exchange.started_ms,
            }
        )
    return rows


OPERATIONS = (
    Operation("GET", "/fapi/v1/fundingRate", Security.NONE, 1, history),
    Operation("GET", "/fapi/v1/fundingInfo", Security.NONE, 0, terms),
)
