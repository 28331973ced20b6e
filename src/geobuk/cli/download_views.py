"""How a download is told: the plan beforehand, the outcome afterwards; for machines and for people."""

from typing import TYPE_CHECKING, Any

from geobuk.cli.output import console

if TYPE_CHECKING:
    from rich.console import Console

    from geobuk.app.download import Downloaded
    from geobuk.data.sources.collect import SeriesOutcome
    from geobuk.data.sources.plan import Plan

_MOST_LINES = 40


def plan_as_json(plan: "Plan") -> dict[str, Any]:
    """What would be fetched."""
    from geobuk.domain.times import at_text

    return {
        "text": plan.text,
        "files": plan.files,
        "requests": plan.requests,
        "bytes": plan.bytes,
        "rows": plan.rows,
        "days_had": plan.days_had,
        "now": at_text(plan.now_ns),
        "notes": plan.notes,
        "series": [
            {
                "instrument": one.want.instrument,
                "kind": one.want.kind,
                "interval": one.want.interval,
                "files": [file.path for file in one.files],
                "requests": [[at_text(span.from_ns), at_text(span.to_ns)] for span in one.spans],
                "rows": one.rows,
                "days_had": one.days_had,
            }
            for one in plan.series
        ],
    }


def show_plan(plan: "Plan") -> None:
    """The plan for people: one line a series, then the sum."""
    from rich.table import Table

    out = console()
    busy = [one for one in plan.series if one.files or one.spans]
    if busy:
        table = Table("series", "files", "requests", "about MB", "about rows", "days there", box=None, pad_edge=False)
        for one in busy[:_MOST_LINES]:
            requests = sum(span.requests for span in one.spans)
            cells = (len(one.files), requests, f"{one.bytes / 1e6:,.1f}", f"{one.rows:,}", one.days_had)
            table.add_row(str(one.want.key), *(str(cell) for cell in cells))
        out.print(table)
        if len(busy) > _MOST_LINES:
            out.print(f"… and {len(busy) - _MOST_LINES} more series")
    for note in plan.notes:
        out.print(f"Note: {note}", markup=False)
    out.print(f"To fetch: {plan.text}.", markup=False)


def done_as_json(done: "Downloaded") -> dict[str, Any]:
    """What a download did."""
    return {
        "text": done.text,
        "ok": not done.failures,
        "rows_new": done.rows_new,
        "bytes": done.bytes,
        "plan": plan_as_json(done.plan),
        "series": [_outcome_as_json(one) for one in done.series],
        "failures": done.failures,
        "rules": None if done.rules is None else {"file": str(done.rules.path), "as_of": done.rules.snapshot.as_of},
    }


def _outcome_as_json(one: "SeriesOutcome") -> dict[str, Any]:
    from geobuk.domain.times import at_text

    return {
        "instrument": one.key.instrument,
        "kind": one.key.kind,
        "interval": one.key.interval,
        "files": one.files,
        "requests": one.requests,
        "rows_new": one.rows_new,
        "rows_known": one.rows_known,
        "rows_conflicting": one.rows_conflicting,
        "rows_masked": one.rows_masked,
        "quarantine_reason": one.quarantine_reason,
        "findings": one.findings,
        "gaps": [{"from": at_text(gap.from_ns), "to": at_text(gap.to_ns), "why": gap.why} for gap in one.gaps],
        "failures": one.failures,
    }


def show_done(done: "Downloaded", out: "Console") -> None:
    """The outcome for people: each series, what the gate found, what is missing."""
    from rich.text import Text

    from geobuk.domain.times import at_text

    for one in done.series[:_MOST_LINES]:
        style = "red" if one.quarantine_reason or one.failures else "yellow" if one.gaps or one.rows_masked else "green"
        masked = f", {one.rows_masked:,} masked" if one.rows_masked else ""
        conflicts = (
            f", {one.rows_conflicting:,} contradict stored ones, which were kept" if one.rows_conflicting else ""
        )
        out.print(Text(f"{one.key}: {one.rows_new:,} new rows{masked}{conflicts}", style=style))
        if one.quarantine_reason:
            out.print(Text(f"  quarantined: {one.quarantine_reason}"))
        for finding in one.findings:
            out.print(Text(f"  {finding.code}: {finding.text}"))
        for gap in one.gaps:
            out.print(Text(f"  missing {at_text(gap.from_ns)} to {at_text(gap.to_ns)} UTC: {gap.why}"))
        for failure in one.failures:
            out.print(Text(f"  failed: {failure}"))
    if len(done.series) > _MOST_LINES:
        out.print(f"… and {len(done.series) - _MOST_LINES} more series; --json lists all of them")
    if done.rules is not None:
        out.print(f"Trading rules as of {done.rules.path.stem} are in force: {done.rules.path}", markup=False)
    out.print(f"Done: {done.text}.", markup=False)
