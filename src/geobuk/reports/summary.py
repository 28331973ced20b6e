"""A backtest as one JSON object for machines: numbers are finite or null, times are ISO 8601 in UTC."""

import math
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

import msgspec

from geobuk.domain.times import iso_text
from geobuk.regime.statistics import regime_statistics
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.caps import binding_caps
from geobuk.reports.figures import InstrumentFigures, figures
from geobuk.reports.reasons import no_trades_explained
from geobuk.risk.reasons import Reason
from geobuk.simulate.result import BacktestResult


def summary(report: BacktestReport) -> dict[str, Any]:
    """The ``--json`` object. Costs are positive where they were paid; fractions are not per cent."""
    result, panel, found = report.result, report.result.panel, figures(report.result)
    explained = no_trades_explained(result)
    content = {
        "run_id": result.run_id,
        "hashes": result.hashes,
        "period": {
            "from": iso_text(report.statistics.from_ns),
            "to": iso_text(report.statistics.to_ns),
            "bars": report.statistics.bars,
            "interval": panel.interval,
        },
        "venue": panel.venue,
        "currency": report.currency or None,
        "is_synthetic": panel.is_synthetic,
        "instruments": list(panel.instruments),
        "strategies": [{"name": name, "parameters": result.parameters.get(name, {})} for name in result.strategies],
        "settings": msgspec.to_builtins(result.spec),
        "statistics": _statistics(report),
        "trades": _plain(found.trades) | {"fills": found.fills, "decisions": result.decisions},
        "exposure": {
            "time_in_market": found.exposure,
            "mean_gross_leverage": found.mean_gross_leverage,
            "max_gross_leverage": found.max_gross_leverage,
            "mean_net_leverage": found.mean_net_leverage,
            "turnover_per_year": found.turnover_per_year,
            "traded": found.traded,
        },
        "costs": _plain(found.costs) | {"total": found.costs.total, "bps_of_traded": found.cost_bps},
        "contributions": {
            "instruments": {part.instrument: _instrument(part) for part in found.instruments},
            "strategies": found.strategies,
        },
        "findings": [_plain(finding) for finding in panel.findings],
        "refusals": _refusals(result),
        "refusals_explained": explained[0] if explained else None,
        "regime": _regime(result),
        "binding_caps": [_plain(cap) | {"reason": cap.reason.name.lower()} for cap in binding_caps(result)],
        "daily_locks": result.daily_locks,
        "halted_at": iso_text(int(panel.at_ns[result.halted_at]) + panel.interval_ns)
        if result.halted_at >= 0
        else None,
        "insurance": result.insurance,
        "pessimism": _plain(report.pessimism),
        "affordability": [_plain(answer) for answer in report.affordability],
        "notes": [_plain(note) for note in result.notes],
        "wall_seconds": report.wall_seconds,
    }
    return {name: finite_or_null(value) for name, value in content.items()}


def finite_or_null(value: Any) -> Any:
    """The same value at any depth with NaN and infinity as None, and Decimal as float."""
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite_or_null(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite_or_null(part) for part in value]
    return value.item() if hasattr(value, "item") else value


def _plain(value: Any) -> dict[str, Any]:
    """Fields of a frozen value by name, nested ones too; instants become ISO text."""
    plain: dict[str, Any] = {}
    for field in fields(value):
        part = getattr(value, field.name)
        if field.name.endswith("at_ns"):
            plain[field.name.removesuffix("_ns")] = None if part is None else iso_text(part)
        else:
            plain[field.name] = _plain(part) if is_dataclass(part) else part
    return plain


def _statistics(report: BacktestReport) -> dict[str, Any]:
    plain = _plain(report.statistics)
    plain["monthly"] = {f"{month.year}-{month.month:02d}": month.value for month in report.statistics.monthly}
    plain["max_drawdown"] = report.statistics.max_drawdown
    return {name: value for name, value in plain.items() if name not in ("from_ns", "to_ns", "bars")}


def _instrument(part: InstrumentFigures) -> dict[str, Any]:
    return {
        "pnl": part.pnl,
        "fees": part.costs.fees,
        "slippage": part.costs.slippage,
        "funding": part.costs.funding,
        "liquidation_fees": part.costs.liquidation_fees,
        "traded": part.traded,
        "exposure": part.exposure,
        "trades": part.trades.closed + part.trades.still_open,
        "win_rate": part.trades.win_rate,
    }


def _regime(result: BacktestResult) -> dict[str, Any] | None:
    """Counts of the market's regimes; None where nobody told them."""
    if result.regimes is None:
        return None
    found = _plain(regime_statistics(result.regimes, result.panel.interval_ns, result.panel.year))
    names = ("shares", "mean_dwell_days")
    return found | {name: {regime.lower(): value for regime, value in found[name].items()} for name in names}


def _refusals(result: BacktestResult) -> dict[str, Any]:
    counted = {}
    for reason in Reason:
        row = result.refusals[reason] if reason < len(result.refusals) else ()
        total = int(sum(row))
        if total:
            by_instrument = {
                name: int(count) for name, count in zip(result.panel.instruments, row, strict=True) if count
            }
            counted[reason.name.lower()] = {"total": total, "by_instrument": by_instrument}
    return counted
