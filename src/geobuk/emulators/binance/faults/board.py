"""The faults in force: what was asked for, which happenings each has seen, and whether it strikes this one."""

import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeVar

from geobuk.domain.times import NS_PER_SECOND
from geobuk.emulators.binance.faults.kinds import Fault, Where

F = TypeVar("F", bound=Fault)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is about to happen: a request (``path``) or an event (``events``: its stream and its type)."""

    path: str = ""
    instrument: str = ""
    events: tuple[str, ...] = ()
    route: str = ""

    @property
    def words(self) -> str:
        """For people. A private stream's name is its listen key, which is nobody's business."""
        return self.path or " ".join(self.events[-1:] if self.route == "private" else self.events)


@dataclass(slots=True)
class Standing:
    """A fault with its history. ``seen`` counts happenings in its scope, ``struck`` those that it struck."""

    number: int
    fault: Fault
    added_ns: int
    seen: int = 0
    struck: int = 0
    chance: random.Random = field(default_factory=random.Random)

    def is_due(self, now_ns: int) -> bool:
        when = self.fault.when
        start = self.added_ns + round(when.after_s * NS_PER_SECOND)
        if now_ns < start or self.is_spent:
            return False
        return when.for_s <= 0 or now_ns < start + round(when.for_s * NS_PER_SECOND)

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it may."""
        return 0 < self.fault.when.count <= self.struck

    def strikes(self, now_ns: int) -> bool:
        """Count a happening in its scope; True if the fault strikes it."""
        if not self.is_due(now_ns):
            return False
        when = self.fault.when
        self.seen += 1
        if self.seen % max(1, when.every) or self.chance.random() >= when.probability:
            return False
        self.struck += 1
        return True


class FaultBoard:
    """Faults by number. ``now_ns`` is emulated time."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._standing: dict[int, Standing] = {}
        self._last = 0
        self.notes: deque[tuple[int, str]] = deque(maxlen=100)
        """What struck when (emulated ns), oldest first."""

    def note(self, text: str) -> None:
        self.notes.append((self._now_ns(), text))

    def add(self, fault: Fault) -> int:
        """Put a fault on the board; its number."""
        self._last += 1
        chance = random.Random(fault.when.seed)  # noqa: S311  chance that repeats, not secrecy
        self._standing[self._last] = Standing(self._last, fault, self._now_ns(), chance=chance)
        return self._last

    def remove(self, number: int) -> bool:
        """Take a fault off; False if there is none of that number."""
        return self._standing.pop(number, None) is not None

    def clear(self) -> None:
        self._standing.clear()

    def __iter__(self) -> Iterator[Standing]:
        return iter(tuple(self._standing.values()))

    def __len__(self) -> int:
        return len(self._standing)

    def has(self, *kinds: type) -> bool:
        """Whether a fault of one of these kinds is on the board, due or not."""
        return any(isinstance(one.fault, kinds) for one in self._standing.values())

    def striking(self, kind: type[F], subject: Subject, accepts: Callable[[F], bool] | None = None) -> F | None:
        """The first fault of a kind (that ``accepts`` takes) which strikes this happening. Asking counts it as seen."""
        now = self._now_ns()
        for standing in self:
            fault = standing.fault
            if not isinstance(fault, kind) or not in_scope(fault.where, subject):
                continue
            if (accepts is None or accepts(fault)) and standing.strikes(now):
                self.note(f"{type(fault).__struct_config__.tag} struck {subject.words}")
                return fault
        return None

    def in_force(self, kind: type[F], subject: Subject) -> F | None:
        """The first fault of a kind that holds now for this scope; nothing is counted."""
        now = self._now_ns()
        for standing in self:
            if isinstance(standing.fault, kind) and standing.is_due(now) and in_scope(standing.fault.where, subject):
                return standing.fault
        return None

    def over(self) -> list[Standing]:
        """Faults whose time has passed."""
        now = self._now_ns()
        return [one for one in self if one.fault.when.for_s > 0 and now >= _end(one)]


def _end(standing: Standing) -> int:
    when = standing.fault.when
    return standing.added_ns + round((when.after_s + when.for_s) * NS_PER_SECOND)


def in_scope(where: Where, subject: Subject) -> bool:
    """Whether a happening is among those that a fault is about."""
    if where.instrument and where.instrument != subject.instrument:
        return False
    if where.route and where.route != subject.route:
        return False
    if where.path and not fnmatchcase(subject.path, where.path):
        return False
    return not where.event or any(fnmatchcase(event, where.event) for event in subject.events)
