"""A local copy of an instrument's order book, kept by the venue's rules from a REST snapshot and the stream of changes.

It knows no sockets: frames come in, and it says when a snapshot is needed. Quantities of levels beyond the snapshot are
partial, as the venue says.
"""

from collections import deque
from decimal import Decimal
from enum import IntEnum
from functools import cache

import numpy as np

from geobuk.domain.bar import Quote
from geobuk.domain.errors import DataError
from geobuk.domain.order import Side
from geobuk.domain.times import NS_PER_MS
from geobuk.venues.binance import depth_kernels as kernels

VENUE = "binance"
_MOST_WAITING = 10_000


class BookOutcome(IntEnum):
    """What became of a frame.

    WAITING: kept until a snapshot comes. GAP, CROSSED: the book is void, and a snapshot is needed.
    """

    APPLIED = kernels.APPLIED
    OLD = kernels.OLD
    GAP = kernels.GAP
    CROSSED = kernels.CROSSED
    WAITING = 10


_APPLIED = kernels.APPLIED
_HAS_APPLIED = BookOutcome.APPLIED  # looked up once: an enumeration's members are slow to reach


class LocalBook:
    """One instrument's book; exact whole numbers inside, Decimals outside.

    ``capacity`` levels a side are kept; beyond it the worst quarter is forgotten. ``price_decimals`` and
    ``quantity_decimals`` are at least those of the instrument's tick and step.
    """

    def __init__(
        self, instrument: str, price_decimals: int = 8, quantity_decimals: int = 8, capacity: int = 8192
    ) -> None:
        self.instrument = instrument
        self.resyncs = 0
        self.is_synced = False
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)
        self._state = np.zeros(kernels.STATE_SIZE, np.int64)
        self._state[kernels.PRICE_DECIMALS] = price_decimals
        self._state[kernels.QUANTITY_DECIMALS] = quantity_decimals
        self._ladder = np.zeros((2, 2, max(capacity, 16)), np.int64)
        self._scratch = np.zeros((2, 4096), np.int64)
        _load_kernels()

    @property
    def update_id(self) -> int:
        """Id of the newest change that the book holds."""
        return int(self._state[kernels.LAST_ID])

    @property
    def at_ns(self) -> int:
        """When the newest change happened, by the venue's clock."""
        return int(self._state[kernels.TRADE_MS]) * NS_PER_MS

    def on_update(self, frame: bytes) -> BookOutcome:
        """Take a depthUpdate, raw or combined.

        Raises
        ------
        DataError
            The frame is no depth message, or a number has more decimals than the book was told.
        """
        if not self.is_synced:
            self._waiting.append(frame)
            return BookOutcome.WAITING
        outcome = self._run(kernels.apply_update, frame)
        if outcome == _APPLIED:
            return _HAS_APPLIED
        if outcome != kernels.OLD:
            self.drop()
            if outcome == kernels.GAP:
                self._waiting.append(frame)
        return BookOutcome(outcome)

    def on_snapshot(self, body: bytes) -> bool:
        """Take the reply to ``GET /fapi/v1/depth``; False if it is older than the changes that wait: ask again."""
        self._run(kernels.load_snapshot, body)
        self.is_synced = True
        waiting, self._waiting = self._waiting, deque(maxlen=_MOST_WAITING)
        while waiting:
            outcome = self.on_update(waiting.popleft())
            if not self.is_synced:
                # After GAP the frame waits for the next snapshot; after CROSSED it is part of what was wrong.
                self._waiting.extend(waiting)
                return False
            assert outcome is not BookOutcome.WAITING
        return True

    def drop(self) -> None:
        """Void the book; changes wait for the next snapshot."""
        self.is_synced = False
        self.resyncs += 1
        self._state[kernels.BIDS] = self._state[kernels.ASKS] = 0

    def best(self, side: Side) -> tuple[Decimal, Decimal] | None:
        """Price and quantity of the best bid (BUY) or ask (SELL); None where the side is empty or the book void."""
        levels = self.levels(side, 1)
        return levels[0] if levels else None

    def levels(self, side: Side, count: int) -> list[tuple[Decimal, Decimal]]:
        """Price and quantity of the best levels of a side, best first."""
        row = 0 if side is Side.BUY else 1
        held = int(self._state[kernels.BIDS + row])
        prices, quantities = self._ladder[row, :, max(held - count, 0) : held][:, ::-1].tolist()
        price_scale = -int(self._state[kernels.PRICE_DECIMALS])
        quantity_scale = -int(self._state[kernels.QUANTITY_DECIMALS])
        return [
            (Decimal(abs(price)).scaleb(price_scale), Decimal(quantity).scaleb(quantity_scale))
            for price, quantity in zip(prices, quantities, strict=True)
        ]

    def quote(self) -> Quote | None:
        """Best bid and ask; None while the book is void."""
        if not self.is_synced:
            return None
        nothing = (Decimal(0), Decimal(0))
        bid, ask = self.best(Side.BUY) or nothing, self.best(Side.SELL) or nothing
        return Quote(VENUE, self.instrument, self.at_ns, bid[0], bid[1], ask[0], ask[1])

    def _run(self, kernel: "kernels.DepthKernel", text: bytes) -> int:
        outcome = kernel(np.frombuffer(text, np.uint8), self._state, self._ladder, self._scratch)
        while outcome == kernels.FULL:
            self._scratch = np.zeros((2, 2 * self._scratch.shape[1]), np.int64)
            outcome = kernel(np.frombuffer(text, np.uint8), self._state, self._ladder, self._scratch)
        if outcome == kernels.BROKEN:
            start = text[:200].decode("utf-8", "replace")
            decimals = self._state[kernels.PRICE_DECIMALS], self._state[kernels.QUANTITY_DECIMALS]
            raise DataError(
                f"{self.instrument}: no depth message with at most {decimals[0]} and {decimals[1]} decimals: {start!r}",
                cure="compare the instrument's tick and step with the venue's exchangeInfo",
            )
        return outcome


@cache
def _load_kernels() -> None:
    """Load or compile them when the first book is made, not when its first frame comes: that would stop the stream."""
    state, ladder, scratch = (
        np.zeros(kernels.STATE_SIZE, np.int64),
        np.zeros((2, 2, 4), np.int64),
        np.zeros((2, 4), np.int64),
    )
    for kernel in (kernels.load_snapshot, kernels.apply_update):
        kernel(np.frombuffer(b"{}", np.uint8), state, ladder, scratch)
