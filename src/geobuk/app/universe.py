"""Choosing instruments from the catalog: history up to the moment, the rules in force, the account's settings."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, isfinite
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace

from geobuk.app.history import SYNTHETIC, read_history
from geobuk.app.home import Home, default_home
from geobuk.app.settings import Override, Settings, load_settings, override
from geobuk.data.calendars import hours_of, on_closed_day
from geobuk.data.catalog import Catalog, SeriesEntry
from geobuk.data.instruments import instruments_for
from geobuk.data.membership import membership_of
from geobuk.data.panel_query import PanelQuery
from geobuk.data.snapshots import known_instruments
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import NS_PER_DAY, at_text, interval_ns, interval_text, parse_at
from geobuk.ops.progress import Progress
from geobuk.panel import BoolArray, Panel
from geobuk.research.universe import Universe, select_universe
from geobuk.research.universe_reasons import Reason, remark
from geobuk.research.universe_spec import UniverseSpec
from geobuk.research.universe_trial import Background
from geobuk.risk.affordability import RiskChoice
from geobuk.risk.limits import limits_on
from geobuk.simulate.inputs import decision_interval
from geobuk.simulate.spec import BacktestSpec

_SPANS = 4
"""Spans of an average after which its beginning no longer counts."""

_LONG_AFTER_NS = 30 * NS_PER_DAY
"""Names that all trade so long after the moment were collected later."""

_FIRST_DAY = parse_at("1956-03-03") // NS_PER_DAY
"""No listing is older: the day on which the Korean stock exchange opened."""

_LIMITS = {
    "TURNOVER": "universe.min_turnover_usd or universe.min_turnover_krw",
    "SPREAD": "universe.max_spread",
    "TICK": "universe.max_tick",
    "DATA": "universe.max_unusable",
    "ZERO_VOLUME": "universe.max_zero_volume",
    "VOLATILITY": "universe.min_volatility",
    "TOO_VOLATILE": "universe.max_volatility",
    "FUNDING": "universe.max_funding or universe.needs_funding",
    "PARTICIPATION": "universe.max_participation",
    "SILENT": "universe.max_silent_days",
}
"""Code of a refusal -> the settings that can be loosened."""


@dataclass(frozen=True, slots=True)
class UniverseRequest:
    """A choice as it was asked for. What is left empty, the settings say.

    ``at`` is an ISO date or date-time, UTC without an offset; empty is the end of the last bar. ``held`` are names that
    are held already. ``sets`` are texts such as ``universe.max_spread=0.002``.
    """

    venue: str = ""
    interval: str = ""
    at: str = ""
    capital: float | None = None
    count: int | None = None
    instruments: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    language: str = ""
    sets: tuple[str, ...] = ()
    settings_file: Path | None = None


@dataclass(frozen=True)
class ChosenUniverse:
    """The answer to a request, with the settings that led to it."""

    universe: Universe
    settings: Settings


def universe(
    venue: str,
    interval: str,
    instruments: Sequence[str] = (),
    *,
    at: str = "",
    capital: float | None = None,
    spec: UniverseSpec | None = None,
    backtest: BacktestSpec | None = None,
    home: str | Path | None = None,
) -> Universe:
    """Choose 10 to 25 instruments as it could have been done at a moment, with reasons for and against each.

    Parameters
    ----------
    instruments : the ones to choose from; all there are if left out.
    at : ISO date or date-time, UTC without an offset; the end of the last bar if left out. Only bars that had closed
        by then count.
    capital : overrides ``backtest.account.capital``.
    spec : limits and weights of the choice; settings.toml is not read.
    backtest : the account, sizing and limits that positions are sized with.
    home : the folder that holds the catalog; ``$GEOBUK_HOME`` or ``~/.geobuk`` if left out.

    Raises
    ------
    UnknownNameError, DataError : what the catalog does not have; no history at the moment; nobody qualifies.
    UserError : a date or interval that can't be read.
    """
    backtest = backtest or BacktestSpec()
    if capital is not None:
        backtest = replace(backtest, account=replace(backtest.account, capital=capital))
    wanted = PanelQuery(venue, interval, (instruments,) if isinstance(instruments, str) else tuple(instruments))
    settings = Settings(backtest=backtest, universe=spec or UniverseSpec())
    chosen = _select(Home(Path(home)) if home else default_home(), settings, wanted, at)
    require_chosen(chosen)
    return chosen


def choose_universe(home: Home, request: UniverseRequest, progress: Progress | None = None) -> ChosenUniverse:
    """Read, measure, choose. A universe in which nobody qualifies is returned too: see :func:`require_chosen`.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    tell = progress or (lambda stage, done, total: None)
    settings = load_settings(request.settings_file, home=home, overrides=_overrides(request))
    data = settings.data
    wanted = PanelQuery(
        venue=request.venue or data.venue,
        interval=request.interval or data.interval,
        instruments=request.instruments or data.instruments,
    )
    tell("history", 0, 0)
    return ChosenUniverse(_select(home, settings, wanted, request.at), settings)


def require_chosen(chosen: Universe) -> None:
    """Raise DataError with the limits that refused most, if nobody qualifies."""
    if chosen.chosen:
        return
    codes = Counter(why.code for one in chosen.candidates for why in one.reasons_against if why.is_veto)
    told = ", ".join(f"{code} refuses {count}" for code, count in codes.most_common(3))
    least = min((one.fit.capital_needed for one in chosen.candidates if one.fit is not None), default=float("inf"))
    cures = {
        "AFFORDABLE": f"one alone would need {least:,.0f} {chosen.quote}"
        if isfinite(least)
        else "choose a later moment",
        "AGE": "choose a later moment, or import older history",
        "RULES": "import the venue's rules with `geobuk data rules exchangeInfo.json`",
    }
    top = codes.most_common(1)[0][0] if codes else ""
    raise DataError(
        f"no instrument of {chosen.venue} {chosen.interval} qualifies at {at_text(chosen.at_ns)} UTC"
        f" ({told} of {len(chosen.candidates)})",
        cure=cures.get(top, f"set another limit: {_LIMITS.get(top, 'see [universe]')}") + "; `--explain` tells all",
    )


def _select(home: Home, settings: Settings, wanted: PanelQuery, at: str) -> Universe:
    entries = _entries(home, wanted)
    ends = [one.last_at_ns + interval_ns(wanted.interval) for one in entries if not one.is_quarantined]
    at_ns = parse_at(at) if at else max(ends, default=None)
    from_ns = None if at_ns is None else at_ns - _days_needed(settings) * NS_PER_DAY
    panel = _history(home, settings, dataclasses.replace(wanted, from_ns=from_ns, to_ns=at_ns))
    if at_ns is None:
        at_ns = int(panel.at_ns[-1]) + panel.interval_ns
    names = {*panel.instruments, *(one.instrument for one in entries)}
    for name in settings.universe.held:
        if name not in names:
            raise UnknownNameError("instrument", name, names)
    backtest = settings.backtest
    rules = _rules(home, panel, at_ns)
    choice = RiskChoice(
        backtest.account,
        backtest.sizing,
        limits_on(tuple(rules.values()), backtest.limits),
        backtest.stops,
        decision_interval(panel, backtest),
        panel.year,
    )
    background = _background(home, panel, entries, at_ns)
    return select_universe(panel, rules, at_ns, choice, settings.universe, background)


def _history(home: Home, settings: Settings, query: PanelQuery) -> Panel:
    """Bars that open before the moment; a generated market is made as a whole."""
    if query.venue == SYNTHETIC:
        return read_history(home, settings, dataclasses.replace(query, from_ns=None, to_ns=None))
    return Catalog(home.catalog_dir).read_panel(query)


def _entries(home: Home, wanted: PanelQuery) -> list[SeriesEntry]:
    """Stored bars that may be chosen from, quarantined ones included; none of a generated market."""
    if wanted.venue == SYNTHETIC:
        return []
    interval = interval_text(interval_ns(wanted.interval))
    return [
        one
        for one in Catalog(home.catalog_dir).series()
        if (one.venue, one.kind, one.interval) == (wanted.venue, "bars", interval)
        and (not wanted.instruments or one.instrument in wanted.instruments)
    ]


def _days_needed(settings: Settings) -> int:
    backtest = settings.backtest
    spans = ceil(_SPANS * max(backtest.sizing.volatility_days, backtest.stops.atr_days))
    return max(settings.universe.lookback_days, spans) + 1


def _rules(home: Home, panel: Panel, at_ns: int) -> dict[str, Instrument]:
    """Rules in force at the moment, of the instruments that have some; raises DataError where none has."""
    rules = known_instruments(home.catalog_dir, panel.venue, panel.instruments, at_ns)
    if rules:
        return rules
    found = instruments_for(Catalog(home.catalog_dir), panel.venue, panel.instruments, at_ns)
    return {one.name: one for one in found}


def _background(home: Home, panel: Panel, entries: Sequence[SeriesEntry], at_ns: int) -> Background:
    is_listed, listed_ns = _listing(home, panel, at_ns)
    last = max((one.last_at_ns for one in entries), default=at_ns)
    return Background(
        first_ns={one.instrument: one.first_at_ns for one in entries},
        listed_ns=listed_ns,
        is_listed=is_listed,
        is_open=_is_open(panel),
        absent={one.instrument: _absence(one) for one in entries if one.instrument not in panel.instruments},
        are_survivors=last > at_ns + _LONG_AFTER_NS and all(one.last_at_ns > last - _LONG_AFTER_NS for one in entries),
    )


def _listing(home: Home, panel: Panel, at_ns: int) -> tuple[BoolArray | None, dict[str, int]]:
    """Whether each instrument was listed at the moment, and since when; None and nothing where no date is known."""
    days = np.arange(_FIRST_DAY, at_ns // NS_PER_DAY + 1, dtype=np.int64) * NS_PER_DAY
    days = np.append(days[days < at_ns], at_ns)
    membership = membership_of(home.catalog_dir, panel.venue, panel.instruments, days)
    if not membership.is_known.any():
        return None, {}
    was_out = ~membership.is_member[:-1]
    since = len(was_out) - was_out[::-1].argmax(axis=0)
    known = membership.is_known & membership.is_member[-1] & was_out.any(axis=0)
    names = panel.instruments
    return membership.is_member[-1], {names[n]: int(days[since[n]]) for n in np.flatnonzero(known)}


def _absence(entry: SeriesEntry) -> Reason:
    if entry.is_quarantined:
        return remark("QUARANTINED", is_veto=True, detail=entry.quarantine_reason)
    return remark("BARS", is_veto=True)


def _is_open(panel: Panel) -> BoolArray | None:
    """By the venue's calendar where that is known for such bars; None leaves it to the bars."""
    hours = hours_of(panel.venue)
    if hours.is_always_open:
        return np.ones(panel.shape[0], dtype=np.bool_)
    return ~on_closed_day(panel.at_ns, hours) if panel.interval_ns == NS_PER_DAY else None


def _overrides(request: UniverseRequest) -> list[Override]:
    given: tuple[tuple[tuple[str, ...], Any, str], ...] = (
        (("backtest", "account", "capital"), request.capital, f"--capital {request.capital}"),
        (("universe", "count"), request.count, f"--count {request.count}"),
        (("universe", "held"), list(request.held) or None, f"--keep {','.join(request.held)}"),
        (("report", "language"), request.language or None, f"--lang {request.language}"),
    )
    return [
        *(override(text, "--set") for text in request.sets),
        *(Override(path, value, origin) for path, value, origin in given if value is not None),
    ]
