"""What the venue told, waiting to be read. Bounded; what does not fit is told of loudly and asked for again."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from geobuk.domain.updates import Notice, VenueUpdate


class UpdateQueue:
    """One writer in the event loop, one reader. Notices always fit."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._updates: deque[VenueUpdate] = deque()
        self._filled = asyncio.Event()
        self._is_closed = False
        self.lost = 0

    def put(self, update: VenueUpdate) -> bool:
        """Add an update; False where the queue is full and the update was not taken."""
        if len(self._updates) >= self._capacity and not isinstance(update, Notice):
            self.lost += 1
            return False
        self._updates.append(update)
        self._filled.set()
        return True

    def close(self) -> None:
        """No more will come; the reader gets what is left."""
        self._is_closed = True
        self._filled.set()

    def __len__(self) -> int:
        return len(self._updates)

    async def read(self) -> AsyncIterator[VenueUpdate]:
        """Updates in order until closed."""
        while True:
            while self._updates:
                yield self._updates.popleft()
            if self._is_closed:
                return
            self._filled.clear()
            await self._filled.wait()
