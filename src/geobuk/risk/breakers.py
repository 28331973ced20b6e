"""Breakers: readings of one moment in, a state out that says what may be sent. A trip stays until its rule ends it.

They send nothing themselves. In every state the caller lets exits and reductions pass, and takes back entries that
work as soon as the state is not ``ACTIVE``.
"""

from math import inf, isfinite, isnan

import msgspec
from msgspec import Struct

from geobuk.domain.errors import SettingsError, UserError
from geobuk.domain.times import NS_PER_DAY, NS_PER_SECOND
from geobuk.risk.breaker_events import BreakerEvent, Ending, Trip, end_event, release_event, trip_event
from geobuk.risk.breaker_spec import BreakerCode, BreakerLimits, BreakerState, Readings
from geobuk.risk.sealed import sealed, unsealed

_KIND, _VERSION = "breakers", 1
_STATES = {"reduce": BreakerState.REDUCING, "halt": BreakerState.HALTED}
_FIELDS = {code: code.value.lower() for code in BreakerCode}
_FUTURE_NS = -NS_PER_SECOND
"""An age as negative as this is no step of a clock any more: the time stamp is wrong."""


def trips_of(readings: Readings, limits: BreakerLimits) -> tuple[Trip, ...]:
    """Every breaker whose reading is at or beyond its limit, in the order of BreakerCode."""
    values, feed = _measured(readings, limits), _oldest(readings)
    unbelievable = _unbelievable(readings)
    trips = []
    for code in BreakerCode:
        rule = getattr(limits, _FIELDS[code])
        is_reached = rule.limit > 0.0 and values[code] >= rule.limit
        if is_reached or (code is BreakerCode.BAD_DATA and unbelievable):
            subject = {BreakerCode.BAD_DATA: unbelievable, BreakerCode.STALE_DATA: feed}.get(code, "")
            trips.append(Trip(code, _STATES[rule.response], values[code], rule.limit, subject))
    return tuple(trips)


def judged(readings: Readings, limits: BreakerLimits, present: BreakerState) -> BreakerState:
    """The worst of the present state and what the readings call for; it can only tighten here.

    What has tripped before, and how it ends, is known to :class:`Breakers` only.

    >>> from geobuk.risk.breaker_spec import BreakerLimits, BreakerState, Readings
    >>> calm = Readings(day_loss=0.0, losses_in_row=0, quote_age_ns={"binance": 1e6}, bad_quotes=0, orders=3,
    ...     rejected=0, spread_ratio=1.0, clock_drift_ms=2.0, mark_age_ns=1e9)
    >>> judged(calm, BreakerLimits(), BreakerState.ACTIVE).name
    'ACTIVE'
    """
    return max((present, *(trip.state for trip in trips_of(readings, limits))))


class _Latch(Struct):
    """A trip that lasts: since when it has been healthy (-1: it is not), and the last day on which it was not."""

    state: BreakerState
    day: int
    calm_since_ns: int = -1


class _Stored(Struct, frozen=True, forbid_unknown_fields=True):
    latches: dict[BreakerCode, _Latch]
    streak: float
    limits: BreakerLimits
    utc_offset_ns: int


class Breakers:
    """All breakers of one account, with what has tripped.

    A losing streak trips when it reaches its limit and again with each further loss, not while it merely stands there:
    otherwise nothing could ever end it. Mark the ledger first, so that ``day_loss`` is that of the present day.
    """

    __slots__ = ("_latches", "_streak", "limits", "utc_offset_ns")

    def __init__(self, limits: BreakerLimits | None = None, *, utc_offset_ns: int = 0) -> None:
        """Nothing has tripped. Raises SettingsError if a limit is out of its range."""
        self.limits = _validated(limits or BreakerLimits())
        self.utc_offset_ns = utc_offset_ns
        self._latches: dict[BreakerCode, _Latch] = {}
        self._streak = 0.0

    @property
    def state(self) -> BreakerState:
        """The worst of what has tripped."""
        return max((latch.state for latch in self._latches.values()), default=BreakerState.ACTIVE)

    @property
    def tripped(self) -> tuple[BreakerCode, ...]:
        """What has tripped and not ended, in the order of BreakerCode."""
        return tuple(code for code in BreakerCode if code in self._latches)

    def allows(self, is_reduction: bool) -> bool:
        """Whether an order may be sent; what makes a position smaller always may."""
        return is_reduction or self.state is BreakerState.ACTIVE

    def look(self, readings: Readings, at_ns: int) -> tuple[BreakerEvent, ...]:
        """Take one moment's readings: what trips, trips now; what has been healthy as long as its rule asks, ends."""
        trips = {trip.code: trip for trip in trips_of(readings, self.limits) if self._is_news(trip)}
        if isfinite(readings.losses_in_row):
            self._streak = readings.losses_in_row
        values = _measured(readings, self.limits)
        events = []
        for code in BreakerCode:
            trip, before = trips.get(code), self.state
            if trip is not None:
                is_new = self._latch(trip, at_ns)
                if is_new:
                    events.append(trip_event(at_ns, trip, self._ending(code), before, self.state))
            elif code in self._latches and self._is_over(code, at_ns):
                del self._latches[code]
                events.append(end_event(at_ns, code, (before, self.state), (values[code], self._limit(code))))
        return tuple(events)

    def release(self, code: BreakerCode, by: str, reason: str, at_ns: int) -> BreakerEvent:
        """A named person ends a trip whose reset is ``person``; it trips again if the next readings call for it.

        Raises
        ------
        UserError
            It has not tripped, it ends otherwise, or nobody or no reason is named.
        """
        by, reason = by.strip(), reason.strip()
        if code not in self._latches:
            raise UserError(f"{code.value} has not tripped", cure="nothing is to be done")
        ending = self._ending(code)
        if ending.reset != "person":
            raise UserError(
                f"{code.value} is not released by a person, its reset is {ending.reset}", cure="wait until it ends"
            )
        if not by or not reason:
            raise UserError(
                f"a release by {by!r} for {reason!r} names no person or no reason", cure="say who releases it, and why"
            )
        before = self.state
        del self._latches[code]
        return release_event(at_ns, code, (before, self.state), self._limit(code), (by, reason))

    def stored(self) -> bytes:
        """What has tripped, as a text with version and checksum."""
        return sealed(_KIND, _VERSION, _Stored(self._latches, self._streak, self.limits, self.utc_offset_ns))

    @classmethod
    def restored(cls, data: bytes, limits: BreakerLimits | None = None) -> "Breakers":
        """The breakers of a stored text, under their own limits or other ones; what has tripped stays tripped.

        Raises
        ------
        DataError
            The text is damaged, cut off, of another kind or version.
        """
        found = unsealed(data, _KIND, _VERSION, _Stored)
        breakers = cls(limits or found.limits, utc_offset_ns=found.utc_offset_ns)
        breakers._latches, breakers._streak = found.latches, found.streak
        return breakers

    def _is_news(self, trip: Trip) -> bool:
        return trip.code is not BreakerCode.LOSS_STREAK or trip.value > self._streak

    def _latch(self, trip: Trip, at_ns: int) -> bool:
        """Hold a trip; True if it was not held yet, or not as hard."""
        held = self._latches.get(trip.code)
        is_new = held is None or held.state < trip.state
        state, day = trip.state, self._day_of(at_ns)
        if held is not None:
            state, day = max(held.state, state), max(held.day, day)
        self._latches[trip.code] = _Latch(state, day)
        return is_new

    def _is_over(self, code: BreakerCode, at_ns: int) -> bool:
        """Whether a trip that is healthy now has ended; a clock that was set back begins the calm anew."""
        latch, ending = self._latches[code], self._ending(code)
        if latch.calm_since_ns < 0 or at_ns < latch.calm_since_ns:
            latch.calm_since_ns = at_ns
        if ending.reset == "itself":
            return at_ns - latch.calm_since_ns >= ending.calm_seconds * NS_PER_SECOND
        return ending.reset == "next_day" and self._day_of(at_ns) > latch.day

    def _ending(self, code: BreakerCode) -> Ending:
        rule = getattr(self.limits, _FIELDS[code])
        return Ending(rule.reset, rule.calm_seconds)

    def _limit(self, code: BreakerCode) -> float:
        return float(getattr(self.limits, _FIELDS[code]).limit)

    def _day_of(self, at_ns: int) -> int:
        return (at_ns + self.utc_offset_ns) // NS_PER_DAY


def _measured(readings: Readings, limits: BreakerLimits) -> dict[BreakerCode, float]:
    """Each breaker's value in the unit of its limit; a NaN reaches no limit, BAD_DATA answers for it."""
    rejected, orders = readings.rejected, readings.orders
    share = 0.0
    if rejected > 0.0 and rejected >= limits.rejects.least_rejected:
        share = rejected / orders if orders > rejected else 1.0
    return {
        BreakerCode.DAILY_LOSS: readings.day_loss,
        BreakerCode.LOSS_STREAK: readings.losses_in_row,
        BreakerCode.STALE_DATA: _oldest_age(readings) / NS_PER_SECOND,
        BreakerCode.BAD_DATA: readings.bad_quotes,
        BreakerCode.ORDER_RATE: orders,
        BreakerCode.REJECTS: share,
        BreakerCode.WIDE_SPREAD: readings.spread_ratio,
        BreakerCode.CLOCK_DRIFT: abs(readings.clock_drift_ms),
        BreakerCode.STALE_MARK: readings.mark_age_ns / NS_PER_SECOND,
    }


def _oldest_age(readings: Readings) -> float:
    return max((age for age in readings.quote_age_ns.values() if not isnan(age)), default=inf)


def _oldest(readings: Readings) -> str:
    oldest = _oldest_age(readings)
    return next((feed for feed, age in readings.quote_age_ns.items() if age == oldest), "no feed")


def _unbelievable(readings: Readings) -> str:
    """Names and values of readings that are no numbers, negative where they can't be, or stamped in the future."""
    signed = {"day_loss": readings.day_loss, "clock_drift_ms": readings.clock_drift_ms}
    counted = {
        name: getattr(readings, name) for name in ("losses_in_row", "bad_quotes", "orders", "rejected", "spread_ratio")
    }
    ages = {f"quote_age_ns {feed}": age for feed, age in readings.quote_age_ns.items()}
    ages["mark_age_ns"] = readings.mark_age_ns
    wrong = [f"{name} {value}" for name, value in signed.items() if not isfinite(value)]
    wrong += [f"{name} {value}" for name, value in counted.items() if not isfinite(value) or value < 0.0]
    wrong += [f"{name} {value}" for name, value in ages.items() if isnan(value) or value <= _FUTURE_NS]
    return ", ".join(wrong)


def _validated(limits: BreakerLimits) -> BreakerLimits:
    try:
        return msgspec.convert(msgspec.to_builtins(limits), BreakerLimits)
    except msgspec.ValidationError as error:
        raise SettingsError(f"breaker limits: {error}", cure="correct the value") from None
