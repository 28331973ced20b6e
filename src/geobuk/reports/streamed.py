"""What a streamed backtest tells: one screen, or one JSON object. No bars were kept, so there are no charts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Words

from geobuk.domain.times import at_text
from geobuk.quant.performance import Statistics
from geobuk.reports.formats import money, number, percent
from geobuk.reports.summary import finite_or_null
from geobuk.reports.texts import Language, Text, pick
from geobuk.risk.reasons import Reason
from geobuk.risk.words import REASON_WORDS
from geobuk.simulate.stream import StreamedResult

_COSTS = ("fees", "slippage", "funding", "liquidation_fees")
_WORDS: dict[str, Text] = {
    "period": ("Period", "기간"),
    "bars": ("Bars × instruments", "봉 × 종목"),
    "equity": ("Final equity", "최종 자산"),
    "total_return": ("Total return", "총수익률"),
    "cagr": ("Growth per year (CAGR)", "연평균 성장률(CAGR)"),
    "sharpe": ("Sharpe ratio (daily)", "샤프 비율(일간)"),
    "drawdown": ("Maximum drawdown (every bar)", "최대 낙폭(모든 봉)"),
    "fees": ("Fees", "수수료"),
    "slippage": ("Slippage", "슬리피지"),
    "funding": ("Funding", "펀딩비"),
    "liquidation_fees": ("Liquidation fees", "청산 수수료"),
    "fills": ("Fills", "체결"),
    "halted": ("Halted by drawdown", "낙폭으로 중지"),
    "refusals": ("Refused most often", "가장 잦은 거절"),
    "time": ("Time", "시간"),
}


@dataclass(frozen=True)
class StreamedReport:
    """A finished run; ``source_hash`` names the history, ``currency`` the account's."""

    result: StreamedResult
    statistics: Statistics
    strategies: tuple[str, ...]
    venue: str
    interval: str
    source_hash: str
    currency: str
    wall_seconds: float


def streamed_summary(report: StreamedReport) -> dict[str, Any]:
    """The ``--json`` object. Costs are positive where they were paid; fractions are not per cent."""
    result, measured = report.result, report.statistics
    costs = {name: float(getattr(result, name).sum()) for name in _COSTS}
    return {
        name: finite_or_null(value)
        for name, value in {
            "period": {
                "from": at_text(result.from_ns),
                "to": at_text(result.to_ns),
                "bars": result.bars,
                "interval": report.interval,
            },
            "venue": report.venue,
            "source_hash": report.source_hash,
            "currency": report.currency,
            "instruments": list(result.instruments),
            "strategies": list(report.strategies),
            "statistics": {
                "final_equity": result.final_equity,
                "total_return": measured.total_return,
                "cagr": measured.cagr,
                "volatility": measured.volatility,
                "sharpe": measured.sharpe,
                "sortino": measured.sortino,
                "max_drawdown": result.max_drawdown,
            },
            "costs": {**costs, "total": sum(costs.values())},
            "fills": result.fills,
            "decisions": result.decisions,
            "daily_locks": result.daily_locks,
            "halted_at": at_text(result.halted_at_ns) if result.halted_at_ns >= 0 else None,
            "refusals": {Reason(n).name.lower(): int(row.sum()) for n, row in enumerate(result.refusals) if row.any()},
            "insurance": result.insurance,
            "notes": [{"code": note.code, "text": note.text, "text_ko": note.text_ko} for note in result.notes],
            "wall_seconds": report.wall_seconds,
        }.items()
    }


def print_streamed(console: Console, report: StreamedReport, lang: Language = "en") -> None:
    """The same on one screen."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right")
    for key, value in _rows(report, lang):
        table.add_row(Words(pick(_WORDS[key], lang)), Words(value))
    console.print(Words(f"{', '.join(report.strategies)} · {report.venue} {report.interval}", style="bold"))
    console.print(table)
    for note in _notes(report, lang):
        console.print(Words(f"· {note}", style="dim"))


def _notes(report: StreamedReport, lang: Language) -> list[str]:
    """What was assumed, one sentence each."""
    return [pick((note.text, note.text_ko), lang) for note in report.result.notes]


def _rows(report: StreamedReport, lang: Language) -> Iterator[tuple[str, str]]:
    result, measured = report.result, report.statistics
    yield "period", f"{at_text(result.from_ns)} – {at_text(result.to_ns)} UTC"
    yield "bars", f"{result.bars:,} × {len(result.instruments)}"
    yield "equity", f"{money(result.final_equity)} {report.currency}"
    yield "total_return", percent(measured.total_return, sign=True)
    yield "cagr", percent(measured.cagr, sign=True)
    yield "sharpe", number(measured.sharpe)
    yield "drawdown", percent(result.max_drawdown)
    for name in _COSTS:
        yield name, money(float(getattr(result, name).sum()))
    yield "fills", f"{result.fills:,}"
    if result.halted_at_ns >= 0:
        yield "halted", f"{at_text(result.halted_at_ns)} UTC"
    counts = {Reason(n): int(row.sum()) for n, row in enumerate(result.refusals) if row.any()}
    most = sorted(counts, key=lambda one: -counts[one])[:3]
    if most:
        yield "refusals", "\n".join(f"{counts[one]:,} × {pick(REASON_WORDS[one].text, lang)}" for one in most)
    yield "time", f"{number(report.wall_seconds)} s"
