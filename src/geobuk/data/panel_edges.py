"""The first and the last row of a grid at which any series has a bar, found without reading what lies between."""

from collections.abc import Sequence
from pathlib import Path

from geobuk.data.manifest import Manifest, StoredFile
from geobuk.data.panel_grid import Grid
from geobuk.data.series_commit import folder_of
from geobuk.data.sheets import Piece, read_times


def trimmed(root: Path, bars: Sequence[Manifest], grid: Grid) -> Grid:
    """The grid from its first to its last row with a bar; of size 0 where there is none.

    Raises
    ------
    DataError
        A stored file is damaged.
    FileNotFoundError
        A stored file is gone, such as by an import.
    """
    first = _first(root, bars, grid)
    return grid.cut(first, _last(root, bars, grid) + 1) if first < grid.size else Grid(grid.start_ns, grid.step_ns, 0)


def _first(root: Path, bars: Sequence[Manifest], grid: Grid) -> int:
    best = grid.size
    for manifest in sorted(bars, key=lambda m: m.first_at_ns):
        for file in manifest.files:
            if grid.row_from(file.first_at_ns) >= best:
                break
            rows = _rows(root, manifest, file, grid, file.first_at_ns)
            if rows:
                best = min(best, rows[0])
                break
    return best


def _last(root: Path, bars: Sequence[Manifest], grid: Grid) -> int:
    best = -1
    for manifest in sorted(bars, key=lambda m: -m.last_at_ns):
        for file in reversed(manifest.files):
            if grid.row_from(file.last_at_ns + 1) - 1 <= best:
                break
            rows = _rows(root, manifest, file, grid, file.last_at_ns)
            if rows:
                best = max(best, rows[1])
                break
    return best


def _rows(root: Path, manifest: Manifest, file: StoredFile, grid: Grid, end_ns: int) -> tuple[int, int] | None:
    """First and last row of the grid at which a file has a bar; only the one at ``end_ns`` where that is one."""
    row = grid.row_from(end_ns)
    if row < grid.size and grid.at(row, row + 1)[0] == end_ns:
        return row, row
    if grid.row_from(file.last_at_ns + 1) <= grid.row_from(file.first_at_ns):
        return None
    rows = grid.rows_of(read_times(Piece(0, folder_of(root, manifest), file)))
    return (int(rows[0]), int(rows[-1])) if len(rows) else None
