"""`geobuk data check`: looks at stored history again, says what may be used, and draws a report of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geobuk.cli.data_views import VERDICT_STYLES
from geobuk.cli.exit_codes import ExitCode
from geobuk.cli.options import Instruments, Json, chosen_language, names
from geobuk.cli.output import console, print_json
from geobuk.cli.progress import progress_bar
from geobuk.domain.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from geobuk.data.check import CheckRequest, SeriesCheck
    from geobuk.panel import Finding
    from geobuk.reports.texts import Language

_SEVERITY_STYLES = {"info": "dim", "warning": "yellow", "error": "red"}
_SENTENCES = 6
"""Findings that one series shows on the screen; the report and --json have all."""


def check(
    venue: Annotated[str, typer.Option("--venue", metavar="NAME", help="Only this venue.")] = "",
    interval: Annotated[str, typer.Option("--interval", metavar="LENGTH", help="Only bars of this length.")] = "",
    instruments: Instruments = "",
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write an illustrated HTML report there.")
    ] = None,
    tape: Annotated[
        Path | None, typer.Option("--tape", metavar="FILE", help="Check a recorded tape (Parquet) instead.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", metavar="en|ko", help="Language of the sentences.")] = "en",
    json_: Json = False,
) -> None:
    """Check stored history again: are the files whole, and what does the quality gate say?

    Exits with 3 when a series must not be used (quarantined).

    [bold]Examples[/bold]
    $ geobuk data check
    $ geobuk data check --venue binance --interval 1h --report check.html
    $ geobuk data check --venue krx --lang ko
    $ geobuk data check --tape trades.parquet --json
    """
    from geobuk.data.check import CheckRequest

    language = chosen_language(lang)
    if tape is not None:
        _check_tape(tape, language, json_=json_)
        return
    request = CheckRequest(venue, interval, names(instruments), with_sketches=report is not None)
    checks, written = _perform(request, report, language, quiet=json_)
    quarantined = sum(one.verdict == "quarantine" for one in checks)
    if json_:
        print_json(
            {
                "ok": quarantined == 0,
                "quarantined": quarantined,
                "report": None if written is None else str(written),
                "series": [check_as_json(one) for one in checks],
            }
        )
    else:
        show_checks(console(), checks, language)
        if written is not None:
            console().print(f"Report: {written}", soft_wrap=True)
    if quarantined:
        raise typer.Exit(ExitCode.QUARANTINED)


def _perform(
    request: "CheckRequest", report: Path | None, language: "Language", *, quiet: bool
) -> "tuple[list[SeriesCheck], Path | None]":
    from geobuk.app.check_history import check_stored, write_check_report
    from geobuk.app.home import default_home

    if report is not None and (report.is_dir() or not report.parent.is_dir()):
        why = "is a folder" if report.is_dir() else f"lies in {report.parent}, which is no folder"
        raise UserError(f"the report can't be written: {report} {why}", cure="name a file in a folder that exists")
    with progress_bar(quiet=quiet) as progress:
        checks = check_stored(default_home(), request, progress)
    return checks, None if report is None else write_check_report(checks, report, request, lang=language)


def _check_tape(path: Path, language: "Language", *, json_: bool) -> None:
    from geobuk.app.check_history import check_tape_file

    findings = check_tape_file(path)
    if json_:
        print_json({"ok": not findings, "tape": str(path), "findings": findings})
        return
    out = console()
    for finding in findings:
        _print_finding(out, finding, language)
    if not findings:
        out.print(f"{path.name}: nothing was found.")


def check_as_json(check: "SeriesCheck") -> dict[str, Any]:
    """A series looked at again."""
    return {
        "venue": check.key.venue,
        "instrument": check.key.instrument,
        "kind": check.key.kind,
        "interval": check.key.interval,
        "rows": check.rows,
        "masked": check.masked,
        "verdict": check.verdict,
        "is_intact": check.is_intact,
        "quarantine_reason": check.quarantine_reason,
        "findings": check.findings,
    }


def show_checks(out: "Console", checks: "list[SeriesCheck]", language: "Language") -> None:
    """A table of the series, then what was found in each."""
    from rich.text import Text

    out.print(_table(checks))
    for one in checks:
        if one.findings:
            out.print(Text(f"\n{one.key}", style=VERDICT_STYLES[one.verdict]))
            for finding in one.findings[:_SENTENCES]:
                _print_finding(out, finding, language)
            if len(one.findings) > _SENTENCES:
                out.print(f"  and {len(one.findings) - _SENTENCES} more (--report or --json have all)")
    verdicts = [one.verdict for one in checks]
    counts = f"{verdicts.count('pass')} clean, {verdicts.count('mask')} with masked bars"
    out.print(f"\n{len(checks)} series: {counts}, {verdicts.count('quarantine')} quarantined.")


def _table(checks: "list[SeriesCheck]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for title, justify in (("series", "left"), ("rows", "right"), ("masked", "right"), ("verdict", "left")):
        table.add_column(title, justify="right" if justify == "right" else "left", no_wrap=True)
    table.add_column("findings")
    for one in checks:
        counted: dict[str, int] = {}
        for finding in one.findings:
            counted[finding.code] = counted.get(finding.code, 0) + finding.count
        table.add_row(
            Text(str(one.key)),
            f"{one.rows:,}",
            f"{one.masked:,}" if one.masked else "",
            Text(one.verdict, style=VERDICT_STYLES[one.verdict]),
            ", ".join(f"{code} {count:,}" for code, count in counted.items()),
        )
    return table


def _print_finding(out: "Console", finding: "Finding", language: "Language") -> None:
    from rich.padding import Padding
    from rich.text import Text

    text = finding.text_ko if language == "ko" and finding.text_ko else finding.text
    line = Text.assemble(
        (f"{finding.severity} ", _SEVERITY_STYLES[finding.severity]), (f"{finding.code} ", "bold"), text
    )
    out.print(Padding(line, (0, 0, 0, 2)))
