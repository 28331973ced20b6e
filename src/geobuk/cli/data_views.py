"""How `geobuk data` shows what was found: as plain values for machines, as tables for people."""

from typing import TYPE_CHECKING, Any

from geobuk.cli.output import console

if TYPE_CHECKING:
    from geobuk.data.catalog import SeriesEntry
    from geobuk.data.check import SeriesCheck
    from geobuk.data.importer import ImportReport
    from geobuk.data.instruments import RulesImport

_VERDICT_STYLES = {"pass": "green", "mask": "yellow", "quarantine": "red"}


def import_as_json(report: "ImportReport") -> dict[str, Any]:
    """What an import did."""
    return {
        "text": report.text,
        "file": str(report.path),
        "source_sha256": report.source_sha256,
        "kind": report.kind,
        "mapping": report.mapping,
        "is_unchanged": report.is_unchanged,
        "rows_read": report.rows_read,
        "rows_new": report.rows_new,
        "series": report.series,
    }


def rules_as_json(report: "RulesImport") -> dict[str, Any]:
    """What an import of trading rules did."""
    return {
        "venue": report.snapshot.venue,
        "as_of": report.snapshot.as_of,
        "instruments": [instrument.name for instrument in report.snapshot.instruments],
        "brackets_from_file": report.brackets_from_file,
        "brackets_kept": report.brackets_kept,
        "brackets_assumed": report.brackets_assumed,
        "skipped": report.skipped,
        "file": str(report.path),
    }


def entry_as_json(entry: "SeriesEntry") -> dict[str, Any]:
    """A stored series."""
    from geobuk.domain.times import at_text

    return {
        "venue": entry.venue,
        "instrument": entry.instrument,
        "kind": entry.kind,
        "interval": entry.interval,
        "rows": entry.rows,
        "masked": entry.masked,
        "first": at_text(entry.first_at_ns),
        "last": at_text(entry.last_at_ns),
        "is_synthetic": entry.is_synthetic,
        "quarantine_reason": entry.quarantine_reason,
        "findings": entry.findings,
        "provenance": entry.provenance,
    }


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


def show_import(report: "ImportReport") -> None:
    """What an import did, with the first findings."""
    from rich.text import Text

    out = console()
    out.print(Text(report.text))
    for finding in report.findings[:20]:
        out.print(
            Text(
                f"  {finding.code} → {finding.consequence}: {finding.text}", style=_VERDICT_STYLES[finding.consequence]
            )
        )
    if len(report.findings) > 20:
        out.print(f"  and {len(report.findings) - 20} more: geobuk data check --venue {report.venue}")


def show_rules(report: "RulesImport") -> None:
    """What an import of trading rules did."""
    out = console()
    count = len(report.snapshot.instruments)
    out.print(f"{count} instruments of {report.snapshot.venue} as of {report.snapshot.as_of}: {report.path}")
    for names_, words in (
        (report.brackets_from_file, "with brackets from the file"),
        (report.brackets_kept, "keep the brackets known before"),
        (report.brackets_assumed, "have one cautious bracket, assumed from their margin percentages"),
        (report.skipped, "are left out: no trading perpetuals"),
    ):
        if names_:
            out.print(f"  {len(names_)} {words}: {', '.join(names_[:8])}{' ...' if len(names_) > 8 else ''}")


def show_entries(series: "list[SeriesEntry]") -> None:
    """Stored series as a table."""
    from rich.table import Table

    from geobuk.domain.times import at_text

    table = Table(box=None, header_style="bold")
    for title in ("venue", "instrument", "kind", "interval"):
        table.add_column(title, no_wrap=True)
    for title in ("rows", "masked"):
        table.add_column(title, justify="right", no_wrap=True)
    for title in ("first (UTC)", "last (UTC)", ""):
        table.add_column(title, no_wrap=True)
    for one in series:
        state = (
            "[red]quarantined[/red]"
            if one.is_quarantined
            else "[magenta]synthetic[/magenta]"
            if one.is_synthetic
            else ""
        )
        numbers = (f"{one.rows:,}", f"{one.masked:,}" if one.masked else "")
        table.add_row(
            one.venue,
            one.instrument,
            one.kind,
            one.interval,
            *numbers,
            at_text(one.first_at_ns)[:10],
            at_text(one.last_at_ns)[:10],
            state,
        )
    console().print(table)


def show_checks(checks: "list[SeriesCheck]", quarantined: int) -> None:
    """Series looked at again, each with its findings."""
    from rich.text import Text

    out = console()
    for one in checks:
        out.print(Text(f"{one.verdict:<11}{one.key}  {one.rows:,} rows", style=_VERDICT_STYLES[one.verdict]))
        for finding in one.findings:
            out.print(Text(f"           {finding.code}: {finding.text}"))
    masked = sum(1 for one in checks if one.verdict == "mask")
    clean = len(checks) - masked - quarantined
    out.print(f"{len(checks)} series: {clean} clean, {masked} with masked bars, {quarantined} quarantined.")
