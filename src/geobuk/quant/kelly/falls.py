"""How far capital falls at a part of Kelly: chances in continuous time, above the risk-free rate, parameters known.

``part`` is the share c of full Kelly. Gaps, fat tails and estimated parameters make every one of these worse.
"""

import math

from geobuk.quant.inputs import positive, probability


def chance_of_falling_to(level: float, part: float) -> float:
    """Probability that capital, now 1, ever touches ``level`` in (0, 1]: level^(2 / c - 1), and 1 for c >= 2.

    Source: Thorp 2006; MacLean, Thorp & Ziemba 2011.

    >>> chance_of_falling_to(0.5, 0.5)
    0.125
    """
    _require_level(level)
    power = _power(part)
    return float(level**power) if power > 0.0 else 1.0


def chance_of_reaching_first(target: float, floor: float, part: float) -> float:
    """Probability that capital, now 1, reaches ``target`` > 1 before ``floor`` in (0, 1).

    (1 - a^k) / (1 - (a / b)^k), k = 2 / c - 1; its limit ln a / ln(a / b) at c = 2.

    >>> round(chance_of_reaching_first(2.0, 0.5, 1.0), 7)
    0.6666667
    """
    if not (0.0 < floor < 1.0 < target < math.inf):
        raise ValueError(f"floor {floor} and target {target} don't enclose 1: capital starts at 1")
    power = _power(part)
    down, whole = math.log(floor), math.log(floor / target)
    if power == 0.0:
        return down / whole
    if power > 0.0:
        return math.expm1(power * down) / math.expm1(power * whole)
    small = math.exp(-power * whole)
    return (math.exp(-power * (whole - down)) - small) / (1.0 - small)


def part_for_fall(level: float, chance: float) -> float:
    """Largest part of Kelly at which the probability of ever falling to ``level`` is at most ``chance``, in (0, 2).

    >>> part_for_fall(0.5, 0.125)
    0.5
    """
    _require_level(level)
    if not 0.0 < probability(chance, "chance") < 1.0 or level == 1.0:
        raise ValueError(f"chance {chance} of a fall to {level}: give a level below 1 and a chance inside (0, 1)")
    return 2.0 / (1.0 + math.log(chance) / math.log(level))


def _require_level(level: float) -> None:
    if not 0.0 < level <= 1.0:
        raise ValueError(f"level {level} is not in (0, 1]: write 0.8 for a fall by 20 %")


def _power(part: float) -> float:
    return 2.0 / positive(part, "part") - 1.0
