"""Many parameter sets over one panel: threads share it without a copy, kernels run outside the interpreter's lock."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from geobuk.domain.errors import DataError
from geobuk.domain.instrument import Instrument
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.quant.ratios import sharpe
from geobuk.quant.returns import daily_ends, sampled_daily, samples_per_year
from geobuk.simulate.book import EQUITY, Book, Log, Status, new_book, new_log
from geobuk.simulate.equity_path import fall_so_far
from geobuk.simulate.inputs import Inputs, inputs_of, with_forecasts
from geobuk.simulate.loop import advance
from geobuk.simulate.run import raise_funding_missing, validated
from geobuk.simulate.spec import BacktestSpec

if TYPE_CHECKING:
    import polars as pl


class Forecaster(Protocol):
    """Anything that turns a panel into forecasts, such as a strategy."""

    def forecast(self, panel: Panel) -> FloatArray:
        """(T, N) in [-1, 1]; NaN for no belief."""
        ...


@dataclass(frozen=True)
class SweepResult:
    """One entry a parameter set, in the order given; all arrays (K,).

    ``total_return`` and ``max_drawdown`` are fractions (the latter <= 0), ``sharpe`` is annual from daily equity
    (365 days), NaN where it is not defined; ``costs`` are fees, slippage and funding in account currency; ``fills``
    a count. ``daily_equity`` (K, D + 1) is the capital and the equity at each day's last close, 0 once ruined.
    """

    parameters: tuple[dict[str, Any], ...]
    final_equity: FloatArray
    total_return: FloatArray
    sharpe: FloatArray
    max_drawdown: FloatArray
    costs: FloatArray
    fills: IntArray
    daily_equity: FloatArray

    def to_frame(self) -> "pl.DataFrame":
        """One row a parameter set."""
        import polars as pl

        figures = {
            name: getattr(self, name)
            for name in ("final_equity", "total_return", "sharpe", "max_drawdown", "costs", "fills")
        }
        return pl.DataFrame([*self.parameters]).hstack(pl.DataFrame(figures))


def sweep(
    panel: Panel,
    strategies: Iterable[Forecaster],
    instruments: Sequence[Instrument],
    spec: BacktestSpec | None = None,
    *,
    regimes: IntArray | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SweepResult:
    """Simulate each strategy over the same panel; the figures equal those of :func:`geobuk.simulate.run.simulate`.

    ``regimes`` (T,) are codes known at each bar's close. ``workers`` defaults to the number of cores. ``progress`` is
    told how many of how many are done.
    """
    strategies = tuple(strategies)
    if not strategies:
        raise DataError("a sweep needs at least one parameter set", cure="name the values to try")
    spec = validated(spec or BacktestSpec())
    shared = inputs_of(panel, np.zeros(panel.shape), instruments, spec, regimes=regimes)
    desk = _Desk(panel, shared, spec)
    rows, paths = [], []
    with ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1) as pool:
        for done, (row, path) in enumerate(pool.map(desk.run, strategies), start=1):
            rows.append(row)
            paths.append(path)
            if progress is not None:
                progress(done, len(strategies))
    table = np.array(rows)
    return SweepResult(
        parameters=tuple(_parameters(strategy) for strategy in strategies),
        final_equity=table[:, 0].copy(),
        total_return=table[:, 0] / spec.account.capital - 1.0,
        sharpe=table[:, 1].copy(),
        max_drawdown=table[:, 2].copy(),
        costs=table[:, 3].copy(),
        fills=table[:, 4].astype(np.int64),
        daily_equity=np.array(paths),
    )


def _parameters(strategy: Forecaster) -> dict[str, Any]:
    fields = getattr(strategy, "__struct_fields__", ())
    return {name: getattr(strategy, name) for name in fields} or {"strategy": repr(strategy)}


_Figures = tuple[float, float, float, float, int]


class _Desk:
    """Runs one parameter set at a time in each thread, with one log a thread that is used again."""

    def __init__(self, panel: Panel, shared: Inputs, spec: BacktestSpec) -> None:
        self.panel = panel
        self.shared = shared
        self.capital = spec.account.capital
        self.delay = spec.orders.delay_bars
        self.day_ends = daily_ends(panel.at_ns, panel.interval_ns)
        self.per_year = samples_per_year(panel.interval_ns, panel.year)
        self._mine = local()

    def run(self, strategy: Forecaster) -> tuple[_Figures, FloatArray]:
        """Final equity, Sharpe, maximum drawdown, costs and fills of one strategy; its equity by the day."""
        bars, count = self.panel.shape
        inputs = with_forecasts(self.shared, self.panel, strategy.forecast(self.panel), self.delay)
        book = new_book(count, self.capital)
        log = self._log(bars, count)
        if advance(inputs, book, log, bars) == Status.FUNDING_UNKNOWN:
            raise_funding_missing(self.panel, book)
        return self._figures(book, log)

    def _figures(self, book: Book, log: Log) -> tuple[_Figures, FloatArray]:
        path = samples = np.concatenate([[self.capital], log.curve[EQUITY][self.day_ends]])
        states, account = book.states, book.account[0]
        costs = sum(float(states[name].sum()) for name in ("fees", "slippage", "funding", "liquidation_fees"))
        _, deepest = fall_so_far(log.curve[EQUITY], self.capital, 0.0)
        if deepest <= -1.0:  # ruined: the returns end there
            equity = log.curve[EQUITY].copy()
            samples = sampled_daily(equity, self.panel.at_ns, self.panel.interval_ns, self.capital).equity
            path = np.append(samples, np.zeros(len(path) - len(samples)))
        ratio = sharpe(samples[1:] / samples[:-1] - 1.0, self.per_year)
        return (float(log.curve[EQUITY][-1]), ratio, deepest, costs, int(account["fills"])), path

    def _log(self, bars: int, count: int) -> Log:
        log: Log | None = getattr(self._mine, "log", None)
        if log is None:
            log = self._mine.log = new_log(bars, count, fills=0, detail=False)
        return log
