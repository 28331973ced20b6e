"""What kind of market it is, as the decision path names it."""

from enum import IntEnum


class Regime(IntEnum):
    """The direction of a market. UNKNOWN means that it can't be told, NEUTRAL that no state is probable enough."""

    UNKNOWN = 0
    BULL = 1
    BEAR = 2
    SIDEWAYS = 3
    NEUTRAL = 4


NO_REGIME = -1
"""No detector speaks: sizes are left as they are."""

HIGH_VOLATILITY = 8
"""Added to a regime's code while volatility is far above its usual level."""
