"""Reports on their way to the listener: given in order, only after the state they tell of is complete."""

from collections import deque
from collections.abc import Callable

from geobuk.matching.engine.reports import Report


class Outbox:
    """A listener may call the engine: what that reports waits behind what is on its way already."""

    __slots__ = ("_failures", "_is_delivering", "_listener", "_waiting", "put")

    def __init__(self, listener: Callable[[Report], None]) -> None:
        self._listener = listener
        self._waiting: deque[Report] = deque()
        self._failures: list[Exception] = []
        self._is_delivering = False
        self.put: Callable[[Report], None] = self._waiting.append

    def deliver(self) -> None:
        """Give what waits. A listener's error keeps nothing from the reports behind it."""
        if self._is_delivering or not self._waiting:
            return
        self._is_delivering = True
        try:
            while self._waiting:
                try:
                    self._listener(self._waiting.popleft())
                except Exception as failure:
                    self._failures.append(failure)
        finally:
            self._is_delivering = False

    def raise_failure(self) -> None:
        """Raise the first error that the listener raised since the last call."""
        if self._failures and not self._is_delivering:
            first = self._failures[0]
            self._failures.clear()
            raise first
