"""Where a run's bars and trading rules come from: the catalog, or the generator of synthetic markets."""

from collections.abc import Sequence

from geobuk.app.home import Home
from geobuk.app.settings import Settings
from geobuk.data.catalog import Catalog
from geobuk.data.instruments import instruments_for
from geobuk.data.membership import membership_notes
from geobuk.data.panel_query import PanelQuery
from geobuk.data.synthetic import MarketSpec, synthetic_panel
from geobuk.domain.errors import DataError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import NS_PER_DAY, interval_ns, parse_at
from geobuk.panel import Panel
from geobuk.simulate.result import Note

SYNTHETIC = "synthetic"


def wanted_history(
    settings: Settings,
    *,
    venue: str = "",
    interval: str = "",
    instruments: Sequence[str] = (),
    period: tuple[str, str] = ("", ""),
    resample: str = "",
) -> PanelQuery:
    """What an option leaves out, the settings say. ``period`` is two ISO dates, both inclusive.

    Raises
    ------
    UserError : a date or interval that can't be read.
    DataError : a period that ends before it begins.
    """
    from_ns, to_ns = period_of(*period)
    data = settings.data
    for text in (interval, resample):
        if text:
            interval_ns(text)
    return PanelQuery(
        venue=venue or data.venue,
        interval=interval or data.interval,
        instruments=tuple(instruments) or data.instruments,
        from_ns=from_ns,
        to_ns=to_ns,
        resample=resample or data.resample,
    )


def period_of(first: str, last: str) -> tuple[int | None, int | None]:
    """First instant and the first one after, of two ISO dates, both inclusive; None where a text is empty.

    Raises
    ------
    UserError : a date that can't be read.
    DataError : a period that ends before it begins.
    """
    from_ns = parse_at(first) if first else None
    to_ns = end_of(last) if last else None
    if from_ns is not None and to_ns is not None and from_ns >= to_ns:
        raise DataError(f"the period {first} to {last} ends before it begins", cure="exchange the two dates")
    return from_ns, to_ns


def end_of(text: str) -> int:
    """The first instant after a date, or the instant itself where a time of day is given.

    >>> end_of("1970-01-01") == NS_PER_DAY
    True
    """
    at = parse_at(text)
    return at + NS_PER_DAY if len(text.strip()) <= len("2024-01-31") else at


def read_history(home: Home, settings: Settings, wanted: PanelQuery) -> Panel:
    """The panel of a run; raises UnknownNameError, DataError with the cure."""
    is_made = wanted.venue == SYNTHETIC
    panel = _generated(settings, wanted) if is_made else Catalog(home.catalog_dir).read_panel(wanted)
    if panel.shape[0] < 2:
        raise DataError(
            f"{panel.shape[0]} bars of {wanted.venue} {wanted.interval} lie in that period",
            cure="choose a longer one; `geobuk data ls` shows what there is",
        )
    return panel


def history_notes(home: Home, panel: Panel) -> tuple[Note, ...]:
    """What must be said of a panel's choice of instruments: who is missing from it."""
    return tuple(Note(*note) for note in membership_notes(home.catalog_dir, panel))


def read_rules(home: Home, panel: Panel) -> tuple[Instrument, ...]:
    """Trading rules in the panel's order, as they were known at its first bar or soonest after."""
    return instruments_for(Catalog(home.catalog_dir), panel.venue, panel.instruments, int(panel.at_ns[0]))


def market_spec(settings: Settings, interval: str) -> MarketSpec:
    """The synthetic market that the settings describe."""
    wanted = settings.synthetic
    bars = wanted.days * NS_PER_DAY // interval_ns(interval)
    return MarketSpec(
        seed=wanted.seed, instruments=wanted.instruments, bars=max(2, bars), interval=interval, start=wanted.start
    )


def _generated(settings: Settings, wanted: PanelQuery) -> Panel:
    panel = synthetic_panel(market_spec(settings, wanted.resample or wanted.interval))
    panel = panel.between(wanted.from_ns, wanted.to_ns)
    return panel.select(wanted.instruments) if wanted.instruments else panel
