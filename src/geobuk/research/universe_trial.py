"""How many instruments can share the capital: what each of them is judged by, and trials with fewer and fewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isnan

import numpy as np

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import NS_PER_DAY, at_text
from geobuk.panel import BoolArray, Panel
from geobuk.research.universe_choose import Choice, Contender, choose
from geobuk.research.universe_fit import Fit, Fitting
from geobuk.research.universe_measures import Calendar, Survey
from geobuk.research.universe_reasons import Case, Reason, judge, remark
from geobuk.research.universe_score import Part, score
from geobuk.research.universe_spec import UniverseSpec
from geobuk.risk.affordability import RiskChoice

_LONGEST_PAUSE_DAYS = 14
"""Days without any bar after which a history is said to have ended; the longest holidays are shorter."""


@dataclass(frozen=True)
class Background:
    """What is known beside the bars and the rules.

    Attributes
    ----------
    first_ns : name -> opening time of its first bar in all history; a name left out begins with the panel.
    listed_ns : name -> first trading moment, where it is known.
    is_listed : (N,) whether each instrument was listed at the moment; None where nothing is known of that.
    is_open : (T,) rows in which the venue was open; None: those in which any instrument has a bar.
    absent : name -> why it can't be judged at all (no bars in the panel, quarantined).
    are_survivors : whether all names were collected from those that still traded long after the moment.
    """

    first_ns: Mapping[str, int] = field(default_factory=dict)
    listed_ns: Mapping[str, int] = field(default_factory=dict)
    is_listed: BoolArray | None = None
    is_open: BoolArray | None = None
    absent: Mapping[str, Reason] = field(default_factory=dict)
    are_survivors: bool = False


def past_of(panel: Panel, at_ns: int, background: Background) -> tuple[Panel, Background]:
    """Rows that had closed by a moment, and the background cut to them.

    Raises
    ------
    DataError
        There is none, or the last one is weeks old.
    """
    rows = int(np.searchsorted(panel.at_ns, at_ns - panel.interval_ns, side="right"))
    ends = panel.at_ns[:rows] + panel.interval_ns
    if rows == 0 or not panel.tradable[:rows].any():
        first = at_text(int(panel.at_ns[0])) if len(panel.at_ns) else "-"
        raise DataError(
            f"no bar of {panel.venue} {panel.interval} had closed by {at_text(at_ns)} UTC",
            cure=f"choose a moment after {first}, when its history begins",
        )
    last = int(ends[panel.tradable[:rows].any(axis=1)][-1])
    if at_ns - last > _LONGEST_PAUSE_DAYS * NS_PER_DAY:
        raise DataError(
            f"the history of {panel.venue} {panel.interval} ends {at_text(last)} UTC,"
            f" {(at_ns - last) // NS_PER_DAY} days before {at_text(at_ns)}",
            cure="choose an earlier moment, or bring the history up to date",
        )
    opened = None if background.is_open is None else background.is_open[:rows]
    return panel.rows(0, rows), replace(background, is_open=opened)


def calendar_of(past: Panel, at_ns: int, background: Background) -> Calendar:
    """Where the background does not say when an instrument began or the venue was open, the bars do."""
    has_bar: BoolArray = np.isfinite(past.close)
    first_row = np.where(has_bar.any(axis=0), has_bar.argmax(axis=0), 0)
    seen = np.where(has_bar.any(axis=0), past.at_ns[first_row], at_ns)
    names = past.instruments
    return Calendar(
        first_ns=np.array([background.first_ns.get(name, seen[n]) for n, name in enumerate(names)], dtype=np.int64),
        listed_ns=np.array([background.listed_ns.get(name, 0) for name in names], dtype=np.int64),
        is_open=np.asarray(has_bar.any(axis=1) if background.is_open is None else background.is_open),
    )


@dataclass(frozen=True)
class View:
    """What was seen, in the panel's order."""

    panel: Panel
    survey: Survey
    rules: tuple[Instrument | None, ...]
    spec: UniverseSpec
    risk: RiskChoice
    background: Background

    def is_listed(self, column: int) -> bool:
        """Whether it was listed at the moment, as far as that is known."""
        listed = self.background.is_listed
        return listed is None or bool(listed[column])

    def case(self, column: int, fit: Fit | None) -> Case:
        """What the instrument is judged by."""
        rules = self.rules[column]
        quote = rules.quote if rules is not None else quote_of(self.rules)
        return Case(self.survey.measures[column], fit, quote, self.risk.account.capital, self.spec)


@dataclass(frozen=True)
class Trial:
    """What comes out if ``sharing`` instruments share the capital; lists are in the panel's order."""

    sharing: int
    fits: tuple[Fit | None, ...]
    judged: tuple[tuple[list[Reason], list[Reason]], ...]
    parts: tuple[tuple[Part, ...], ...]
    points: tuple[float, ...]
    choice: Choice


def largest_trial(view: View) -> Trial:
    """The trial with the most instruments of which every one that shares is chosen; of one if there is none."""
    fitting = Fitting(view.panel, view.rules, view.risk)
    trial = _trial(view, fitting, view.spec.count)
    while len(trial.choice.chosen) < trial.sharing and trial.sharing > 1:
        trial = _trial(view, fitting, trial.sharing - 1)
    return trial


def _trial(view: View, fitting: Fitting, sharing: int) -> Trial:
    fits = fitting.fits(sharing)
    names = view.panel.instruments
    judged = tuple(_judged(view, column, fit) for column, fit in enumerate(fits))
    parts = tuple(score(view.case(column, fit)) for column, fit in enumerate(fits))
    points = tuple(
        sum(part.points for part in found) + (view.spec.keep_points if name in view.spec.held else 0.0)
        for name, found in zip(names, parts, strict=True)
    )
    contenders = [
        Contender(column, names[column], sector_of(view.rules[column]), points[column])
        for column, (_, against) in enumerate(judged)
        if not any(one.is_veto for one in against)
    ]
    choice = choose(contenders, view.survey.correlation, view.spec, sharing)
    return Trial(sharing, fits, judged, parts, points, choice)


def _judged(view: View, column: int, fit: Fit | None) -> tuple[list[Reason], list[Reason]]:
    """Reasons for and against, those included that no measure gives."""
    case = view.case(column, fit)
    if isnan(case.measures.price):
        return [], [remark("BARS", is_veto=True)]
    favour, against = judge(case)
    if not view.is_listed(column):
        against.insert(0, remark("MEMBER", is_veto=True))
    if view.panel.instruments[column] in view.spec.held:
        favour.append(remark("KEPT", is_veto=False, value=view.spec.keep_points))
    return favour, against


def sector_of(rules: Instrument | None) -> str:
    """The sector by the rules, empty where none is known."""
    return "" if rules is None else rules.sector


def quote_of(rules: Sequence[Instrument | None]) -> str:
    """The quote currency of the first instrument that has rules."""
    return next((one.quote for one in rules if one is not None), "")
