"""The gambler's ruin: unit bets with a fixed chance until nothing is left or a goal is reached.

Source: Feller 1968, An Introduction to Probability Theory and Its Applications, vol. 1, chapter XIV.
"""

import math


def gambler_ruin(win: float, capital: float, goal: float = math.inf) -> float:
    """Probability of losing ``capital`` units before it grows to ``goal``, betting one unit at a time.

    (r^i - r^N) / (1 - r^N) with r = q / p; 1 - i / N for a fair bet; r^i without a goal where p > q, else 1.

    Raises
    ------
    ValueError : ``win`` outside [0, 1], a negative or infinite capital, a goal below it or not above 0.

    >>> round(gambler_ruin(0.45, 90, 100), 4)
    0.8656
    """
    _require(win, capital, goal)
    if capital == 0.0 or win == 0.0:
        return 0.0 if 0.0 < capital == goal else 1.0
    if capital == goal or win == 1.0:
        return 0.0
    slope = math.log1p(-win) - math.log(win)
    if math.isinf(goal):
        return math.exp(min(0.0, capital * slope))
    return _before_goal(slope, capital, goal)


def _before_goal(slope: float, capital: float, goal: float) -> float:
    """``slope`` is ln r; exponents are kept negative so that nothing overflows."""
    if slope == 0.0:
        return 1.0 - capital / goal
    if slope < 0.0:
        return math.exp(capital * slope) * math.expm1((goal - capital) * slope) / math.expm1(goal * slope)
    return math.expm1((capital - goal) * slope) / math.expm1(-goal * slope)


def gambler_duration(win: float, capital: float, goal: float = math.inf) -> float:
    """Expected number of bets until ruin or the goal: i / (q - p) - N / (q - p) (1 - r^i) / (1 - r^N).

    A fair bet takes i (N - i). Infinite without a goal where the bet is fair or better.

    Raises
    ------
    ValueError : as :func:`gambler_ruin`.
    """
    _require(win, capital, goal)
    if capital in {0.0, goal}:
        return 0.0
    edge = 2.0 * win - 1.0
    if math.isinf(goal):
        return -capital / edge if edge < 0.0 else math.inf
    if abs(edge) * goal < 1e-6:
        return capital * (goal - capital)
    return (goal * (1.0 - gambler_ruin(win, capital, goal)) - capital) / edge


def _require(win: float, capital: float, goal: float) -> None:
    if not 0.0 <= win <= 1.0:
        raise ValueError(f"win {win} is not between 0 and 1: write 0.45 for 45 %")
    if not 0.0 <= capital < math.inf:
        raise ValueError(f"capital {capital} is not a finite number of bets >= 0: divide it by the size of a bet")
    if not goal > 0.0 or goal < capital:
        raise ValueError(f"goal {goal} is not above 0 or is below the capital {capital}: give inf for none")
