"""From what a person asked for to a finished, recorded and reported backtest."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geobuk.app.backtest import BacktestRun, run_backtest, with_notes
from geobuk.app.choose_strategies import choose_strategies, parameter_tables
from geobuk.app.history import history_notes, read_history, read_rules, wanted_history
from geobuk.app.home import Home
from geobuk.app.recorded_request import recorded
from geobuk.app.rerun import mixing_of
from geobuk.app.runs import RunRecord, record_run
from geobuk.app.settings import Override, Settings, load_settings, override
from geobuk.data.panel_query import PanelQuery
from geobuk.ops.progress import Progress
from geobuk.strategies.strategy import Strategy


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One backtest as it was asked for. What is left empty, the settings say.

    ``period`` holds two ISO dates, both inclusive. ``sets`` and ``params`` are texts such as ``costs.impact=0.5`` and
    ``trend.pairs=2``. ``report`` None writes the report into the home's folder, unless ``wants_report`` is False.
    ``wants_regime`` switches the regime detector on; ``mode`` takes the limits of a mode for defaults.
    """

    strategies: tuple[str, ...]
    venue: str = ""
    interval: str = ""
    resample: str = ""
    instruments: tuple[str, ...] = ()
    period: tuple[str, str] = ("", "")
    capital: float | None = None
    seed: int | None = None
    language: str = ""
    sets: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    settings_file: Path | None = None
    report: Path | None = None
    wants_report: bool = True
    wants_regime: bool = False
    mode: str = ""


@dataclass(frozen=True)
class Performed:
    """A finished request. ``report`` is None where none was wanted."""

    run: BacktestRun
    settings: Settings
    record: RunRecord
    report: Path | None

    def as_json(self) -> dict[str, Any]:
        """The run's summary, and where its record and report are."""
        files = {
            "record": str(self.record.path),
            "repetition": self.record.repetition,
            "report": str(self.report) if self.report else None,
        }
        return {**self.run.summary, **files}


def perform(home: Home, request: RunRequest, progress: Progress | None = None) -> Performed:
    """Read, run, record, report.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend. Nothing is recorded then.
    """
    tell = progress or (lambda stage, done, total: None)
    settings, strategies, wanted = asked_for(home, request)
    tell("history", 0, 0)
    panel = read_history(home, settings, wanted)
    rules, mixing = read_rules(home, panel), mixing_of(settings)
    run = run_backtest(panel, strategies, rules, settings.backtest, mixing=mixing, progress=progress)
    run = with_notes(run, history_notes(home, panel))
    request_kept = recorded(request.strategies, strategies, settings, wanted, panel, (request.sets, request.params))
    record = record_run(home, {**run.summary, "request": request_kept})
    tell("report", 0, 0)
    path = None
    if request.wants_report:
        where = request.report or home.reports_dir / f"{run.result.run_id}.html"
        path = run.write_html(where, settings.report.language)
    return Performed(run, settings, record, path)


def asked_for(home: Home, request: RunRequest) -> tuple[Settings, tuple[Strategy, ...], PanelQuery]:
    """The settings in force, the strategies and the history that a request means.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    settings = load_settings(
        request.settings_file,
        home=home,
        overrides=_overrides(request),
        strategies=parameter_tables(request.strategies),
    )
    wanted = wanted_history(
        settings,
        venue=request.venue,
        interval=request.interval,
        instruments=request.instruments,
        period=request.period,
        resample=request.resample,
    )
    return settings, choose_strategies(request.strategies, settings), wanted


def _overrides(request: RunRequest) -> list[Override]:
    given = [
        Override(("mode",), request.mode or None, f"--mode {request.mode}"),
        Override(("backtest", "account", "capital"), request.capital, f"--capital {request.capital}"),
        Override(("synthetic", "seed"), request.seed, f"--seed {request.seed}"),
        Override(("regime_detector", "enabled"), request.wants_regime or None, "--regime"),
        Override(("report", "language"), request.language or None, f"--lang {request.language}"),
    ]
    return [
        *(override(text, "--set") for text in request.sets),
        *(override(text, "--param") for text in request.params),
        *(one for one in given if one.value is not None),
    ]
