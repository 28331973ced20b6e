"""The gates of a recorded run: run it again, gather the evidence, judge it, keep it beside the record."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from geobuk.app.backtest import BacktestRun
from geobuk.app.history import read_history
from geobuk.app.home import Home
from geobuk.app.recorded_request import request_read
from geobuk.app.rerun import changed_since, refusal, run_again
from geobuk.app.runs import Recorded, find_run, read_run, run_paths
from geobuk.app.settings import Override, Settings, load_settings, override
from geobuk.data.atomic import write_atomic
from geobuk.domain.errors import DataError, SettingsError, UserError
from geobuk.ops.clock import WallClock
from geobuk.ops.compiled import code_hash
from geobuk.ops.progress import Progress
from geobuk.ports import Clock
from geobuk.quant.returns import sampled_daily
from geobuk.research import gate_evidence as figures
from geobuk.research.gate_limits import GateLimits
from geobuk.research.gate_words import NO_PAPER, Text
from geobuk.research.gates import Evidence, GateLine, Gates, judge, loosened
from geobuk.research.paper_evidence import PaperEvidence, paper_evidence
from geobuk.research.parameter_grid import trials_of
from geobuk.research.walk_forward import Market, Trials, WalkForward, WalkWindow, folds_of, try_all, usable, walk
from geobuk.strategies.strategy import Strategy

_SOURCES = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """SHA-256 of all that the verdict depends on: another one makes stored evidence stale.

    ``code`` covers the simulation, the gates and the strategies' own files; ``paper`` is empty without a paper record.
    """

    panel: str
    parameters: str
    code: str
    limits: str
    paper: str


@dataclass(frozen=True, slots=True)
class GatesRecord:
    """The judged gates of one run, as they are kept.

    ``passed``: every line is, the data is not synthetic, and nothing asks for less than the house does. ``trials`` are
    the parameter sets that were tried, the first being the run's own; ``earlier_trials`` counts recorded runs on the
    same panel with other parameters. ``loosened`` names what asks for less than the house does, or is computed in
    another way.
    """

    run_id: str
    at_ns: int
    passed: bool
    lines: tuple[GateLine, ...]
    limits: GateLimits
    loosened: tuple[str, ...]
    strategies: tuple[dict[str, Any], ...]
    venue: str
    is_synthetic: bool
    windows: tuple[WalkWindow, ...]
    trials: tuple[str, ...]
    earlier_trials: int
    inputs: str
    fingerprint: Fingerprint


def perform_gates(
    home: Home, name: str, progress: Progress | None = None, clock: Clock | None = None, sets: Sequence[str] = ()
) -> tuple[GatesRecord, Path, Settings]:
    """Judge a recorded run and keep the evidence beside its record; returns it, where it is, and the run's settings.

    Limits are the [gates] of the home's settings, then ``sets`` such as ``gates.test_days=30``.

    Raises
    ------
    UserError : one of its kinds; above all where the run can't be repeated as it was recorded. Nothing is kept then.
    """
    recorded = find_run(home, name)
    limits = load_settings(home=home, overrides=[_of_gates(text) for text in sets]).gates
    settings, run = run_again(home, request_read(recorded.record), progress)
    _require_same(recorded, run)
    found = judge_run(home, run, limits, progress, clock)
    write_atomic(recorded.gates_path, msgspec.json.format(msgspec.json.encode(found)))
    return found, recorded.gates_path, settings


def _of_gates(text: str) -> Override:
    """A ``--set`` of the gates; raises SettingsError for one of the run, which is repeated as it was recorded."""
    found = override(text, "--set")
    if found.path[0] != "gates":
        raise SettingsError(
            f"--set {text} is no setting of the gates: the run is judged as it was recorded",
            cure="write --set gates.NAME=VALUE, or run the backtest again with that setting and judge that run",
        )
    return found


def judge_run(
    home: Home, run: BacktestRun, limits: GateLimits, progress: Progress | None = None, clock: Clock | None = None
) -> GatesRecord:
    """The gates of a finished run; nothing is written.

    Raises
    ------
    LookAheadError : its forecasts see the future. UserError : the run does not know its strategies.
    """
    if not run.strategies:
        raise UserError("this run does not hold its strategies", cure="make it with geobuk.backtest")
    tell = progress or (lambda stage, done, total: None)
    result = run.result
    mixing, regimes = run.mixing, run.regimes
    market = Market(
        result.panel,
        result.instruments,
        result.spec,
        mixing.weights,
        mixing.matrix,
        None if regimes is None else regimes.codes,
    )
    trials = trials_of(run.strategies, limits.most_sets)
    fitting = usable(trials, market, limits)
    is_fitting = trials[0] in fitting
    folds = folds_of(market, limits) if is_fitting else ()
    trials = fitting if is_fitting else (trials[0], *fitting)
    tried = try_all(market, trials, folds, lambda done, total: tell("parameter sets", done, total))
    walked = (
        walk(market, trials, folds, tried, lambda done, total: tell("walk-forward", done, total)) if folds else None
    )
    tell("evidence", 0, 0)
    paper, no_paper = read_paper(home, run)
    study = _Study(tried, walked, earlier_trials(home, run))
    gates = judge(_evidence(run, limits, study, (paper, no_paper)), limits)
    print_of = _fingerprint(home, run.result.hashes, run.strategies, limits)
    return _record(run, limits, gates, study, (print_of, (clock or WallClock()).now_ns()))


def read_gates(path: Path) -> GatesRecord:
    """Stored evidence; raises DataError where the file is none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=GatesRecord)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(f"{path} holds no evidence of gates ({error})", cure="run `geobuk gates`") from None


def is_stale(stored: GatesRecord, current: Fingerprint) -> bool:
    """Whether the panel, the parameters, the code, the limits or the paper record are not those that were judged."""
    return stored.fingerprint != current


def current_fingerprint(home: Home, name: str) -> Fingerprint:
    """What the gates of a recorded run would be judged on now, without running it; raises UserError."""
    recorded = find_run(home, name)
    settings, strategies, wanted = request_read(recorded.record).again()
    panel = read_history(home, settings, wanted)
    hashes = {"panel": panel.content_hash, "parameters": str(recorded.record["hashes"]["parameters"])}
    return _fingerprint(home, hashes, strategies, load_settings(home=home).gates)


def earlier_trials(home: Home, run: BacktestRun) -> figures.EarlierTrials:
    """Recorded runs on the same panel, one for each set of parameters that is not this run's."""
    own, ratios = run.result.hashes, {}
    for path in run_paths(home):
        try:
            record = read_run(path).record
        except UserError:
            continue
        hashes = record["hashes"]
        if hashes.get("panel") == own["panel"] and hashes["parameters"] != own["parameters"]:
            ratios[hashes["parameters"]] = (record.get("statistics") or {}).get("sharpe")
    return figures.distinct_sharpes(list(ratios.values()))


def read_paper(home: Home, run: BacktestRun) -> tuple[PaperEvidence | None, Text]:
    """The paper record where there is one of this venue and these strategies; else None and why."""
    try:
        found = paper_evidence(home.paper_evidence.read_bytes())
    except FileNotFoundError:
        return None, NO_PAPER
    except OSError as error:
        return None, (f"the paper record can't be read ({error.strerror})", "모의 거래 기록을 읽을 수 없습니다")
    except DataError as error:
        return None, (error.message, "모의 거래 기록의 형식이 잘못되었습니다")
    own = msgspec.to_builtins(_strategies(run))
    if found.venue != run.result.panel.venue or list(found.strategies) != list(own):
        return None, (
            "the paper record is of another venue, other strategies or parameters",
            "모의 거래 기록이 다른 거래소, 전략 또는 매개변수의 것입니다",
        )
    return found, NO_PAPER


class _Study(NamedTuple):
    """What was tried, walked and recorded before."""

    tried: Trials
    walked: WalkForward | None
    earlier: figures.EarlierTrials


def _evidence(
    run: BacktestRun, limits: GateLimits, study: _Study, paper: tuple[PaperEvidence | None, Text]
) -> Evidence:
    result, measured = run.result, run.statistics
    panel = result.panel
    sampled = sampled_daily(result.equity, panel.at_ns, panel.interval_ns, measured.capital, panel.year)
    returns, per_year, fills = sampled.returns, sampled.periods_per_year, len(result.fills)
    return Evidence(
        walk_forward_sharpe=figures.walk_forward_figure(study.walked, len(returns), limits),
        max_drawdown=figures.drawdown_figure(measured.max_drawdown, fills, study.walked),
        ruin=figures.ruin_figure(returns, fills, per_year, limits),
        liquidation=figures.liquidation_figure(result, limits),
        deflated_sharpe=figures.deflated_figure(returns, per_year, study.tried, study.earlier),
        overfitting=figures.overfitting_figure(study.tried, limits),
        paper=paper[0],
        no_paper=paper[1],
    )


def _record(
    run: BacktestRun, limits: GateLimits, gates: Gates, study: _Study, stamp: tuple[Fingerprint, int]
) -> GatesRecord:
    result = run.result
    return GatesRecord(
        run_id=result.run_id,
        at_ns=stamp[1],
        passed=gates.passed and not result.panel.is_synthetic and not loosened(limits),
        lines=gates.lines,
        limits=limits,
        loosened=loosened(limits),
        strategies=_strategies(run),
        venue=result.panel.venue,
        is_synthetic=result.panel.is_synthetic,
        windows=study.walked.windows if study.walked else (),
        trials=study.tried.labels,
        earlier_trials=study.earlier.count,
        inputs=result.hashes["inputs"],
        fingerprint=stamp[0],
    )


def _strategies(run: BacktestRun) -> tuple[dict[str, Any], ...]:
    """Name and parameters of each, as in the run's record."""
    result = run.result
    return tuple({"name": name, "parameters": result.parameters.get(name, {})} for name in result.strategies)


def _require_same(recorded: Recorded, run: BacktestRun) -> None:
    changed = changed_since(recorded.record["hashes"], run.result.hashes)
    if changed:
        raise refusal(recorded.run_id, changed, "judged")


def _fingerprint(
    home: Home, hashes: Mapping[str, str], strategies: Sequence[Strategy], limits: GateLimits
) -> Fingerprint:
    files = [*sorted((_SOURCES / "research").glob("*.py")), Path(__file__), *_files_of(strategies)]
    code = sha256(code_hash().encode())
    for file in files:
        code.update(sha256(file.read_bytes()).digest())
    paper = home.paper_evidence
    return Fingerprint(
        panel=hashes["panel"],
        parameters=hashes["parameters"],
        code=code.hexdigest(),
        limits=sha256(msgspec.json.encode(limits, order="deterministic")).hexdigest(),
        paper=sha256(paper.read_bytes()).hexdigest() if paper.is_file() else "",
    )


def _files_of(strategies: Sequence[Strategy]) -> list[Path]:
    """The source files of the strategies' classes, where they have one."""
    names = dict.fromkeys(type(one).__module__ for one in strategies)
    files = (getattr(sys.modules.get(name), "__file__", None) for name in names)
    return [Path(file) for file in files if file and Path(file).is_file()]
