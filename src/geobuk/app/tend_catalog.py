"""What a person does with the catalog itself: look at series, verify files, compact, prune, add reference tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from geobuk.app.home import Home
from geobuk.data.catalog import Catalog, SeriesEntry
from geobuk.data.compaction import Compacted, compact
from geobuk.data.krx_import import ReferenceImport
from geobuk.data.layout import STAMPS, SeriesKey, require_venue
from geobuk.data.membership import REFERENCE_KINDS
from geobuk.data.pruning import PrunePlan, plan_prune, prune
from geobuk.data.rows import KIND_COLUMNS
from geobuk.data.sessions import KOREAN_VENUES
from geobuk.data.verification import Verified, verify
from geobuk.domain.errors import UnknownNameError, UserError
from geobuk.domain.times import interval_ns, interval_text, parse_at
from geobuk.ops.clock import WallClock
from geobuk.ops.progress import Progress


@dataclass(frozen=True)
class Chosen:
    """Which series are meant; what is empty does not narrow the choice."""

    venue: str = ""
    interval: str = ""
    instruments: tuple[str, ...] = ()


def choose_series(home: Home, chosen: Chosen) -> list[SeriesEntry]:
    """The stored series that are meant, in order of venue, instrument, kind, interval; none of an empty catalog.

    Raises
    ------
    UnknownNameError : a venue, interval or instrument that the catalog has not.
    UserError : an interval that can't be read.
    """
    series = Catalog(home.catalog_dir).series()
    interval = chosen.interval
    if interval and interval != STAMPS:
        interval = interval_text(interval_ns(interval))
    for what, wanted, known in (
        ("venue", (chosen.venue,), {one.venue for one in series}),
        ("interval", (interval,), {one.interval for one in series}),
        ("instrument", chosen.instruments, {one.instrument for one in series}),
    ):
        for name in wanted:
            if name and known and name not in known:
                raise UnknownNameError(what, name, known)
    return [
        one
        for one in series
        if chosen.venue in {"", one.venue}
        and interval in {"", one.interval}
        and (not chosen.instruments or one.instrument in chosen.instruments)
    ]


def find_series(home: Home, text: str) -> list[SeriesEntry]:
    """Series by their instrument, or by several of venue, instrument, kind and interval with slashes between.

    Raises
    ------
    UnknownNameError : nothing stored is called so.
    """
    series = Catalog(home.catalog_dir).series()
    parts = {part.strip() for part in text.split("/")}
    found = [one for one in series if one.instrument == text or parts <= set(_names(one))]
    if not found:
        known = {one.instrument for one in series} | {"/".join(_names(one)) for one in series}
        raise UnknownNameError("series", text, known, cure="(`geobuk data ls` lists all)")
    return found


def _names(one: SeriesEntry) -> tuple[str, str, str, str]:
    return (one.venue, one.instrument, one.kind, one.interval)


def verify_history(home: Home, chosen: Chosen, progress: Progress | None = None) -> list[Verified]:
    """Read every file of the chosen series again. Nothing is changed."""
    return verify(Catalog(home.catalog_dir), _keys(home, chosen), progress)


def compact_history(home: Home, chosen: Chosen, progress: Progress | None = None) -> list[Compacted]:
    """Bring the chosen series into today's layout; their content stays the same."""
    keys = _keys(home, chosen)
    return compact(Catalog(home.catalog_dir), keys, progress) if keys else []


def prune_history(home: Home, chosen: Chosen, before: str, *, is_meant: bool) -> PrunePlan:
    """Remove superseded files and what crashes left; with ``before``, an ISO date, older rows of the chosen series too.

    Unless ``is_meant`` nothing is removed: the answer is what would be.

    Raises
    ------
    UserError : a date that can't be read, or names without a date: leftovers belong to no choice of series.
    """
    if not before and chosen != Chosen():
        raise UserError(
            "--venue, --interval and --instruments choose series whose old rows are to go",
            cure="say which rows with --before DATE, or leave those options out",
        )
    catalog = Catalog(home.catalog_dir)
    keys = _keys(home, chosen) if before else []
    if is_meant and catalog.root.exists():
        return prune(catalog, keys, parse_at(before) if before else None)
    return plan_prune(catalog, keys, parse_at(before) if before else None)


def _keys(home: Home, chosen: Chosen) -> list[SeriesKey]:
    return [SeriesKey(*_names(one)) for one in choose_series(home, chosen)]


def is_reference(kind: str, venue: str) -> bool:
    """Whether a kind of file is a table about instruments rather than a series of rows."""
    return kind in REFERENCE_KINDS and (kind not in KIND_COLUMNS or venue in KOREAN_VENUES)


def import_reference(home: Home, path: Path, kind: str, venue: str, options: Mapping[str, object]) -> ReferenceImport:
    """Store a table about instruments.

    Parameters
    ----------
    options : the command's other options by name; none of them says anything about such a table.

    Raises
    ------
    UserError : an option that means nothing here.
    DataError : the file can't be used.
    """
    require_venue(venue)
    given: Sequence[str] = [name for name, value in options.items() if value]
    if given:
        raise UserError(f"{', '.join(given)} says nothing about a table of kind {kind}", cure="leave it out")
    return REFERENCE_KINDS[kind](Catalog(home.catalog_dir).root, path, venue, WallClock())
