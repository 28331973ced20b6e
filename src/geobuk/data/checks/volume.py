"""Volume: bars without any, bars that move without any, bars that stand still although there is some."""

from collections.abc import Iterator

import numpy as np

from geobuk.data.checks.look import Look, Noticed, at_rows, in_runs
from geobuk.panel import BoolArray


def _without(look: Look) -> BoolArray:
    """Bars with prices and without volume. Rows of halts and empty days are marked as such already."""
    quiet: BoolArray = look.column("volume") == 0
    quiet[look.marked("HALT", "EMPTY")] = False
    return quiet


def without_volume(look: Look) -> Iterator[Noticed]:
    """Runs of bars without volume."""
    if look.scanned.has_quiet:
        yield from at_rows(np.flatnonzero(in_runs(_without(look), look.spec.zero_volume_run)))


def quiet(look: Look) -> Iterator[Noticed]:
    """Single bars without volume, outside such runs."""
    if look.scanned.has_quiet:
        single = _without(look)
        single[look.marked("ZERO_VOLUME", "MOVE_WITHOUT_VOLUME")] = False
        yield from at_rows(np.flatnonzero(single))


def moving_without_volume(look: Look) -> Iterator[Noticed]:
    """Bars whose prices differ although nothing was traded."""
    if look.scanned.has_quiet:
        moves = _without(look) & (look.column("high") > look.column("low"))
        yield from at_rows(np.flatnonzero(moves))


def standing_still(look: Look) -> Iterator[Noticed]:
    """Runs of bars with volume that show one single price."""
    if look.scanned.longest_still >= look.spec.flat_run:
        opened, high, low, close = (look.column(name) for name in ("open", "high", "low", "close"))
        still = (high == low) & (opened == close) & (look.column("volume") > 0)
        still[1:] &= close[1:] == close[:-1]
        yield from at_rows(np.flatnonzero(in_runs(still, look.spec.flat_run)))


def dead(look: Look) -> Iterator[Noticed]:
    """A series whose bars mostly lie in runs without volume."""
    share = len(look.marked("ZERO_VOLUME")) / len(look.rows)
    limit = look.spec.max_zero_volume_share
    if share > limit:
        detail = (
            f"{share:.1%} of the bars have no volume, more than {limit:.0%}",
            f"봉의 {share:.1%}에 거래량이 없습니다(한도 {limit:.0%})",
        )
        yield Noticed(detail=detail, count=1, span=(int(look.at_ns[0]), int(look.at_ns[-1])))
