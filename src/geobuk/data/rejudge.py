"""Judges stored series again when another one that they are compared with has changed. It adds and loses no row."""

from collections import Counter, deque
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import msgspec
import numpy as np

from geobuk.data.check import compared_with, judge_rows, named_beside
from geobuk.data.check_context import sister_venues
from geobuk.data.layout import SeriesKey, series_folders
from geobuk.data.manifest import SCHEMA, Manifest, load_manifest
from geobuk.data.series_commit import PLACES, Version, commit, load_rows, newest
from geobuk.data.series_store import IMPORT_CODES
from geobuk.domain.errors import DataError

_MOST_TIMES = 2
"""How often one series is judged for one import: two that shut each other out would take turns for ever."""


def judge_neighbours(root: Path, changed: Iterable[SeriesKey]) -> list[Manifest]:
    """Judge every series that can be compared with a changed one, and store what is said of it now.

    Call it under the catalog's write lock. A series that goes into quarantine or comes back changes what its own
    neighbours are compared with, so they follow. A damaged series stays as it is: whoever reads it is told.

    Returns
    -------
    The new manifests of the series whose marks, findings or quarantine changed.

    Raises
    ------
    StorageError
        The disk is full or can't be written; each series is the old or the new one.
    """
    waiting = deque(key for one in sorted(set(changed)) for key in _neighbours(root, one))
    judged: Counter[SeriesKey] = Counter()
    renewed: dict[SeriesKey, Manifest] = {}
    while waiting:
        key = waiting.popleft()
        if key in waiting or judged[key] == _MOST_TIMES:
            continue
        judged[key] += 1
        old = _around(root, key).get(key)
        new = None if old is None else _judged(root, old)
        if old is None or new is None:
            continue
        renewed[key] = new
        if bool(old.quarantine_reason) != bool(new.quarantine_reason):
            waiting.extend(_neighbours(root, key))
    return [renewed[key] for key in sorted(renewed)]


def _judged(root: Path, old: Manifest) -> Manifest | None:
    """The series with today's marks and verdict; None where they are those that are stored."""
    try:
        rows = load_rows(root, old)
        verdict = judge_rows(root, old, rows)
    except DataError:
        return None
    at_import = tuple(found for found in old.findings if found.code in IMPORT_CODES)
    findings = (*at_import, *verdict.findings)
    is_same = (findings, verdict.quarantine_reason) == (old.findings, old.quarantine_reason)
    if is_same and np.array_equal(verdict.rows.mask, rows.mask):
        return None
    draft = msgspec.structs.replace(
        old,
        schema=SCHEMA,
        revision=old.revision + 1,
        phase_ns=verdict.phase_ns,
        findings=findings,
        quarantine_reason=verdict.quarantine_reason,
    )
    return commit(root, draft, verdict.rows, Version(old, rows))


def _neighbours(root: Path, key: SeriesKey) -> tuple[SeriesKey, ...]:
    return compared_with(_around(root, key), key)


def _around(root: Path, key: SeriesKey) -> dict[SeriesKey, Manifest]:
    """Series near another one by their manifests alone, quarantined ones included."""
    found: dict[SeriesKey, list[Manifest]] = {}
    for quarantined, venue, name in product(PLACES, sister_venues(key.venue), named_beside(key.instrument)):
        for folder in series_folders(root, quarantined=quarantined, venue=venue, of=name):
            manifest = load_manifest(folder)
            if manifest is not None:
                found.setdefault(manifest.key, []).append(manifest)
    return {one: in_force for one, manifests in found.items() if (in_force := newest(manifests)) is not None}
