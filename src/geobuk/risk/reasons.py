"""Why a step of the path said no, or why a fill happened: the codes that reports put into words."""

from enum import IntEnum


class Reason(IntEnum):
    """ENTRY to DRAWDOWN explain fills; the others are counted per instrument as refusals and clamps."""

    ENTRY = 0
    """The forecast asked for it."""
    STOP = 1
    """A protective stop was hit."""
    LIQUIDATION = 2
    """The venue closed it."""
    DAILY_LOSS = 3
    """The daily loss lock flattened it."""
    DRAWDOWN = 4
    """The drawdown lock flattened it."""
    NO_FORECAST = 5
    """No belief: warm-up, missing data, or NaN."""
    ZERO_FORECAST = 6
    """The strategy believes in nothing."""
    MASKED = 7
    """The bar is masked: nothing is decided or filled on it."""
    NO_VOLATILITY = 8
    """Volatility or average true range is not known yet."""
    SHORT_FORBIDDEN = 9
    """A short was asked for where none is allowed."""
    CLAMPED_WEIGHT = 10
    """Reduced to max_weight."""
    CLAMPED_GROSS = 11
    """Reduced to max_gross."""
    CLAMPED_NET = 12
    """Reduced to max_net."""
    CLAMPED_RISK = 13
    """Reduced to risk_per_trade."""
    CLAMPED_LEVERAGE = 14
    """Reduced to the leverage of the bracket or the account, or to the margin that was available."""
    BELOW_MIN_NOTIONAL = 15
    """Smaller than the venue's minimum order."""
    BELOW_STEP = 16
    """Rounds to zero on the venue's step."""
    INSIDE_BAND = 17
    """A change too small to be worth its costs."""
    COOLING_DOWN = 18
    """Rests after a stop."""
    LOCKED = 19
    """Entries are locked by a loss limit."""
    NO_VOLUME = 20
    """The bar's volume allowed no fill, or only a part of it."""
    UNREACHED = 21
    """The limit or stop price was not reached in the bar."""
    CLAMPED_SECTOR = 22
    """Reduced to max_sector."""
    LIMIT_LOCKED = 23
    """The bar stood at the day's price limit, where nobody takes the other side."""
    UNPRINTABLE = 24
    """No price of the bar lies on the tick and within the day's price limits."""


REASONS = len(Reason)
"""Number of codes: rows of a table of counts."""
