"""What the cases about single calls share: how long each call takes, in the middle and at the 99th percentile."""

from collections.abc import Callable
from statistics import median
from time import perf_counter_ns
from typing import NamedTuple

import numpy as np
from bench import Bench, RivalCall
from measuring import Figure, Timing


class Latency(NamedTuple):
    """Seconds of a call: the median and the 99th percentile of many."""

    median: float
    p99: float


class Against(NamedTuple):
    """A rival's call, the end of the figures' names, and what it is called in the table."""

    call: RivalCall
    suffix: str
    label: str


def timed_calls(calls: int, prepare: Callable[[int], object], act: Callable[[], object]) -> Latency:
    """Time ``act`` after each untimed ``prepare``."""
    spent = np.empty(calls)
    for k in range(calls):
        prepare(k)
        start = perf_counter_ns()
        act()
        spent[k] = perf_counter_ns() - start
    middle, slow = np.percentile(spent * 1e-9, [50.0, 99.0])
    return Latency(float(middle), float(slow))


def compared(bench: Bench, name: str, ours: Callable[[], Latency], *rivals: Against) -> list[Figure]:
    """Figures in microseconds, ours and every rival's in turns; one without a rival where none works."""
    ours()
    working = [one for one in rivals if bench.ask(one.call) is not None]
    own: list[Latency] = []
    theirs: dict[str, list[Latency]] = {one.suffix: [] for one in working}
    for _ in range(bench.repeats):
        own.append(ours())
        for one in working:
            answer = bench.ask(one.call)
            if answer is not None:
                theirs[one.suffix].append(Latency(answer["seconds"], answer.get("p99", answer["seconds"])))
    figures = []
    for one in working:
        version = bench.rival(one.call.package, Timing((1.0,))).version
        for part in ("median", "p99"):
            value, spread = _middle(own, part)
            rival, _ = _middle(theirs[one.suffix], part)
            end = "" if part == "median" else "_p99"
            figures.append(
                Figure(f"{name}{one.suffix}{end}", value, "µs", one.label, version, rival, rival / value, spread)
            )
    if not working:
        figures = [Figure(name, _middle(own, "median")[0], "µs"), Figure(f"{name}_p99", _middle(own, "p99")[0], "µs")]
    return figures


def _middle(rounds: list[Latency], part: str) -> tuple[float, float]:
    """The median of the rounds in microseconds, and their spread."""
    seconds = [getattr(one, part) for one in rounds]
    return median(seconds) * 1e6, Timing(tuple(seconds)).spread
