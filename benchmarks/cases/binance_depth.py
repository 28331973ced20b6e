"""Depth updates applied to a local order book, frame bytes in: a recorded BTCUSDT morning, and small messages.

The recorded messages are the venue's fastest diff stream, 68 levels each in the middle; most streams send fewer.
"""

import sys
from time import perf_counter

from bench import ROOT, Bench, CaseFailedError, shared_data
from measuring import Figure, Timing, speed

from geobuk.venues.binance.local_book import BookOutcome, LocalBook

sys.path.insert(0, str(ROOT))
from tests.support.binance_frames import RecordedDepth, depth_reply, depth_update

SMALL = 100_000


def run(bench: Bench) -> list[Figure]:
    """Messages and level changes a second on one core; the recorded ones where the data is."""
    small = [update for _, update in small_updates()]
    best = depth_reply(
        0, [(f"{60000 - n}.0", "1") for n in range(1000)], [(f"{60001 + n}.0", "1") for n in range(1000)]
    )
    own = repeated(bench, best, small)
    figures = [speed("binance_depth_small", "messages/s", SMALL, own)]
    data = shared_data()
    if data is None or not (data / "ticks").is_dir():
        bench.notes.append("binance_depth: no recorded ticks, so only small messages of 2 levels were measured.")
        return figures
    day = RecordedDepth(data / "ticks")
    frames = [frame for last_id, frame in day.updates if last_id >= day.snapshot_id]
    own = repeated(bench, day.snapshot, frames)
    figures.append(speed("binance_depth_recorded", "messages/s", len(frames), own))
    figures.append(speed("binance_depth_recorded_levels", "level changes/s", day.level_changes, own))
    return figures


def small_updates() -> list[tuple[int, bytes]]:
    """Two levels a message, near the best prices."""
    return [
        (n + 1, depth_update((n + 1, n + 1, n), [(f"{59990 + n % 10}.0", f"{n % 7}.5")], [(f"{60001 + n % 9}.0", "2")]))
        for n in range(SMALL)
    ]


def repeated(bench: Bench, snapshot: bytes, frames: list[bytes]) -> Timing:
    """Seconds of each repeat, each with a fresh book."""
    return Timing(tuple(applied(snapshot, frames) for _ in range(bench.repeats)))


def applied(snapshot: bytes, frames: list[bytes]) -> float:
    """Apply all; every message must count."""
    book = LocalBook("BTCUSDT")
    book.on_snapshot(snapshot)
    start = perf_counter()
    outcomes = [book.on_update(frame) for frame in frames]
    seconds = perf_counter() - start
    if any(outcome is not BookOutcome.APPLIED for outcome in outcomes):
        raise CaseFailedError("a depth message was not applied")
    return seconds
