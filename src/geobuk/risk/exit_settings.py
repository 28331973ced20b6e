"""Which exit settings fit together. Ranges of single values are in :mod:`geobuk.risk.spec`."""

from itertools import pairwise

from geobuk.domain.errors import SettingsError
from geobuk.risk.spec import Stops

_DUST = 1e-9


def require_consistent(stops: Stops) -> None:
    """Raise SettingsError where rungs, stages and R do not fit together.

    >>> require_consistent(Stops(take_profit=(1.0, 2.0), take_share=(0.5, 0.5)))
    """
    _require_pairs("trail_from", stops.trail_from, "trail_by", stops.trail_by)
    _require_pairs("take_profit", stops.take_profit, "take_share", stops.take_share)
    if sum(stops.take_share) > 1.0 + _DUST:
        raise SettingsError(
            f"stops.take_share {_listed(stops.take_share)} sums to {sum(stops.take_share):g}, more than the position",
            cure="lower the shares to a sum of 1 or less",
        )
    if not defines_risk(stops):
        for name in ("break_even", "trail_from", "take_profit", "time_profit"):
            if getattr(stops, name):
                raise SettingsError(
                    f"stops.{name} counts in R, the distance from entry to stop, but no stop is set",
                    cure="set one of stops.fixed, atr, trailing, trailing_atr, volatility or box_days",
                )


def defines_risk(stops: Stops) -> bool:
    """Whether any stop rests at entry, so that a trade has an R."""
    distances = (stops.fixed, stops.atr, stops.trailing, stops.trailing_atr, stops.volatility, stops.box_days)
    return any(distance > 0.0 for distance in distances)


def _require_pairs(first: str, at: tuple[float, ...], second: str, value: tuple[float, ...]) -> None:
    if len(at) != len(value):
        raise SettingsError(
            f"stops.{first} {_listed(at)} and stops.{second} {_listed(value)} are not of one length",
            cure="give both lists one value a step",
        )
    if any(later <= earlier for earlier, later in pairwise(at)):
        raise SettingsError(f"stops.{first} {_listed(at)} does not ascend", cure="sort it, each value once")


def _listed(values: tuple[float, ...]) -> str:
    return "[" + ", ".join(f"{value:g}" for value in values) + "]"
