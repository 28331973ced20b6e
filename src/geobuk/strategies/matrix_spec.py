"""What a person can set of the matrix, and the rows of its table: regime by instrument class by strategy."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta, Struct

from geobuk.domain.errors import StrategyError, UnknownNameError
from geobuk.domain.regime import Regime
from geobuk.panel import FloatArray, IntArray

Share = Annotated[float, Meta(ge=0, le=1)]

ANY, DEFAULT = "any", "default"
REGIMES = tuple(regime.name.lower() for regime in Regime)
"""Names of the table's rows, by code."""

Table = dict[str, dict[str, dict[str, Share]]]


class MatrixSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much each strategy weighs, by the market's regime and the class of the instrument.

    ``classes`` names patterns of instruments, such as ``major = ["BTC*", "ETH*"]``; the first that fits counts, what
    fits none is ``default``. With the method ``fixed`` the weights stand in tables ``[matrix.weights.bull.major]``:
    ``any`` instead of a regime and ``default`` instead of a class stand for what has no table of its own, a strategy
    that is not named weighs 0, a table sums to at most 1, and without tables all weigh the same. The other methods look
    at what each strategy would have earned, less the cost of its turnover: ``inverse_volatility``, ``erc`` (equal risk)
    or ``performance`` (by positive Sharpe ratios; what nobody earned stays in cash).
    """

    method: Literal["fixed", "inverse_volatility", "erc", "performance"] = "fixed"
    classes: dict[str, tuple[str, ...]] = {}
    weights: Table = {}
    by_regime: Annotated[bool, Meta(description="an estimate for each regime that has days enough")] = True
    estimate_days: Annotated[int, Meta(ge=1, le=36_500, description="days between two estimates")] = 30
    lookback_days: Annotated[int, Meta(ge=1, le=36_500, description="days that an estimate looks back")] = 365
    least_days: Annotated[int, Meta(ge=20, le=36_500, description="days that it needs; before, equal weights")] = 60
    shrinkage: Annotated[
        float, Meta(ge=0, le=1, description="part of the weights by performance that is spread equally")
    ] = 0.5
    cost_bps: Annotated[float, Meta(ge=0, le=1_000, description="assumed cost of turnover")] = 7.0
    most_per_day: Annotated[
        float, Meta(ge=0, le=1, description="part of the weights that may move in a day; 0: all at once")
    ] = 0.2

    @property
    def is_plain(self) -> bool:
        """Whether all strategies weigh the same, whatever the regime and the instrument."""
        return self.method == "fixed" and not self.weights


def class_names(spec: MatrixSpec) -> tuple[str, ...]:
    """Classes in the order of the settings, ``default`` last."""
    return (*(name for name in spec.classes if name != DEFAULT), DEFAULT)


def classes_of(spec: MatrixSpec, instruments: Sequence[str]) -> IntArray:
    """(N,) index into :func:`class_names` of each instrument."""
    names = class_names(spec)
    found = [
        next((k for k, name in enumerate(names[:-1]) if any(fnmatchcase(one, p) for p in spec.classes[name])), -1)
        for one in instruments
    ]
    return np.array([k if k >= 0 else len(names) - 1 for k in found], dtype=np.int64)


def fixed_weights(spec: MatrixSpec, strategies: Sequence[str], regime: str, kind: str) -> FloatArray:
    """(S,) weights of the table for a regime and a class, or of the nearest that there is; equal without any."""
    for row in (regime, ANY):
        for column in (kind, DEFAULT):
            table = spec.weights.get(row, {}).get(column)
            if table is not None:
                return np.array([table.get(name, 0.0) for name in strategies], dtype=np.float64)
    return np.full(len(strategies), 1.0 / len(strategies))


def require_table(spec: MatrixSpec, strategies: Sequence[str]) -> None:
    """Hold the tables of weights to names that exist and sums of at most 1.

    ``strategies`` : names that a table may hold.

    Raises
    ------
    UnknownNameError : a regime, class or strategy that does not exist.
    StrategyError : a table that sums to more than 1.
    """
    kinds = class_names(spec)
    for regime, columns in spec.weights.items():
        if regime not in (*REGIMES, ANY):
            raise UnknownNameError("regime in [matrix.weights]", regime, (*REGIMES, ANY))
        for kind, table in columns.items():
            if kind not in kinds:
                raise UnknownNameError(f"class in [matrix.weights.{regime}]", kind, kinds)
            for name in table:
                if name not in strategies:
                    raise UnknownNameError(f"strategy in [matrix.weights.{regime}.{kind}]", name, strategies)
            if sum(table.values()) > 1.0 + 1e-9:
                raise StrategyError(
                    f"[matrix.weights.{regime}.{kind}] sums to {sum(table.values()):g}",
                    cure="lower the weights so that they sum to at most 1",
                )
