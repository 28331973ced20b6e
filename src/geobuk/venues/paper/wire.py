"""The way to the engine and back: requests arrive and replies are told after their delays, each way in order."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from geobuk.domain.errors import OutcomeUnknownError, VenueError
from geobuk.matching.markets.latency import LatencyModel

T = TypeVar("T")


class Wire:
    """One connection. Time is told: ``arrive`` and ``deliver`` do what is due."""

    def __init__(self, request_latency: LatencyModel, reply_latency: LatencyModel) -> None:
        self._request_latency = request_latency
        self._reply_latency = reply_latency
        self._going: deque[tuple[int, Callable[[int], None]]] = deque()
        self._coming: deque[tuple[int, Callable[[], None]]] = deque()
        self._open: set[asyncio.Future[Any]] = set()

    def next_due_ns(self) -> int | None:
        """When something arrives next, at either end."""
        return min((way[0][0] for way in (self._going, self._coming) if way), default=None)

    def next_arrival_ns(self) -> int | None:
        """When the next request reaches the engine."""
        return self._going[0][0] if self._going else None

    def tell(self, at_ns: int, act: Callable[[], None]) -> None:
        """Have ``act`` done at our end, a delay after ``at_ns`` and never before what was told earlier."""
        due = at_ns + self._reply_latency.draw()
        self._coming.append((max(due, self._coming[-1][0]) if self._coming else due, act))

    def send(self, at_ns: int, do: Callable[[], T]) -> "asyncio.Future[T]":
        """Have ``do`` done at the engine; the future gets its result, or its VenueError, when the reply is back."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._open.add(future)
        future.add_done_callback(self._open.discard)

        def arrive(now_ns: int) -> None:
            try:
                result = do()
            except VenueError as error:
                refusal = error
                self.tell(now_ns, lambda: None if future.done() else future.set_exception(refusal))
            else:
                self.tell(now_ns, lambda: None if future.done() else future.set_result(result))

        due = at_ns + self._request_latency.draw()
        self._going.append((max(due, self._going[-1][0]) if self._going else due, arrive))
        return future

    def arrive(self, at_ns: int) -> None:
        """Do at the engine what is due there."""
        while self._going and self._going[0][0] <= at_ns:
            self._going.popleft()[1](at_ns)

    def deliver(self, at_ns: int) -> None:
        """Do at our end what is due there."""
        while self._coming and self._coming[0][0] <= at_ns:
            self._coming.popleft()[1]()

    def cut(self) -> None:
        """End it: nobody will learn what became of what is under way."""
        self._going.clear()
        self._coming.clear()
        for future in list(self._open):
            if not future.done():
                future.set_exception(
                    OutcomeUnknownError("the paper venue was closed while a request was under way", cure="query it")
                )
