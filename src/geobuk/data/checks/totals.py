"""The last word: too many bad rows."""

from collections.abc import Iterator

import numpy as np

from geobuk.data.checks.look import Look, Noticed
from geobuk.data.findings import BAD_BITS, FINDINGS


def too_many_bad(look: Look) -> Iterator[Noticed]:
    """More bad rows than a series may have. Closed days, halts and what lies before a split do not count."""
    if not look.seen & BAD_BITS:
        return
    counted = look.mask[look.mask & np.uint32(FINDINGS["CALENDAR"].bit) == 0]
    bad = float(np.count_nonzero(counted & np.uint32(BAD_BITS))) / max(1, len(counted))
    limit = look.spec.max_bad_share
    if bad > limit:
        detail = (
            f"{bad:.1%} of the rows are bad, more than {limit:.0%}",
            f"행의 {bad:.1%}가 잘못되었습니다(한도 {limit:.0%})",
        )
        yield Noticed(detail=detail, count=1, span=(int(look.at_ns[0]), int(look.at_ns[-1])))
