"""The statistics table: its groups of rows, and the number that belongs to each row.

The numbers come from ``quant.performance`` and ``figures``; the rows say how each is named, written and computed.
"""

from dataclasses import fields
from typing import Any

from geobuk.domain.times import NS_PER_DAY
from geobuk.quant.performance import Statistics
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.equity_rows import RETURN, REWARD, RISK
from geobuk.reports.figures import Figures
from geobuk.reports.rows import Group
from geobuk.reports.texts import Text
from geobuk.reports.trading_rows import COSTS, EXPOSURE, TRADING

GROUPS: tuple[Group, ...] = (
    Group(("Return", "수익"), RETURN),
    Group(("Reward for risk", "위험 대비 보상"), REWARD),
    Group(("Risk", "위험"), RISK),
    Group(("Trading", "거래"), TRADING),
    Group(("Exposure", "노출"), EXPOSURE),
    Group(("Costs", "비용"), COSTS),
)


def numbers(report: BacktestReport, found: Figures) -> dict[str, float | int | None]:
    """Every statistic of the table by its code; NaN where it is not defined, None for a date that never came."""
    statistics = report.statistics
    known: dict[str, Any] = {}
    for owner in (statistics, statistics.drawdown, found, found.costs, found.trades):
        known |= {field.name: getattr(owner, field.name) for field in fields(owner)}
    known |= {
        "max_drawdown": statistics.drawdown.depth,
        "longest_drawdown_days": statistics.drawdown.longest_ns / NS_PER_DAY,
        "trades": found.trades.closed,
        "average_trade": found.trades.average,
        "total_costs": found.costs.total,
        "daily_locks": report.result.daily_locks,
    }
    return {row.code: known[row.code] for group in GROUPS for row in group.rows}


def period_words(statistics: Statistics) -> dict[str, Text]:
    """What a period is called: a day for daily samples, a bar where bars are longer than a day."""
    is_daily = statistics.periods_per_year > 53.0  # weeks in a year
    return {
        "period": ("day", "일") if is_daily else ("bar", "봉"),
        "period_plural": ("days", "일") if is_daily else ("bars", "봉"),
        "period_returns": ("daily", "일간") if is_daily else ("per-bar", "봉별"),
        "per_year": (f"{statistics.periods_per_year:g}",) * 2,
    }
