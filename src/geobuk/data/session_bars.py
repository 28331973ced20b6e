"""Coarser bars of a venue with sessions: each is made of bars of one session, or of whole sessions of one week."""

from dataclasses import dataclass, replace

import numpy as np

from geobuk.data.session_table import Phase, Sessions
from geobuk.data.sessions import open_instants, require_session_interval, weeks_of
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel


@dataclass(frozen=True)
class _Grid:
    """Every fine bar that a whole coarse bar is made of.

    Attributes
    ----------
    at_ns : (F,) opening of each fine bar, ascending
    starts : (C,) row of the first fine bar of each coarse bar
    opens_ns : (C,) opening of each coarse bar
    is_continuous : (F,) whether the fine bar opens in continuous trading; always for bars of a day
    """

    at_ns: IntArray
    starts: IntArray
    opens_ns: IntArray
    is_continuous: BoolArray


def resample_sessions(panel: Panel, interval_ns: int, sessions: Sessions) -> Panel:
    """Bars of ``interval_ns`` of a venue with sessions.

    Bars shorter than a day are counted from their session's open; the last may be cut short by its close, and also
    holds bars that open at the close (the closing auction's print). A bar of one day is one session, opening with its
    local day; a bar of one week holds the sessions from Monday to Sunday. Bars outside every session are left out.
    Otherwise values are as in :func:`geobuk.data.resample.resample`, except that the quiet minutes of a call auction do
    not count when a coarse bar is judged tradable: one that lies wholly in it is if any bar of it is.

    Raises
    ------
    DataError
        The interval is longer than a day and no week, the panel holds no whole bar of it, or the table of sessions does
        not reach so far.
    """
    require_session_interval(panel.venue, interval_ns)
    if len(panel.at_ns) == 0:
        raise DataError(f"no bars of {panel.interval} to make coarser ones of", cure="read a longer period")
    grid = _whole(_grid(panel, interval_ns, sessions), panel)
    row = np.searchsorted(panel.at_ns, grid.at_ns)
    row[row == len(panel.at_ns)] = 0
    there = panel.at_ns[row] == grid.at_ns
    fine = {name: _placed(getattr(panel, name), row, there) for name in ("open", "high", "low", "close", "volume")}
    known = {name: ~np.isnan(values) for name, values in fine.items()}
    last_row = np.append(grid.starts[1:], len(grid.at_ns)) - 1
    nothing = np.full((len(grid.starts), panel.shape[1]), np.nan)
    return replace(
        panel,
        interval_ns=interval_ns,
        at_ns=grid.opens_ns,
        open=_at(fine["open"], _first(known["open"], grid.starts)),
        high=np.fmax.reduceat(fine["high"], grid.starts, axis=0),
        low=np.fmin.reduceat(fine["low"], grid.starts, axis=0),
        close=_at(fine["close"], _last(known["close"], grid.starts)),
        volume=_sum(fine["volume"], known["volume"], grid.starts),
        mark=_placed(panel.mark, row, there)[last_row],
        funding=nothing,
        funding_inside=nothing.copy(),
        tradable=_tradable(panel.tradable[row] & there[:, None], grid),
    )


def _grid(panel: Panel, interval_ns: int, sessions: Sessions) -> _Grid:
    first, last = sessions.local_day(int(panel.at_ns[0])), sessions.local_day(int(panel.at_ns[-1]))
    is_intraday = panel.interval_ns < NS_PER_DAY
    shift = 0 if is_intraday else int(panel.at_ns[0] - sessions.midnight_ns(np.array([first]))[0])
    if interval_ns > NS_PER_DAY:  # whole weeks, so that one which has not ended is seen not to have
        monday, last_monday = weeks_of(np.array([first, last])).tolist()
        first, last = max(monday, sessions.first_day), min(last_monday + 6, sessions.last_day)
    days = sessions.sessions_between(first, last)
    at_ns = _fine_instants(panel, sessions, days) if is_intraday else sessions.midnight_ns(days) + shift
    if len(at_ns) == 0:
        raise DataError(f"the bars of {panel.venue} lie outside every session", cure="check their time zone")
    place = sessions.session_of(at_ns)
    if interval_ns < NS_PER_DAY:
        opened, length = sessions.open_ns[place], sessions.close_ns[place] - sessions.open_ns[place]
        opens = opened + np.minimum((at_ns - opened) // interval_ns, (length - 1) // interval_ns) * interval_ns
    else:
        of_day = sessions.days[place]
        opens = sessions.midnight_ns(of_day if interval_ns == NS_PER_DAY else weeks_of(of_day)) + shift
    starts = np.flatnonzero(np.diff(opens, prepend=opens[0] - 1))
    is_continuous = sessions.phases(at_ns) == Phase.CONTINUOUS if is_intraday else np.ones(len(at_ns), dtype=np.bool_)
    return _Grid(at_ns, starts, opens[starts], is_continuous)


def _fine_instants(panel: Panel, sessions: Sessions, days: IntArray) -> IntArray:
    """Openings of all fine bars of the sessions; closing prints too where the panel has any: none may come late."""
    rows = sessions.row_of(days)
    regular = open_instants(sessions, rows, panel.interval_ns)
    closes = sessions.close_ns[rows]
    return np.union1d(regular, closes) if np.isin(closes, panel.at_ns).any() else regular


def _whole(grid: _Grid, panel: Panel) -> _Grid:
    """Coarse bars all of whose fine bars lie within the panel; one that ends after it might still change."""
    ends = np.append(grid.starts[1:], len(grid.at_ns))
    is_whole = (grid.at_ns[grid.starts] >= panel.at_ns[0]) & (grid.at_ns[ends - 1] <= panel.at_ns[-1])
    if not is_whole.any():
        raise DataError(
            f"{len(panel.at_ns)} bars of {panel.interval} make no whole coarser bar", cure="read a longer period"
        )
    first, last = np.flatnonzero(is_whole)[[0, -1]]
    begin, end = int(grid.starts[first]), int(ends[last])
    rows = slice(begin, end)
    bars = slice(first, last + 1)
    return _Grid(grid.at_ns[rows], grid.starts[bars] - begin, grid.opens_ns[bars], grid.is_continuous[rows])


def _placed(values: FloatArray, row: IntArray, there: BoolArray) -> FloatArray:
    """(F, N) the panel's rows on the fine grid; NaN where the panel has none."""
    placed = values[row]
    placed[~there] = np.nan
    return placed


def _at(values: FloatArray, where: IntArray) -> FloatArray:
    """(C, N) the value at a row for each column; NaN where there is none (-1)."""
    chosen = np.take_along_axis(values, np.maximum(where, 0), axis=0)
    chosen[where < 0] = np.nan
    return chosen


def _first(flags: BoolArray, starts: IntArray) -> IntArray:
    """(C, N) first row of each group where the flag is set, -1 where it never is."""
    size = len(flags)
    rows = np.where(flags, np.arange(size)[:, None], size)
    found: IntArray = np.minimum.reduceat(rows, starts, axis=0)
    found[found == size] = -1
    return found


def _last(flags: BoolArray, starts: IntArray) -> IntArray:
    """(C, N) last row of each group where the flag is set, -1 where it never is."""
    found: IntArray = np.maximum.reduceat(np.where(flags, np.arange(len(flags))[:, None], -1), starts, axis=0)
    return found


def _sum(values: FloatArray, known: BoolArray, starts: IntArray) -> FloatArray:
    total = np.add.reduceat(np.where(known, values, 0.0), starts, axis=0)
    return np.where(np.logical_or.reduceat(known, starts, axis=0), total, np.nan)


def _tradable(fine: BoolArray, grid: _Grid) -> BoolArray:
    """(C, N): of the bars in continuous trading the first, the last and at least half; any, if none is in it."""
    counts = np.broadcast_to(grid.is_continuous[:, None], fine.shape)
    first, last = _first(counts, grid.starts), _last(counts, grid.starts)
    at_ends = np.take_along_axis(fine, first, axis=0) & np.take_along_axis(fine, last, axis=0)
    needed = np.add.reduceat(grid.is_continuous.astype(np.int64), grid.starts)[:, None]
    have = np.add.reduceat((fine & counts).astype(np.int64), grid.starts, axis=0)
    is_any = np.logical_or.reduceat(fine, grid.starts, axis=0)
    tradable: BoolArray = np.where(first < 0, is_any, at_ends & (2 * have >= needed))
    return tradable
