"""What a case works with: a folder, the rivals' processes, the market data if there is any, the number of repeats."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from measuring import Rival, Timing, in_turns, one_core
from rival_process import RivalFailedError, RivalProcess
from rivals_env import rivals_python

ROOT = Path(__file__).resolve().parent.parent


class CaseFailedError(Exception):
    """A case could not be measured, or what it measured is not comparable."""


@dataclass(frozen=True)
class RivalCall:
    """A function of benchmarks/rivals, its arguments, and the key of the seconds in its answer.

    ``environment`` is the one that has the package; with ``all_cores`` its libraries may use threads, as ours then do.
    """

    package: str
    function: str
    arguments: dict[str, Any]
    key: str = "seconds"
    environment: str = "rivals"
    all_cores: bool = False


@dataclass
class Bench:
    """Shared by all cases of one run. ``notes`` collects what a reader of the table has to know."""

    folder: Path
    rivals_python: Path | None
    repeats: int = 7
    notes: list[str] = field(default_factory=list)
    _processes: dict[tuple[str, bool], RivalProcess] = field(default_factory=dict)
    _pythons: dict[str, Path | None] = field(default_factory=dict)
    _versions: dict[str, str | None] = field(default_factory=dict)

    def store(self, name: str, **arrays: np.ndarray[Any, Any]) -> str:
        """Put arrays into a folder that the rivals read; returns its path."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for key, array in arrays.items():
            np.save(folder / f"{key}.npy", array)
        return str(folder)

    def load(self, name: str, key: str) -> np.ndarray[Any, Any]:
        """An array that a rival stored."""
        array: np.ndarray[Any, Any] = np.load(self.folder / name / f"{key}.npy")
        return array

    def compare(self, ours: Callable[[], float], *calls: RivalCall) -> tuple[Timing, list[Rival]]:
        """Ours and every rival that works, in turns, after one untimed call of each in which compilers work."""
        ours()
        working = [call for call in calls if self.ask(call) is not None]
        own, *theirs = in_turns(self.repeats, ours, *(lambda call=call: self._seconds(call) for call in working))
        return own, [self.rival(call.package, timing) for call, timing in zip(working, theirs, strict=True)]

    def ask(self, call: RivalCall) -> dict[str, Any] | None:
        """Call a rival in the long-lived process; None, and a note, where it is missing or fails."""
        python = self._python(call.environment)
        if python is None:
            return None
        place = (call.environment, call.all_cores)
        if place not in self._processes:
            self._processes[place] = RivalProcess(python, dict(os.environ) if call.all_cores else one_core())
        return self._answer(self._processes[place], call)

    def ask_fresh(self, call: RivalCall) -> dict[str, Any] | None:
        """Call a rival in a process of its own with all cores, so that its peak memory is its own."""
        if self.rivals_python is None:
            return None
        process = RivalProcess(self.rivals_python, dict(os.environ))
        try:
            return self._answer(process, call)
        finally:
            process.close()

    def rival(self, package: str, timing: Timing) -> Rival:
        """A rival with the version that was measured."""
        for process in self._processes.values():
            if self._versions.get(package) is None:
                self._versions.update(process.versions(package))
        return Rival(package, self._versions.get(package), timing)

    def close(self) -> None:
        """End the rivals' processes."""
        for process in self._processes.values():
            process.close()

    def _python(self, environment: str) -> Path | None:
        """Interpreter of an environment, made when it is first asked for; None without the network."""
        if environment == "rivals" or self.rivals_python is None:
            return self.rivals_python
        if environment not in self._pythons:
            self._pythons[environment] = rivals_python(environment)
        return self._pythons[environment]

    def _seconds(self, call: RivalCall) -> float:
        answer = self.ask(call)
        if answer is None:
            raise RivalFailedError(self.notes[-1])
        return float(answer[call.key])

    def _answer(self, process: RivalProcess, call: RivalCall) -> dict[str, Any] | None:
        try:
            return process.call(call.function, **call.arguments)
        except RivalFailedError as error:
            self.notes.append(f"{call.function} failed and is not measured: {error}")
            return None


def shared_data() -> Path | None:
    """The folder of real market data: $GEOBUK_SHARED_DATA or ../shared/data beside the project; None where absent."""
    folder = Path(os.environ.get("GEOBUK_SHARED_DATA") or ROOT.parent / "shared" / "data")
    return folder if (folder / "crypto").is_dir() else None
