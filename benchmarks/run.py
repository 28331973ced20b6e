"""Measure Geobuk against its rivals: prints a table, writes benchmarks/latest.json and the table of README.md.

python benchmarks/run.py                 every case
python benchmarks/run.py portfolio sweep only cases whose name holds one of the words; latest.json keeps the rest
"""

import importlib
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench import Bench, shared_data
from measuring import Figure, machine
from publish import show, write_all, write_latest
from rich.console import Console
from rivals_env import rivals_python

CASES = (
    "portfolio_every_bar",
    "portfolio_every_bar_full_risk",
    "portfolio_hourly_decisions",
    "sma_crossover_single",
    "sma_crossover_event_driven",
    "sweep_1000",
    "cold_start",
    "history",
    "history_minutes",
    "streaming",
    "download",
    "decision_row",
    "check_var_limit",
    "regime_step",
    "matching_book",
    "matching_engine",
    "binance_stream",
    "binance_depth",
    "binance_round_trip",
    "emulator_load",
)


def main(words: list[str]) -> int:
    """Run the chosen cases; 0 when every one of them gave figures."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    chosen = [case for case in CASES if not words or any(word in case for word in words)]
    if not chosen:
        console.print(f"no case is named like {' or '.join(words)}; there are {', '.join(CASES)}")
        return 2
    about = machine()
    console.print(f"[bold]{about}[/bold]")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="geobuk-bench-") as folder:
        bench = Bench(Path(folder), rivals_python())
        if shared_data() is None:
            bench.notes.append("No real market data was found (GEOBUK_SHARED_DATA): every case ran on synthetic bars.")
        try:
            failed = [case for case in chosen if not measured(case, bench, figures, console)]
        finally:
            bench.close()
    show(console, figures, bench.notes)
    if failed or words:
        write_latest(figures)
    else:
        write_all(figures, bench.notes, about)
    return 1 if failed else 0


def measured(case: str, bench: Bench, figures: list[Figure], console: Console) -> bool:
    """Run one case and take its figures; a case that fails is told and does not cost the others theirs."""
    start = perf_counter()
    try:
        with console.status(f"measuring {case}"):
            figures += importlib.import_module(f"cases.{case}").run(bench)
    except Exception:
        console.print_exception(max_frames=6)
        bench.notes.append(f"{case} FAILED and gave no figures.")
        return False
    console.print(f"[dim]{case}: {perf_counter() - start:.0f} s[/dim]")
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
