"""1,000 SMA pairs over 100,000 bars of one instrument on two cores: time and peak memory, each side in fresh processes.

vectorbt holds all pairs of a call in memory at once, so it gets 50 pairs a call and its time is scaled to 1,000; that
favours it, because a real user would also pay for 20 calls' worth of collecting. Its memory is not scaled.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench import Bench, RivalCall
from markets import random_walk
from measuring import Figure, Rival, Timing, speed

from cases.crossover import CAPITAL, FEE, without_marks_and_funding

BARS, PAIRS, RIVAL_PAIRS, WORKERS, REPEATS = 100_000, 1000, 50, 2, 3
CHILD = Path(__file__).resolve().parent.parent / "our_sweep.py"
GRID = [(fast, slow) for fast in range(5, 55) for slow in range(60, 260, 10)]


def run(bench: Bench) -> list[Figure]:
    """Symbol-bars a second and megabytes, for the whole sweep."""
    panel = without_marks_and_funding(random_walk(BARS, 1, "1m"))
    folder = bench.store(
        "sweep",
        at_ns=panel.at_ns,
        open=panel.open[:, 0],
        close=panel.close[:, 0],
        pairs=np.array(GRID[:: PAIRS // RIVAL_PAIRS]),
    )
    call = RivalCall(
        "vectorbt", "vectorbt_sweep:measure", {"folder": folder, "pairs": RIVAL_PAIRS, "fee": FEE, "capital": CAPITAL}
    )
    our_sweep(GRID[:2])  # compilers work here, not in the processes that are measured
    bench.ask_fresh(replace(call, arguments={**call.arguments, "pairs": 2}))
    our_answers, rival_answers = [], []
    for _ in range(REPEATS):
        our_answers.append(our_sweep(GRID))
        answer = bench.ask_fresh(call)
        if answer is not None:
            rival_answers.append(answer)
    ours = Timing(tuple(answer["seconds"] for answer in our_answers))
    memory = max(answer["peak_bytes"] for answer in our_answers) / 2**20
    rival = bench.rival("vectorbt", Timing(tuple(a["seconds"] for a in rival_answers))) if rival_answers else None
    bench.notes.append(f"sweep_1000: vectorbt ran {RIVAL_PAIRS} of the {PAIRS} pairs a call; Geobuk ran all {PAIRS}.")
    return [
        speed("sweep_1000", "symbol-bars/s", BARS * PAIRS, ours, rival, rival_work=BARS * RIVAL_PAIRS),
        memory_figure(memory, rival, rival_answers),
    ]


def our_sweep(pairs: list[tuple[int, int]]) -> dict[str, float]:
    """Our sweep in a fresh process."""
    arguments = json.dumps({"bars": BARS, "pairs": pairs, "workers": WORKERS})
    done = subprocess.run(
        [sys.executable, str(CHILD), arguments], check=True, capture_output=True, text=True, env=dict(os.environ)
    )
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def memory_figure(ours: float, rival: Rival | None, answers: list[dict[str, float]]) -> Figure:
    """Peak resident memory of the whole process, libraries included."""
    if rival is None:
        return Figure("sweep_1000_memory", ours, "MiB")
    theirs = max(answer["peak_bytes"] for answer in answers) / 2**20
    return Figure("sweep_1000_memory", ours, "MiB", rival.name, rival.version, theirs, theirs / ours)
