"""What a person waits for at the prompt: the help, the first backtest after installation, and every later one."""

import os
import subprocess
import sys
from itertools import count
from pathlib import Path

from bench import Bench, CaseFailedError
from history_home import filled_home
from measuring import Figure, in_turns, seconds, timed

COMMAND = Path(sys.executable).parent / "geobuk"


def run(bench: Bench) -> list[Figure]:
    """Seconds of whole commands, from the shell to the finished HTML report of 20 instruments x 21,864 hourly bars."""
    home, files = filled_home(bench)
    report = bench.folder / "report.html"
    environment = {**os.environ, "GEOBUK_HOME": str(home)}
    backtest = ["backtest", "--strategy", "trend", "--venue", files.venue, "--interval", "1h", "--report", str(report)]
    caches = count()

    def command(*words: str, cache: str = "warm") -> float:
        variables = {**environment, "GEOBUK_CACHE": str(bench.folder / "kernels" / cache)}
        return timed(lambda: succeed([str(COMMAND), *words], variables))

    command(*backtest)
    (shown,) = in_turns(bench.repeats, lambda: command("--help"))
    (first,) = in_turns(2, lambda: command(*backtest, cache=f"empty-{next(caches)}"))
    (later,) = in_turns(5, lambda: command(*backtest))
    bench.notes.append(
        f"cold_start: {'synthetic' if files.is_synthetic else 'recorded'} bars; the report is "
        f"{report.stat().st_size / 2**20:.1f} MiB. The first backtest starts with no compiled kernel."
    )
    return [
        seconds("help", shown),
        seconds("first_backtest_to_report", first),
        seconds("later_backtest_to_report", later),
    ]


def succeed(command: list[str], variables: dict[str, str]) -> None:
    """Run a command; what it said is shown when it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=variables)
    if done.returncode:
        raise CaseFailedError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-1000:]}{done.stderr[-2000:]}"
        )
