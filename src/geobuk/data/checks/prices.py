"""Prices that no market makes: marks of single rows, closes off the tick, splits and changes of unit."""

from collections.abc import Callable, Iterator

import numpy as np

from geobuk.data.calendars import sessions_between
from geobuk.data.checks.look import Look, Noticed, at_rows, picked
from geobuk.data.checks.scan import append
from geobuk.data.findings import FINDINGS, PRICE_BITS
from geobuk.domain.times import at_text
from geobuk.ops.compiled import kernel
from geobuk.panel import BoolArray, FloatArray, IntArray

_RESUMED = (0.45, 2.2)
"""Where the first price after a halt may lie: the opening auction takes 50 to 200 % of the reference price."""

_COLLAPSE_ROWS = 10
"""Two falls beyond the band this near to each other are liquidation trading, which knows no band, and no split."""

_STAYS = 5
_BLOCK = 1024
_HIDING = PRICE_BITS & ~FINDINGS["SPIKE"].bit


def scanned(code: str) -> Callable[[Look], Iterator[Noticed]]:
    """The check for a code that the scan over single rows, or the importer, has marked already."""

    def marked_rows(look: Look) -> Iterator[Noticed]:
        yield from at_rows(look.marked(code))

    return marked_rows


def off_tick(look: Look) -> Iterator[Noticed]:
    """Closes that are no multiple of the tick in force, where enough of them are."""
    eras = look.context.ticks
    if not eras:
        return
    starts = np.searchsorted(look.at_ns, [era.from_ns for era in eras])
    stops = np.append(starts[1:], len(look.rows))
    close = look.column("close")
    found = [
        start + _off_tick(close[start:stop], np.array(era.floors), np.array(era.ticks))
        for era, start, stop in zip(eras, starts.tolist(), stops.tolist(), strict=True)
    ]
    off = np.setdiff1d(np.concatenate(found), look.distrusted(), assume_unique=True)
    if len(off) > look.spec.off_tick_share * len(look.rows):
        share = len(off) / len(look.rows)
        yield Noticed(
            off, (f"close off the tick ({share:.1%} of the bars)", f"호가 단위에 맞지 않는 종가({share:.1%})")
        )


@kernel
def _off_tick(close: FloatArray, floors: FloatArray, ticks: FloatArray) -> IntArray:
    """Places of the closes off the tick of their band. Blocks without any are passed over."""
    found, count, band = np.empty(64, dtype=np.int64), 0, 0
    for start in range(0, len(close), _BLOCK):
        stop = min(len(close), start + _BLOCK)
        off = len(floors) - 1
        if off == 0:
            for i in range(start, stop):
                multiple = close[i] / ticks[0]
                off += abs(multiple - np.rint(multiple)) > 1e-4 + 1e-12 * abs(multiple)
        for i in range(start, stop if off else start):
            while band > 0 and close[i] < floors[band]:
                band -= 1
            while band + 1 < len(floors) and close[i] >= floors[band + 1]:
                band += 1
            multiple = close[i] / ticks[band]
            if abs(multiple - np.rint(multiple)) > 1e-4 + 1e-12 * abs(multiple):
                found, count = append(found, count, i)
    return found[:count]


def is_off(values: FloatArray, unit: FloatArray | float) -> BoolArray:
    """Which values are no multiples of a unit, to 1e-4 of it; False where the unit is not known."""
    multiples = values / unit
    tolerance = 1e-4 + 1e-12 * np.abs(multiples)
    off: BoolArray = np.abs(multiples - np.round(multiples)) > tolerance
    return off


def splits(look: Look) -> Iterator[Noticed]:
    """Jumps between neighbouring bars that no trading makes; every bar before the last of them is marked.

    Where the venue has a daily band, a move beyond it; else an opening jump in a whole ratio that stays.
    """
    has_band = look.context.price_band > 0
    if not has_band and not _may_jump(look):
        return
    rows, (close, opened) = look.good_prices("close", "open")
    if len(close) < 2:
        return
    jumps = _beyond_band(look, rows) if has_band else _whole_ratios(look, rows, close, opened)
    if len(jumps) == 0:
        return
    last = int(jumps[-1])
    ratio = float(opened[last] / close[last - 1])
    times = look.at_ns[picked(rows, jumps)]
    when = at_text(int(times[-1]) + look.series.hours.utc_offset_ns)
    last_of, last_of_ko = (f", the last of {len(jumps)}", f", {len(jumps)}번 중 마지막") if len(jumps) > 1 else ("", "")
    detail = (
        f"bar before a jump to {ratio:.3g} of the close before (on {when}{last_of}): split or other adjustment",
        f"직전 종가의 {ratio:.3g}배로 급변하기({when}{last_of_ko}) 이전의 봉: 분할 등 조정",
    )
    before = np.arange(int(picked(rows, jumps[-1:])[0]))
    yield Noticed(before, detail, places=times)


def _may_jump(look: Look) -> bool:
    """Whether the scan saw a jump, or may have missed one because a price between its neighbours is no price."""
    return len(look.scanned.jumps) > 0 or bool(look.seen & _HIDING)


def _whole_ratios(look: Look, rows: IntArray | slice, close: FloatArray, opened: FloatArray) -> IntArray:
    """Places whose open is a whole multiple or fraction of the close before, and whose price stays there."""
    spec = look.spec
    far = np.flatnonzero((opened[1:] > close[:-1] * spec.split_jump) | (opened[1:] * spec.split_jump < close[:-1]))
    if len(far) == 0:
        return far
    ratio = opened[far + 1] / close[far]
    factor = np.maximum(ratio, 1 / ratio)
    whole = np.abs(factor / np.round(factor) - 1) <= spec.split_ratio
    near = look.at_ns[picked(rows, far + 1)] - look.at_ns[picked(rows, far)] <= _STAYS * look.series.interval_ns
    chosen = far[whole & near & (factor < spec.scale_factor)]
    kept = [row for row in chosen.tolist() if _stays(close, row, float(opened[row + 1] / close[row]))]
    return np.array(kept, dtype=np.int64) + 1


def _stays(close: FloatArray, row: int, ratio: float) -> bool:
    """Whether the closes after a jump are nearer to the new level than to the old, and those before it the other way.

    ``row`` is the last one before the jump.
    """
    before = np.log(close[max(0, row + 1 - _STAYS) : row + 1] / close[row])
    after = np.log(close[row + 1 : row + 1 + _STAYS] / close[row])
    level = np.log(ratio)
    return bool(np.all(np.abs(after - level) < np.abs(after)) and np.all(np.abs(before) < np.abs(before - level)))


def _beyond_band(look: Look, picked_rows: IntArray | slice) -> IntArray:
    """Places that moved further from the close before than the daily band allows in the sessions between."""
    rows = np.arange(len(look.rows))[picked_rows]
    close, opened = look.column("close")[rows], look.column("open")[rows]
    sessions = np.maximum(sessions_between(look.at_ns[rows], look.series.hours), 1)
    moved = np.stack((close[1:] / close[:-1], opened[1:] / close[:-1]))
    reach = 1 + look.context.price_band + look.spec.band_slack
    floor = 1 - look.context.price_band - look.spec.band_slack
    low, high = floor**sessions, reach**sessions
    halted = _is_halted_between(look, rows) & (sessions > 1)
    low[halted], high[halted] = _RESUMED
    beyond = ((moved < low) | (moved > high)).any(axis=0)
    factor = np.maximum(moved[1], 1 / moved[1])
    whole = np.abs(factor / np.round(factor) - 1) <= look.spec.split_ratio
    beyond |= halted & (factor >= look.spec.split_jump) & whole
    found = np.flatnonzero(beyond)
    falls = found[moved[0][found] < 1]
    collapsing = np.isin(found, falls[_has_neighbour(falls)])
    kept: IntArray = found[~collapsing] + 1
    return kept


def _is_halted_between(look: Look, rows: IntArray) -> BoolArray:
    """Whether rows of a halt lie between each row and the next."""
    halts = np.zeros(len(look.rows) + 1, dtype=np.int64)
    halts[look.marked("HALT", "EMPTY") + 1] = 1
    count = np.cumsum(halts)
    between: BoolArray = count[rows[1:]] > count[rows[:-1]]
    return between


def _has_neighbour(falls: IntArray) -> BoolArray:
    near = np.zeros(len(falls), dtype=np.bool_)
    close_by = np.diff(falls) <= _COLLAPSE_ROWS
    near[:-1] |= close_by
    near[1:] |= close_by
    return near


def change_of_scale(look: Look) -> Iterator[Noticed]:
    """A factor of a hundred or so between neighbouring closes, that stays."""
    if not _may_jump(look):
        return
    rows, (close,) = look.good_prices("close")
    limit = look.spec.scale_factor
    jumps = np.flatnonzero((close[1:] > close[:-1] * limit) | (close[1:] * limit < close[:-1]))
    kept = [row for row in jumps.tolist() if _stays(close, row, float(close[row + 1] / close[row]))]
    if kept:
        ratio = float(close[kept[0] + 1] / close[kept[0]])
        times = look.at_ns[picked(rows, np.array(kept) + 1)]
        detail = (
            f"price jumps to {ratio:,.4g} times the one before: another unit or instrument",
            f"가격이 직전의 {ratio:,.4g}배로 바뀜: 단위나 종목이 다름",
        )
        yield Noticed(detail=detail, count=len(kept), span=(int(times[0]), int(times[-1])), places=times)
