"""A recorded run once more: the same history, strategies and settings; and what has changed since."""

from collections.abc import Mapping
from typing import Any

from geobuk.app.backtest import BacktestRun, Mixing, run_backtest, with_notes
from geobuk.app.history import history_notes, read_history, read_rules
from geobuk.app.home import Home
from geobuk.app.recorded_request import RecordedRequest
from geobuk.app.settings import Settings
from geobuk.domain.errors import DataError
from geobuk.ops.progress import Progress
from geobuk.reports.texts import Text

CHANGES: dict[str, Text] = {
    "panel": ("the data", "데이터"),
    "inputs": ("the forecasts or the trading rules", "예측 또는 거래 규칙"),
    "parameters": ("the parameters or settings", "매개변수 또는 설정"),
    "code": ("Geobuk's code", "거북의 코드"),
    "result": ("the result alone", "결과만"),
}
"""What differs where a hash of a run differs. A change of the data is one of the inputs; any may change the result."""


def mixing_of(settings: Settings) -> Mixing:
    """How the strategies of a run are blended under these settings."""
    return Mixing(matrix=settings.matrix, detector=settings.regime_detector.in_force)


def run_again(home: Home, request: RecordedRequest, progress: Progress | None = None) -> tuple[Settings, BacktestRun]:
    """The settings and the run that a recorded request means; nothing is written.

    Raises
    ------
    UserError : one of its kinds, for anything that is not there any more.
    """
    settings, strategies, wanted = request.again()
    if progress is not None:
        progress("history", 0, 0)
    panel = read_history(home, settings, wanted)
    run = run_backtest(
        panel,
        strategies,
        read_rules(home, panel),
        settings.backtest,
        mixing=mixing_of(settings),
        progress=progress,
    )
    return settings, with_notes(run, history_notes(home, panel))


def changed_since(before: Mapping[str, Any], now: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of CHANGES: what is not as it was when a run with the hashes ``before`` was recorded."""
    differing = [key for key in CHANGES if before.get(key) != now[key]]
    if "panel" in differing and "inputs" in differing:
        differing.remove("inputs")
    if len(differing) > 1 and "result" in differing:
        differing.remove("result")
    return tuple(differing)


def refusal(run_id: str, changed: tuple[str, ...], verb: str, other: str = "") -> DataError:
    """The error that says why a run can't be ``verb`` as it was."""
    what = " and ".join(CHANGES[key][0] for key in changed)
    have = "have" if len(changed) > 1 or changed[0] in {"inputs", "parameters"} else "has"
    return DataError(
        f"run {run_id} can't be {verb} as it was: {what} {have} changed since",
        cure="run the backtest again and take that run" + (f", {other}" if other else ""),
    )
