"""Weights of strategies bar by bar: from a table, or estimated now and then from the past, and never in a hurry."""

from collections.abc import Sequence

import numpy as np

from geobuk.domain.regime import Regime
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.quant.portfolio import equal_risk, inverse_volatility, limited_moves, sample_covariance
from geobuk.strategies.matrix_spec import ANY, REGIMES, MatrixSpec, class_names, classes_of, fixed_weights
from geobuk.strategies.matrix_streams import Streams, day_numbers, streams_of


def matrix_weights(
    panel: Panel, beliefs: dict[str, FloatArray], spec: MatrixSpec, directions: IntArray | None
) -> FloatArray:
    """(T, C, S) weights of strategies in each class, at least 0 and summing to at most 1.

    Parameters
    ----------
    beliefs : strategy name -> (T, N) forecasts, NaN for no belief.
    directions : (T,) Regime at each close, None where nobody tells: then the tables of ``any`` count.

    Row t uses rows up to t: its own regime, and what was earned on days before its own.
    """
    bars, kinds = panel.shape[0], class_names(spec)
    known = np.zeros(bars, dtype=np.int64) if directions is None else np.asarray(directions, dtype=np.int64)
    rows = (ANY,) if directions is None else REGIMES
    if spec.method == "fixed":
        epoch = np.zeros(bars, dtype=np.int64)
        table = _fixed(spec, tuple(beliefs), rows)[None]
    else:
        epoch, table = _estimated(panel, beliefs, spec, known)
        table = table[:, : len(rows)]
    most = np.full(bars, np.inf)
    if spec.most_per_day > 0.0:
        most[1:] = spec.most_per_day * np.diff(panel.at_ns) / NS_PER_DAY
    which = epoch * len(rows) + known
    out = np.empty((bars, len(kinds), len(beliefs)))
    for k in range(len(kinds)):
        out[:, k] = limited_moves(table[:, :, k].reshape(-1, len(beliefs)), which, most)
    return out


def weights_from(earned: FloatArray, method: str, shrinkage: float) -> FloatArray:
    """(S,) weights from (n, S) profits a day; a strategy that never did anything gets nothing.

    Equal weights where none did. ``performance``: ``shrinkage`` / S each, and the rest by positive mean / sd; where no
    mean is positive the rest stays in cash. ``erc`` falls back to inverse volatility where risks can't be balanced.
    """
    count = earned.shape[1]
    spread = earned.std(axis=0, ddof=1)
    active = np.flatnonzero(spread > 1e-12)
    if len(active) == 0:
        return np.full(count, 1.0 / count)
    out: FloatArray = np.zeros(count)
    if method == "performance":
        merit = np.maximum(earned[:, active].mean(axis=0) / spread[active], 0.0)
        if merit.sum() > 0.0:
            out[active] = (1.0 - shrinkage) * merit / merit.sum()
        out += shrinkage / count
        return out
    covariance = sample_covariance(earned[:, active]).covariance
    if method == "erc":
        try:
            out[active] = equal_risk(covariance).weights
            return out
        except ValueError:
            out[:] = 0.0
    out[active] = inverse_volatility(covariance).weights
    return out


def _fixed(spec: MatrixSpec, strategies: Sequence[str], rows: Sequence[str]) -> FloatArray:
    """(R, C, S) the tables."""
    return np.array([[fixed_weights(spec, strategies, row, kind) for kind in class_names(spec)] for row in rows])


def _estimated(
    panel: Panel, beliefs: dict[str, FloatArray], spec: MatrixSpec, directions: IntArray
) -> tuple[IntArray, FloatArray]:
    """(T,) number of the estimate in force, and (E, R, C, S) the estimates."""
    kinds = len(class_names(spec))
    streams = streams_of(
        panel, list(beliefs.values()), (classes_of(spec, panel.instruments), kinds), directions, spec.cost_bps
    )
    period = streams.days // spec.estimate_days
    renewals = np.append(0, np.flatnonzero(np.diff(period)) + 1)
    day_of_row = np.searchsorted(streams.days, day_numbers(panel))
    epoch = np.searchsorted(renewals, day_of_row, side="right") - 1
    return epoch.astype(np.int64), np.array([_estimate(streams, int(day), spec) for day in renewals])


def _estimate(streams: Streams, day: int, spec: MatrixSpec) -> FloatArray:
    """(R, C, S) from the days before ``day`` (an index) in which all that speak by then did."""
    _, kinds, count = streams.earned.shape
    out = np.full((len(Regime), kinds, count), 1.0 / count)
    if day == 0:
        return out
    speaking = streams.has_spoken[day - 1]
    is_usable = (streams.has_spoken[:day, speaking]).all(axis=1) & (
        streams.days[:day] >= streams.days[day] - spec.lookback_days
    )
    chosen = np.flatnonzero(is_usable)
    if not speaking.any() or len(chosen) < spec.least_days:
        return out
    for k in range(kinds):
        pooled = weights_from(streams.earned[chosen, k], spec.method, spec.shrinkage)
        for regime in Regime:
            own = chosen[streams.regimes[chosen] == regime]
            has_own = spec.by_regime and regime is not Regime.UNKNOWN and len(own) >= spec.least_days
            out[regime, k] = weights_from(streams.earned[own, k], spec.method, spec.shrinkage) if has_own else pooled
    return out
