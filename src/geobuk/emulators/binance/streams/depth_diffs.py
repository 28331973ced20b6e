"""Changes of one book gathered for each speed of the depth stream, each with its own unbroken chain of ``pu``."""

from decimal import Decimal

from geobuk.matching.engine.views import Changes, Level

SPEEDS_MS = (100, 250, 500)
Due = tuple[tuple[int, int, int], tuple[list[Level], list[Level]]]


class DepthDiffs:
    """Gathers until a period is over. ``update_id`` is the book's at the start."""

    def __init__(self, update_id: int) -> None:
        self._gathered = {period: _Gathered(update_id) for period in SPEEDS_MS}

    def add(self, changes: Changes) -> None:
        """Take in what changed since the last call; newer quantities replace older ones."""
        for gathered in self._gathered.values():
            gathered.add(changes)

    def due(self, period_ms: int) -> Due | None:
        """(U, u, pu) and both sides of what changed in this period; None if nothing did."""
        gathered = self._gathered[period_ms]
        if not gathered.is_changed:
            return None
        ids = (gathered.first_id, gathered.last_id, gathered.previous_id)
        return ids, (list(gathered.bids.items()), list(gathered.asks.items()))

    def close(self, period_ms: int) -> None:
        """The period is over and told: gather anew."""
        self._gathered[period_ms].close()


class _Gathered:
    def __init__(self, update_id: int) -> None:
        self.first_id = self.last_id = self.previous_id = update_id
        self.is_changed = False
        self.bids: dict[Decimal, Decimal] = {}
        self.asks: dict[Decimal, Decimal] = {}

    def add(self, changes: Changes) -> None:
        if not self.is_changed:
            self.first_id = changes.first_id
            self.is_changed = True
        self.last_id = changes.last_id
        self.bids.update(changes.bids)
        self.asks.update(changes.asks)

    def close(self) -> None:
        if self.is_changed:
            self.previous_id = self.last_id
            self.is_changed = False
            self.bids, self.asks = {}, {}
