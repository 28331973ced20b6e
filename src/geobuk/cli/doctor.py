"""`geobuk doctor`: what is missing on this machine, and how to mend it."""

from typing import TYPE_CHECKING

import typer

from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Json
from geobuk.cli.output import console, print_json

if TYPE_CHECKING:
    from geobuk.ops.doctor import Check

_MARKS = {"ok": "[green]✔[/green]", "warn": "[yellow]![/yellow]", "fail": "[red]✘[/red]"}


def doctor(json_: Json = False) -> None:
    """Look at this machine: what is missing, and how to mend it.

    Exits with 5 when something that Geobuk needs is missing; warnings leave it at 0.

    [bold]Examples[/bold]
    $ geobuk doctor
    $ geobuk doctor --json
    """
    from geobuk.app.diagnosis import diagnose

    checks = diagnose()
    failed = [check for check in checks if check.status == "fail"]
    if json_:
        print_json({"ok": not failed, "checks": checks})
    else:
        _show(checks)
    if failed:
        raise typer.Exit(ExitCode.ENVIRONMENT)


def _show(checks: "list[Check]") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, padding=(0, 1))
    for check in checks:
        text = Text(check.text)
        if check.cure:
            text.append(f"\n→ {check.cure}", style="green")
        table.add_row(_MARKS[check.status], check.name, text)
    out = console()
    out.print(table)
    bad = [check for check in checks if check.status == "fail"]
    out.print(f"\n{len(bad)} to mend." if bad else "\nEverything Geobuk needs is here.")
