"""Stored history looked at again: every series with its findings, and the report on it; a recorded tape, too."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from geobuk.app.home import Home
from geobuk.data.catalog import Catalog
from geobuk.data.check import CheckRequest, SeriesCheck, check_series
from geobuk.data.checks.tape import check_tape
from geobuk.domain.errors import DataError
from geobuk.ops.clock import WallClock
from geobuk.ops.progress import Progress
from geobuk.panel import Finding
from geobuk.reports.texts import Language


def check_stored(home: Home, request: CheckRequest, progress: Progress | None = None) -> list[SeriesCheck]:
    """What the gate says today of the series of a home's catalog; nothing is changed. Raises UnknownNameError."""
    return check_series(Catalog(home.catalog_dir), request, progress)


def write_check_report(
    checks: Sequence[SeriesCheck], path: Path, request: CheckRequest, *, lang: Language = "en"
) -> Path:
    """Write the HTML report of a check made with sketches; raises StorageError."""
    from geobuk.reports.data_check_html import write_check

    asked = (request.venue, ", ".join(request.instruments), request.interval)
    title = " · ".join(part for part in asked if part) or "catalog"
    return write_check(checks, path, title, WallClock().now_ns(), lang=lang)


def check_tape_file(path: Path) -> tuple[Finding, ...]:
    """What is wrong with a recorded tape (Parquet); raises DataError."""
    try:
        frame = pl.read_parquet(path)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}", cure="check the path") from None
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(f"{path.name} is no Parquet file ({error})", cure="give a tape in Parquet") from None
    return check_tape(frame, path.stem)
