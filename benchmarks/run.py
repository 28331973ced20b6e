"""Measure Geobuk against its rivals: prints a table and writes benchmarks/latest.json.

python benchmarks/run.py                 every case
python benchmarks/run.py portfolio sweep only the cases whose name holds one of these words; latest.json keeps the rest
"""

import importlib
import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench import Bench, shared_data
from measuring import Figure, machine
from rich.console import Console
from rich.table import Column, Table
from rivals_env import rivals_python

HERE = Path(__file__).resolve().parent
LATEST = HERE / "latest.json"
CASES = (
    "portfolio_every_bar",
    "portfolio_hourly_decisions",
    "sma_crossover_single",
    "sma_crossover_event_driven",
    "sweep_1000",
    "cold_start",
    "history",
)


def main(words: list[str]) -> int:
    """Run the chosen cases; 0 when every one of them gave figures."""
    console = Console(width=None if sys.stdout.isatty() else 150)
    chosen = [case for case in CASES if not words or any(word in case for word in words)]
    if not chosen:
        console.print(f"no case is named like {' or '.join(words)}; there are {', '.join(CASES)}")
        return 2
    console.print(f"[bold]{machine()}[/bold]")
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
    write(figures)
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


def show(console: Console, figures: list[Figure], notes: list[str]) -> None:
    """The table, then what has to be known to read it."""
    table = Table(Column("case", no_wrap=True), "Geobuk", "unit", "rival", "rival's", "times better", "spread")
    for figure in figures:
        rival = f"{figure.rival} {figure.rival_version or ''}".strip() if figure.rival else "-"
        table.add_row(
            figure.name,
            amount(figure.value),
            figure.unit,
            rival,
            "-" if figure.rival_value is None else amount(figure.rival_value),
            "-" if figure.ratio is None else amount(figure.ratio),
            "-" if figure.spread is None else f"{figure.spread:.1%}",
        )
    console.print(table)
    for note in notes:
        console.print(f"- {note}", highlight=False)


def amount(value: float) -> str:
    """Three significant digits, thousands set apart.

    >>> amount(15234567.0), amount(0.01234)
    ('15,200,000', '0.0123')
    """
    if abs(value) >= 1000:
        digits = len(str(int(abs(value)))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def write(figures: list[Figure]) -> None:
    """Replace the measured rows of latest.json, keep the others, in one move."""
    measured = {figure.name: figure.as_row() for figure in figures}
    before = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.is_file() else []
    kept = [measured.pop(row["name"], row) for row in before]
    draft = LATEST.with_suffix(".json.tmp")
    draft.write_text(json.dumps(kept + list(measured.values()), indent=2) + "\n", encoding="utf-8")
    draft.replace(LATEST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
