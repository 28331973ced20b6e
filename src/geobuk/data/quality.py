"""The quality gate: looks at one series and says, row by row, what must not trade, and whether the series may be used.

Nothing is repaired here: values stay as they came, marks are added. What it looks for is listed in
:mod:`geobuk.data.checks.table`. Reading and storing are not its business.
"""

from dataclasses import dataclass

import numpy as np

from geobuk.data.checks.context import NOTHING_KNOWN, Context
from geobuk.data.checks.grid import phase_of
from geobuk.data.checks.look import NO_ROWS, Look, Series
from geobuk.data.checks.scan import breaks_of, scan
from geobuk.data.checks.spec import GATE_SPEC, GateSpec
from geobuk.data.checks.table import CHECKS
from geobuk.data.findings import FINDINGS, QUARANTINE
from geobuk.data.rows import Rows
from geobuk.panel import Finding

__all__ = ["Context", "GateSpec", "Series", "Verdict", "gate"]


@dataclass(frozen=True)
class Verdict:
    """Rows with fresh marks, what was found, and why the series is quarantined (empty where it is not)."""

    rows: Rows
    findings: tuple[Finding, ...]
    quarantine_reason: str
    phase_ns: int

    @property
    def masked(self) -> int:
        """Number of marked rows."""
        return int(np.count_nonzero(self.rows.mask))


def gate(rows: Rows, series: Series, context: Context = NOTHING_KNOWN, spec: GateSpec = GATE_SPEC) -> Verdict:
    """Examine sorted rows, one for each moment.

    Marks are computed afresh, except DUPLICATE_CONFLICT, which only the importer can see. Without a context only what
    the series shows by itself is judged. A quarantining finding's text is the reason.
    """
    if len(rows) == 0:
        return Verdict(rows.with_mask(rows.mask.copy()), (), "", 0)
    look = _first_look(rows, series, context, spec)
    findings: list[Finding] = []
    for check in CHECKS:
        if series.kind not in check.kinds:
            continue
        for noticed in check.function(look):
            look.mark(noticed.rows, FINDINGS[check.code].bit)
            findings.append(look.finding(check.code, noticed))
    reasons = [found.text for found in findings if found.consequence == QUARANTINE]
    return Verdict(rows.with_mask(look.mask), tuple(findings), "; ".join(reasons), look.phase_ns)


def _first_look(rows: Rows, series: Series, context: Context, spec: GateSpec) -> Look:
    mask = rows.mask & np.uint32(FINDINGS["DUPLICATE_CONFLICT"].bit)
    scanned = scan(rows, mask, 1.0 + spec.spike_floor, spec.split_jump)
    step = series.interval_ns
    breaks = breaks_of(rows.at_ns, step) if step else NO_ROWS
    phase = phase_of(rows.at_ns, step, breaks)
    return Look(rows, series, mask, phase, breaks, context, spec, scanned, seen=scanned.seen)
