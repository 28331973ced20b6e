"""The table of operations: what is called by which method and path, at what cost, by whose right."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.params import Params

Handler = Callable[[Exchange, str, Params], object]
"""(exchange, account name, "" on public paths, parameters) -> what is answered as JSON; raises VenueError."""


class Security(StrEnum):
    """What a request must bring: nothing, a key, or a key and a signature."""

    NONE = "none"
    KEY = "key"
    SIGNED = "signed"
    TRADE = "trade"

    @property
    def needs_key(self) -> bool:
        return self is not Security.NONE

    @property
    def needs_signature(self) -> bool:
        return self in {Security.SIGNED, Security.TRADE}


@dataclass(frozen=True, slots=True)
class Operation:
    """One entry. ``order_count`` is what an accepted call adds to the (10 s, 1 min) counters of the account."""

    method: str
    path: str
    security: Security
    weight: int | Callable[[Params], int]
    handler: Handler
    order_count: tuple[int, int] = (0, 0)

    def weight_of(self, params: Params) -> int:
        return self.weight if isinstance(self.weight, int) else self.weight(params)

    @property
    def counts_orders(self) -> bool:
        return self.order_count != (0, 0)


def by_symbol(one: int, every: int) -> Callable[[Params], int]:
    """A weight that is smaller where one symbol is asked for."""
    return lambda params: one if params.get("symbol") else every


class OperationTable:
    """Operations by method and path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._by_name = {(operation.method, operation.path): operation for operation in operations}

    def find(self, method: str, path: str) -> Operation | None:
        return self._by_name.get((method, path))

    def __getitem__(self, name: tuple[str, str]) -> Operation:
        return self._by_name[name]

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)
