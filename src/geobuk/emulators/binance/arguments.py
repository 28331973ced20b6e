"""Parameters that many operations share: symbols, windows of time, order keys."""

from dataclasses import dataclass

from geobuk.domain.order import PositionSide
from geobuk.emulators.binance.candles import DAY_MS
from geobuk.emulators.binance.errors import bad, interval_too_long, invalid_symbol, mandatory, not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.formats import POSITION_SIDE_OF
from geobuk.emulators.binance.params import Params

WEEK_MS = 7 * DAY_MS


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start_ms`` to ``end_ms``, both included."""

    start_ms: int
    end_ms: int

    def __contains__(self, at_ms: int) -> bool:
        return self.start_ms <= at_ms <= self.end_ms


def symbol(exchange: Exchange, params: Params, name: str = "symbol") -> str:
    """The instrument asked for; -1102 where not sent, -1121 where there is none."""
    value = params.required(name)
    if value not in exchange.memory:
        raise invalid_symbol()
    return value


def optional_symbol(exchange: Exchange, params: Params, name: str = "symbol") -> str | None:
    return symbol(exchange, params, name) if params.text(name) is not None else None


def span(exchange: Exchange, params: Params, longest_ms: int, default_ms: int | None = None) -> Span:
    """The window asked for; one bound alone gives a window of the longest kind. -4165 where it is too long."""
    start, end = params.integer("startTime"), params.integer("endTime")
    if (start is not None and start < 0) or (end is not None and end < 0):
        raise not_valid("startTime" if start is not None and start < 0 else "endTime")
    now = exchange.now_ms
    if start is None and end is None:
        return Span(now - (longest_ms if default_ms is None else default_ms), now)
    if start is None or end is None:
        return Span(start, start + longest_ms) if start is not None else Span((end or 0) - longest_ms, end or 0)
    if end < start:
        raise not_valid("startTime")
    if end - start > longest_ms:
        raise interval_too_long(f"{longest_ms // DAY_MS}")
    return Span(start, end)


def order_key(params: Params, number: str = "orderId", text: str = "origClientOrderId") -> int | str:
    """The venue's number where both were sent; -1102 where neither was."""
    value = params.integer(number)
    if value is not None:
        return value
    name = params.text(text)
    if name is None:
        raise mandatory(text if text in params else number)
    return name


def position_side(params: Params) -> PositionSide:
    """BOTH where not sent; -4060 for an unknown word."""
    error = bad(-4060, "Invalid position side.")
    return params.choice("positionSide", POSITION_SIDE_OF, error) or PositionSide.BOTH
