"""Marks that only the future gave: bars before a split are marked because of it, which nobody knew before it came."""

from collections.abc import Sequence

import numpy as np

from geobuk.data.findings import FINDINGS
from geobuk.data.manifest import Manifest
from geobuk.data.rows import MaskArray
from geobuk.panel import IntArray

SPLIT = "SPLIT"
SPLIT_BIT = np.uint32(FINDINGS[SPLIT].bit)

_ALL = np.iinfo(np.int64).max
_NONE = np.iinfo(np.int64).min


def splits_stand_until(manifests: Sequence[Manifest], to_ns: int | None) -> IntArray:
    """(S,) time up to which each series' marks of splits hold for somebody who sees nothing from ``to_ns`` on.

    A jump inside what is seen parts it: bars before it can't be compared with those after. One that came later changes
    nothing. Of many jumps only the first few are kept by name; between those and the last one the mark stands.
    """
    return np.array([_stands_until(manifest, to_ns) for manifest in manifests], dtype=np.int64)


def _stands_until(manifest: Manifest, to_ns: int | None) -> int:
    found = next((f for f in manifest.findings if f.code == SPLIT), None)
    if found is None or to_ns is None or to_ns > max(found.last_at_ns + 1, *found.places, _NONE):
        return _ALL
    seen = [at for at in found.places if at < to_ns]
    return max(seen) - 1 if seen else _NONE


def is_seen(until: int) -> bool:
    """Whether any split parts what is seen."""
    return until > _NONE


def forget_later_splits(until: int, at_ns: IntArray, mask: MaskArray) -> None:
    """Take the marks of splits off the rows after ``until``; in place."""
    if until < _ALL:
        mask[at_ns > until] &= ~SPLIT_BIT
