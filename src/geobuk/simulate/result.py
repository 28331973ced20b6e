"""What a simulation leaves behind: arrays first, frames on request."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from geobuk.domain.instrument import Instrument
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel
from geobuk.simulate.identity import digest_of_arrays, digest_of_texts, input_hashes
from geobuk.simulate.spec import BacktestSpec

FILL_DTYPE = np.dtype(
    [
        ("bar", np.int64),
        ("instrument", np.int32),
        ("reason", np.int32),  # Reason: ENTRY, STOP, LIQUIDATION, DAILY_LOSS, DRAWDOWN
        ("quantity", np.float64),  # signed, base units
        ("price", np.float64),
        ("reference", np.float64),  # price before spread and impact
        ("fee", np.float64),  # cost, account currency
        ("slippage", np.float64),  # cost against reference, account currency
        ("realized", np.float64),  # profit of the closed part before fees, account currency
        ("cash", np.float64),  # change of cash by the fill: realized minus costs, plus what the venue's fund bore
        ("funding", np.float64),  # funding the instrument has paid up to the fill, account currency
        ("position", np.float64),  # signed quantity after the fill
        ("is_maker", np.bool_),
    ]
)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was assumed: a code, and the same sentence in English and Korean."""

    code: str
    text: str
    text_ko: str


@dataclass(frozen=True, slots=True)
class Trades:
    """Round trips: from flat (or flipped) to flat (or flipped). All arrays have length M, in order of exit.

    ``side`` is +1 or -1; ``pnl`` in account currency after fees, slippage and funding; ``exit_reason`` is a Reason.
    """

    instrument: IntArray
    side: IntArray
    entry_bar: IntArray
    exit_bar: IntArray
    quantity: FloatArray  # largest absolute quantity held
    entry_price: FloatArray  # average
    exit_price: FloatArray  # average
    pnl: FloatArray
    fees: FloatArray
    funding: FloatArray
    exit_reason: IntArray
    is_open: BoolArray  # still held at the end, marked at the last price


@dataclass(frozen=True)
class BacktestResult:
    """A simulated account, bar by bar.

    Attributes
    ----------
    panel, forecasts, instruments : inputs; forecasts is (T, N) in [-1, 1], NaN where the strategy has no belief.
    equity, cash, gross, net, initial_margin : (T,) at each bar's close, account currency; gross and net are notionals.
    position : (T, N) signed quantity at each bar's close.
    pnl : (T, N) profit of each instrument in each bar after all costs; sums to the change in equity.
    fills : (F,) structured array of FILL_DTYPE.
    fees, slippage, funding : (N,) costs per instrument (positive = paid); liquidation_fees likewise.
    insurance : loss beyond the account or the isolated wallet that the venue's fund bore.
    refusals : (R, N) int64, how often each Reason said no, indexed by Reason.
    halted_at : bar index at which the drawdown lock closed, or -1.
    regimes : (T,) codes of the market's regime (Regime, plus HIGH_VOLATILITY) as known at each close; None without any.
    strategy_pnl : strategy name -> (T,) profit attributed by share of the blended forecast; sums to pnl.sum(axis=1).
    """

    strategies: tuple[str, ...]
    spec: BacktestSpec
    panel: Panel
    instruments: tuple[Instrument, ...]
    forecasts: FloatArray
    equity: FloatArray
    cash: FloatArray
    gross: FloatArray
    net: FloatArray
    initial_margin: FloatArray
    position: FloatArray
    pnl: FloatArray
    fills: np.ndarray[Any, np.dtype[np.void]]
    trades: Trades
    fees: FloatArray
    slippage: FloatArray
    funding: FloatArray
    liquidation_fees: FloatArray
    insurance: float
    refusals: IntArray
    decisions: int
    daily_locks: int
    halted_at: int
    strategy_pnl: dict[str, FloatArray]
    notes: tuple[Note, ...] = ()  # what was assumed: missing funding, missing mark price, synthetic data
    parameters: dict[str, dict[str, Any]] = field(default_factory=dict)  # strategy -> parameter values
    regimes: IntArray | None = None

    @cached_property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of ``panel``, ``inputs``, ``parameters``, ``code``, ``result``: equal first ones, equal last one."""
        hashes = input_hashes(self.panel, self.forecasts, self.instruments, self.spec, self.parameters)
        if self.regimes is not None:
            hashes["inputs"] = digest_of_texts(hashes["inputs"], digest_of_arrays(self.regimes))
        arrays = (self.equity, self.cash, self.gross, self.net, self.initial_margin, self.position, self.fills)
        return {**hashes, "result": digest_of_arrays(*arrays)}

    @cached_property
    def run_id(self) -> str:
        """Names the run by what went into it: the same inputs, parameters and code give the same name."""
        hashes = self.hashes
        return digest_of_texts(hashes["inputs"], hashes["parameters"], hashes["code"])[:16]
