"""What a broken stream may have missed, asked for over REST: fills, ends of orders, balances, positions."""

import asyncio
from dataclasses import dataclass

from geobuk.domain.order import OrderState
from geobuk.venues.binance import endpoints
from geobuk.venues.binance.account_ledger import AccountLedger
from geobuk.venues.binance.known_orders import KnownOrders
from geobuk.venues.binance.messages.account import AccountReply
from geobuk.venues.binance.messages.rules import ServerTime
from geobuk.venues.binance.reading import AccountReader
from geobuk.venues.binance.rest import BinanceRest

_MOST_ONE_BY_ONE = 40
_OVERLAP_MS = 30_000
"""How far before the last complete moment fills are asked for again: the venue's own queries lag."""


@dataclass(slots=True)
class Recovery:
    """``covered_ms``: up to this moment of the venue everything has been told."""

    rest: BinanceRest
    reader: AccountReader
    known: KnownOrders
    ledger: AccountLedger
    covered_ms: int = 0
    _began_ms: int = 0

    async def baseline(self) -> None:
        """Learn what is there at the start; nothing of it is told, a snapshot tells it."""
        at_ms = await self._venue_time_ms()
        for state in await self.reader.open_orders():
            self.known.tell(state)
        await self._compare_money(at_ms, is_first=True)
        self.covered_ms = self._began_ms = at_ms

    async def run(self, *, is_wide: bool) -> int:
        """Tell what was missed since the last time; returns how many updates that were.

        ``is_wide`` asks for the open orders of all instruments, which is dear; otherwise of those that were touched.
        """
        at_ms = await self._venue_time_ms()
        suspects = self.ledger.suspects
        self.ledger.suspects = set()
        try:
            names = sorted(self.known.instruments | suspects)
            open_now = await self._open_orders(names, is_wide=is_wide)
            told = await self._fills(names)
            told += await self._orders(open_now)
            told += await self._compare_money(at_ms, is_first=False)
            told += await self._fills(sorted(self.known.instruments.difference(names)))  # where positions came up
        except BaseException:
            self.ledger.suspects |= suspects
            raise
        self.covered_ms = max(self.covered_ms, at_ms)
        return told

    async def _venue_time_ms(self) -> int:
        """By the venue's own word: our estimate is wrong for a while after our clock was set."""
        told = await self.rest.ask(endpoints.TIME, ServerTime, what="asking for the venue's time")
        return told.server_time

    async def _open_orders(self, instruments: list[str], *, is_wide: bool) -> list[OrderState]:
        if is_wide or len(instruments) > _MOST_ONE_BY_ONE:
            return await self.reader.open_orders()
        each = await asyncio.gather(*(self.reader.open_orders(name) for name in instruments))
        return [state for states in each for state in states]

    async def _fills(self, instruments: list[str]) -> int:
        told = 0
        from_ms = max(self.covered_ms - _OVERLAP_MS, self._began_ms)
        pages = await asyncio.gather(*(self.reader.trades_since(name, from_ms) for name in instruments))
        rows = sorted((row for page in pages for row in page), key=lambda row: (row.time, row.id))
        for fill in await self.reader.fills_of(rows):
            told += self.ledger.take_fill(fill)
        return told

    async def _orders(self, open_now: list[OrderState]) -> int:
        told = 0
        keys = {(state.instrument, state.client_order_id) for state in open_now}
        for state in open_now:
            told += self.ledger.take_state(state)
        doubtful = {(state.instrument, state.client_order_id): state for state in self.known.told_open()}
        doubtful |= {(state.instrument, state.client_order_id): state for state in self.known.untold()}
        for key in doubtful.keys() - keys:
            state = doubtful[key]
            found = await self.reader.order(state.instrument, state.client_order_id)
            if found is not None:
                told += self.ledger.take_state(found)
        return told

    async def _compare_money(self, at_ms: int, *, is_first: bool) -> int:
        account, positions = await asyncio.gather(
            self.rest.ask(endpoints.ACCOUNT, AccountReply, what="asking for the account"),
            self.reader.positions(with_settings=False),
        )
        return self.ledger.compare(account, positions, at_ms, is_first=is_first)
