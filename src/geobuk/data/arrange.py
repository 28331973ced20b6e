"""Puts the rows of one source in order: sorted by time, one row for each moment. Every change is a finding."""

import numpy as np

from geobuk.data.findings import FINDINGS, finding
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_MINUTE
from geobuk.panel import BoolArray, Finding, IntArray


def moment_of(at_ns: IntArray, kind: str) -> IntArray:
    """What makes two rows the same moment: the time itself, for funding the nearest minute.

    Venues stamp a settlement some milliseconds after the hour (Binance: 1 to 29 ms).
    """
    if kind != "funding":
        return at_ns
    rounded: IntArray = (at_ns + NS_PER_MINUTE // 2) // NS_PER_MINUTE * NS_PER_MINUTE
    return rounded


def arrange(rows: Rows, kind: str, instrument: str) -> tuple[Rows, list[Finding]]:
    """Rows sorted, identical copies dropped, contradicting ones reduced to the first and marked.

    Findings: ORDER, DUPLICATE, DUPLICATE_CONFLICT.
    """
    findings: list[Finding] = []
    steps = np.diff(rows.at_ns)
    if np.any(steps < 0):
        late = rows.at_ns[1:][steps < 0]
        findings.append(finding("ORDER", instrument, len(late), _span(late), series=kind))
        rows = rows.take(np.argsort(rows.at_ns, kind="stable"))
    moments = moment_of(rows.at_ns, kind)
    is_copy = np.concatenate(([False], moments[1:] == moments[:-1])) if len(rows) else np.empty(0, dtype=np.bool_)
    if not is_copy.any():
        return rows, findings
    kept, dropped = _without_copies(rows, is_copy)
    if len(dropped):
        findings.append(finding("DUPLICATE", instrument, len(dropped), _span(dropped), series=kind))
    return kept, findings


def _without_copies(rows: Rows, is_copy: BoolArray) -> tuple[Rows, IntArray]:
    """The first row of each moment, marked where another contradicts it, and the times of identical copies."""
    first_of = np.flatnonzero(~is_copy)[np.cumsum(~is_copy) - 1]
    differs = is_copy & ~same_values(rows, np.arange(len(rows)), rows, first_of)
    contradicted = np.zeros(len(rows), dtype=np.bool_)
    contradicted[first_of[differs]] = True
    mask = rows.mask.copy()
    mask[contradicted] |= FINDINGS["DUPLICATE_CONFLICT"].bit
    return rows.with_mask(mask).take(~is_copy), rows.at_ns[is_copy & ~contradicted[first_of]]


def same_values(first: Rows, first_index: IntArray, second: Rows, second_index: IntArray) -> BoolArray:
    """Whether rows agree in every value to 1e-9 relative; NaN agrees with NaN."""
    agrees = np.ones(len(first_index), dtype=np.bool_)
    for name, column in first.values.items():
        agrees &= np.isclose(
            column[first_index], second.values[name][second_index], rtol=1e-9, atol=0.0, equal_nan=True
        )
    return agrees


def _span(times: IntArray) -> tuple[int, int]:
    return int(times.min()), int(times.max())
