"""The choice of instruments as it could have been made at a moment: who may be traded, who is chosen, and why.

It knows no catalog and no clock; what is not in the panel up to the moment comes in as :class:`Background`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan

import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.panel import Panel
from geobuk.research.universe_choose import nearest, sector_room
from geobuk.research.universe_fit import Fit
from geobuk.research.universe_measures import Measures, measure
from geobuk.research.universe_notes import Note, later_rules, note, shortfall
from geobuk.research.universe_reasons import Reason, reason
from geobuk.research.universe_score import Part
from geobuk.research.universe_spec import UniverseSpec
from geobuk.research.universe_trial import (
    Background,
    Trial,
    View,
    calendar_of,
    largest_trial,
    past_of,
    quote_of,
    sector_of,
)
from geobuk.risk.affordability import RiskChoice


@dataclass(frozen=True)
class Candidate:
    """One instrument that was looked at.

    ``rank`` counts from 1 through those that pass every limit, the chosen ones first; None where a limit fails.
    ``points`` is the sum of ``parts`` and of what is given to names that are held; ``taken_off`` is what its likeness
    to those chosen before it cost. ``measures`` is None without bars, ``fit`` without trading rules.
    """

    instrument: str
    is_chosen: bool
    rank: int | None
    points: float
    taken_off: float
    parts: tuple[Part, ...]
    measures: Measures | None
    fit: Fit | None
    sector: str
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]


@dataclass(frozen=True)
class Universe:
    """The choice at ``at_ns``, from bars that had closed by then. ``candidates``: chosen, then ranked, then refused."""

    venue: str
    interval: str
    at_ns: int
    capital: float
    quote: str
    is_synthetic: bool
    spec: UniverseSpec
    candidates: tuple[Candidate, ...]
    notes: tuple[Note, ...]
    source_hash: str

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the chosen instruments, best first."""
        return tuple(one.instrument for one in self.candidates if one.is_chosen)


def select_universe(
    panel: Panel,
    instruments: Mapping[str, Instrument],
    at_ns: int,
    risk: RiskChoice,
    spec: UniverseSpec | None = None,
    background: Background | None = None,
) -> Universe:
    """Choose up to ``spec.count`` instruments of a panel.

    Only rows that closed by ``at_ns`` count, whatever else the panel holds. Positions are sized for as many instruments
    as are chosen: the largest number at which that many pass every limit, none of them too large for its share of the
    capital.

    Parameters
    ----------
    instruments : trading rules by name; a name left out is refused.
    risk : capital, sizing and limits that decide how large a full position is.

    Raises
    ------
    DataError
        No bar had closed by then, or the history had ended long before.
    """
    spec, background = spec or UniverseSpec(), background or Background()
    past, background = past_of(panel, at_ns, background)
    view = View(
        panel=past,
        survey=measure(past, at_ns, spec, calendar_of(past, at_ns, background)),
        rules=tuple(instruments.get(name) for name in past.instruments),
        spec=spec,
        risk=risk,
        background=background,
    )
    trial = largest_trial(view)
    chosen = tuple(one.name for one in trial.choice.chosen)
    return Universe(
        venue=panel.venue,
        interval=panel.interval,
        at_ns=at_ns,
        capital=risk.account.capital,
        quote=quote_of(view.rules),
        is_synthetic=panel.is_synthetic,
        spec=spec,
        candidates=(*_candidates(view, trial), *_absent(background)),
        notes=_notes(view, trial, chosen, at_ns),
        source_hash=panel.source_hash,
    )


def _candidates(view: View, trial: Trial) -> list[Candidate]:
    """Chosen ones in the order of their choice, then those passed over by points, then the refused by turnover."""
    chosen = {one.column: place + 1 for place, one in enumerate(trial.choice.chosen)}
    others = sorted(trial.choice.passed_over, key=lambda column: -trial.points[column])
    rank = chosen | {column: len(chosen) + place + 1 for place, column in enumerate(others)}
    refused = [column for column in range(view.panel.shape[1]) if column not in rank]
    refused.sort(key=lambda column: -np.nan_to_num(view.survey.measures[column].liquidity))
    return [_candidate(view, trial, column, rank.get(column)) for column in (*chosen, *others, *refused)]


def _candidate(view: View, trial: Trial, column: int, rank: int | None) -> Candidate:
    favour, against = trial.judged[column]
    name, is_chosen = view.panel.instruments[column], column not in trial.choice.passed_over and rank is not None
    why = trial.choice.passed_over.get(column)
    return Candidate(
        instrument=name,
        is_chosen=is_chosen,
        rank=rank,
        points=trial.points[column],
        taken_off=trial.choice.taken_off.get(column, 0.0),
        parts=trial.parts[column],
        measures=view.survey.measures[column],
        fit=trial.fits[column],
        sector=sector_of(view.rules[column]),
        reasons_for=(*favour, *(_company(view, trial, column) if is_chosen else ())),
        reasons_against=(*against, *((why,) if why is not None else ())),
    )


def _company(view: View, trial: Trial, column: int) -> list[Reason]:
    """How a chosen one goes with the others."""
    mine = next(one for one in trial.choice.chosen if one.column == column)
    found = []
    closest = nearest(mine, trial.choice.chosen, view.survey.correlation)
    if closest is not None:
        numbers, other = (closest[0], view.spec.max_correlation), (closest[1], closest[1])
        found.append(reason("CORRELATION", numbers, is_for=True, other=other))
    if mine.sector:
        same = sum(one.sector == mine.sector for one in trial.choice.chosen)
        numbers = (same, sector_room(view.spec, trial.sharing))
        found.append(reason("SECTOR", numbers, is_for=True, unit="count", other=(mine.sector, mine.sector)))
    return found


def _absent(background: Background) -> list[Candidate]:
    return [
        Candidate(name, False, None, 0.0, 0.0, (), None, None, "", (), (why,))
        for name, why in sorted(background.absent.items())
    ]


def _notes(view: View, trial: Trial, chosen: tuple[str, ...], at_ns: int) -> tuple[Note, ...]:
    rules = {one.name: one for one in view.rules if one is not None}
    notes = shortfall(len(chosen), view.spec.count, is_shared=_is_tight(trial))
    notes += later_rules(rules, chosen, at_ns)
    if view.background.are_survivors:
        notes.append(note("SURVIVORS"))
    unknown = [one for one in trial.choice.chosen if isnan(view.survey.measures[one.column].funding)]
    if unknown:
        notes.append(note("NO_FUNDING", count=(str(len(unknown)),) * 2))
    if view.panel.is_synthetic:
        notes.append(note("SYNTHETIC"))
    return tuple(notes)


def _is_tight(trial: Trial) -> bool:
    """Whether some instrument is refused for nothing but its smallest order."""
    vetoes = [[one.code for one in against if one.is_veto] for _, against in trial.judged]
    return any(codes == ["AFFORDABLE"] for codes in vetoes)
