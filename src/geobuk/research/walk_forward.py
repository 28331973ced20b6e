"""Walk-forward over time: choose a parameter set by the past, trade what comes next with it, and do so again.

What a choice may see ends with its training rows: forecasts are made from a panel that is cut off there.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

import numpy as np

from geobuk.domain.errors import LookAheadError
from geobuk.domain.instrument import Instrument
from geobuk.domain.times import at_text
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.quant.drawdown import max_drawdown
from geobuk.quant.ratios import sharpe, sharpe_error
from geobuk.quant.returns import sampled_daily
from geobuk.quant.validation import Fold, WalkSpec, walk_forward
from geobuk.research.gate_limits import GateLimits
from geobuk.research.parameter_grid import Trial
from geobuk.simulate.inputs import decision_interval
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec
from geobuk.simulate.sweep import sweep
from geobuk.strategies.contract import warmup_of
from geobuk.strategies.matrix import blended
from geobuk.strategies.matrix_spec import MatrixSpec
from geobuk.strategies.strategy import Strategy

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Market:
    """What is traded and how: the panel, its instruments' rules in its order, the settings, weights by label or a
    matrix, and the regime codes (T,) of the panel's bars, each known at its close.
    """

    panel: Panel
    instruments: Sequence[Instrument]
    spec: BacktestSpec
    weights: Mapping[str, float] | None = None
    matrix: MatrixSpec | None = None
    regimes: IntArray | None = None

    def rows(self, start: int, stop: int) -> "Market":
        """The same market over some of its bars."""
        codes = None if self.regimes is None else self.regimes[start:stop]
        return replace(self, panel=self.panel.rows(start, stop), regimes=codes)

    def beliefs(self, strategies: Sequence[Strategy], stop: int) -> FloatArray:
        """(stop, N) forecasts of the blend, from the first bars alone."""
        codes = None if self.regimes is None else self.regimes[:stop]
        return blended(self.panel.rows(0, stop), strategies, self.weights, self.matrix, codes).forecasts


@dataclass(frozen=True, slots=True)
class WalkWindow:
    """One step. ``chosen`` names the set that had the best Sharpe ratio in training, None where none had one.

    ``train_sharpe`` and ``test_sharpe`` are annual, ``test_return`` is a fraction; None where not defined. Instants are
    [from, to).
    """

    train_from_ns: int
    train_to_ns: int
    test_from_ns: int
    test_to_ns: int
    chosen: str | None
    train_sharpe: float | None
    test_return: float | None
    test_sharpe: float | None


@dataclass(frozen=True, eq=False)
class WalkForward:
    """The steps, and the one account that traded all test windows in turn.

    Attributes
    ----------
    returns : (D,) simple returns of the days in the test windows, one after another.
    sharpe, sharpe_error : annual. max_drawdown : on every bar, a negative fraction or 0.
    fills : how often the account traded.
    """

    windows: tuple[WalkWindow, ...]
    returns: FloatArray
    periods_per_year: float
    sharpe: float
    sharpe_error: float
    max_drawdown: float
    fills: int


@dataclass(frozen=True, eq=False)
class Trials:
    """Every parameter set over the whole history: (D, K) daily returns, (K,) Sharpe ratios per day (NaN if none)."""

    labels: tuple[str, ...]
    returns: FloatArray
    sharpes: FloatArray
    digests: tuple[tuple[str, ...], ...] = ()


def folds_of(market: Market, limits: GateLimits) -> tuple[Fold, ...]:
    """The windows in rows of the panel; none where the history is shorter than one.

    The gap covers at least the bars from a forecast to the fills it leads to, so that no outcome of a training row lies
    in the test rows.
    """
    panel, spec = market.panel, market.spec
    per_day = panel.year.per_day(panel.interval_ns)
    horizon = 1 + spec.orders.delay_bars + decision_interval(panel, spec) // panel.interval_ns
    train, test, gap = (max(1, round(d * per_day)) for d in (limits.train_days, limits.test_days, limits.gap_days))
    walk = WalkSpec(train=train, test=test, gap=max(gap, horizon), horizon=horizon)
    if panel.shape[0] < walk.train + walk.gap + walk.test:
        return ()
    return walk_forward(panel.shape[0], walk)


def usable(trials: Sequence[Trial], market: Market, limits: GateLimits) -> tuple[Trial, ...]:
    """Those whose warm-up fits into a training window; others could not have been chosen in the first one."""
    panel = market.panel
    longest = limits.train_days * panel.year.per_day(panel.interval_ns)
    return tuple(
        trial
        for trial in trials
        if max(warmup_of(strategy, panel.interval_ns) for strategy in trial.strategies) <= longest
    )


def try_all(market: Market, trials: Sequence[Trial], folds: Sequence[Fold], told: Told | None = None) -> Trials:
    """Each parameter set over the whole history; ``digests`` of its forecasts up to the end of each training window."""
    ends = [int(fold.train[-1]) + 1 for fold in folds]
    believers = [_Whole(trial, market, ends) for trial in trials]
    swept = sweep(market.panel, believers, market.instruments, market.spec, regimes=market.regimes, progress=told)
    before, after = swept.daily_equity[:, :-1], swept.daily_equity[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = np.where(before > 0.0, after / before - 1.0, 0.0)
    return Trials(
        labels=tuple(trial.label for trial in trials),
        returns=np.ascontiguousarray(returns.T),
        sharpes=np.array([sharpe(row, 1.0) for row in returns]),
        digests=tuple(tuple(one.digests) for one in believers),
    )


def walk(
    market: Market, trials: Sequence[Trial], folds: Sequence[Fold], tried: Trials, told: Told | None = None
) -> WalkForward:
    """Choose in each training window, trade its test window; one account through all of them.

    Row t of what is traded was decided by data <= t, by the set that training rows before it chose. The account starts
    flat with the capital at the first test row; risk estimates are warm by then.

    Raises
    ------
    LookAheadError : forecasts of the past change when later bars are cut off.
    """
    tell = told or (lambda done, total: None)
    panel = market.panel
    stitched, picks = np.full(panel.shape, np.nan), []
    for place, fold in enumerate(folds):
        tell(place, len(folds))
        pick, ratio = _choose(market, trials, fold, [own[place] for own in tried.digests])
        picks.append((pick, ratio))
        if pick is not None:
            start, stop = int(fold.test[0]), int(fold.test[-1]) + 1
            stitched[start:stop] = market.beliefs(trials[pick].strategies, stop)[start:]
    return _traded(market, stitched, trials, folds, picks)


class _Whole:
    """Forecasts from the whole panel, remembered as digests of their beginnings."""

    def __init__(self, trial: Trial, market: Market, ends: Sequence[int]) -> None:
        self.trial, self.market, self.ends = trial, market, ends
        self.digests: list[str] = []

    def forecast(self, panel: Panel) -> FloatArray:
        forecasts = self.market.beliefs(self.trial.strategies, panel.shape[0])
        self.digests = [_digest(forecasts[:end]) for end in self.ends]
        return forecasts


class _Beginning:
    """Forecasts from a panel that ends with the training rows; held against those of the whole one."""

    def __init__(self, trial: Trial, market: Market, fold: Fold, digest: str) -> None:
        self.trial, self.market, self.fold, self.digest = trial, market, fold, digest

    def forecast(self, panel: Panel) -> FloatArray:
        start, stop = int(self.fold.train[0]), int(self.fold.train[-1]) + 1
        forecasts = self.market.beliefs(self.trial.strategies, stop)
        if _digest(forecasts) != self.digest:
            names = ", ".join(dict.fromkeys(strategy.name for strategy in self.trial.strategies))
            last = at_text(int(self.market.panel.at_ns[stop - 1]))
            raise LookAheadError(
                f"{names}: forecasts up to {last} change when the bars after it are cut off",
                cure="see `geobuk strategy check`",
            )
        return forecasts[start:]


def _digest(forecasts: FloatArray) -> str:
    plain = np.where(np.isnan(forecasts), np.nan, forecasts) + 0.0
    return sha256(np.ascontiguousarray(plain).data).hexdigest()


def _choose(market: Market, trials: Sequence[Trial], fold: Fold, digests: Sequence[str]) -> tuple[int | None, float]:
    believers = [_Beginning(trial, market, fold, digest) for trial, digest in zip(trials, digests, strict=True)]
    train = market.rows(int(fold.train[0]), int(fold.train[-1]) + 1)
    ratios = sweep(train.panel, believers, market.instruments, market.spec, regimes=train.regimes).sharpe
    if np.isnan(ratios).all():
        return None, float("nan")
    pick = int(np.nanargmax(ratios))
    return pick, float(ratios[pick])


def _traded(
    market: Market,
    stitched: FloatArray,
    trials: Sequence[Trial],
    folds: Sequence[Fold],
    picks: Sequence[tuple[int | None, float]],
) -> WalkForward:
    panel = market.panel
    first, last = int(folds[0].test[0]), int(folds[-1].test[-1]) + 1
    lead = max(0, first - round(4 * market.spec.sizing.volatility_days * panel.year.per_day(panel.interval_ns)))
    stretch = panel.rows(lead, last)
    codes = None if market.regimes is None else market.regimes[lead:last]
    result = simulate(stretch, stitched[lead:last], market.instruments, market.spec, regimes=codes)
    equity, capital = result.equity[first - lead :], market.spec.account.capital
    at_ns = panel.at_ns[first:last]
    sampled = sampled_daily(equity, at_ns, panel.interval_ns, capital, panel.year)
    ratio = sharpe(sampled.returns, sampled.periods_per_year)
    windows = []
    for fold, (pick, train_ratio) in zip(folds, picks, strict=True):
        start, stop = int(fold.test[0]) - first, int(fold.test[-1]) + 1 - first
        windows.append(_window(panel, fold, equity, (start, stop, capital), (_label(trials, pick), train_ratio)))
    return WalkForward(
        windows=tuple(windows),
        returns=sampled.returns,
        periods_per_year=sampled.periods_per_year,
        sharpe=ratio,
        sharpe_error=sharpe_error(ratio, len(sampled.returns), sampled.periods_per_year),
        max_drawdown=max_drawdown(np.maximum(np.append(capital, equity), 0.0)),
        fills=len(result.fills),
    )


def _label(trials: Sequence[Trial], pick: int | None) -> str | None:
    return None if pick is None else trials[pick].label


def _window(
    panel: Panel,
    fold: Fold,
    equity: FloatArray,
    place: tuple[int, int, float],
    choice: tuple[str | None, float],
) -> WalkWindow:
    start, stop, capital = place
    opening = float(equity[start - 1]) if start else capital
    value, ratio = float("nan"), float("nan")
    if opening > 0.0:
        at_ns = panel.at_ns[fold.test]
        sampled = sampled_daily(equity[start:stop], at_ns, panel.interval_ns, opening, panel.year)
        value = float(sampled.equity[-1] / opening - 1.0)
        ratio = sharpe(sampled.returns, sampled.periods_per_year)
    return WalkWindow(
        train_from_ns=int(panel.at_ns[fold.train[0]]),
        train_to_ns=int(panel.at_ns[fold.train[-1]]) + panel.interval_ns,
        test_from_ns=int(panel.at_ns[fold.test[0]]),
        test_to_ns=int(panel.at_ns[fold.test[-1]]) + panel.interval_ns,
        chosen=choice[0],
        train_sharpe=_known(choice[1]),
        test_return=_known(value),
        test_sharpe=_known(ratio),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
