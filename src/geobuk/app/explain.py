"""From the name of a recorded run to the reasons of one of its decisions: it is run again, and must be the same run."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from geobuk.app.backtest import believed, simulated
from geobuk.app.history import end_of, read_history, read_rules
from geobuk.app.home import Home
from geobuk.app.recorded_request import request_read
from geobuk.app.rerun import changed_since, mixing_of, refusal
from geobuk.app.runs import find_run
from geobuk.domain.times import NS_PER_DAY
from geobuk.ops.progress import Progress
from geobuk.panel import Panel
from geobuk.reports.texts import Language
from geobuk.simulate.explain import explain
from geobuk.simulate.explained import RowExplained


@dataclass(frozen=True, slots=True)
class ExplainedRun:
    """The decisions of one moment of a recorded run.

    ``changed`` are keys of CHANGES: what is not as it was when the run was recorded; empty where the run is the same.
    ``language`` is that of its report.
    """

    run_id: str
    row: RowExplained
    is_synthetic: bool
    changed: tuple[str, ...]
    language: Language


def explain_run(
    home: Home,
    name: str,
    at: str = "",
    *,
    instrument: str = "",
    anyway: bool = False,
    progress: Progress | None = None,
) -> ExplainedRun:
    """Run a recorded run again and explain its last decision at or before an instant.

    Parameters
    ----------
    name : id, beginning of an id, path of a record, or ``last``.
    at : as :func:`asked_instant` reads it.
    instrument : one that must be in the run; empty for none in particular.
    anyway : explain with what there is now where the run is not the same any more.

    Raises
    ------
    DataError : a record without its request; data, parameters or code that changed since, unless ``anyway``.
    UserError : one of its kinds, for anything else that a person can mend.
    """
    tell = progress or (lambda stage, done, total: None)
    record = find_run(home, name).record
    request = request_read(record)
    settings, strategies, wanted = request.again()
    tell("history", 0, 0)
    panel = read_history(home, settings, wanted)
    at_ns = asked_instant(at, panel)
    if instrument:
        panel.index_of(instrument)
    tell("forecasts", 0, 0)
    beliefs, regimes = believed(panel, strategies, mixing_of(settings))
    tell("simulation", 0, 0)
    result = simulated(panel, strategies, read_rules(home, panel), settings.backtest, beliefs, regimes)
    changed = changed_since(record["hashes"], result.hashes)
    if changed and not anyway:
        raise refusal(str(record["run_id"]), changed, "explained", "or add --anyway to explain with what there is now")
    return ExplainedRun(
        run_id=str(record["run_id"]),
        row=explain(result, at_ns, beliefs.parts),
        is_synthetic=panel.is_synthetic,
        changed=changed,
        language=request.language,
    )


def asked_instant(at: str, panel: Panel) -> int | None:
    """Nanoseconds of an ISO date-time, or the close of the last bar of an ISO date; None where it is empty.

    Without an offset it is the venue's local time: UTC, or Korean time for Korean shares.

    Raises
    ------
    UserError : it can't be read.
    """
    text = at.strip()
    if not text:
        return None
    at_ns = end_of(text)
    if datetime.fromisoformat(text).tzinfo is None:
        at_ns -= panel.utc_offset_ns
    if len(text) > len("2024-01-31"):
        return at_ns
    bar = int(np.searchsorted(panel.at_ns, at_ns)) - 1
    is_outside = bar < 0 or at_ns - NS_PER_DAY > panel.at_ns[-1]
    return at_ns if is_outside else int(panel.at_ns[bar]) + panel.interval_ns
