"""The funding rates of one instrument, spread over the rows of a panel. Stamps are few: they are held whole."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from geobuk.data.arrange import moment_of
from geobuk.data.funding import Schedule, fill_rates, schedule_of
from geobuk.data.manifest import Manifest
from geobuk.data.panel_query import PanelQuery
from geobuk.data.series_commit import folder_of
from geobuk.data.series_files import read_rows
from geobuk.panel import FloatArray, IntArray


@dataclass(frozen=True)
class History:
    """What is known: (S,) sorted stamps rounded to the minute, their rates, and how they are spaced."""

    stamps: IntArray
    rates: FloatArray
    schedule: Schedule


@dataclass(frozen=True)
class Rates:
    """Settled rates of one instrument; ``hours`` between stamps, 0 where it pays none."""

    hours: int
    history: History | None = None

    def fill(self, at_ns: IntArray, step_ns: int, opening: FloatArray, inside: FloatArray) -> None:
        """Write what is known into (T,) columns that are NaN; see :func:`geobuk.data.funding.fill_rates`.

        ``at_ns`` may leave instants out. Row t depends on ``at_ns[t]`` alone.
        """
        if self.history is None:
            return
        stamps, schedule = self.history.stamps, self.history.schedule
        first, last = int(at_ns[0]), int(at_ns[-1])
        every = first + step_ns * np.arange((last - first) // step_ns + 1, dtype=np.int64)
        a = max(0, int(np.searchsorted(stamps, first)) - 1)
        b = int(np.searchsorted(stamps, last + step_ns)) + 1
        near = Schedule(schedule.hours, schedule.spacing[a : b - 1], schedule.missing[a : b - 1])
        rows = (at_ns - first) // step_ns
        found = fill_rates(every, step_ns, stamps[a:b], self.history.rates[a:b], near)
        for column, values in zip((opening, inside), found, strict=True):
            known = np.flatnonzero(~np.isnan(values[rows]))
            column[known] = values[rows][known]


def rates_of(root: Path, manifest: Manifest | None, query: PanelQuery, rules_hours: int | None, usual: int) -> Rates:
    """Rates around the range asked for.

    Parameters
    ----------
    rules_hours : hours between stamps by the instrument's rules; None where they are not known.
    usual : hours where neither rules nor history say.

    Raises
    ------
    DataError
        A stored file is damaged.
    FileNotFoundError
        A stored file is gone, such as by an import.
    """
    hours = usual if rules_hours is None else rules_hours
    if manifest is None:
        return Rates(hours)
    rows = read_rows(folder_of(root, manifest), manifest, query.overlaps)
    good = rows.mask == 0
    stamps, rates = moment_of(rows.at_ns, "funding")[good], rows.values["rate"][good]
    schedule = schedule_of(stamps, rules_hours or 0)
    return Rates(schedule.hours or hours, History(stamps, rates, schedule))
