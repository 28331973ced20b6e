"""A history too long for memory as panels of consecutive rows, the next one read while the caller works on one."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np

from geobuk.data.panel_grid import Grid
from geobuk.data.panel_query import PanelQuery, Selection
from geobuk.data.panel_reader import PanelReader
from geobuk.data.resample import resample
from geobuk.data.sessions import sessions_of, weeks_of
from geobuk.domain.errors import UserError
from geobuk.domain.times import NS_PER_DAY, interval_ns
from geobuk.panel import Panel


def read_chunks(
    root: Path, selection: Selection, query: PanelQuery, rules_hours: Mapping[str, int], bars_per_chunk: int
) -> Iterator[Panel]:
    """Panels that, one after the other, are the panel of the whole query.

    Each has ``bars_per_chunk`` rows, the last one fewer. Where ``query.resample`` asks for coarser bars none is cut:
    the first and last chunk may hold some more rows, and one of a venue with sessions holds whole sessions (or weeks).

    Raises
    ------
    UserError
        ``bars_per_chunk`` is below 1.
    DataError, FileNotFoundError
        As :class:`geobuk.data.panel_reader.PanelReader`.
    """
    if bars_per_chunk < 1:
        raise UserError(f"{bars_per_chunk} bars make no chunk", cure="ask for 1 or more")
    with PanelReader(root, selection, query, rules_hours) as reader, ThreadPoolExecutor(1) as ahead:
        cuts = pairwise(cuts_of(reader.grid, query, bars_per_chunk))
        following = ahead.submit(reader.read, *next(cuts))
        for cut in cuts:
            panel, following = following.result(), ahead.submit(reader.read, *cut)
            yield _made(panel, query)
        yield _made(following.result(), query)


def _made(panel: Panel, query: PanelQuery) -> Panel:
    return resample(panel, query.resample) if query.resample else panel


def cuts_of(grid: Grid, query: PanelQuery, bars: int) -> list[int]:
    """Rows at which chunks begin, and the grid's size: 0 first, strictly increasing.

    Incomplete coarse bars at either end never make a chunk of their own: nothing could be made of it.
    """
    wanted = interval_ns(query.resample) if query.resample else grid.step_ns
    if wanted <= grid.step_ns:
        return [*range(0, grid.size, bars), grid.size]
    if sessions_of(query.venue) is not None:
        return _cuts_by_session(grid, query, wanted, bars)
    per_bar = wanted // grid.step_ns
    lead = (grid.start_ns % grid.step_ns - grid.start_ns) % wanted // grid.step_ns
    inner = range(lead + bars * per_bar, grid.size - per_bar + 1, bars * per_bar)
    return [0, *inner, grid.size]


def _cuts_by_session(grid: Grid, query: PanelQuery, wanted: int, bars: int) -> list[int]:
    sessions = sessions_of(query.venue)
    assert sessions is not None
    days = (grid.at(0, grid.size) + sessions.utc_offset_ns) // NS_PER_DAY
    units = weeks_of(days) if wanted > NS_PER_DAY else days
    starts = np.flatnonzero(np.diff(units, prepend=units[0] - 1))
    rows_per_unit = max(1, grid.size // len(starts))
    bars_per_unit = max(1, rows_per_unit * grid.step_ns // wanted)
    inner = starts[2 : len(starts) - 1 : max(1, bars // bars_per_unit)]
    return [0, *inner.tolist(), grid.size]
