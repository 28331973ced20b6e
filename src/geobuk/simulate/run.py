"""One simulation, from inputs to result."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from geobuk.domain.errors import BrokenInvariantError, FundingMissingError, SettingsError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import at_text
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.risk.exit_settings import require_consistent
from geobuk.simulate.attribution import attribute
from geobuk.simulate.book import EQUITY, Book, Log, Status, new_book, new_log
from geobuk.simulate.inputs import Inputs, delayed, inputs_of, is_cash_account
from geobuk.simulate.loop import advance
from geobuk.simulate.notes import assumed_in, assumptions
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.spec import BacktestSpec
from geobuk.simulate.trades import trades_of


def simulate(
    panel: Panel,
    forecasts: FloatArray,
    instruments: Sequence[Instrument],
    spec: BacktestSpec | None = None,
    *,
    parts: Mapping[str, FloatArray] | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    regimes: IntArray | None = None,
) -> BacktestResult:
    """Trade a panel by its forecasts.

    Parameters
    ----------
    forecasts : (T, N) in [-1, 1], NaN for no belief; row t is acted on from bar t + 1.
    instruments : trading rules, in the panel's order.
    parts : strategy name -> (T, N), summing to ``forecasts``; the profit is attributed to them.
    parameters : strategy name -> parameter values, recorded with the result.
    regimes : (T,) codes of the market's regime as known at each close, acted on like forecasts; None without any.

    Raises
    ------
    DataError, SettingsError
        Inputs that do not fit together, settings out of range.
    FundingMissingError
        A position was held over a stamp without a known rate and ``funding.missing`` is ``error``.
    """
    spec = validated(spec or BacktestSpec())
    inputs = inputs_of(panel, forecasts, instruments, spec, regimes=regimes)
    book, log = run_loop(panel, inputs, spec.account.capital)
    parts = {name: delayed(part, spec.orders.delay_bars) for name, part in (parts or {}).items()}
    states, account = book.states, book.account[0]
    fills = log.fills[: account["fills"]]
    equity, cash, gross, net, margin = log.curve
    if is_cash_account(instruments):
        cash = equity - net  # shares are paid for in full
    return BacktestResult(
        strategies=tuple(parts),
        spec=spec,
        panel=panel,
        instruments=tuple(instruments),
        forecasts=forecasts,
        equity=equity,
        cash=cash,
        gross=gross,
        net=net,
        initial_margin=margin,
        position=log.position,
        pnl=log.pnl,
        fills=fills,
        trades=trades_of(fills, states, panel.shape[0]),
        fees=states["fees"].copy(),
        slippage=states["slippage"].copy(),
        funding=states["funding"].copy(),
        liquidation_fees=states["liquidation_fees"].copy(),
        insurance=float(account["insurance"]),
        refusals=np.ascontiguousarray(states["refusals"].T),
        decisions=int(account["decisions"]),
        daily_locks=int(account["daily_locks"]),
        halted_at=int(account["halted_at"]),
        strategy_pnl=attribute(log.pnl, parts, inputs.bars.decides),
        notes=assumptions(assumed_in(panel, inputs), panel, inputs, states, float(account["insurance"])),
        parameters={name: dict(values) for name, values in (parameters or {}).items()},
        regimes=regimes,
    )


def validated(spec: BacktestSpec) -> BacktestSpec:
    """The spec itself, if every value lies in its range and fits the others; Python callers pass structs that nobody
    has checked yet.
    """
    try:
        spec = msgspec.convert(msgspec.to_builtins(spec), BacktestSpec)
    except msgspec.ValidationError as error:
        raise SettingsError(f"backtest settings: {error}", cure="correct the value") from None
    require_consistent(spec.stops)
    return spec


def run_loop(panel: Panel, inputs: Inputs, capital: float) -> tuple[Book, Log]:
    """Run the loop over the whole panel with a full record; the log of fills grows as needed."""
    bars, count = panel.shape
    book = new_book(count, capital)
    log = new_log(bars, count, fills=max(4096, 16 * count, bars * count // 32))
    while (status := advance(inputs, book, log, bars)) != Status.FINE:
        if status == Status.FUNDING_UNKNOWN:
            raise_funding_missing(panel, book)
        log = log._replace(fills=np.concatenate([log.fills, np.zeros_like(log.fills)]))
    finite = np.isfinite(log.curve[EQUITY])
    if not finite.all():
        raise BrokenInvariantError(f"equity is not finite at bar {int(np.argmin(finite))}")
    return book, log


def raise_funding_missing(panel: Panel, book: Book) -> None:
    """Name the instrument and the stamp at which the loop stopped."""
    account = book.account[0]
    name = panel.instruments[account["status_instrument"]]
    raise FundingMissingError(
        f"no funding rate of {name} at {at_text(int(panel.at_ns[account['bar'] - 1]))} is known, but it was held then",
        cure="import its funding, or set funding.missing to worst_case",
    )
