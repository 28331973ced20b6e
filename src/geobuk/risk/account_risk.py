"""What an account risks, beyond its limits: tail risk from its own history, chances of loss and liquidation, whose risk
it is. Thin: the mathematics is in the quant room.
"""

from collections.abc import Callable
from math import inf, isfinite, nan
from typing import Literal, TypeVar

import numpy as np

from geobuk.domain.errors import SettingsError, UserError
from geobuk.panel import FloatArray
from geobuk.quant.liquidation.account import (
    AccountChance,
    AccountRisk,
    account_liquidation_probability,
    loss_probability,
)
from geobuk.quant.liquidation.brackets import BracketTable
from geobuk.quant.value_at_risk.filtered_historical import filtered_historical_risk
from geobuk.quant.value_at_risk.historical import historical_risk
from geobuk.quant.value_at_risk.portfolio import portfolio_risk
from geobuk.quant.value_at_risk.tail_risk import TailRisk
from geobuk.risk import checks
from geobuk.risk.portfolio_state import PortfolioState
from geobuk.risk.spec import Limits
from geobuk.risk.tail_ceilings import LEAST_DEGREES, var_multiple
from geobuk.risk.violations import Limit, Reading

TailMethod = Literal["covariance", "historical", "filtered_historical"]
"""How value at risk and expected shortfall are found: from the covariance with a Student-t tail, from the account's
past returns as they were, or from these at today's volatility (GARCH).
"""

_METHODS: dict[str, Callable[..., TailRisk]] = {
    "historical": historical_risk,
    "filtered_historical": filtered_historical_risk,
}
Answer = TypeVar("Answer")

_HOURS = 24.0
_NEARLY_NORMAL = 1e6
_FREE = BracketTable.of([0.0], [0.0])


def tail_reading(code: Limit, state: PortfolioState, limits: Limits, method: str) -> Reading:
    """Daily value at risk (``VAR_DAILY``) or expected shortfall (``CVAR_DAILY``) by a method; a share of equity.

    From history the value is NaN without returns, with fewer of them than one beyond the confidence, or where nothing
    moved.

    Raises
    ------
    SettingsError : an unknown method.
    """
    is_var = code is Limit.VAR_DAILY
    if method == "covariance":
        return checks.var_reading(state, limits) if is_var else checks.cvar_reading(state, limits)
    if method not in _METHODS:
        known = ", ".join(("covariance", *_METHODS))
        raise SettingsError(f"method {method!r} is not known", cure=f"write one of {known}")
    risk = _from_history(state, limits.var_confidence, _METHODS[method])
    value = nan if risk is None else risk.var if is_var else risk.es
    return Reading(code, value, (limits.var_daily if is_var else limits.cvar_daily) or inf)


def loss_chance(state: PortfolioState, limits: Limits, fraction: float, hours: float) -> AccountChance:
    """Probability that equity falls by ``fraction`` within ``hours`` while the positions stay; the largest of a normal,
    a Student-t and a simulated answer.

    Raises
    ------
    UserError : a risk that is not known, a fraction outside (0, 1], hours that are negative or not finite.
    """
    return _told(lambda: loss_probability(_account(state, limits), fraction, hours))


def liquidation_chance(state: PortfolioState, limits: Limits, hours: float) -> AccountChance:
    """Probability that equity falls to the maintenance margin within ``hours``; as :func:`loss_chance`."""
    return _told(lambda: account_liquidation_probability(_account(state, limits), _tables(state), hours))


def risk_shares(state: PortfolioState, limits: Limits) -> dict[str, float]:
    """Instrument -> its component of the daily value at risk, as a share of equity: they sum to it, hedges are
    negative.

    Raises
    ------
    UserError : a risk that is not known.

    Source: Jorion 2006, Value at Risk (component VaR).
    """
    if not state.notionals.any():
        return dict.fromkeys(state.names, 0.0)
    matrix = _known_matrix(state)
    multiple = var_multiple(limits.var_confidence, limits.tail_degrees)
    parts = _told(lambda: portfolio_risk(state.notionals, matrix, multiple)).component / state.equity
    return dict(zip(state.names, parts.tolist(), strict=True))


def _from_history(state: PortfolioState, confidence: float, method: Callable[..., TailRisk]) -> TailRisk | None:
    if not state.notionals.any():
        return TailRisk(0.0, 0.0, confidence, "nothing_held")
    table = state.table
    if table is None or not state.equity > 0.0 or not isfinite(state.equity):
        return None
    with np.errstate(all="ignore"):
        returns = table @ (state.notionals / state.equity)
    if not returns.any():
        return None
    try:
        risk = method(returns, confidence)
    except ValueError:
        return None
    return None if "worst_observation" in risk.flags else risk


def _account(state: PortfolioState, limits: Limits) -> AccountRisk:
    degrees = max(limits.tail_degrees, LEAST_DEGREES) if limits.tail_degrees > 0.0 else _NEARLY_NORMAL
    matrix = _known_matrix(state) if state.notionals.any() else np.eye(max(len(state.names), 1))
    exposures = state.notionals if state.names else np.zeros(1)
    return AccountRisk(state.equity, exposures, matrix / _HOURS, degrees)


def _tables(state: PortfolioState) -> list[BracketTable]:
    return [BracketTable.of([0.0], [float(rate)]) for rate in checks.maintenance_rates(state)] or [_FREE]


def _known_matrix(state: PortfolioState) -> FloatArray:
    if state.matrix is None or not isfinite(checks.daily_sigma(state)):
        raise UserError(
            "the risk of these positions is not known",
            cure="give a positive equity and covariance, returns or volatility",
        )
    return state.matrix


def _told(ask: Callable[[], Answer]) -> Answer:
    """The answer; what the quant room refuses as a ValueError is the person's to mend."""
    try:
        return ask()
    except ValueError as error:
        raise UserError(str(error)) from None
