"""The hash of a series' rows: what they say, not how or where they are stored."""

from hashlib import sha256

import numpy as np

from geobuk.data.layout import SeriesKey, periods_of
from geobuk.data.manifest import Block
from geobuk.data.rows import Rows


def blocks_of(rows: Rows, key: SeriesKey) -> tuple[Block, ...]:
    """One block a calendar period, in order of time."""
    return tuple(
        Block(period, part.stop - part.start, hash_rows(rows.take(part)))
        for period, part in periods_of(rows.at_ns, key.interval_ns)
    )


def hash_rows(rows: Rows) -> str:
    """SHA-256 over little-endian times, values (in the order of their kind) and marks. Lets go of the interpreter."""
    digest = sha256(np.ascontiguousarray(rows.at_ns, dtype="<i8").data)
    for column in rows.values.values():
        digest.update(np.ascontiguousarray(column, dtype="<f8").data)
    digest.update(np.ascontiguousarray(rows.mask, dtype="<u4").data)
    return digest.hexdigest()
