"""What a person can set of the detector, and what of it can't stand together."""

import math
from importlib.util import find_spec
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from geobuk.domain.errors import SettingsError, UserError
from geobuk.domain.times import INTERVAL_PATTERN, interval_ns, interval_text
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear

S = TypeVar("S", bound=Struct)

_MOST_DAYS = 36_500


def _days(description: str) -> Meta:
    return Meta(gt=0, le=_MOST_DAYS, description=description)


def _probability(description: str) -> Meta:
    return Meta(ge=0, le=1, description=description)


def _ratio(description: str) -> Meta:
    return Meta(ge=1, le=100, description=description)


class RegimeSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the market's regime is told, from an index of equal weights.

    In each interval the index gives a mean return and a mean range; a hidden Markov model of both is fitted to the past
    now and then, and followed in between. A state with a clearly positive mean is BULL, with a clearly negative one
    BEAR, else SIDEWAYS. Where none is probable enough the regime is NEUTRAL; without enough or fresh data, UNKNOWN.
    """

    instruments: Annotated[tuple[str, ...], Meta(description="the index; empty: all of the panel")] = ()
    every: Annotated[
        str, Meta(pattern=rf"^{INTERVAL_PATTERN}$", description="length of an interval; longer bars count as they are")
    ] = "1d"
    return_days: Annotated[float, _days("days over which the return is averaged")] = 5.0
    states: Annotated[int, Meta(ge=2, le=5, description="of the hidden Markov model")] = 3
    window_days: Annotated[float, _days("days that a fit looks back")] = 730.0
    min_days: Annotated[float, _days("days before the first fit")] = 250.0
    refit_days: Annotated[float, _days("days between two fits")] = 30.0
    starts: Annotated[int, Meta(ge=1, le=50, description="random starts of a fit")] = 4
    seed: Annotated[int, Meta(ge=0, le=2**32 - 1, description="of the random starts")] = 0
    clear_mean: Annotated[
        float, Meta(ge=0, le=10, description="standard deviations of a state that its mean must lie off 0")
    ] = 0.1
    enter: Annotated[float, _probability("probability from which a regime is taken up")] = 0.7
    leave: Annotated[float, _probability("probability down to which it is held")] = 0.4
    margin: Annotated[float, _probability("lead over the next regime that it needs")] = 0.1
    min_dwell_days: Annotated[float, Meta(ge=0, le=3650, description="days that it is held at least")] = 5.0
    stale_days: Annotated[float, _days("days without data after which the regime is UNKNOWN")] = 2.0
    volatility_model: Annotated[Literal["garch", "gjr"], Meta(description="that forecasts volatility")] = "gjr"
    high_volatility: Annotated[float, _ratio("times the usual forecast from which volatility is high")] = 1.75
    calm_volatility: Annotated[float, _ratio("times the usual forecast below which it no longer is")] = 1.4


def validated(spec: S, what: str) -> S:
    """The spec itself, if every value lies in its range: Python callers pass structs that nobody has checked yet.

    Raises
    ------
    SettingsError : a value out of its range, or of another type.
    """
    try:
        return msgspec.convert(msgspec.to_builtins(spec), type(spec))
    except msgspec.ValidationError as error:
        raise SettingsError(f"{what}: {error}", cure="correct the value") from None


def require_consistent(spec: RegimeSpec, bar_ns: int) -> None:
    """Raise unless the settings fit one another and bars of this length, and the libraries that fit are installed.

    Raises
    ------
    SettingsError : ``every`` is no multiple of the bars, or two settings contradict each other.
    UserError : hmmlearn or arch is missing.
    """
    every_ns = interval_ns(spec.every)
    if every_ns > bar_ns and every_ns % bar_ns:
        raise SettingsError(
            f"the regime's interval {spec.every} is not a multiple of the bars' {interval_text(bar_ns)}",
            cure="choose a multiple",
        )
    pairs = (("leave", "enter"), ("calm_volatility", "high_volatility"), ("min_days", "window_days"))
    for low, high in pairs:
        if not getattr(spec, low) <= getattr(spec, high):
            raise SettingsError(
                f"the regime's {low} {getattr(spec, low):g} is above its {high} {getattr(spec, high):g}",
                cure=f"lower {low} or raise {high}",
            )
    missing = [name for name in ("hmmlearn", "arch") if find_spec(name) is None]
    if missing:
        raise UserError(
            f"the regime detector needs {' and '.join(missing)}", cure="install them: pip install 'geobuk[research]'"
        )


def intervals_in(days: float, step_ns: int, year: TradingYear = ALWAYS_OPEN) -> int:
    """Intervals that so many days of trading hold, rounded up; 0 for 0 days.

    >>> intervals_in(2.0, interval_ns("6h"))
    8
    """
    return math.ceil(days * year.per_day(step_ns) - 1e-9)
