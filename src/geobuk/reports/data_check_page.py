"""What the report on stored history says, before it is laid out: tiles, tables, and numbers for its charts.

Every text is a pair (English, Korean). Knows no markup and no files.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from geobuk.data.calendars import hours_of
from geobuk.data.check import SeriesCheck
from geobuk.data.check_sketch import Month
from geobuk.data.findings import FINDINGS
from geobuk.data.layout import SeriesKey
from geobuk.domain.times import NS_PER_SECOND, at_text, zone_of
from geobuk.panel import Finding
from geobuk.reports.data_check_texts import CHECK_PAGE
from geobuk.reports.formats import number, percent
from geobuk.reports.texts import Text, filled

MAP_ROWS = 60
PICTURED = 24
FINDINGS_SHOWN = 600
REASONS_SHOWN = 6
HEATS = (0.0, 0.001, 0.01, 0.1, 1.0)
"""Largest share lost of each colour of the map."""

Names = dict[SeriesKey, str]

_SEVERITIES = ("error", "warning", "info")
_CONSEQUENCES = ("quarantine", "mask", "pass")


@dataclass(frozen=True, slots=True)
class CheckTile:
    """A big number; ``tone`` is a class of the page's style, or empty."""

    name: Text
    number: str
    detail: Text
    tone: str = ""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A row of the table of findings."""

    severity: str
    consequence: str
    code: str
    series: str
    count: str
    words: Text
    where: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A row of the table of codes."""

    severity: str
    consequence: str
    code: str
    series: int
    count: str
    meaning: Text


@dataclass(frozen=True, slots=True)
class MapRow:
    """A series in the map: heat and words of each month, None where it has none; ``picture`` is its chart, if any."""

    name: str
    picture: int | None
    cells: tuple[tuple[int, str] | None, ...]


@dataclass(frozen=True, slots=True)
class LostMap:
    """``years`` are (year, number of its months)."""

    years: tuple[tuple[str, int], ...]
    rows: tuple[MapRow, ...]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """Everything that the page shows. ``charts`` is plain data for its scripts."""

    title: str
    summary: Text
    tiles: tuple[CheckTile, ...]
    reasons: tuple[Text, ...]
    reasons_left: int
    codes: tuple[CodeRow, ...]
    findings: tuple[FindingRow, ...]
    infos: tuple[FindingRow, ...]
    findings_left: int
    map_note: Text | None
    lost: LostMap
    pictured: tuple[str, ...]
    charts: dict[str, Any]


def check_page(checks: Sequence[SeriesCheck], title: str) -> CheckPage:
    """The page of one check. Series without a sketch appear in the tables only."""
    names = _names(checks)
    found = sorted(
        ((check, finding) for check in checks for finding in check.findings), key=lambda pair: _gravity(pair[1])
    )
    rows = [_finding_row(check, finding, names[check.key]) for check, finding in found]
    grave = [row for row in rows if row.severity != "info"]
    infos = [row for row in rows if row.severity == "info"]
    shown = grave[:FINDINGS_SHOWN], infos[: FINDINGS_SHOWN // 2]
    reasons = [_reason(check) for check in checks if check.quarantine_reason]
    ordered = sorted((c for c in checks if c.sketch is not None and c.sketch.months), key=_worst_first)
    return CheckPage(
        title=title,
        summary=_summary(checks),
        tiles=_tiles(checks),
        reasons=tuple(reasons[:REASONS_SHOWN]),
        reasons_left=max(0, len(reasons) - REASONS_SHOWN),
        codes=_codes(checks),
        findings=tuple(shown[0]),
        infos=tuple(shown[1]),
        findings_left=len(rows) - len(shown[0]) - len(shown[1]),
        map_note=_map_note(ordered),
        pictured=tuple(names[check.key] for check in ordered[:PICTURED]),
        lost=_lost_map(ordered[:MAP_ROWS], names),
        charts={"pictures": [_picture(check, names[check.key]) for check in ordered[:PICTURED]]},
    )


def _gravity(finding: Finding) -> tuple[int, int, int]:
    return (
        _CONSEQUENCES.index(finding.consequence) if finding.severity != "info" else len(_CONSEQUENCES),
        _SEVERITIES.index(finding.severity),
        -finding.count,
    )


def _names(checks: Sequence[SeriesCheck]) -> Names:
    """What each series is called: venue and interval only where there are several."""
    venues, intervals = {c.key.venue for c in checks}, {c.key.interval for c in checks if c.key.kind == "bars"}
    names = {}
    for key in (check.key for check in checks):
        parts = (
            key.venue if len(venues) > 1 else "",
            key.instrument,
            key.kind if key.kind != "bars" else "",
            key.interval if key.kind != "funding" and (key.kind != "bars" or len(intervals) > 1) else "",
        )
        names[key] = " ".join(part for part in parts if part)
    return names


def _summary(checks: Sequence[SeriesCheck]) -> Text:
    verdicts = Counter(check.verdict for check in checks)
    return filled(
        CHECK_PAGE["summary"],
        series=number(len(checks), 0),
        rows=number(sum(check.rows for check in checks), 0),
        clean=number(verdicts["pass"], 0),
        masked=number(verdicts["mask"], 0),
        quarantined=number(verdicts["quarantine"], 0),
    )


def _tiles(checks: Sequence[SeriesCheck]) -> tuple[CheckTile, ...]:
    verdicts = Counter(check.verdict for check in checks)
    rows, masked = sum(check.rows for check in checks), sum(check.masked for check in checks)
    codes = {finding.code for check in checks for finding in check.findings}
    damaged = sum(not check.is_intact for check in checks)
    return (
        CheckTile(CHECK_PAGE["tile_series"], number(len(checks), 0), filled(CHECK_PAGE["rows"], rows=number(rows, 0))),
        CheckTile(
            CHECK_PAGE["tile_clean"], number(verdicts["pass"], 0), filled(CHECK_PAGE["kinds_of"], codes=len(codes))
        ),
        CheckTile(
            CHECK_PAGE["tile_masked"],
            number(verdicts["mask"], 0),
            filled(CHECK_PAGE["masked_rows"], rows=number(masked, 0), share=percent(masked / max(rows, 1))),
        ),
        CheckTile(
            CHECK_PAGE["tile_quarantined"],
            number(verdicts["quarantine"], 0),
            filled(CHECK_PAGE["not_intact"], count=damaged) if damaged else CHECK_PAGE["intact"],
            "alarmed" if verdicts["quarantine"] else "",
        ),
    )


def _reason(check: SeriesCheck) -> Text:
    korean = [f.text_ko for f in check.findings if f.consequence == "quarantine" and f.text_ko]
    return check.quarantine_reason, "; ".join(korean) or check.quarantine_reason


def _codes(checks: Sequence[SeriesCheck]) -> tuple[CodeRow, ...]:
    series: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for check in checks:
        series.update({finding.code for finding in check.findings})
        for finding in check.findings:
            counts[finding.code] += finding.count
    rows = [
        CodeRow(
            kind.severity, kind.consequence, code, series[code], number(counts[code], 0), (kind.english, kind.korean)
        )
        for code, kind in FINDINGS.items()
        if code in series
    ]
    return tuple(sorted(rows, key=lambda row: (_SEVERITIES.index(row.severity), _CONSEQUENCES.index(row.consequence))))


def _finding_row(check: SeriesCheck, finding: Finding, name: str) -> FindingRow:
    offset = hours_of(check.key.venue).utc_offset_ns
    first, last = (at_text(at + offset) for at in (finding.first_at_ns, finding.last_at_ns))
    when = first if first == last else f"{first} – {last}"
    return FindingRow(
        finding.severity,
        finding.consequence,
        finding.code,
        name,
        number(finding.count, 0),
        (finding.text, finding.text_ko or finding.text),
        f"{when} {zone_of(offset)}",
        tuple(at_text(at + offset) for at in finding.places if finding.count > 1),
    )


def _worst_first(check: SeriesCheck) -> tuple[int, float, int]:
    """Quarantined ones, then by the share that is lost, then by the number of findings."""
    months = check.sketch.months if check.sketch is not None else ()
    lost = sum(month.lost_share for month in months) / max(1, len(months))
    return (check.verdict != "quarantine", -lost, -len(check.findings))


def _map_note(ordered: Sequence[SeriesCheck]) -> Text | None:
    rest = ordered[MAP_ROWS:]
    if not rest:
        return None
    most = max(month.lost_share for check in rest if check.sketch is not None for month in check.sketch.months)
    return filled(CHECK_PAGE["map_cut"], shown=MAP_ROWS, others=number(len(rest), 0), most=percent(most, 1))


def _lost_map(ordered: Sequence[SeriesCheck], called: Names) -> LostMap:
    months = [month.name for check in ordered if check.sketch is not None for month in check.sketch.months]
    names = _months_between(min(months), max(months)) if months else []
    years = Counter(name[:4] for name in names)
    return LostMap(
        tuple(years.items()),
        tuple(MapRow(called[c.key], n if n < PICTURED else None, _cells(c, names)) for n, c in enumerate(ordered)),
    )


def _cells(check: SeriesCheck, names: Sequence[str]) -> tuple[tuple[int, str] | None, ...]:
    found = {month.name: month for month in check.sketch.months} if check.sketch is not None else {}
    return tuple(_cell(found[name]) if name in found else None for name in names)


def _cell(month: Month) -> tuple[int, str]:
    """Heat from 0 to 4, and what the cell says when it is pointed at."""
    heat = next(level for level, limit in enumerate(HEATS) if month.lost_share <= limit)
    there = month.rows - month.masked
    words = f"{month.name}: {percent(-month.lost_share)} ({number(there, 0)} / {number(month.expected, 0)})"
    return heat, words


def _months_between(first: str, last: str) -> list[str]:
    """Every month from the first to the last.

    >>> _months_between("2023-11", "2024-01")
    ['2023-11', '2023-12', '2024-01']
    """
    begin, end = (12 * int(name[:4]) + int(name[5:]) - 1 for name in (first, last))
    return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(begin, end + 1)]


def _picture(check: SeriesCheck, name: str) -> dict[str, Any]:
    sketch = check.sketch
    if sketch is None:
        raise ValueError(f"{name} was checked without a sketch")
    return {
        "name": name,
        "at": [int(at) // NS_PER_SECOND for at in sketch.at_ns],
        "price": [float(f"{value:.7g}") for value in sketch.price],
        "masked": [_seconds(span) for span in sketch.masked],
        "missing": [_seconds(span) for span in sketch.missing],
        "places": [
            {"at": at // NS_PER_SECOND, "code": finding.code, "severity": finding.severity}
            for finding in check.findings
            for at in finding.places
        ],
    }


def _seconds(span: tuple[int, int]) -> list[int]:
    return [span[0] // NS_PER_SECOND, span[1] // NS_PER_SECOND]
