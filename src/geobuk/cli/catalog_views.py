"""How the catalog is shown: as plain values for machines, as tables for people."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from geobuk.cli.output import console

if TYPE_CHECKING:
    from geobuk.data.catalog import SeriesEntry
    from geobuk.data.compaction import Compacted
    from geobuk.data.manifest import Source
    from geobuk.data.pruning import PrunePlan
    from geobuk.data.verification import Verified

_SHOWN = 12
"""Lines of a list that a person is shown."""


def size_text(size: int) -> str:
    """Bytes as a person says them.

    >>> size_text(12_345_678)
    '12.3 MB'
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size} B"


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
        "size": entry.size,
        "content_hash": entry.content_hash,
        "is_synthetic": entry.is_synthetic,
        "quarantine_reason": entry.quarantine_reason,
        "folder": str(entry.folder),
        "findings": entry.findings,
        "provenance": entry.provenance,
    }


def details_as_json(entry: "SeriesEntry") -> dict[str, Any]:
    """A stored series with its files."""
    return {**entry_as_json(entry), "revision": entry.revision, "files": entry.files}


def verified_as_json(verified: "Sequence[Verified]") -> dict[str, Any]:
    """What a verification found."""
    return {
        "ok": all(one.is_whole for one in verified),
        "files": sum(one.files for one in verified),
        "size": sum(one.size for one in verified),
        "series": [
            {
                **_key_as_json(one.key),
                "files": one.files,
                "size": one.size,
                "content_hash": one.content_hash,
                "is_whole": one.is_whole,
                "problems": one.problems,
            }
            for one in verified
        ],
    }


def compacted_as_json(done: "Sequence[Compacted]") -> dict[str, Any]:
    """What a compaction did."""
    return {
        "changed": sum(1 for one in done if one.is_changed),
        "series": [
            {
                **_key_as_json(one.key),
                "is_changed": one.is_changed,
                "files_before": one.files_before,
                "files_after": one.files_after,
                "bytes_before": one.bytes_before,
                "bytes_after": one.bytes_after,
                "content_hash": one.content_hash,
            }
            for one in done
        ],
    }


def plan_as_json(plan: "PrunePlan", *, is_done: bool) -> dict[str, Any]:
    """What was removed, or would be."""
    return {
        "is_done": is_done,
        "size": plan.size,
        "files": [{"path": str(one.path), "size": one.size, "reason": one.reason} for one in plan.leftovers],
        "rows": [{**_key_as_json(one.key), "rows": one.rows, "whole_series": one.is_whole} for one in plan.old_rows],
    }


def _key_as_json(key: Any) -> dict[str, str]:
    return {"venue": key.venue, "instrument": key.instrument, "kind": key.kind, "interval": key.interval}


def show_entries(series: "Sequence[SeriesEntry]") -> None:
    """Stored series as a table."""
    from rich.table import Table

    from geobuk.domain.times import at_text

    table = Table(box=None, header_style="bold")
    for title in ("venue", "instrument", "kind", "interval"):
        table.add_column(title, no_wrap=True)
    for title in ("rows", "masked", "size"):
        table.add_column(title, justify="right", no_wrap=True)
    for title in ("first (UTC)", "last (UTC)", ""):
        table.add_column(title, no_wrap=True)
    for one in series:
        table.add_row(
            one.venue,
            one.instrument,
            one.kind,
            one.interval,
            f"{one.rows:,}",
            f"{one.masked:,}" if one.masked else "",
            size_text(one.size),
            at_text(one.first_at_ns)[:10],
            at_text(one.last_at_ns)[:10],
            _state(one),
        )
    console().print(table)


def _state(entry: "SeriesEntry") -> str:
    if entry.is_quarantined:
        return "[red]quarantined[/red]"
    return "[magenta]synthetic[/magenta]" if entry.is_synthetic else ""


def show_details(entry: "SeriesEntry") -> None:
    """One series: what it is, where it came from, its files, its findings."""
    from rich.text import Text

    from geobuk.domain.times import at_text

    out = console()
    name = f"{entry.venue} {entry.instrument} {entry.kind} {entry.interval}"
    label = " (synthetic)" if entry.is_synthetic else ""
    out.print(Text(f"{name}{label}", style="bold"))
    if entry.is_quarantined:
        out.print(Text(f"  quarantined: {entry.quarantine_reason}", style="red"))
    span = f"{at_text(entry.first_at_ns)} to {at_text(entry.last_at_ns)} UTC"
    out.print(f"  {entry.rows:,} rows, {entry.masked:,} masked, {span}", soft_wrap=True)
    out.print(f"  content {entry.content_hash or 'not known before the next import or `geobuk data compact`'}")
    out.print(Text(f"  {len(entry.files)} files, {size_text(entry.size)}, version {entry.revision}: {entry.folder}"))
    for file in entry.files[-_SHOWN:]:
        out.print(Text(f"    {file.name}  {file.rows:,} rows  {size_text(file.size)}  sha256 {file.sha256[:16]}"))
    out.print("  from")
    for source in entry.provenance[-_SHOWN:]:
        out.print(Text(f"    {_source_text(source)}"), soft_wrap=True)
    for finding in entry.findings[:_SHOWN]:
        out.print(Text(f"  {finding.code} → {finding.consequence}: {finding.text}"), soft_wrap=True)
    if len(entry.findings) > _SHOWN:
        out.print(f"  and {len(entry.findings) - _SHOWN} more findings: geobuk data check --venue {entry.venue}")


def _source_text(source: "Source") -> str:
    from geobuk.domain.times import at_text

    text = source.file
    if source.rows:
        text += f": {source.rows:,} rows, {at_text(source.first_at_ns)} to {at_text(source.last_at_ns)}"
    if source.fetched_at_ns:
        text += f", fetched {at_text(source.fetched_at_ns)} from {source.url}"
    return f"{text}, imported {at_text(source.imported_at_ns)}, sha256 {source.sha256[:16]}"


def show_verified(verified: "Sequence[Verified]") -> None:
    """Series with problems, and how many are whole."""
    from rich.text import Text

    out = console()
    broken = [one for one in verified if not one.is_whole]
    for one in broken:
        out.print(Text(f"damaged    {one.key}", style="red"))
        for problem in one.problems:
            out.print(Text(f"           {problem}"), soft_wrap=True)
    files, size = sum(one.files for one in verified), sum(one.size for one in verified)
    out.print(f"{len(verified)} series in {files} files ({size_text(size)}): {len(broken)} damaged.")
    if broken:
        out.print("Delete the folder of a damaged series (`geobuk data show SERIES` names it) and import it again.")


def show_compacted(done: "Sequence[Compacted]") -> None:
    """Series that changed, and how many did not."""
    from rich.text import Text

    out = console()
    changed = [one for one in done if one.is_changed]
    for one in changed:
        files = f"{one.files_before} → {one.files_after} files"
        out.print(Text(f"{one.key}  {files}, {size_text(one.bytes_before)} → {size_text(one.bytes_after)}"))
    out.print(f"{len(changed)} of {len(done)} series written anew; the others were compact already.")
    if changed:
        out.print(
            "The files of before stay for whoever reads them, until the next import or `geobuk data prune --yes`."
        )


def show_plan(plan: "PrunePlan", *, is_done: bool) -> None:
    """What was removed, or would be."""
    from rich.text import Text

    out = console()
    for rows in plan.old_rows:
        out.print(Text(rows.text))
    for one in plan.leftovers[:_SHOWN]:
        out.print(Text(f"{size_text(one.size):>9}  {one.path}  ({one.reason})"), soft_wrap=True)
    if len(plan.leftovers) > _SHOWN:
        out.print(f"  and {len(plan.leftovers) - _SHOWN} more files")
    count, rows_gone = len(plan.leftovers), sum(one.rows for one in plan.old_rows)
    what = f"{count} leftover files ({size_text(plan.size)}) and {rows_gone:,} rows"
    out.print(f"{what} removed." if is_done else f"{what} would be removed; do it with --yes.")
