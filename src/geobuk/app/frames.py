"""A result as polars data frames, one row per bar, fill or round trip. Computes nothing."""

import polars as pl

from geobuk.panel import IntArray, Panel
from geobuk.risk.reasons import Reason
from geobuk.simulate.result import BacktestResult

_REASONS = [reason.name.lower() for reason in Reason]


def equity_frame(result: BacktestResult) -> pl.DataFrame:
    """T rows: ``at`` (the bar's close, UTC), equity, cash, gross, net, initial_margin (account currency), and
    ``pnl_<strategy>`` for each strategy.
    """
    panel = result.panel
    columns: dict[str, object] = {"at": panel.at_ns + panel.interval_ns}
    columns |= {name: getattr(result, name) for name in ("equity", "cash", "gross", "net", "initial_margin")}
    columns |= {f"pnl_{name}": values for name, values in result.strategy_pnl.items()}
    return _timed(pl.DataFrame(columns), "at")


def position_frame(result: BacktestResult) -> pl.DataFrame:
    """T rows: ``at`` (the bar's close, UTC) and the signed quantity of each instrument."""
    panel = result.panel
    columns: dict[str, object] = {"at": panel.at_ns + panel.interval_ns}
    columns |= {name: result.position[:, column] for column, name in enumerate(panel.instruments)}
    return _timed(pl.DataFrame(columns), "at")


def fills_frame(result: BacktestResult) -> pl.DataFrame:
    """F rows: ``at`` (open time of the fill's bar, UTC), instrument, reason, and the fields of FILL_DTYPE."""
    fills, panel = result.fills, result.panel
    plain = [name for name in fills.dtype.names or () if name not in ("bar", "instrument", "reason")]
    columns: dict[str, object] = {
        "at": panel.at_ns[fills["bar"]],
        "bar": fills["bar"],
        "instrument": _named(panel, fills["instrument"]),
        "reason": [_REASONS[reason] for reason in fills["reason"]],
    }
    columns |= {name: fills[name] for name in plain}
    return _timed(pl.DataFrame(columns), "at")


def trades_frame(result: BacktestResult) -> pl.DataFrame:
    """M rows, one per round trip: entry_at and exit_at (open times of their bars, UTC) and the fields of Trades."""
    trades, panel = result.trades, result.panel
    columns: dict[str, object] = {
        "instrument": _named(panel, trades.instrument),
        "side": ["long" if side > 0 else "short" for side in trades.side],
        "entry_at": panel.at_ns[trades.entry_bar],
        "exit_at": panel.at_ns[trades.exit_bar],
    }
    fields = ("entry_bar", "exit_bar", "quantity", "entry_price", "exit_price", "pnl", "fees", "funding", "is_open")
    columns |= {name: getattr(trades, name) for name in fields}
    columns["exit_reason"] = [_REASONS[reason] for reason in trades.exit_reason]
    return _timed(pl.DataFrame(columns), "entry_at", "exit_at")


def _named(panel: Panel, columns: IntArray) -> list[str]:
    return [panel.instruments[column] for column in columns]


def _timed(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    return frame.with_columns(pl.col(name).cast(pl.Datetime("ns", "UTC")) for name in names)
