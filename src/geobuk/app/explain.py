"""From the name of a recorded run to the reasons of one of its decisions: it is run again, and must be the same run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from geobuk.app.backtest import believed
from geobuk.app.history import end_of, read_history, read_rules
from geobuk.app.home import Home
from geobuk.app.recorded_request import request_read
from geobuk.app.rerun import mixing_of
from geobuk.app.runs import find_run
from geobuk.domain.errors import DataError
from geobuk.domain.times import NS_PER_DAY
from geobuk.ops.progress import Progress
from geobuk.panel import Panel
from geobuk.reports.texts import Language, Text
from geobuk.simulate.explain import explain
from geobuk.simulate.explained import RowExplained
from geobuk.simulate.run import simulate
from geobuk.strategies.matrix import labels

CHANGES: dict[str, Text] = {
    "panel": ("the data", "데이터"),
    "inputs": ("the forecasts or the trading rules", "예측 또는 거래 규칙"),
    "parameters": ("the parameters or settings", "매개변수 또는 설정"),
    "code": ("Geobuk's code", "거북의 코드"),
    "result": ("the result alone", "결과만"),
}
"""What differs where a hash of a run differs. A change of the data is one of the inputs; any may change the result."""


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
    parameters = {one: dict(own.parameters()) for one, own in zip(labels(strategies), strategies, strict=True)}
    tell("simulation", 0, 0)
    result = simulate(
        panel,
        beliefs.forecasts,
        read_rules(home, panel),
        settings.backtest,
        parts=beliefs.parts,
        parameters=parameters,
        regimes=None if regimes is None else regimes.codes,
    )
    changed = _changed(record["hashes"], result.hashes)
    if changed and not anyway:
        raise _refusal(str(record["run_id"]), changed)
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


def _changed(before: Mapping[str, Any], now: Mapping[str, str]) -> tuple[str, ...]:
    differing = [key for key in CHANGES if before.get(key) != now[key]]
    if "panel" in differing and "inputs" in differing:
        differing.remove("inputs")
    if len(differing) > 1 and "result" in differing:
        differing.remove("result")
    return tuple(differing)


def _refusal(run_id: str, changed: tuple[str, ...]) -> DataError:
    what = " and ".join(CHANGES[key][0] for key in changed)
    verb = "have" if len(changed) > 1 or changed[0] in {"inputs", "parameters"} else "has"
    return DataError(
        f"run {run_id} can't be explained as it was: {what} {verb} changed since",
        cure="run the backtest again and explain that run, or add --anyway to explain with what there is now",
    )
