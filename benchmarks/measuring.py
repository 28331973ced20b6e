"""How a figure is made: both sides in turns, several times, the median of each and how far apart the repeats lie."""

import os
import platform
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any


@dataclass(frozen=True)
class Timing:
    """Seconds of each repeat."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle repeat."""
        return statistics.median(self.seconds)

    @property
    def spread(self) -> float:
        """Interquartile range over the median: half of all repeats lie within it."""
        if len(self.seconds) < 3:
            return (max(self.seconds) - min(self.seconds)) / self.median
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return (high - low) / self.median


@dataclass(frozen=True)
class Figure:
    """One row of benchmarks/latest.json.

    ``ratio`` says how many times better than the rival, whichever direction is better; the rival's fields are None
    where there is none. ``spread`` is of our own repeats, as a share of the median.
    """

    name: str
    value: float
    unit: str
    rival: str | None = None
    rival_version: str | None = None
    rival_value: float | None = None
    ratio: float | None = None
    spread: float | None = None

    def as_row(self) -> dict[str, Any]:
        """The JSON form, to six significant digits."""
        return {key: _rounded(value) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True)
class Rival:
    """Who a figure is compared with."""

    name: str
    version: str | None
    timing: Timing


def speed(name: str, unit: str, work: float, ours: Timing, rival: Rival | None = None, rival_work: float = 0) -> Figure:
    """``work`` per second; larger is better. ``rival_work`` where the rival was given less to do."""
    value = work / ours.median
    if rival is None:
        return Figure(name, value, unit, spread=ours.spread)
    theirs = (rival_work or work) / rival.timing.median
    return Figure(name, value, unit, rival.name, rival.version, theirs, value / theirs, ours.spread)


def seconds(name: str, ours: Timing, rival: Rival | None = None) -> Figure:
    """A duration; smaller is better."""
    if rival is None:
        return Figure(name, ours.median, "s", spread=ours.spread)
    theirs = rival.timing.median
    return Figure(name, ours.median, "s", rival.name, rival.version, theirs, theirs / ours.median, ours.spread)


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = perf_counter()
    action()
    return perf_counter() - start


def in_turns(repeats: int, *sides: Callable[[], float]) -> list[Timing]:
    """Run all sides once a round, so that a busy machine hits each alike; a side returns its own seconds."""
    rounds = [[side() for side in sides] for _ in range(repeats)]
    return [Timing(tuple(column)) for column in zip(*rounds, strict=True)]


def peak_bytes() -> int:
    """Largest resident memory of this process so far.

    From /proc: what getrusage calls the peak is handed on by the process that started this one.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) * 1024


def one_core() -> dict[str, str]:
    """Environment in which neither side's libraries start threads of their own."""
    single = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")
    return {**os.environ, **dict.fromkeys(single, "1")}


def machine() -> str:
    """Processor, cores, memory and Python of this machine."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    except (OSError, StopIteration, ValueError):
        return f"{platform.processor() or platform.machine()}, Python {platform.python_version()}"
    cores = len(os.sched_getaffinity(0))
    load = os.getloadavg()[0]
    return (
        f"{model}, {cores} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}, "
        f"load {load:.1f} at the start"
    )


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")
