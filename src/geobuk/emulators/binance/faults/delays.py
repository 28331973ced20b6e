"""How late something comes, drawn from a distribution."""

import math
import random

from geobuk.emulators.binance.faults.kinds import DelayEvents, Latency


def delay_s(fault: Latency | DelayEvents, chance: random.Random) -> float:
    """Seconds, never below zero.

    The lognormal has the mean that was asked for, and ``spread_ms / mean_ms`` as deviation of its logarithm.
    """
    mean, spread = fault.mean_ms, fault.spread_ms
    if fault.distribution == "uniform":
        drawn = chance.uniform(mean - spread, mean + spread)
    elif fault.distribution == "normal":
        drawn = chance.gauss(mean, spread)
    elif fault.distribution == "exponential":
        drawn = chance.expovariate(1 / mean) if mean > 0 else 0.0
    elif fault.distribution == "lognormal" and mean > 0:
        sigma = spread / mean
        drawn = chance.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma)
    else:
        drawn = mean
    return max(0.0, drawn) / 1_000
