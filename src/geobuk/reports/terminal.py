"""A backtest on one terminal screen (100 x 40): what happened, what it cost, who said no, where the report is."""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

from rich import box
from rich.console import Console, RenderableType
from rich.panel import Panel as Box
from rich.table import Table
from rich.text import Text as Words

from geobuk.panel import FloatArray
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.caps import binding_caps
from geobuk.reports.figures import Figures
from geobuk.reports.formats import day, money, number, percent
from geobuk.reports.page import SURVIVORSHIP, Page, in_currency, page_of, tone
from geobuk.reports.reasons import refusals
from geobuk.reports.sampling import last_of
from geobuk.reports.texts import CHARTS, PAGE, Language, filled, pick
from geobuk.risk.words import REASON_WORDS

WIDTH = 100
_BLOCKS = "▁▂▃▄▅▆▇█"
_STYLES = {"up": "green", "down": "red", "": ""}
_SHOWN = 3

SummaryRow = tuple[str, str, str]
"""Label, number and style."""


def print_summary(
    console: Console, report: BacktestReport, *, written_to: Path | None = None, lang: Language = "en"
) -> None:
    """Print the summary, at most 100 columns wide; ``written_to`` is where the HTML report lies."""
    width = min(console.width, WIDTH)
    page = page_of(report)
    for part in _head(page, lang, width):
        console.print(part, width=width)
    console.print(_two(_results(page, lang), _costs(page, lang)), width=width)
    console.print()
    console.print(_two(_instruments(page.figures, lang), _refusals(report, lang)), width=width)
    console.print()
    for part in _foot(report, written_to, lang):
        console.print(part, width=width, soft_wrap=bool(part.no_wrap))


def sparkline(values: FloatArray, width: int) -> str:
    """The last value of each of at most ``width`` stretches, as blocks from the lowest to the highest.

    >>> import numpy as np
    >>> sparkline(np.array([1.0, 2.0, 3.0, 8.0]), 4)
    '▁▂▃█'
    """
    shown = values[last_of(len(values), width)]
    low, high = float(shown.min()), float(shown.max())
    if high <= low:
        return _BLOCKS[0] * len(shown)
    levels = ((shown - low) / (high - low) * (len(_BLOCKS) - 1)).round().astype(int)
    return "".join(_BLOCKS[level] for level in levels)


def _head(page: Page, lang: Language, width: int) -> Iterator[RenderableType]:
    report, panel = page.report, page.report.result.panel
    first, last = (in_currency(value, report) for value in (report.statistics.capital, report.statistics.equity_final))
    counts = f"{panel.shape[1]} {pick(PAGE['instruments'], lang)} · {panel.shape[0]:,} {pick(PAGE['bars'], lang)}"
    yield Words(page.title, style="bold")
    yield Words(f"{page.period} · {panel.venue} {panel.interval} · {counts}", style="dim")
    for kind, name, text in page.banners:
        style = "bold reverse red" if kind == "alarm" else "bold reverse yellow"
        yield Words.assemble((f" {pick(name, lang)} ", style), f" {pick(text, lang)}")
    yield Box(
        Words(sparkline(report.result.equity, width - 4), style=_STYLES[tone(report.statistics.profit)] or "cyan"),
        title=f"{first} → {last}",
        box=box.ROUNDED,
        padding=(0, 1),
    )


def _two(left: RenderableType, right: RenderableType) -> Table:
    grid = Table.grid(expand=True, padding=(0, 2))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(left, right)
    return grid


def _rows(title: str, rows: Iterable[SummaryRow]) -> Table:
    table = Table(box=None, expand=True, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold underline")
    table.add_column(title, no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(justify="right", no_wrap=True)
    for label, value, style in rows:
        table.add_row(Words(label), Words(value, style=style))
    return table


def _results(page: Page, lang: Language) -> Table:
    statistics, trades = page.report.statistics, page.figures.trades
    fall = statistics.drawdown
    error = f" ± {number(statistics.sharpe_error)}" if math.isfinite(statistics.sharpe) else ""
    labels = {line.code: pick(line.label, lang) for _, lines in page.groups for line in lines}
    return _rows(
        pick(PAGE["result"], lang),
        (
            (labels["total_return"], percent(statistics.total_return, sign=True), _STYLES[tone(statistics.profit)]),
            (pick(PAGE["tile_cagr"], lang), percent(statistics.cagr, sign=True), _STYLES[tone(statistics.cagr)]),
            (labels["sharpe"], number(statistics.sharpe) + error, ""),
            (labels["sortino"], number(statistics.sortino), ""),
            (labels["volatility"], percent(statistics.volatility, 1), ""),
            (labels["max_drawdown"], percent(fall.depth), _STYLES[tone(fall.depth)]),
            (labels["trough_at_ns"], day(fall.trough_at_ns), ""),
            (labels["expected_shortfall_95"], percent(statistics.expected_shortfall_95), ""),
            (pick(PAGE["trades"], lang), number(trades.closed + trades.still_open, 0), ""),
            (labels["win_rate"], percent(trades.win_rate, 0), ""),
            (labels["profit_factor"], number(trades.profit_factor), ""),
        ),
    )


def _costs(page: Page, lang: Language) -> Table:
    found, pessimism = page.figures, page.report.pessimism
    harsh = f"{percent(pessimism.harsh_return, sign=True)} · {number(pessimism.harsh_sharpe)}"
    parts = [
        (pick(CHARTS[name], lang), money(getattr(found.costs, name)), "")
        for name in ("fees", "slippage", "funding", "liquidation_fees")
    ]
    labels = {line.code: pick(line.label, lang) for _, lines in page.groups for line in lines}
    return _rows(
        pick(PAGE["costs"], lang),
        (
            *parts,
            (labels["total_costs"], in_currency(found.costs.total, page.report), "bold"),
            (labels["cost_bps"], f"{number(found.cost_bps)} bps", ""),
            (labels["turnover_per_year"], f"{number(found.turnover_per_year, 1)}×", ""),
            (pick(PAGE["harsh_line"], lang), harsh, _STYLES[tone(pessimism.harsh_return)]),
            (pick(PAGE["break_even_line"], lang), f"{number(pessimism.break_even_multiplier)}×", ""),
        ),
    )


def _instruments(found: Figures, lang: Language) -> Table:
    ranked = sorted(found.instruments, key=lambda part: part.pnl, reverse=True)
    chosen = ranked if len(ranked) <= 2 * _SHOWN else ranked[:_SHOWN] + ranked[-_SHOWN:]
    title = pick(PAGE["section_instruments" if len(chosen) == len(ranked) else "best_worst"], lang)
    return _rows(title, ((part.instrument, money(part.pnl, sign=True), _STYLES[tone(part.pnl)]) for part in chosen))


def _refusals(report: BacktestReport, lang: Language) -> Table:
    counted = sorted(refusals(report.result), key=lambda refusal: refusal.count, reverse=True)[: 2 * _SHOWN]
    rows = [(pick(REASON_WORDS[refusal.reason].text, lang), f"{refusal.count:,}", "") for refusal in counted]
    return _rows(pick(PAGE["section_refusals"], lang), rows or [(pick(PAGE["no_refusals"], lang), "", "dim")])


def _most_binding(report: BacktestReport, lang: Language) -> Iterator[Words]:
    for cap in binding_caps(report.result)[:1]:
        line = filled(
            PAGE["cap_line"],
            reason=REASON_WORDS[cap.reason].text,
            count=number(cap.count, 0),
            share=percent(cap.share, 1),
            instrument=cap.instrument,
        )
        yield Words(pick(line, lang))


def _foot(report: BacktestReport, written_to: Path | None, lang: Language) -> Iterator[Words]:
    yield from _most_binding(report, lang)
    refused = [answer.instrument for answer in report.affordability if not answer.can_trade]
    if refused:
        shown = ", ".join(refused[:6]) + (" …" if len(refused) > 6 else "")
        yield Words.assemble((f"{pick(PAGE['too_small_for'], lang)}: ", "yellow"), shown)
    quiet = [note for note in report.result.notes if note.code not in SURVIVORSHIP]  # the others stand on top
    for note in quiet[:_SHOWN]:
        yield Words(f"· {pick((note.text, note.text_ko), lang)}", style="dim", no_wrap=False)
    yield Words(f"{pick(PAGE['run'], lang)} {report.result.run_id} · {number(report.wall_seconds)} s", style="dim")
    if written_to is not None:
        yield Words.assemble((f"{pick(PAGE['report_at'], lang)}: ", "bold"), (str(written_to), "cyan"), no_wrap=True)
