"""Why a step of the path said no, or why a fill happened: the codes that reports put into words."""

from enum import IntEnum


class Reason(IntEnum):
    """Codes of FILL_REASONS explain fills; the others are counted per instrument as refusals and clamps."""

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
    TAKE_PROFIT = 25
    """A rung of the take-profit ladder was reached."""
    TIME_STOP = 26
    """Held for long without having earned enough."""
    CRASH = 27
    """A crash or surge against the position closed it."""
    SCALED_REGIME = 28
    """Made smaller for the market's regime."""
    SCALED_CONDITION = 29
    """Made smaller while volatility jumps."""
    SCALED_DRAWDOWN = 30
    """Made smaller because the account is below its peak."""
    CLAMPED_KELLY = 31
    """Reduced to the fraction of Kelly's stake that is allowed."""
    NO_EDGE = 32
    """Such forecasts have not earned anything here: Kelly's stake is nothing."""
    CLAMPED_LIQUIDITY = 33
    """Reduced to the share of the day's volume that may be held."""
    CLAMPED_BUCKET = 34
    """Reduced to what instruments that move together may hold."""
    CLAMPED_REGIME = 35
    """Reduced to the gross exposure that the regime allows."""
    CLAMPED_VAR = 36
    """Reduced to the daily value at risk."""
    CLAMPED_CVAR = 37
    """Reduced to the daily expected shortfall."""
    CLAMPED_LIQUIDATION_DISTANCE = 38
    """Reduced so that liquidation stays far enough from the price."""
    CLAMPED_LIQUIDATION_PROBABILITY = 39
    """Reduced so that liquidation within 24 hours stays improbable."""
    TOO_MANY_POSITIONS = 40
    """As many positions are held as may be."""
    TOO_MANY_ORDERS = 41
    """As many orders were placed in this decision as may be."""
    REDUCE_ONLY = 42
    """The account is so far below its peak that positions may only shrink."""
    DRY_VOLUME = 43
    """Trading has dried up."""
    CRASHED = 44
    """The price has crashed or surged: no entry until it has calmed down."""
    BARRED_TODAY = 45
    """It was left today and may not be bought again before tomorrow."""
    PAUSED = 46
    """Too many losing trades in a row: entries pause."""
    NOT_FINITE = 47
    """A number that decides is not finite: nothing may be ordered on it."""

    LADDER_TAKEN = 48
    """What the take-profit ladder took is not bought back while the position is held."""


REASONS = len(Reason)
"""Number of codes: rows of a table of counts."""

FILL_REASONS = (
    Reason.ENTRY,
    Reason.STOP,
    Reason.LIQUIDATION,
    Reason.DAILY_LOSS,
    Reason.DRAWDOWN,
    Reason.TAKE_PROFIT,
    Reason.TIME_STOP,
    Reason.CRASH,
)
"""Why a fill happened."""
