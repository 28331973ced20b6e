"""Makes findings: what the quality gate noticed, where, how grave it is, and a sentence in English and Korean.

The words of the codes are in ``finding_bars`` and ``finding_series``; the checks that raise them in ``checks``.
"""

from collections.abc import Sequence

import numpy as np

from geobuk.data.finding_bars import AT_IMPORT, GRID, PRICES, VOLUME
from geobuk.data.finding_kind import MASK, PASS, QUARANTINE, FindingKind
from geobuk.data.finding_series import FUNDING, IDENTITY, OUTLIERS, SESSIONS, SOURCES, TAPES, TOTALS
from geobuk.domain.times import at_text, zone_of
from geobuk.panel import Finding, IntArray

__all__ = [
    "BAD_BITS",
    "FAMILIES",
    "FINDINGS",
    "MASK",
    "PASS",
    "PLACES_KEPT",
    "PRICE_BITS",
    "QUARANTINE",
    "FindingKind",
    "finding",
]

FAMILIES: dict[str, dict[str, FindingKind]] = {
    "import": AT_IMPORT,
    "grid": GRID,
    "prices": PRICES,
    "volume": VOLUME,
    "outliers": OUTLIERS,
    "identity": IDENTITY,
    "funding": FUNDING,
    "sessions": SESSIONS,
    "sources": SOURCES,
    "series": TOTALS,
    "tapes": TAPES,
}
"""Codes by what they look at."""

FINDINGS: dict[str, FindingKind] = {code: kind for family in FAMILIES.values() for code, kind in family.items()}
"""Every code, in the order of the gate."""

PLACES_KEPT = 5
"""Times that a finding names, the first ones."""

_WITH_GOOD_PRICES = ("ZERO_VOLUME", "MOVE_WITHOUT_VOLUME", "OFF_HOURS")
PRICE_BITS = sum(kind.bit for code, kind in FINDINGS.items() if code not in _WITH_GOOD_PRICES)
"""Marks of rows whose values are not shown in a panel: their prices can't be trusted."""

_NOT_TO_BLAME = ("CALENDAR", "EMPTY", "HALT", "CLOSE_ONLY", "SPLIT", "LOT_STEP")
BAD_BITS = PRICE_BITS & ~sum(FINDINGS[code].bit for code in _NOT_TO_BLAME)
"""Marks that count towards quarantine. Closed days, halts and what lies before a split are no fault of the
source; foreign lots quarantine as the wrong instrument."""

_KIND_IN_KOREAN = {"funding": "펀딩비", "mark": "마크 가격", "index": "지수"}


def finding(
    code: str,
    instrument: str,
    count: int,
    span: tuple[int, int],
    *,
    detail: str | tuple[str, str] = "",
    series: str = "bars",
    places: Sequence[int] | IntArray = (),
    utc_offset_ns: int = 0,
) -> Finding:
    """A Finding with the code's severity and consequence.

    The text says in which kind of series, when, and ``detail`` what (English, or English and Korean); without a detail
    the code's own phrase is used. ``places`` are cut to the first few; without any it is the first of the span. Times
    in the text are the venue's own, ``utc_offset_ns`` after UTC.
    """
    kind = FINDINGS[code]
    first, last = span
    times = [at_text(at + utc_offset_ns) for at in sorted({first, last})]
    zone = zone_of(utc_offset_ns)
    english, korean = (detail, "") if isinstance(detail, str) else detail
    label = instrument if series == "bars" else f"{instrument} {series}"
    korean_label = instrument if series == "bars" else f"{instrument} {_KIND_IN_KOREAN.get(series, series)}"
    many = f"{count:,} x " if count > 1 else ""
    return Finding(
        code=code,
        instrument=instrument,
        consequence=kind.consequence,
        count=int(count),
        first_at_ns=int(first),
        last_at_ns=int(last),
        text=f"{label}: {many}{english or kind.phrase} ({' to '.join(times)} {zone})",
        text_ko=f"{korean_label}: {korean or kind.phrase_ko}{_counted(count)} ({' ~ '.join(times)} {zone})",
        severity=kind.severity,
        places=tuple(int(at) for at in np.asarray(places, dtype=np.int64)[:PLACES_KEPT]) or (int(first),),
    )


def _counted(count: int) -> str:
    return f" {count:,}건" if count > 1 else ""
