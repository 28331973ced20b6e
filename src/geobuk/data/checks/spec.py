"""Every threshold of the quality gate, with its default and what it means. It knows no data."""

from dataclasses import Field, dataclass, field, fields


def _limit(default: float, says: str) -> float:
    """A threshold; whole numbers are counted as such."""
    made: float = field(default=default, metadata={"says": says})
    return made


@dataclass(frozen=True, slots=True)
class GateSpec:
    """Thresholds; shares and prices are fractions (0.05 is 5 %)."""

    zero_volume_run: int = field(default=3, metadata={"says": "bars in a row without volume that are masked"})
    flat_run: int = field(default=10, metadata={"says": "bars in a row with volume and one single price"})
    outage_minutes: float = _limit(20.0, "minutes without a bar, in bars of up to 5 minutes, that make an outage")
    max_bad_share: float = _limit(0.05, "share of bad rows above which a series is quarantined")
    max_missing_share: float = _limit(0.20, "share of missing bars above which a series is quarantined")
    max_zero_volume_share: float = _limit(0.50, "share of bars in runs without volume above which it is quarantined")
    stretch_days: float = _limit(7.0, "days of a hole that divides two stretches and does not count as missing")

    spike_ranges: float = _limit(25.0, "excess over both neighbours, in median ranges of the bars around it")
    spike_floor: float = _limit(0.02, "excess below which nothing is a spike")
    spike_window: int = field(default=10, metadata={"says": "bars on each side that give the median range"})
    mark_close: float = _limit(0.02, "distance of a close from the mark's close that is masked")
    mark_wick: float = _limit(0.10, "distance of a high or low beyond the mark's that is masked")
    mark_wick_shown: float = _limit(0.01, "distance of a high or low beyond the mark's that is reported")

    split_ratio: float = _limit(0.03, "how near an opening jump must be to a whole ratio (2:1, 1:5) to be a split")
    split_jump: float = _limit(1.8, "smallest jump (as a factor, up or down) that can be a split")
    band_slack: float = _limit(0.01, "how far beyond the daily price band a move must be to be an adjustment")
    scale_factor: float = _limit(80.0, "factor between neighbouring bars from which on the unit has changed")

    off_step_share: float = _limit(0.30, "share of volumes off the lot step that makes a block of bars foreign")
    off_step_block: int = field(default=200, metadata={"says": "bars of such a block"})
    off_tick_share: float = _limit(0.01, "share of closes off the tick from which on they are reported")
    min_common: int = field(
        default=50, metadata={"says": "bars that two sources must share before one is called foreign"}
    )
    same_close_share: float = _limit(0.50, "share of equal closes below which two sources are two instruments")

    price_tolerance: float = _limit(1e-6, "relative difference of prices that two sources may show")
    volume_tolerance: float = _limit(1e-3, "relative difference of volumes that two sources may show")
    adjusted_bars: int = field(
        default=20, metadata={"says": "bars, on average, that a ratio must last to be another adjustment basis"}
    )
    adjusted_share: float = _limit(0.80, "share of the bars that differ that must lie in such stretches")
    adjusted_distance: float = _limit(0.01, "distance of such a ratio from 1")

    max_median_rate: float = _limit(0.003, "median funding rate beyond which the usual rates in percent are looked for")
    max_absurd_rate: float = _limit(0.02, "median funding rate that can only be percent")
    extreme_rate: float = _limit(0.01, "funding rate of one stamp that is reported")
    late_stamp_seconds: float = _limit(1.0, "seconds that a funding stamp may lie off its minute")

    off_hours_share: float = _limit(0.50, "share of bars outside the session that means a wrong time zone")
    partial_minutes: float = _limit(15.0, "minutes missing at either end of a session that are reported")


GATE_SPEC = GateSpec()
"""The thresholds in force."""


def limits(spec: GateSpec = GATE_SPEC) -> dict[str, tuple[float, str]]:
    """Name → value and meaning."""
    return {one.name: (getattr(spec, one.name), _says(one)) for one in fields(spec)}


def _says(one: "Field[object]") -> str:
    return str(one.metadata["says"])
