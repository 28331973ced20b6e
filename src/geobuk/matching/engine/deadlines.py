"""What falls due at a time: kept in a heap, forgotten lazily when it has become void."""

from collections.abc import Callable
from heapq import heappop, heappush


class Deadlines:
    """Things due at one time come in the order in which they were planned."""

    __slots__ = ("_count", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Callable[[], bool], Callable[[], None]]] = []
        self._count = 0

    def plan(self, due_ns: int, is_void: Callable[[], bool], act: Callable[[], None]) -> None:
        """Have ``act`` called at its time, unless ``is_void`` by then."""
        self._count += 1
        heappush(self._heap, (due_ns, self._count, is_void, act))

    def next_ns(self) -> int | None:
        """The next time that counts, None if nothing is planned."""
        heap = self._heap
        while heap and heap[0][2]():
            heappop(heap)
        return heap[0][0] if heap else None

    def pop(self) -> Callable[[], None]:
        """Take the next thing off; only after :meth:`next_ns` said that there is one."""
        return heappop(self._heap)[3]
