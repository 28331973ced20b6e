"""The matrix: several strategies' forecasts become one, and each keeps its share of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geobuk.domain.errors import DataError, StrategyError, UnknownNameError
from geobuk.panel import FloatArray, IntArray, Panel
from geobuk.regime.spec import validated
from geobuk.regime.statistics import directions_of
from geobuk.strategies.contract import forecast_of, warmup_of
from geobuk.strategies.matrix_spec import MatrixSpec, classes_of, require_table
from geobuk.strategies.matrix_weights import matrix_weights
from geobuk.strategies.strategy import Strategy


@dataclass(frozen=True)
class Blend:
    """One forecast out of several.

    ``forecasts`` is (T, N) in [-1, 1], NaN where no strategy has a belief. ``parts`` holds for each strategy its (T, N)
    contribution, 0 where it has no belief; the parts sum to ``forecasts`` wherever that is known. ``weights`` (T, C, S)
    of the strategies in each class of instruments, where they vary.
    """

    forecasts: FloatArray
    parts: dict[str, FloatArray]
    weights: FloatArray | None = None


def labels(strategies: Sequence[Strategy]) -> tuple[str, ...]:
    """A name for each strategy; the second of the same name becomes ``name_2``, and so on."""
    seen: dict[str, int] = {}
    out = []
    for strategy in strategies:
        seen[strategy.name] = seen.get(strategy.name, 0) + 1
        out.append(strategy.name if seen[strategy.name] == 1 else f"{strategy.name}_{seen[strategy.name]}")
    return tuple(out)


def blend(panel: Panel, strategies: Sequence[Strategy], weights: Mapping[str, float] | None = None) -> Blend:
    """Weighted sum of the strategies' forecasts, clipped to [-1, 1].

    Parameters
    ----------
    weights : mapping, optional
        Weight by label (see :func:`labels`), each 0 or more; a strategy that is not named weighs 0. Without weights
        each weighs 1 / number of strategies.

    Notes
    -----
    Rows within a strategy's warm-up are no belief. No belief counts as 0 beside others' beliefs: the silence of one
    strategy never makes the others louder.

    Raises
    ------
    StrategyError
        When there is no strategy, a weight is negative or not finite, or a strategy breaks its contract.
    UnknownNameError
        When a weight names no strategy of the list.
    """
    names = labels(strategies)
    shares = _shares(names, weights)
    beliefs = beliefs_of(panel, strategies)
    total, known, parts = np.zeros(panel.shape), np.zeros(panel.shape, dtype=np.bool_), {}
    for name, belief in beliefs.items():
        if shares[name] > 0.0:
            known |= ~np.isnan(belief)
        parts[name] = np.nan_to_num(belief, nan=0.0, copy=False) * shares[name]
        total += parts[name]
    if sum(shares.values()) > 1.0:
        loud = np.maximum(1.0, np.abs(total))
        total, parts = total / loud, {name: part / loud for name, part in parts.items()}
    return Blend(np.where(known, np.clip(total, -1.0, 1.0), np.nan), parts)


def blended(
    panel: Panel,
    strategies: Sequence[Strategy],
    weights: Mapping[str, float] | None = None,
    matrix: MatrixSpec | None = None,
    regimes: IntArray | None = None,
) -> Blend:
    """By a matrix that looks at the regimes (T,), where there is one that says anything; else by weights."""
    if matrix is None or matrix.is_plain:
        return blend(panel, strategies, weights)
    return blend_by_regime(panel, strategies, matrix, regimes)


def blend_by_regime(
    panel: Panel, strategies: Sequence[Strategy], spec: MatrixSpec | None = None, regimes: IntArray | None = None
) -> Blend:
    """The blend whose weights depend on the market's regime and the instrument's class; ``weights`` is set.

    Parameters
    ----------
    regimes : (T,) codes as :class:`geobuk.regime.RegimePath` has them, known at each bar's close; None without one.

    Notes
    -----
    Row t uses rows up to t of the panel and of the codes. Silence and warm-up count as in :func:`blend`; without tables
    and with the method ``fixed`` it is that blend.

    Raises
    ------
    StrategyError
        When there is no strategy, weights of a table sum to more than 1, or a strategy breaks its contract.
    SettingsError
        When a value of the spec is out of its range.
    UnknownNameError
        When a table names a regime, class or strategy that does not exist.
    DataError
        When the codes are not those of the panel's bars.
    """
    spec = validated(spec or MatrixSpec(), "matrix")
    names = labels(strategies)
    if not names:
        raise StrategyError("no strategy to blend", cure="name at least one")
    if spec.weights:
        from geobuk.strategies.registry import available

        require_table(spec, (*names, *available()))
    if regimes is not None and regimes.shape != panel.shape[:1]:
        raise DataError(f"regimes have shape {regimes.shape}, the panel has {panel.shape[0]} bars", cure="align them")
    beliefs = beliefs_of(panel, strategies)
    weights = matrix_weights(panel, beliefs, spec, None if regimes is None else directions_of(regimes))
    kind = classes_of(spec, panel.instruments)
    total, known, parts = np.zeros(panel.shape), np.zeros(panel.shape, dtype=np.bool_), {}
    for s, (name, belief) in enumerate(beliefs.items()):
        share = weights[:, kind, s]
        known |= ~np.isnan(belief) & (share > 0.0)
        parts[name] = np.nan_to_num(belief, nan=0.0, copy=False) * share
        total += parts[name]
    return Blend(np.where(known, np.clip(total, -1.0, 1.0), np.nan), parts, weights)


def beliefs_of(panel: Panel, strategies: Sequence[Strategy]) -> dict[str, FloatArray]:
    """Label -> (T, N) forecasts, NaN within the warm-up."""
    beliefs = {}
    for name, strategy in zip(labels(strategies), strategies, strict=True):
        belief = forecast_of(strategy, panel)
        belief[: warmup_of(strategy, panel.interval_ns)] = np.nan
        beliefs[name] = belief
    return beliefs


def _shares(names: tuple[str, ...], weights: Mapping[str, float] | None) -> dict[str, float]:
    if not names:
        raise StrategyError("no strategy to blend", cure="name at least one")
    if weights is None:
        return dict.fromkeys(names, 1.0 / len(names))
    for name, weight in weights.items():
        if name not in names:
            raise UnknownNameError("strategy weight", name, names)
        if not (math.isfinite(weight) and weight >= 0.0):
            raise StrategyError(f"the weight {weight!r} of {name} is not allowed", cure="give a number of at least 0")
    return {name: float(weights.get(name, 0.0)) for name in names}
