"""The one table of the quality gate. To add a check: one function, one row here, one test."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from geobuk.data.checks import funding, grid, identity, outliers, prices, sessions, sources, totals, volume
from geobuk.data.checks.look import Look, Noticed

BARS = ("bars",)
PRICED = ("bars", "mark", "index")
FUNDING = ("funding",)
EVERY = (*PRICED, *FUNDING)


@dataclass(frozen=True, slots=True)
class Check:
    """A code, the function that raises it, the kinds of series it looks at, and the thresholds it uses.

    ``is_cross`` checks compare with other series; without a context they see nothing.
    """

    code: str
    function: Callable[[Look], Iterable[Noticed]]
    kinds: tuple[str, ...] = BARS
    limits: tuple[str, ...] = ()
    is_cross: bool = False


CHECKS: tuple[Check, ...] = (
    Check("DUPLICATE_CONFLICT", prices.scanned("DUPLICATE_CONFLICT"), EVERY),
    Check("NOT_A_NUMBER", prices.scanned("NOT_A_NUMBER"), EVERY),
    Check("CLOSE_ONLY", prices.scanned("CLOSE_ONLY"), PRICED),
    Check("NON_POSITIVE", prices.scanned("NON_POSITIVE"), PRICED),
    Check("OHLC", prices.scanned("OHLC"), PRICED),
    Check("EMPTY", prices.scanned("EMPTY")),
    Check("HALT", prices.scanned("HALT")),
    Check("NEGATIVE_VOLUME", prices.scanned("NEGATIVE_VOLUME")),
    Check("MISALIGNED", grid.misaligned, PRICED),
    Check("MISALIGNED", funding.off_minute, FUNDING, ("late_stamp_seconds",)),
    Check("CALENDAR", sessions.closed_day, PRICED),
    Check("GAP", grid.missing_bars, PRICED),
    Check("GAP", funding.missing_stamps, FUNDING),
    Check("OUTAGE", grid.outages, BARS, ("outage_minutes",)),
    Check("SESSIONS", sessions.missing_days, PRICED),
    Check("TIME_ZONE", sessions.shifted_clock, BARS, ("off_hours_share",)),
    Check("OFF_HOURS", sessions.outside_session, BARS, ("off_hours_share",)),
    Check("PARTIAL", sessions.partial, BARS, ("partial_minutes",)),
    Check("MOVE_WITHOUT_VOLUME", volume.moving_without_volume),
    Check("ZERO_VOLUME", volume.without_volume, BARS, ("zero_volume_run",)),
    Check("QUIET", volume.quiet, BARS, ("zero_volume_run",)),
    Check("FLAT", volume.standing_still, BARS, ("flat_run",)),
    Check("SCALE", prices.change_of_scale, PRICED, ("scale_factor",)),
    Check("SPIKE", outliers.spikes, BARS, ("spike_ranges", "spike_floor", "spike_window")),
    Check("SPLIT", prices.splits, BARS, ("split_ratio", "split_jump", "band_slack")),
    Check("MARK", outliers.against_mark, BARS, ("mark_close", "mark_wick"), is_cross=True),
    Check("MARK_WICK", outliers.wicks_beyond_mark, BARS, ("mark_wick_shown",), is_cross=True),
    Check("LOT_STEP", identity.foreign_lots, BARS, ("off_step_share", "off_step_block")),
    Check("OFF_TICK", prices.off_tick, BARS, ("off_tick_share",)),
    Check("FUNDING_INTERVAL", funding.changes_of_interval, FUNDING),
    Check("LATE_STAMPS", funding.late_stamps, FUNDING, ("late_stamp_seconds",)),
    Check("RATE_EXTREME", funding.extreme_rates, FUNDING, ("extreme_rate",)),
    Check("RATE_UNIT", funding.wrong_unit, FUNDING, ("max_median_rate", "max_absurd_rate")),
    Check("SOURCES", sources.disagreeing, BARS, ("price_tolerance",), is_cross=True),
    Check("SOURCES_VOLUME", sources.other_volume, BARS, ("volume_tolerance",), is_cross=True),
    Check("SOURCES_PARTIAL", sources.partly_covered, BARS, (), is_cross=True),
    Check(
        "ADJUSTMENT", sources.other_basis, BARS, ("adjusted_bars", "adjusted_share", "adjusted_distance"), is_cross=True
    ),
    Check("WRONG_INSTRUMENT", identity.wrong_instrument, BARS, ("min_common", "same_close_share"), is_cross=True),
    Check("BAD_SHARE", totals.too_many_bad, EVERY, ("max_bad_share",)),
    Check("SPARSE", grid.too_sparse, PRICED, ("max_missing_share", "stretch_days")),
    Check("BAD_SHARE", volume.dead, BARS, ("max_zero_volume_share",)),
)
"""In the order in which they look: later ones leave out the rows whose prices earlier ones distrust."""

CROSS_CODES = frozenset(check.code for check in CHECKS if check.is_cross)
"""Codes that need other series."""
