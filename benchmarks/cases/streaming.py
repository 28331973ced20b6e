"""1-minute bars of 25 instruments out of the catalog, stretch by stretch: memory in the length of history, and speed.

Each run has a process of its own. The rival is Geobuk itself with the whole history in memory.
"""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from bench import Bench, CaseFailedError
from history_home import as_table
from markets import random_walk
from measuring import Figure, Rival, Timing, speed

from cases.history_minutes import VENUE, import_minutes, quoted
from geobuk.panel import Panel

BARS, INSTRUMENTS, REPEATS = 65_536, 25, 3
LENGTHS = (1, 4, 16)
CHILD = Path(__file__).resolve().parent.parent / "our_stream.py"


def run(bench: Bench) -> list[Figure]:
    """Symbol-bars a second at each length, beside the whole in memory at the first two; peak memory at each."""
    home = bench.folder / "streaming-home"
    fill(bench, home)
    figures = []
    for length in LENGTHS:
        answers = [asked(home, length, is_streamed=True) for _ in range(REPEATS)]
        wholes = [asked(home, length, is_streamed=False) for _ in range(REPEATS)] if length < LENGTHS[-1] else []
        if wholes and {a["equity"] for a in answers} != {a["equity"] for a in wholes}:
            raise CaseFailedError(f"streaming gives {answers[0]['equity']}, the whole {wholes[0]['equity']}")
        rival = Rival("in memory", "itself", Timing(tuple(a["seconds"] for a in wholes))) if wholes else None
        ours = Timing(tuple(a["seconds"] for a in answers))
        figures.append(speed(f"streamed_{length}x", "symbol-bars/s", length * BARS * INSTRUMENTS, ours, rival))
        peak = max(a["peak_bytes"] for a in answers) / 2**20
        figures.append(Figure(f"streamed_{length}x_memory", peak, "MiB"))
    shutil.rmtree(home)
    bench.notes.append(f"streaming: 1x are {BARS:,} bars of {INSTRUMENTS} instruments, decisions every hour.")
    return figures


def fill(bench: Bench, home: Path) -> None:
    """Append the longest history piece by piece: each goes on at the prices where the one before it ended."""
    file, last = bench.folder / "piece.parquet", np.full(INSTRUMENTS, 100.0)
    for piece in range(LENGTHS[-1]):
        panel = moved(random_walk(BARS, INSTRUMENTS, "1m", seed=piece + 1), last / 100.0, piece * BARS)
        as_table(panel).write_parquet(file)
        import_minutes(home, file)
        last = panel.close[-1]
    file.unlink()


def moved(panel: Panel, factor: np.ndarray, bars: int) -> Panel:
    """The same bars at ``factor`` times the price, ``bars`` later."""
    prices = {name: getattr(panel, name) * factor for name in ("open", "high", "low", "close")}
    return quoted(replace(panel, at_ns=panel.at_ns + bars * panel.interval_ns, **prices))


def asked(home: Path, length: int, *, is_streamed: bool) -> dict[str, float]:
    """One run in a fresh process."""
    arguments = json.dumps({"home": str(home), "venue": VENUE, "bars": length * BARS, "is_streamed": is_streamed})
    done = subprocess.run([sys.executable, str(CHILD), arguments], check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer
