"""A recorded run once more: the same history, strategies and settings."""

from geobuk.app.backtest import BacktestRun, Mixing, run_backtest, with_notes
from geobuk.app.history import history_notes, read_history, read_rules
from geobuk.app.home import Home
from geobuk.app.recorded_request import RecordedRequest
from geobuk.app.settings import Settings
from geobuk.ops.progress import Progress


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
