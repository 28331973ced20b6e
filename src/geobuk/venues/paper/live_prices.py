"""Another venue's market events as rows for the engine: paper trading on live prices.

A quote is the whole book: no more can be taken at once than the best price shows.
"""

from collections.abc import Iterable

from geobuk.domain.bar import MarketEvent, MarkPrice, Quote, Trade
from geobuk.matching.book.market_event import MarketArray
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.rows import Row, RowMaker, array_of


class LivePrices:
    """Keeps what was quoted, so that what no longer is ends. Bars and settled fundings tell an engine nothing."""

    def __init__(self, rules: Iterable[MarketRules]) -> None:
        self._makers = {one.name: RowMaker(one) for one in rules}

    def rows(self, events: Iterable[MarketEvent], from_ns: int, to_ns: int) -> list[tuple[str, MarketArray]]:
        """Runs of rows of one instrument, none before ``from_ns`` or after ``to_ns``, whatever the other venue's clock
        says. Events of other instruments are left out.

        Raises DataError for a price or quantity that the rules' decimals can't hold.
        """
        runs: list[tuple[str, list[Row]]] = []
        for event in events:
            if event.instrument not in self._makers:
                continue
            from_ns = max(from_ns, min(event.at_ns, to_ns))
            rows = _rows(self._makers[event.instrument], event, from_ns)
            if runs and runs[-1][0] == event.instrument:
                runs[-1][1].extend(rows)
            else:
                runs.append((event.instrument, rows))
        return [(name, array_of(rows)) for name, rows in runs if rows]


def _rows(make: RowMaker, event: MarketEvent, at_ns: int) -> list[Row]:
    if isinstance(event, Quote):
        return make.quote(at_ns, (event.bid, event.bid_quantity), (event.ask, event.ask_quantity))
    if isinstance(event, Trade):
        return [make.trade(at_ns, event.price, event.quantity, event.trade_id, int(event.aggressor))]
    if isinstance(event, MarkPrice):
        rows = [make.index(at_ns, event.index)] if event.index is not None else []
        rows.append(make.mark(at_ns, event.price))
        return rows if event.funding_rate is None else [*rows, make.rate(at_ns, event.funding_rate)]
    return []
