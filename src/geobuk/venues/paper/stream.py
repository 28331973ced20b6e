"""A queue that one reader at a time iterates over: nothing is dropped, nothing is told twice."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar

from geobuk.domain.errors import VenueError

T = TypeVar("T")


class Stream(Generic[T]):
    """What is put before anybody reads is kept for the first reader. A second reader at once is refused."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waiting: deque[T] = deque()
        self._wake = asyncio.Event()
        self._is_read = False
        self._is_closed = False
        self._failure: BaseException | None = None

    def put(self, item: T) -> None:
        self._waiting.append(item)
        self._wake.set()

    def close(self, failure: BaseException | None = None) -> None:
        """After what waits, the reader ends, or gets the failure."""
        self._is_closed = True
        self._failure = self._failure or failure
        self._wake.set()

    async def read(self) -> AsyncIterator[T]:
        """Items until the stream is closed. Raises VenueError while another reader reads."""
        if self._is_read:
            raise VenueError(f"{self._name} is read already", cure="share the one reader")
        self._is_read = True
        try:
            while True:
                while self._waiting:
                    yield self._waiting.popleft()
                if self._is_closed:
                    break
                self._wake.clear()
                await self._wake.wait()
        finally:
            self._is_read = False
        if self._failure is not None:
            raise self._failure
