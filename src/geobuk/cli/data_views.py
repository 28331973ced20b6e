"""How `geobuk data` shows what was found: as plain values for machines, as tables for people."""

from typing import TYPE_CHECKING, Any

from geobuk.cli.output import console

if TYPE_CHECKING:
    from geobuk.data.importer import ImportReport
    from geobuk.data.instruments import RulesImport

VERDICT_STYLES = {"pass": "green", "mask": "yellow", "quarantine": "red"}


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
        "judged_again": report.judged_again,
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


def show_import(report: "ImportReport") -> None:
    """What an import did, with the first findings."""
    from rich.text import Text

    out = console()
    out.print(Text(report.text))
    for one in report.refused:
        out.print(Text(f"  {one.refusal}", style="red"))
    for finding in report.findings[:20]:
        out.print(
            Text(f"  {finding.code} → {finding.consequence}: {finding.text}", style=VERDICT_STYLES[finding.consequence])
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
