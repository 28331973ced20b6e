"""Joins new rows to a stored series. A stored row is never replaced: it is kept, and a contradiction reported."""

from dataclasses import dataclass

import numpy as np

from geobuk.data.arrange import moment_of, same_values
from geobuk.data.findings import finding
from geobuk.data.rows import Rows, join_rows
from geobuk.panel import Finding


@dataclass(frozen=True)
class Merged:
    """``added`` rows were new, ``known`` were stored already, ``conflicts`` contradicted a stored row."""

    rows: Rows
    added: int
    known: int
    conflicts: int
    findings: tuple[Finding, ...] = ()


def merge(old: Rows, new: Rows, kind: str, instrument: str, *, source: str = "") -> Merged:
    """Both inputs sorted by time, one row for each moment; the result is too.

    Finding: CONFLICT, which names the ``source`` of the new rows.
    """
    if len(old) == 0:
        return Merged(new, added=len(new), known=0, conflicts=0)
    old_moments, new_moments = moment_of(old.at_ns, kind), moment_of(new.at_ns, kind)
    place = np.minimum(np.searchsorted(old_moments, new_moments), len(old) - 1)
    is_stored = old_moments[place] == new_moments
    fresh = new.take(~is_stored)
    again = np.flatnonzero(is_stored)
    agrees = same_values(new, again, old, place[again])
    findings: tuple[Finding, ...] = ()
    if not agrees.all():
        times = new.at_ns[again[~agrees]]
        span = (int(times[0]), int(times[-1]))
        detail = f"row of {source} contradicts the stored one, which was kept" if source else ""
        findings = (finding("CONFLICT", instrument, len(times), span, detail=detail, series=kind),)
    rows = join_rows(old, fresh) if len(fresh) else old
    return Merged(rows, len(fresh), int(agrees.sum()), int((~agrees).sum()), findings)
