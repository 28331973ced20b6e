"""What the detector remembers between two bars: plain arrays, so that one compiled step serves live and history."""

from typing import NamedTuple

import numpy as np

from geobuk.domain.regime import Regime
from geobuk.domain.times import interval_ns
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import FloatArray, IntArray, RecordArray
from geobuk.quant.hmm.model import FilterArrays
from geobuk.regime.spec import RegimeSpec, intervals_in

RETURN, SMOOTHED, LOG_RANGE = 0, 1, 2
"""Columns of the history: the index's log return, its mean over some intervals, the log of the mean range."""

OBSERVED = 2
"""Columns that the hidden Markov model sees: those from SMOOTHED on."""

PREVIOUS, HIGH, LOW, CLOSE = 0, 1, 2, 3
"""Rows of the prices: the close of an earlier interval (NaN: none yet), and the present interval so far."""

RULE_DTYPE = np.dtype(
    [
        ("bar_ns", np.int64),
        ("every_ns", np.int64),
        ("offset_ns", np.int64),
        ("refit", np.int64),
        ("least", np.int64),
        ("smooth", np.int64),
        ("min_dwell", np.int64),
        ("stale", np.int64),
        ("enter", np.float64),
        ("leave", np.float64),
        ("margin", np.float64),
        ("high", np.float64),
        ("calm", np.float64),
    ],
    align=True,
)
"""Settings as the kernel reads them; counts are intervals."""

CLOCK_DTYPE = np.dtype(
    [
        ("interval", np.int64),  # number of the open interval, -1 before the first bar
        ("stage", np.int64),  # how far the present bar is
        ("closed", np.int64),  # intervals closed
        ("seen", np.int64),  # of them with a figure
        ("blank", np.int64),  # without one, in a row, up to now
        ("tried_at", np.int64),  # value of ``closed`` at the last fit that was tried, -1 before the first
        ("has_states", np.bool_),
        ("has_volatility", np.bool_),
        ("are_states_fresh", np.bool_),  # a fit has followed the newest interval already
        ("is_volatility_fresh", np.bool_),
        ("is_high", np.bool_),
        ("direction", np.int64),  # Regime
        ("age", np.int64),  # bars since the direction began
        ("variance", np.float64),  # of the next interval, return^2
        ("usual", np.float64),  # usual volatility, return
        ("omega", np.float64),
        ("alpha", np.float64),
        ("gamma", np.float64),
        ("beta", np.float64),
        ("mu", np.float64),
    ],
    align=True,
)

READING_DTYPE = np.dtype(
    [
        ("code", np.int64),  # Regime, plus HIGH_VOLATILITY
        ("age", np.int64),  # bars since the direction began
        ("bull", np.float64),  # filtered probabilities; NaN while UNKNOWN
        ("bear", np.float64),
        ("sideways", np.float64),
        ("volatility", np.float64),  # forecast over its usual level; NaN while not known
    ],
    align=True,
)
"""What is known at the close of one bar."""


class Cells(NamedTuple):
    """The detector's memory, written in place by the kernels.

    ``prices`` (4, N); ``history`` (W, 3) a ring of the last intervals; ``prior``, ``posterior`` (K,) of the states and
    ``labels`` (K,) the Regime that each means; ``held`` (3,) as in :mod:`geobuk.quant.hmm.hysteresis`.
    """

    rules: RecordArray
    clock: RecordArray
    prices: FloatArray
    history: FloatArray
    prior: FloatArray
    posterior: FloatArray
    labels: IntArray
    held: IntArray
    model: FilterArrays


class Grid(NamedTuple):
    """Where bars lie in time: their length, the venue's local time minus UTC, how much of a year it trades."""

    interval_ns: int
    utc_offset_ns: int = 0
    year: TradingYear = ALWAYS_OPEN


def new_cells(instruments: int, grid: Grid, spec: RegimeSpec) -> Cells:
    """A memory without any bar."""
    bar_ns, offset_ns, year = grid
    step_ns = max(interval_ns(spec.every), bar_ns)
    rules = np.zeros(1, dtype=RULE_DTYPE)
    smooth = max(1, intervals_in(spec.return_days, step_ns, year))
    values = {
        "bar_ns": bar_ns,
        "every_ns": step_ns,
        "offset_ns": offset_ns,
        "refit": max(1, intervals_in(spec.refit_days, step_ns, year)),
        "least": intervals_in(spec.min_days, step_ns, year),
        "smooth": smooth,
        "min_dwell": intervals_in(spec.min_dwell_days, step_ns, year),
        "stale": intervals_in(spec.stale_days, step_ns, year),
        "enter": spec.enter,
        "leave": spec.leave,
        "margin": spec.margin,
        "high": spec.high_volatility,
        "calm": spec.calm_volatility,
    }
    for name, value in values.items():
        rules[name] = value
    clock = np.zeros(1, dtype=CLOCK_DTYPE)
    clock["interval"], clock["tried_at"], clock["direction"], clock["age"] = -1, -1, int(Regime.UNKNOWN), -1
    prices = np.full((4, instruments), np.nan)
    prices[HIGH], prices[LOW] = -np.inf, np.inf
    states = spec.states
    window = max(intervals_in(spec.window_days, step_ns, year), smooth)
    return Cells(
        rules=rules,
        clock=clock,
        prices=prices,
        history=np.full((window, 3), np.nan),
        prior=np.zeros(states),
        posterior=np.zeros(states),
        labels=np.full(states, int(Regime.SIDEWAYS), dtype=np.int64),
        held=np.array([-1, 0, 0], dtype=np.int64),
        model=FilterArrays(
            np.zeros(states),
            np.zeros((states, states)),
            np.zeros((states, OBSERVED)),
            np.zeros((states, OBSERVED, OBSERVED)),
            np.zeros(states),
        ),
    )


def recent(cells: Cells) -> FloatArray:
    """(n, 3) intervals of the window in the order of time, those without a figure included as NaN."""
    closed, room = int(cells.clock["closed"][0]), len(cells.history)
    if closed <= room:
        return cells.history[:closed].copy()
    return np.roll(cells.history, -(closed % room), axis=0)
