"""An hour of emulator and adapter, each in its own process: does either one's memory grow?

python benchmarks/soak.py                 one hour; exit code 1 where a process grows
python benchmarks/soak.py --seconds 300   shorter, and less sure
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from emulator_process import Settings, emulator
from measuring import machine, one_core

HERE = Path(__file__).resolve().parent
KEPT = 200
"""Orders, fills and prints that both sides remember: small, so that every bound is reached within the warm-up."""
LIMIT_MB_AN_HOUR = 4.0
LEAST_MB = 3.0
"""What an allocator may do for its own reasons; less than this in the whole run is no growth."""
SAMPLE_SECONDS = 10.0
WARM_UP_SECONDS = 300.0
START_SECONDS = 180.0


@dataclass
class Samples:
    """Resident memory of one process, in MB, by seconds from the start."""

    name: str
    pid: int
    at: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)

    def take(self, at: float) -> None:
        self.at.append(at)
        self.mb.append(resident_mb(self.pid))

    @property
    def slope(self) -> float:
        """MB an hour: the median of the slopes between all pairs of samples (Theil 1950, Sen 1968)."""
        at, mb = np.array(self.at), np.array(self.mb)
        first, second = np.triu_indices(len(at), 1)
        return float(np.median((mb[second] - mb[first]) / (at[second] - at[first]))) * 3600

    @property
    def is_growing(self) -> bool:
        return self.slope > LIMIT_MB_AN_HOUR and self.slope * (self.at[-1] - self.at[0]) / 3600 > LEAST_MB

    def line(self) -> str:
        """The verdict."""
        verdict = "GROWING" if self.is_growing else "FLAT"
        return (
            f"{self.name:9} start {self.mb[0]:7.1f} MB  end {self.mb[-1]:7.1f} MB  most {max(self.mb):7.1f} MB  "
            f"slope {self.slope:+6.2f} MB/h over {(self.at[-1] - self.at[0]) / 60:.1f} min  {verdict}"
        )


def resident_mb(pid: int) -> float:
    """From /proc; 2^20 bytes. Raises FileNotFoundError where the process has ended."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def soak(seconds: float) -> int:
    """Run both, sample them, tell; 0 where both stay flat."""
    warm_up = min(WARM_UP_SECONDS, seconds / 10)
    print(f"{machine()}\n{seconds:.0f} s, of which {warm_up:.0f} s are warm-up", flush=True)
    settings = Settings(instruments=("BTCUSDT", "ETHUSDT"), kept=KEPT, is_limited=True)
    with tempfile.TemporaryDirectory(prefix="geobuk-soak-") as folder, emulator(settings) as (base_url, pid):
        arguments = json.dumps({"base_url": base_url, "folder": folder, "kept": KEPT})
        client = subprocess.Popen(
            [sys.executable, str(HERE / "soak_client.py"), arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=one_core(),
        )
        assert client.stdin is not None
        assert client.stdout is not None
        told: list[str] = [""]
        reader = threading.Thread(target=keep_last, args=(client.stdout, told), daemon=True)
        reader.start()
        try:
            await_first_line(told)
            both = [Samples("emulator", pid), Samples("adapter", client.pid)]
            is_whole = watch(both, client, told, (warm_up, seconds))
        finally:
            client.stdin.close()
            client.wait(timeout=60)
            reader.join(timeout=10)
    return verdict(both, told[0], is_whole=is_whole and client.returncode == 0)


def await_first_line(told: list[str]) -> None:
    """The time starts when the client works: it may have to compile first."""
    deadline = time.monotonic() + START_SECONDS
    while not told[0] and time.monotonic() < deadline:
        time.sleep(0.5)


def watch(both: list[Samples], client: "subprocess.Popen[str]", told: list[str], span: tuple[float, float]) -> bool:
    """Sample until the time is over; False where a process ended before."""
    warm_up, seconds = span
    start = time.monotonic()
    at = warm_up
    while at <= seconds:
        while (left := start + at - time.monotonic()) > 0:
            if client.poll() is not None:
                return False
            time.sleep(min(left, 1.0))
        try:
            for one in both:
                one.take(at)
        except FileNotFoundError:
            return False
        memory = "  ".join(f"{one.name} {one.mb[-1]:.1f} MB" for one in both)
        print(f"{at:6.0f} s  {memory}  {told[0]}", flush=True)
        at += SAMPLE_SECONDS
    return True


def verdict(both: list[Samples], told: str, *, is_whole: bool) -> int:
    """Say how it went; the exit code."""
    print(f"counts: {told}")
    if not is_whole or any(len(one.at) < 3 for one in both):
        print("A process ended before its time, or with an error: no verdict.")
        return 2
    for one in both:
        print(one.line())
    print(f"limit: {LIMIT_MB_AN_HOUR} MB/h, and {LEAST_MB} MB in the whole run")
    return 1 if any(one.is_growing for one in both) else 0


def keep_last(lines: IO[str], told: list[str]) -> None:
    """The client's newest line."""
    for line in lines:
        told[0] = line.strip()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    sys.exit(soak(parser.parse_args().seconds))
