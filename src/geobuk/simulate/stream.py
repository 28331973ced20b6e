"""History longer than memory: the same loop over windows of rows, with the account carried from one to the next.

Windows are cut by count, whatever chunks the history arrives in, so that the chunks never show in the result.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from geobuk.domain.errors import BrokenInvariantError, DataError, SettingsError
from geobuk.domain.instrument import Instrument
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel, RecordArray
from geobuk.quant.returns import SampledEquity
from geobuk.simulate.book import EQUITY, Log, Status, new_book, new_log
from geobuk.simulate.equity_path import EquityPath
from geobuk.simulate.inputs import Inputs, inputs_of
from geobuk.simulate.loop import advance
from geobuk.simulate.notes import Assumed, assumed_in, assumptions
from geobuk.simulate.result import Note
from geobuk.simulate.run import raise_funding_missing, validated
from geobuk.simulate.spec import BacktestSpec
from geobuk.simulate.windows import windows

LEAST_BLOCK = 32_768


@dataclass(frozen=True)
class Believer:
    """Where forecasts come from: ``forecast`` is a pure function of a panel, and needs ``memory`` rows before the first
    one that it is asked for.
    """

    forecast: Callable[[Panel], FloatArray]
    memory: int


@dataclass(frozen=True)
class StreamedResult:
    """What is left of a run whose rows were not kept.

    ``daily`` equity at the end of each day; ``max_drawdown`` looks at every bar (a fraction <= 0); costs (N,) in
    account currency; ``refusals`` (R, N) by Reason; ``halted_at_ns`` when the drawdown lock closed, or -1;
    ``insurance`` and ``notes`` as in :class:`geobuk.simulate.result.BacktestResult`.
    """

    bars: int
    from_ns: int
    to_ns: int
    instruments: tuple[str, ...]
    final_equity: float
    daily: SampledEquity
    max_drawdown: float
    fees: FloatArray
    slippage: FloatArray
    funding: FloatArray
    liquidation_fees: FloatArray
    fills: int
    refusals: IntArray
    decisions: int
    daily_locks: int
    halted_at_ns: int
    insurance: float
    notes: tuple[Note, ...]


def simulate_stream(
    chunks: Iterable[Panel],
    believer: Believer,
    instruments: Sequence[Instrument],
    spec: BacktestSpec | None = None,
    *,
    on_fills: Callable[[Panel, RecordArray], None] | None = None,
    block_bars: int = 0,
) -> StreamedResult:
    """Trade chunks of one history in order, in memory that does not grow with it.

    The figures are those of :func:`geobuk.simulate.run.simulate` over the whole, where a forecast depends on no more
    than ``believer.memory`` rows; one with a longer memory sees the last so many rows, whatever the chunks are.

    Parameters
    ----------
    chunks : panels of the same instruments, each beginning where the one before ended.
    on_fills : told each block's panel and fills (``bar`` counts in that panel).
    block_bars : rows simulated at a time; at least twice the memory if left out.

    Raises
    ------
    DataError
        No rows, chunks of different instruments, or chunks out of order.
    SettingsError
        Box stops: their boxes reach further back than a stretch.
    """
    spec = validated(spec or BacktestSpec())
    if spec.stops.box_days > 0.0:
        raise SettingsError(
            f"stops.box_days {spec.stops.box_days:g} can't be used on a history that is streamed",
            cure="set it to 0, or run without streaming",
        )
    block_bars = block_bars or max(LEAST_BLOCK, 2 * believer.memory)
    run = _Run(believer, tuple(instruments), spec, on_fills)
    for window, fresh in windows(chunks, block_bars, max(believer.memory, run.behind)):
        run.take(window, fresh)
    return run.finish()


class _Run:
    """The account between windows.

    The last row of each waits for the next window, because whether a decision falls on it depends on when the venue
    opens again. ``behind`` rows are carried over: that one, the one before it, and those that an order's delay needs.
    """

    def __init__(
        self,
        believer: Believer,
        instruments: tuple[Instrument, ...],
        spec: BacktestSpec,
        on_fills: Callable[[Panel, RecordArray], None] | None,
    ) -> None:
        self.believer, self.instruments, self.spec, self.on_fills = believer, instruments, spec, on_fills
        self.behind = max(1, spec.orders.delay_bars) + 1
        self.book = new_book(len(instruments), spec.account.capital)
        self.begun: BoolArray = np.zeros(len(instruments), dtype=np.bool_)
        self.panel: Panel | None = None
        self.beliefs: FloatArray = np.empty((0, len(instruments)))
        self.done = self.fills = 0
        self.halted_at_ns = -1
        self.assumed: Assumed | None = None
        self.inputs: Inputs | None = None
        self.equity = EquityPath(spec.account.capital)

    def take(self, window: Panel, fresh: int) -> None:
        """Believe, then trade all rows but the last."""
        rows = window.shape[0]
        forecasts = self.believer.forecast(window)[rows - fresh :]
        kept = min(self.behind, len(self.beliefs))
        if self.panel is not None:
            shift = self.panel.shape[0] - kept
            self.book.account["bar"] -= shift
            self.book.states["order_from"] -= shift
        self.panel = window.rows(rows - fresh - kept, rows)
        self.beliefs = np.concatenate([self.beliefs[len(self.beliefs) - kept :], forecasts])
        self._trade(self.panel, self.panel.shape[0] - 1)
        self.begun |= np.isfinite(window.close[rows - fresh :]).any(axis=0)

    def finish(self) -> StreamedResult:
        """Trade the last row, and sum up."""
        if self.panel is None:
            raise DataError("there are no bars to simulate", cure="choose a longer period")
        self._trade(self.panel, self.panel.shape[0])
        if self.assumed is None or self.inputs is None:
            raise DataError("there is one bar only", cure="a simulation needs at least 2 bars")
        states, account = self.book.states, self.book.account[0]
        return StreamedResult(
            bars=self.done,
            from_ns=self.equity.from_ns,
            to_ns=int(self.panel.at_ns[-1]) + self.panel.interval_ns,
            instruments=self.panel.instruments,
            final_equity=float(account["equity"]),
            daily=self.equity.sampled(self.panel),
            max_drawdown=self.equity.deepest,
            fees=states["fees"].copy(),
            slippage=states["slippage"].copy(),
            funding=states["funding"].copy(),
            liquidation_fees=states["liquidation_fees"].copy(),
            fills=self.fills,
            refusals=np.ascontiguousarray(states["refusals"].T),
            decisions=int(account["decisions"]),
            daily_locks=int(account["daily_locks"]),
            halted_at_ns=self.halted_at_ns,
            insurance=float(account["insurance"]),
            notes=assumptions(self.assumed, self.panel, self.inputs, states, float(account["insurance"])),
        )

    def _trade(self, panel: Panel, stop: int) -> None:
        first = int(self.book.account["bar"][0])
        if panel.shape[0] < 2 or stop <= first:
            return
        inputs = inputs_of(panel, self.beliefs, self.instruments, self.spec, begun=self.begun)
        assumed = assumed_in(panel, inputs, (first, stop))
        self.assumed = assumed if self.assumed is None else self.assumed + assumed
        self.inputs = inputs
        account = self.book.account
        account["terms_at"], account["fills"] = 0, 0
        account["funding_at"] = int(np.searchsorted(inputs.events["bar"], first))
        log = self._advance(panel, inputs, stop)
        equity = log.curve[EQUITY, first:stop]
        if not np.isfinite(equity).all():
            raise BrokenInvariantError("equity is not finite in a streamed block")
        self.equity.add(panel.rows(first, stop), equity)
        self.done += stop - first
        self.fills += int(account["fills"][0])
        if account["halted_at"][0] >= 0 and self.halted_at_ns < 0:
            self.halted_at_ns = int(panel.at_ns[account["halted_at"][0]])
        if self.on_fills is not None and account["fills"][0]:
            self.on_fills(panel, log.fills[: account["fills"][0]])

    def _advance(self, panel: Panel, inputs: Inputs, stop: int) -> Log:
        count = panel.shape[1]
        room = max(4096, 16 * count) if self.on_fills is not None else 0
        log = new_log(panel.shape[0], count, fills=room, detail=False)
        while (status := advance(inputs, self.book, log, stop)) != Status.FINE:
            if status == Status.FUNDING_UNKNOWN:
                raise_funding_missing(panel, self.book)
            log = log._replace(fills=np.concatenate([log.fills, np.zeros_like(log.fills)]))
        return log
