"""The share of equity that past returns justify: Kelly's stake, a part of it, then every cap, each step told."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import copysign

import numpy as np
import numpy.typing as npt

from geobuk.domain.errors import SettingsError, UserError
from geobuk.panel import FloatArray
from geobuk.quant.kelly import KellySpec, position_fraction
from geobuk.risk.checks import DEFAULT_MAINTENANCE
from geobuk.risk.ledger import Ledger
from geobuk.risk.leverage import ceiling_of, safe_leverage, scale_of
from geobuk.risk.rules import RiskSpec
from geobuk.risk.tail_ceilings import cvar_multiple, liquidation_quantile, var_multiple


@dataclass(frozen=True, slots=True)
class OptimalPosition:
    """A signed share of equity; every number is finite.

    ``kelly`` is the full stake before any cap; ``steps`` names each step that made it smaller, with the size after it.
    ``flags``: why it is 0 or weak (``empty``, ``too_short``, ``not_finite``, ``flat``, ``no_edge``, ``reduce_only``).
    """

    value: float
    kelly: float
    steps: tuple[tuple[str, float], ...]
    flags: tuple[str, ...]


def optimal_position(
    returns: npt.ArrayLike, regime: int, fractional: float, spec: RiskSpec, ledger: Ledger
) -> OptimalPosition:
    """Kelly's stake of the returns' shrunk edge under the caps of a spec and the stage of a ledger.

    Parameters
    ----------
    returns : (n,) or (n, 1) simple, per day, oldest first.
    regime : code, negative for none.
    fractional : part in (0, 1].

    Raises
    ------
    SettingsError : ``fractional`` outside (0, 1].
    UserError : a table of several columns.
    """
    if not 0.0 < fractional <= 1.0:
        raise SettingsError(f"fractional {fractional} is not in (0, 1]", cure="write 0.25 for a quarter of Kelly")
    part = min(fractional, spec.kelly.fraction)
    if part <= 0.0:
        return OptimalPosition(0.0, 0.0, (("kelly_fraction_cap", 0.0),), ("no_edge",))
    values = _one_row(returns)
    stake = position_fraction(values, KellySpec(fraction=part, cap=1e6, allow_short=spec.limits.allow_short))
    if stake.value == 0.0:
        return OptimalPosition(0.0, stake.raw, (), stake.flags)
    size, steps = abs(stake.value), []
    spread = float(np.std(values, ddof=1))
    for name, most in _caps(size, copysign(1.0, stake.value), spread, regime, spec, ledger):
        if size > most:
            size = most
            steps.append((name, copysign(size, stake.value)))
    flags = tuple(flag for flag in stake.flags if flag != "capped")
    if ledger.is_reduce_only or not ledger.allows(is_reduction=False):
        size, flags = 0.0, (*flags, "reduce_only")
    return OptimalPosition(copysign(size, stake.value) if size else 0.0, stake.raw, tuple(steps), flags)


def _caps(
    size: float, side: float, spread: float, regime: int, spec: RiskSpec, ledger: Ledger
) -> Iterator[tuple[str, float]]:
    """Each cap by its name; the returns are those of a day."""
    limits, scaled = spec.limits, size * scale_of(regime, side, spec)
    yield "regime", scaled
    yield "drawdown", scaled * ledger.size_scale
    yield "size_factor", scaled * ledger.size_scale * spec.sizing.size_factor
    yield "max_concentration", limits.max_weight
    yield "max_exposure", min(limits.max_gross, limits.max_net, float(spec.account.leverage))
    yield "regime_exposure", ceiling_of(regime, spec)
    yield "liquidation_distance", safe_leverage(limits.min_liquidation_distance, DEFAULT_MAINTENANCE)
    quantile = liquidation_quantile(limits.max_liquidation_probability, limits.tail_degrees)
    if quantile > 0.0:
        yield "liquidation_probability", 1.0 / (quantile * spread + DEFAULT_MAINTENANCE)
    if limits.var_daily > 0.0:
        yield "var_daily", limits.var_daily / (var_multiple(limits.var_confidence, limits.tail_degrees) * spread)
    if limits.cvar_daily > 0.0:
        yield "cvar_daily", limits.cvar_daily / (cvar_multiple(limits.var_confidence, limits.tail_degrees) * spread)


def _one_row(returns: npt.ArrayLike) -> FloatArray:
    values = np.asarray(returns, dtype=np.float64)
    if values.ndim > 1 and values.shape != (values.size, 1):
        raise UserError(f"returns have shape {values.shape}", cure="give those of one strategy or instrument")
    return values.ravel()
