"""Whether new rows may join a series that is good: a wrong file must not take a good series with it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from geobuk.data.check_context import trusted
from geobuk.data.checks.context import Context, Reference
from geobuk.data.checks.spec import GATE_SPEC
from geobuk.data.findings import BAD_BITS, FINDINGS, QUARANTINE
from geobuk.data.quality import Series, Verdict, gate
from geobuk.data.rows import Rows
from geobuk.domain.errors import RefusedRowsError
from geobuk.panel import FloatArray

_SHARES = frozenset({"BAD_SHARE", "SPARSE"})
"""Codes that measure a share: a few rows of a good series may show any."""

_RECENT_BARS = 500
_USUAL_MOVES = 15.0
"""Median moves of a bar: ten standard deviations of one whose moves are normal."""

_OWN_BAD_BITS = np.uint32(BAD_BITS & ~(FINDINGS["SOURCES"].bit | FINDINGS["MARK"].bit))
"""Marks that rows bear by themselves; where two sources disagree, nobody knows which one is right."""


def require_welcome(name: str, old: Rows, new: Rows, merged: Verdict, judge: Callable[[Rows, bool], Verdict]) -> None:
    """Refuse rows that are wrong by themselves, or with which a good series would be quarantined.

    Parameters
    ----------
    name : of the series, for the message.
    old, new : rows of the series, which is in use, and those to be added to it.
    merged : the verdict on both together.
    judge : what the gate says of some of the rows; True where they are also compared with the series' own.

    Raises
    ------
    RefusedRowsError
        The new rows are of another instrument, unit or zone, too many of them are bad, or the series would be
        quarantined because of them. A hole between good rows is no reason: what is missing may still come.
    """
    alone = judge(new, True)
    codes, together = _reasons(alone), _reasons(merged)
    blamed = {code: text for code, text in codes.items() if code not in _SHARES or code in together}
    if "BAD_SHARE" in codes and _is_bad_by_itself(alone.rows):
        blamed["BAD_SHARE"] = codes["BAD_SHARE"]
    beyond = {code: text for code, text in together.items() if code != "SPARSE"}
    if not blamed and beyond and not judge(old, False).quarantine_reason:
        blamed = beyond
    if blamed:
        raise RefusedRowsError(
            f"{len(new):,} rows were not added to {name}, whose {len(old):,} rows are good and stay as they are: "
            + "; ".join(blamed.values()),
            cure="import a file of that very instrument, venue and unit, or import this one under another --venue; "
            "where the stored series is the wrong one, delete its folder first (`geobuk data show` names it)",
        )


def require_same_level(name: str, series: Series, old: Rows, new: Rows) -> None:
    """Refuse bars that go on where a series ends, at another price level: those of another instrument.

    Only where the venue never closes and its instruments never split. The level may halve or double, or move by as
    many times the usual move of a bar as :data:`_USUAL_MOVES` allows, scaled to the time that lies between.

    Raises
    ------
    RefusedRowsError
        The first new price is out of reach of the last stored one.
    """
    if series.kind != "bars" or not series.hours.is_always_open or not len(old) or new.at_ns[0] <= old.at_ns[-1]:
        return
    closes, opens = _prices(old, "close"), _prices(new, "open")
    if len(closes) < GATE_SPEC.min_common or not len(opens):
        return
    bars = (int(new.at_ns[0]) - int(old.at_ns[-1])) / series.interval_ns
    usual = float(np.median(np.abs(np.diff(np.log(closes[-_RECENT_BARS:])))))
    reach = max(np.log(2.0), _USUAL_MOVES * usual * np.sqrt(bars))
    if abs(np.log(opens[0] / closes[-1])) > reach:
        raise RefusedRowsError(
            f"{len(new):,} rows were not added to {name}: they begin at {opens[0]:g}, but the series ended at "
            f"{closes[-1]:g} shortly before, too far for one instrument",
            cure="import a file of that very instrument, or import this one under another --venue or --instrument",
        )


def _prices(rows: Rows, name: str) -> FloatArray:
    values = rows.values[name][rows.mask & _OWN_BAD_BITS == 0]
    good: FloatArray = values[np.isfinite(values) & (values > 0.0)]
    return good


def judge_with(series: Series, context: Context, stored: Rows) -> Callable[[Rows, bool], Verdict]:
    """The gate as :func:`require_welcome` asks it; with True the ``stored`` rows are one more source to compare."""
    own = Reference("what is stored", series.interval_ns, lambda: trusted(stored))
    beside = replace(context, references=(own, *context.references))
    can_compare = series.kind == "bars"

    def judge(rows: Rows, is_compared: bool) -> Verdict:
        return gate(rows, series, beside if is_compared and can_compare else context)

    return judge


def _reasons(verdict: Verdict) -> dict[str, str]:
    return {found.code: found.text for found in verdict.findings if found.consequence == QUARANTINE}


def _is_bad_by_itself(rows: Rows) -> bool:
    bad = int(np.count_nonzero(rows.mask & _OWN_BAD_BITS))
    return len(rows) >= GATE_SPEC.min_common and bad > GATE_SPEC.max_bad_share * len(rows)
