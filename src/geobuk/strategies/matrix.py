"""The matrix: several strategies' forecasts become one, and each keeps its share of it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geobuk.domain.errors import StrategyError, UnknownNameError
from geobuk.panel import FloatArray, Panel
from geobuk.strategies.contract import forecast_of, warmup_of
from geobuk.strategies.strategy import Strategy


@dataclass(frozen=True)
class Blend:
    """One forecast out of several.

    ``forecasts`` is (T, N) in [-1, 1], NaN where no strategy has a belief. ``parts`` holds for each strategy its (T, N)
    contribution, 0 where it has no belief; the parts sum to ``forecasts`` wherever that is known.
    """

    forecasts: FloatArray
    parts: dict[str, FloatArray]


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
    total, known, parts = np.zeros(panel.shape), np.zeros(panel.shape, dtype=np.bool_), {}
    for name, strategy in zip(names, strategies, strict=True):
        belief = forecast_of(strategy, panel)
        belief[: warmup_of(strategy, panel.interval_ns)] = np.nan
        if shares[name] > 0.0:
            known |= ~np.isnan(belief)
        parts[name] = np.nan_to_num(belief, nan=0.0, copy=False) * shares[name]
        total += parts[name]
    if sum(shares.values()) > 1.0:
        loud = np.maximum(1.0, np.abs(total))
        total, parts = total / loud, {name: part / loud for name, part in parts.items()}
    return Blend(np.where(known, np.clip(total, -1.0, 1.0), np.nan), parts)


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
