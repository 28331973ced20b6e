"""What the HTML report says, before it is laid out: tiles, tables and sentences as plain values.

Every text is a pair (English, Korean); numbers are already written. Knows no markup.
"""

import math
from dataclasses import dataclass
from typing import Any

import msgspec

from geobuk.data.findings import FINDINGS
from geobuk.domain.times import NS_PER_DAY, at_text
from geobuk.panel import Finding
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.caps import binding_caps
from geobuk.reports.figures import Figures, figures
from geobuk.reports.formats import DASH, day, money, number, percent, written
from geobuk.reports.reasons import no_trades_explained, refusals
from geobuk.reports.rows import StatisticRow
from geobuk.reports.statistics_table import GROUPS, numbers, period_words
from geobuk.reports.texts import FLAGS, PAGE, Text, filled
from geobuk.risk.words import REASON_WORDS, STAGES

NEGLIGIBLE = 0.005
"""A break-even multiple up to this means: no costs at all would still lose."""

_SIGNED = ("signed_percent", "signed_money")


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the big numbers at the top; ``tone`` is ``up``, ``down`` or empty."""

    name: Text
    number: str
    detail: Text
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the statistics table, ready to be shown."""

    code: str
    label: Text
    words: Text
    number: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Month:
    """A cell of the heat map: its text, ``gain``, ``loss`` or ``blank``, and how strong its colour is in per cent."""

    text: str
    kind: str
    heat: int


@dataclass(frozen=True, slots=True)
class Year:
    """A row of the heat map: twelve months and the whole year."""

    year: int
    months: tuple[Month, ...]
    total: str
    tone: str


@dataclass(frozen=True, slots=True)
class Page:
    """All of a page's words and tables."""

    report: BacktestReport
    figures: Figures
    title: str
    period: str
    verdict: Text
    banners: tuple[tuple[str, Text, Text], ...]
    tiles: tuple[Tile, ...]
    years: tuple[Year, ...]
    groups: tuple[tuple[Text, tuple[Line, ...]], ...]
    break_even: Text
    refusals: tuple[dict[str, Any], ...]
    caps: tuple[dict[str, Any], ...]
    words: dict[str, Text]
    settings: str
    parameters: str


def page_of(report: BacktestReport) -> Page:
    """The page of one backtest."""
    result, found = report.result, figures(report.result)
    values, words = numbers(report, found), period_words(report.statistics)
    return Page(
        report=report,
        figures=found,
        title=" + ".join(result.strategies) or "backtest",
        period=f"{day(report.statistics.from_ns)} – {day(report.statistics.to_ns - 1)}",
        verdict=_verdict(report, found),
        banners=_banners(report),
        tiles=_tiles(report, found),
        years=_years(report),
        groups=tuple(
            (group.title, tuple(_line(row, values[row.code], report, words) for row in group.rows)) for group in GROUPS
        ),
        break_even=_break_even(report),
        refusals=_refusals(report),
        caps=_caps(report),
        words=words,
        settings=_pretty(result.spec),
        parameters=_pretty(result.parameters),
    )


def in_currency(value: float, report: BacktestReport, *, sign: bool = False) -> str:
    """Money with the name of its currency, where that is known."""
    text = money(value, sign=sign)
    return f"{text}\N{NARROW NO-BREAK SPACE}{report.currency}" if report.currency and text != DASH else text


def tone(value: float | None) -> str:
    """``up`` above 0, ``down`` below, empty at 0 and where there is no number."""
    if value is None or math.isnan(value) or value == 0.0:
        return ""
    return "up" if value > 0.0 else "down"


def _verdict(report: BacktestReport, found: Figures) -> Text:
    statistics = report.statistics
    return filled(
        PAGE["verdict"],
        capital=in_currency(statistics.capital, report),
        final=in_currency(statistics.equity_final, report),
        days=number((statistics.to_ns - statistics.from_ns) / NS_PER_DAY, 0),
        change=percent(statistics.total_return, sign=True),
        costs=in_currency(found.costs.total, report),
        harsh=percent(report.pessimism.harsh_return, sign=True),
    )


SURVIVORSHIP = ("NO_DELISTINGS", "SURVIVORS")
"""Notes that make every figure of a page look better than it was."""


def _banners(report: BacktestReport) -> tuple[tuple[str, Text, Text], ...]:
    result, banners = report.result, []
    if result.panel.is_synthetic:
        banners.append(("caution", PAGE["synthetic_title"], PAGE["synthetic_text"]))
    banners += [
        ("caution", PAGE["survivors_title"], (note.text, note.text_ko))
        for note in result.notes
        if note.code in SURVIVORSHIP
    ]
    explained = no_trades_explained(result)
    if explained:
        banners.append(("alarm", PAGE["no_trades_title"], explained))
    if result.halted_at >= 0:
        at = at_text(int(result.panel.at_ns[result.halted_at]) + result.panel.interval_ns)
        text = filled(PAGE["halted_text"], date=at, limit=percent(result.spec.loss.drawdown, 0))
        banners.append(("alarm", PAGE["halted_title"], text))
    return tuple(banners)


def _tiles(report: BacktestReport, found: Figures) -> tuple[Tile, ...]:
    statistics, trades, costs = report.statistics, found.trades, found.costs
    fall, harsh = statistics.drawdown, report.pessimism.harsh_return
    return (
        Tile(
            PAGE["total_return"],
            percent(statistics.total_return, sign=True),
            (in_currency(statistics.profit, report, sign=True),) * 2,
            tone(statistics.total_return),
        ),
        Tile(PAGE["tile_cagr"], percent(statistics.cagr, sign=True), PAGE["per_year"], tone(statistics.cagr)),
        Tile(PAGE["tile_sharpe"], number(statistics.sharpe), (f"± {number(statistics.sharpe_error)}",) * 2),
        Tile(PAGE["tile_drawdown"], percent(fall.depth), (day(fall.trough_at_ns),) * 2, tone(fall.depth)),
        Tile(
            PAGE["tile_volatility"],
            percent(statistics.volatility, 1),
            filled(PAGE["tile_shortfall"], value=percent(statistics.expected_shortfall_95), **period_words(statistics)),
        ),
        Tile(
            PAGE["trades"],
            number(trades.closed + trades.still_open, 0),
            filled(PAGE["tile_won"], rate=percent(trades.win_rate, 0), factor=number(trades.profit_factor))
            if trades.closed
            else PAGE["nothing_closed"],
        ),
        Tile(
            PAGE["costs"],
            in_currency(costs.total, report),
            filled(
                PAGE["tile_costs"], share=percent(costs.total / statistics.capital, 1), bps=number(found.cost_bps, 1)
            )
            if found.fills
            else PAGE["nothing_traded"],
        ),
        Tile(
            PAGE["tile_harsh"],
            percent(harsh, sign=True),
            _tile_break_even(report),
            tone(harsh),
        ),
    )


def _tile_break_even(report: BacktestReport) -> Text:
    multiple = report.pessimism.break_even_multiplier
    if not len(report.result.fills):
        return PAGE["nothing_traded"]
    return filled(PAGE["tile_break_even"], multiple=number(multiple, 1)) if multiple > NEGLIGIBLE else PAGE["tile_lost"]


def _line(row: StatisticRow, value: float | int | None, report: BacktestReport, words: dict[str, Text]) -> Line:
    flag = report.statistics.flags.get(row.code)
    convention = filled(row.convention, **words)
    if flag:
        convention = (f"{convention[0]} {FLAGS[flag][0]}.", f"{convention[1]} {FLAGS[flag][1]}.")
    return Line(
        row.code,
        filled(row.label, **words),
        convention,
        written(value, row.kind),
        tone(value) if row.kind in _SIGNED else "",
    )


def _years(report: BacktestReport) -> tuple[Year, ...]:
    months = {(month.year, month.month): month.value for month in report.statistics.monthly}
    largest = max((abs(value) for value in months.values()), default=0.0)
    years = []
    for year in sorted({year for year, _ in months}):
        cells = tuple(_month(months.get((year, month)), largest) for month in range(1, 13))
        total = math.prod(1.0 + value for (of, _), value in months.items() if of == year) - 1.0
        years.append(Year(year, cells, _in_months(total), tone(total)))
    return tuple(years)


def _month(value: float | None, largest: float) -> Month:
    if value is None:
        return Month("", "blank", 0)
    heat = round(10 + 50 * abs(value) / largest) if largest > 0.0 else 0
    return Month(_in_months(value), {"up": "gain", "down": "loss"}.get(tone(value), ""), heat)


def _in_months(value: float) -> str:
    return number(value * 100.0, 1 if abs(value) < 1.0 else 0, sign=True)


def _break_even(report: BacktestReport) -> Text:
    if not len(report.result.fills):
        return PAGE["nothing_traded"]
    multiple = report.pessimism.break_even_multiplier
    if math.isinf(multiple):
        return PAGE["break_even_never"]
    if not multiple > NEGLIGIBLE:
        return PAGE["break_even_lost"]
    bps = number(report.pessimism.break_even_bps, 1)
    if multiple < 1.0:
        return filled(PAGE["break_even_below"], multiple=percent(multiple, 0), bps=bps)
    return filled(PAGE["break_even_at"], multiple=number(multiple), bps=bps)


def _refusals(report: BacktestReport) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "stage": STAGES[REASON_WORDS[refusal.reason].stage],
            "text": REASON_WORDS[refusal.reason].text,
            "cure": REASON_WORDS[refusal.reason].cure,
            "count": number(refusal.count, 0),
            "share": percent(refusal.share, 1),
            "meter": round(100 * refusal.share),
            "mostly": refusal.mostly,
        }
        for refusal in refusals(report.result)
    )


def _caps(report: BacktestReport) -> tuple[dict[str, Any], ...]:
    bound = binding_caps(report.result)
    return tuple(
        {
            "text": REASON_WORDS[cap.reason].text,
            "cure": REASON_WORDS[cap.reason].cure,
            "count": number(cap.count, 0),
            "share": percent(cap.share, 1),
            "meter": max(1, round(100 * cap.count / bound[0].count)),
            "mostly": f"{cap.instrument} ({number(cap.on_instrument, 0)})",
        }
        for cap in bound
    )


def _pretty(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def finding_words(finding: Finding) -> Text:
    """What the quality gate said; where it has no Korean sentence, the meaning of its code in Korean."""
    kind = FINDINGS.get(finding.code)
    return finding.text, finding.text_ko or (f"{finding.instrument}: {kind.korean}" if kind else finding.text)
