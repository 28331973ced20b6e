"""What a child process does until it is killed: imports, re-imports, compaction, pruning of one small catalog."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geobuk.data.atomic import write_lock
from geobuk.data.catalog import Catalog
from geobuk.data.compaction import compact
from geobuk.data.importer import ImportSpec, import_file
from geobuk.data.layout import series_key
from geobuk.data.pruning import prune

VENUE = "synthetic"
KEYS = [series_key(VENUE, name, "bars", "1h") for name in ("AUSDT", "BUSDT")]
FILE_CALLS = ("open", "fsync", "replace", "rename", "unlink", "rmdir", "mkdir")
"""Calls by which files get and lose their names and become durable."""


@dataclass(frozen=True)
class Task:
    """``kind`` is import, compact or prune; ``files`` are imported one after the other.

    ``die_at`` is the number of the call to the file system before which the process kills itself, 0 for never.
    """

    root: Path
    kind: str
    files: tuple[Path, ...] = ()
    now_ns: int = 0
    before_ns: int = 0
    die_at: int = 0


@dataclass(frozen=True)
class StandingClock:
    """Always the same moment."""

    at: int

    def now_ns(self) -> int:
        return self.at


def work(task: Task) -> None:
    """Run a task to its end, or to the process's."""
    if task.die_at:
        die_before_call(task.die_at)
    catalog = Catalog(task.root)
    if task.kind == "import":
        for path in task.files:
            import_file(catalog, ImportSpec(path, VENUE, interval="1h", is_synthetic=True), StandingClock(task.now_ns))
    elif task.kind == "compact":
        compact(catalog, KEYS)
    elif task.kind == "prune":
        prune(catalog, KEYS, task.before_ns)


def hold_lock(root: Path, is_held: Any, may_go: Any) -> None:
    """Hold the write lock until told to go."""
    with write_lock(root):
        is_held.set()
        may_go.wait(60)


def die_before_call(number: int) -> None:
    """SIGKILL to this very process before its n-th change of the file system, counted over all threads."""
    left = [number]

    def counted(name: str) -> Callable[..., Any]:
        true = getattr(os, name)

        def call(*arguments: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return true(*arguments, **options)

        return call

    for name in FILE_CALLS:
        setattr(os, name, counted(name))
