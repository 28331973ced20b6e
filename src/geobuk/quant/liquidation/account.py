"""How likely a whole account loses a share of its equity, or is liquidated, within hours, while its positions stay.

Exposures are signed notionals (negative = short); covariance is of returns per hour. Three models, the largest counts:
normal barrier, Student-t bound, simulated paths with correlated moves.
"""

import math
from dataclasses import dataclass

import numpy as np

from geobuk.panel import FloatArray
from geobuk.quant.liquidation.account_paths import AccountPaths, account_hits, padded, toward_common
from geobuk.quant.liquidation.barrier import passage
from geobuk.quant.liquidation.brackets import BracketTable
from geobuk.quant.liquidation.monte_carlo import Simulated, Simulation, estimated
from geobuk.quant.portfolio.covariance import factor_of, valid_covariance
from geobuk.quant.returns import finite


@dataclass(frozen=True, eq=False, slots=True)
class AccountRisk:
    """An account's exposures and how they move.

    Attributes
    ----------
    equity : wallet plus unrealised profit, account currency.
    exposures : (N,) signed notionals at mark. covariance_per_hour : (N, N) of returns.
    degrees : of the Student-t bound. common : share (0 to 1) by which the simulation moves all correlations toward 1,
        one factor that takes everything with it, as in a crash; it makes hedged books safer, so look at 0 as well.

    Raises
    ------
    ValueError : equity that is not finite, sizes that differ, a matrix that is no covariance, numbers out of range.
    """

    equity: float
    exposures: FloatArray
    covariance_per_hour: FloatArray
    degrees: float = 4.0
    common: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "exposures", finite(self.exposures, "exposures"))
        object.__setattr__(self, "covariance_per_hour", valid_covariance(self.covariance_per_hour))
        if len(self.exposures) != len(self.covariance_per_hour):
            raise ValueError(
                f"{len(self.exposures)} exposures but a covariance of {len(self.covariance_per_hour)}: use one order"
            )
        if not math.isfinite(self.equity):
            raise ValueError(f"equity {self.equity} is not finite: read the account again")
        if not 2.0 < self.degrees < math.inf or not 0.0 <= self.common <= 1.0:
            raise ValueError(f"degrees {self.degrees}, common {self.common}: give degrees above 2, common in [0, 1]")


@dataclass(frozen=True, slots=True)
class AccountChance:
    """One probability by each model; ``value`` is the largest and ``model`` its name.

    ``distance`` is the room in account currency, ``deviation`` one standard deviation of it over the horizon.
    ``flags``: ``touched`` where there is no room left, ``still`` without time or variance, ``rare`` for a weak
    simulation.
    """

    value: float
    model: str
    normal: float
    student: float
    simulated: float
    standard_error: float
    distance: float
    deviation: float
    flags: tuple[str, ...]


def loss_probability(
    account: AccountRisk, fraction: float, hours: float, simulation: Simulation | None = None
) -> AccountChance:
    """P(equity falls by ``fraction`` of what it is now, at any time within ``hours``).

    Raises
    ------
    ValueError : a fraction outside (0, 1], negative or non-finite hours, equity <= 0.
    """
    if not 0.0 < fraction <= 1.0:
        raise ValueError(f"fraction {fraction} is not in (0, 1]: write 0.2 for a loss of 20 %")
    if account.equity <= 0.0:
        raise ValueError(f"equity {account.equity} is not positive: there is nothing left to lose")
    free = BracketTable.of([0.0], [0.0])
    kept = account.equity * (1.0 - fraction)
    return _chance(account, [free] * len(account.exposures), kept, hours, simulation or Simulation())


def account_liquidation_probability(
    account: AccountRisk,
    brackets: list[BracketTable],
    hours: float = 24.0,
    simulation: Simulation | None = None,
) -> AccountChance:
    """P(equity of a cross account falls to its maintenance margin at any time within ``hours``).

    ``brackets``: one table for each exposure. The simulation takes maintenance in the bracket of each notional as it
    moves; the closed forms take the brackets of now.

    Raises
    ------
    ValueError : another number of tables than exposures, negative or non-finite hours.
    """
    if len(brackets) != len(account.exposures):
        raise ValueError(f"{len(brackets)} bracket tables for {len(account.exposures)} exposures: give one for each")
    return _chance(account, brackets, 0.0, hours, simulation or Simulation())


def _chance(
    account: AccountRisk, brackets: list[BracketTable], kept: float, hours: float, simulation: Simulation
) -> AccountChance:
    from scipy.special import stdtr

    if not 0.0 <= hours < math.inf:
        raise ValueError(f"hours {hours} is not a finite number >= 0: give the horizon in hours")
    sizes = np.abs(account.exposures)
    held = [table.at(size) for table, size in zip(brackets, sizes, strict=True)]
    maintenance = float(sum(table.maintenance(size) for table, size in zip(brackets, sizes, strict=True)))
    sensitivity = account.exposures - np.array([bracket.rate for bracket in held]) * sizes
    variance = max(0.0, float(sensitivity @ account.covariance_per_hour @ sensitivity))
    distance, deviation = account.equity - maintenance - kept, math.sqrt(variance * hours)
    if distance <= 0.0:
        return AccountChance(1.0, "touched", 1.0, 1.0, 1.0, 0.0, distance, deviation, ("touched",))
    paths = _simulated(account, brackets, kept, hours, simulation)
    if deviation == 0.0:
        normal = student = 0.0
    else:
        normal = passage(-distance / deviation, 0.0)
        scale = deviation * math.sqrt((account.degrees - 2.0) / account.degrees)
        student = min(1.0, 2.0 * float(stdtr(account.degrees, -distance / scale)))
    values = {"normal": normal, "student": student, "simulated": paths.probability}
    name = max(values, key=lambda each: values[each])
    flags = (*paths.flags, *(("still",) if deviation == 0.0 else ()))
    return AccountChance(
        values[name],
        name,
        **values,
        standard_error=paths.standard_error,
        distance=distance,
        deviation=deviation,
        flags=flags,
    )


def _simulated(
    account: AccountRisk, brackets: list[BracketTable], kept: float, hours: float, simulation: Simulation
) -> Simulated:
    covariance = toward_common(account.covariance_per_hour, account.common) * (hours / simulation.steps)
    floors, rates, cumulatives = padded(brackets)
    paths = AccountPaths(
        account.equity - kept, account.exposures, covariance, factor_of(covariance), floors, rates, cumulatives
    )
    hits, work = np.empty(simulation.paths), np.empty((4, len(account.exposures)))
    account_hits(np.random.default_rng(simulation.seed), paths, simulation.steps, work, hits)
    return estimated(hits, simulation)
