"""One backtest from panel to report: beliefs, simulation, statistics, the harsh case, what the account can afford."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from geobuk.domain.instrument import Instrument
from geobuk.domain.regime import Regime
from geobuk.ops.clock import WallClock
from geobuk.ops.progress import Progress
from geobuk.panel import FloatArray, Panel
from geobuk.ports import Clock
from geobuk.quant.performance import Statistics, statistics
from geobuk.regime import RegimePath, RegimeSpec, detect
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.caps import BindingCap, binding_caps
from geobuk.reports.texts import Language
from geobuk.risk.affordability import Affordability, RiskChoice, affordability
from geobuk.risk.limits import limits_on
from geobuk.simulate.inputs import decision_interval
from geobuk.simulate.pessimism import Pessimism, pessimism
from geobuk.simulate.result import BacktestResult, Note
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec
from geobuk.strategies.matrix import Blend, blended, labels
from geobuk.strategies.matrix_spec import MatrixSpec
from geobuk.strategies.strategy import Strategy

if TYPE_CHECKING:
    import polars as pl

    from geobuk.simulate.explained import DecisionExplained, RowExplained

_STAGES = ("forecasts", "simulation", "harsh costs", "statistics")


@dataclass(frozen=True, slots=True)
class Mixing:
    """How strategies' forecasts become one: by fixed ``weights`` (strategy name -> weight), or by a ``matrix``; equal
    weights without either. With a ``detector`` the market's regime is told to the matrix and to the risk room.
    """

    weights: Mapping[str, float] | None = None
    matrix: MatrixSpec | None = None
    detector: RegimeSpec | None = None


@dataclass(frozen=True)
class BacktestRun:
    """A finished backtest: arrays in ``result``, data frames on request, and what a report needs.

    ``regimes`` is what the detector said of each bar; None where there was none;
    ``strategies`` are those that were run, for whoever asks a decision for its parts.
    """

    report: BacktestReport
    mixing: Mixing = field(default_factory=Mixing)
    regimes: RegimePath | None = None
    strategies: tuple[Strategy, ...] = ()

    @property
    def result(self) -> BacktestResult:
        """The account bar by bar, as arrays."""
        return self.report.result

    @property
    def statistics(self) -> Statistics:
        """What the equity path was worth."""
        return self.report.statistics

    @property
    def pessimism(self) -> Pessimism:
        """The result at harsh costs, and the break-even cost."""
        return self.report.pessimism

    @property
    def affordability(self) -> tuple[Affordability, ...]:
        """Per instrument, whether the account can trade it at the chosen risk."""
        return self.report.affordability

    def equity_frame(self) -> "pl.DataFrame":
        """One row per bar."""
        from geobuk.app.frames import equity_frame

        return equity_frame(self.result)

    def position_frame(self) -> "pl.DataFrame":
        """One row per bar, one column per instrument."""
        from geobuk.app.frames import position_frame

        return position_frame(self.result)

    def fills_frame(self) -> "pl.DataFrame":
        """One row per fill."""
        from geobuk.app.frames import fills_frame

        return fills_frame(self.result)

    def trades_frame(self) -> "pl.DataFrame":
        """One row per round trip."""
        from geobuk.app.frames import trades_frame

        return trades_frame(self.result)

    def explain(self, at: str = "", instrument: str = "") -> "DecisionExplained":
        """Why the last decision at or before an instant was what it was; its ``lines`` tell it in English or Korean.

        ``at`` is an ISO date (its last bar) or date-time, in the venue's local time without an offset; empty is the
        run's last decision. ``instrument`` may be left out where there is one only.

        Raises
        ------
        UserError : a time that can't be read or lies outside the run.
        UnknownNameError : an instrument that is not in the run.
        """
        row = self.explain_row(at)
        return row.decisions[0] if not instrument and len(row.decisions) == 1 else row.of(instrument)

    def explain_row(self, at: str = "") -> "RowExplained":
        """The same for all instruments at once."""
        from geobuk.app.explain import asked_instant
        from geobuk.simulate.explain import explain

        return explain(self.result, asked_instant(at, self.result.panel), self.parts)

    @cached_property
    def parts(self) -> dict[str, FloatArray]:
        """Each strategy's share (T, N) of the forecast, made anew when it is first asked for."""
        return believed(self.result.panel, self.strategies, self.mixing)[0].parts if self.strategies else {}

    def binding_caps(self) -> tuple[BindingCap, ...]:
        """The caps and scales that made wishes smaller, the most frequent first."""
        return binding_caps(self.result)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """Plain values: run id, hashes, period, instruments, statistics, costs, findings, refusals, regimes."""
        from geobuk.reports.summary import summary

        asked = {"matrix": self.mixing.matrix, "detector": self.mixing.detector}
        return summary(self.report) | {name: msgspec.to_builtins(spec) for name, spec in asked.items()}

    def write_html(self, path: str | Path, language: Language = "en") -> Path:
        """The self-contained interactive report; ``language`` is the one it opens in, both are inside."""
        from geobuk.reports.html import write_html

        return write_html(self.report, Path(path), lang=language)


def with_notes(run: BacktestRun, notes: Sequence[Note]) -> BacktestRun:
    """The same run, with more that a reader must know of it."""
    result = replace(run.result, notes=(*notes, *run.result.notes))
    return replace(run, report=replace(run.report, result=result))


def run_backtest(
    panel: Panel,
    strategies: Sequence[Strategy],
    instruments: Sequence[Instrument],
    spec: BacktestSpec | None = None,
    *,
    mixing: Mixing | None = None,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> BacktestRun:
    """Run strategies over a panel.

    Parameters
    ----------
    instruments : trading rules, in the panel's order.
    mixing : weights or a matrix of the forecasts, and a detector of regimes; equal weights and none if left out.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    clock, spec = clock or WallClock(), spec or BacktestSpec()
    started = clock.now_ns()
    tell = _teller(progress)
    tell(0)
    mixing = mixing or Mixing()
    beliefs, regimes = believed(panel, strategies, mixing)
    tell(1)
    result = simulated(panel, strategies, instruments, spec, beliefs, regimes)
    tell(2)
    harsh = pessimism(result, instruments)
    tell(3)
    measured = statistics(result.equity, panel.at_ns, panel.interval_ns, spec.account.capital, panel.year)
    choice = RiskChoice(
        spec.account,
        spec.sizing,
        limits_on(instruments, spec.limits),
        spec.stops,
        decision_interval(panel, spec),
        panel.year,
    )
    if regimes is not None:
        result = replace(result, notes=(*result.notes, *_unknown_regime(regimes, spec)))
    report = BacktestReport(
        result=result,
        statistics=measured,
        pessimism=harsh,
        affordability=affordability(panel, instruments, choice),
        wall_seconds=0.0,
        currency=instruments[0].quote if instruments else "",
    )
    report = replace(report, wall_seconds=(clock.now_ns() - started) / 1e9)
    return BacktestRun(report, mixing, regimes, tuple(strategies))


def simulated(
    panel: Panel,
    strategies: Sequence[Strategy],
    instruments: Sequence[Instrument],
    spec: BacktestSpec,
    beliefs: Blend,
    regimes: RegimePath | None,
) -> BacktestResult:
    """The account that trades a blend, with the parameters of the strategies behind it."""
    return simulate(
        panel,
        beliefs.forecasts,
        instruments,
        spec,
        parts=beliefs.parts,
        parameters={name: dict(one.parameters()) for name, one in zip(labels(strategies), strategies, strict=True)},
        regimes=None if regimes is None else regimes.codes,
    )


def believed(panel: Panel, strategies: Sequence[Strategy], mixing: Mixing) -> tuple[Blend, RegimePath | None]:
    """The blended forecasts of a panel, and the regimes they were blended by, where a detector was asked for."""
    regimes = detect(panel, mixing.detector) if mixing.detector is not None else None
    codes = regimes.codes if regimes is not None else None
    return blended(panel, strategies, mixing.weights, mixing.matrix, codes), regimes


def _unknown_regime(regimes: RegimePath, spec: BacktestSpec) -> tuple[Note, ...]:
    """What must be said where the detector could not tell."""
    share, scale = float((regimes.directions == Regime.UNKNOWN).mean()), spec.regime.unknown
    if share == 0.0:
        return ()
    return (
        Note(
            "REGIME_UNKNOWN",
            f"The market's regime was unknown in {share:.0%} of the bars: sizes were multiplied by {scale:g} there.",
            f"전체 봉의 {share:.0%}에서 시장 국면을 알 수 없었습니다. 그동안 수량에 {scale:g}을(를) 곱했습니다.",
        ),
    )


def _teller(progress: Progress | None) -> Callable[[int], None]:
    def tell(stage: int) -> None:
        if progress is not None:
            progress(_STAGES[stage], stage, len(_STAGES))

    return tell
