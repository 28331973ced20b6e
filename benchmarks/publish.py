"""What becomes of the figures: a table on the screen, rows in latest.json, and the table of README.md."""

import json
from pathlib import Path

from measuring import Figure
from rich.console import Console
from rich.table import Column, Table

HERE = Path(__file__).resolve().parent
LATEST = HERE / "latest.json"
README = HERE / "README.md"
BEGIN, END = "<!-- figures: written by run.py -->", "<!-- end of figures -->"
TITLES = ("case", "Geobuk", "unit", "rival", "rival's", "times better", "spread")


def show(console: Console, figures: list[Figure], notes: list[str]) -> None:
    """The table, then what has to be known to read it."""
    table = Table(Column(TITLES[0], no_wrap=True), *TITLES[1:])
    for figure in figures:
        table.add_row(*cells(figure))
    console.print(table)
    for note in notes:
        console.print(f"- {note}", highlight=False)


def write_latest(figures: list[Figure]) -> None:
    """Replace the measured rows of latest.json, keep the others, in one move."""
    measured = {figure.name: figure.as_row() for figure in figures}
    before = json.loads(LATEST.read_text(encoding="utf-8")) if LATEST.is_file() else []
    kept = [measured.pop(row["name"], row) for row in before]
    _replace(LATEST, json.dumps(kept + list(measured.values()), indent=2) + "\n")


def write_all(figures: list[Figure], notes: list[str], machine: str) -> None:
    """latest.json holds exactly these figures, and the README shows them with the machine and the notes."""
    _replace(LATEST, json.dumps([figure.as_row() for figure in figures], indent=2) + "\n")
    text = README.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    rows = [TITLES, ("---",) * len(TITLES), *(cells(figure) for figure in figures)]
    lines = [f"Machine: {machine}.", "", *(f"| {' | '.join(row)} |" for row in rows), "", *(f"- {n}" for n in notes)]
    _replace(README, f"{head}{BEGIN}\n{chr(10).join(lines)}\n{END}{rest.split(END)[1]}")


def cells(figure: Figure) -> tuple[str, ...]:
    """One row; a dash where there is no rival."""
    rival = f"{figure.rival} {figure.rival_version or ''}".strip() if figure.rival else "-"
    return (
        figure.name,
        amount(figure.value),
        figure.unit,
        rival,
        "-" if figure.rival_value is None else amount(figure.rival_value),
        "-" if figure.ratio is None else amount(figure.ratio),
        "-" if figure.spread is None else f"{figure.spread:.1%}",
    )


def amount(value: float) -> str:
    """Three significant digits, thousands set apart.

    >>> amount(15234567.0), amount(0.01234)
    ('15,200,000', '0.0123')
    """
    if abs(value) >= 1000:
        digits = len(str(int(abs(value)))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
