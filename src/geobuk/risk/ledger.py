"""An account's memory of its losses: peak, day, lock and size, by the very steps that the simulation runs.

It knows equity, money that comes and goes, and persons who release a halt; orders and positions it does not know.
After ``DAILY_LOCKED`` and ``HALTED`` the caller closes what is held and takes back what works.
"""

from collections import deque
from math import inf, isfinite
from sys import float_info
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct

from geobuk.domain.errors import SettingsError, UserError
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import RecordArray
from geobuk.risk.ledger_events import (
    LedgerEvent,
    Seen,
    flow_event,
    mark_events,
    opened_event,
    released_event,
)
from geobuk.risk.ledger_steps import LEDGER_DTYPE, mark_ledger, new_record, release_ledger, rules_of_loss
from geobuk.risk.loss_locks import Lock
from geobuk.risk.sealed import sealed, unsealed
from geobuk.risk.spec import LossLimits

KEPT_EVENTS = 1000
"""A ledger remembers its newest so many events; a journal keeps all."""

_KIND, _VERSION = "ledger", 1
_Money = Annotated[float, Meta(ge=-float_info.max, le=float_info.max)]
_Peak = Annotated[float, Meta(gt=0, le=float_info.max)]
_Share = Annotated[float, Meta(ge=0, le=1)]


class _Stored(Struct, frozen=True, forbid_unknown_fields=True):
    equity: _Money
    peak: _Peak
    day_start: _Money
    size_scale: _Share
    size_cap: _Share
    day: int
    lock: Lock
    halted_at: int
    daily_locks: int
    losses_in_row: int
    paused_until: int
    is_reduce_only: bool
    loss: LossLimits
    utc_offset_ns: int
    events: list[LedgerEvent]


class Ledger:
    """The loss record of one account; :meth:`stored` text survives a restart to the last bit.

    Raises from a method leave the ledger as it was.

    >>> ledger = Ledger.opened(1_000.0, LossLimits(daily=1.0, drawdown=0.2), at_ns=0)
    >>> [event.code.value for event in ledger.mark(860.0, at_ns=1)]
    ['REDUCED']
    >>> ledger.size_scale, round(ledger.drawdown, 9), ledger.lock.name
    (0.625, -0.14, 'OPEN')
    """

    __slots__ = ("_events", "_record", "_rules", "loss", "utc_offset_ns")

    def __init__(self, record: RecordArray, loss: LossLimits, utc_offset_ns: int) -> None:
        self.loss = _validated(loss)
        self.utc_offset_ns = utc_offset_ns
        self._record = record
        self._rules = rules_of_loss(self.loss)
        self._events: deque[LedgerEvent] = deque(maxlen=KEPT_EVENTS)

    @classmethod
    def opened(cls, capital: float, loss: LossLimits, at_ns: int, *, utc_offset_ns: int = 0) -> "Ledger":
        """A new ledger at its peak; days begin at midnight of the offset (Korea: ``9 * NS_PER_HOUR``).

        Raises
        ------
        UserError
            ``capital`` is not a positive finite amount.
        SettingsError
            A loss limit is out of its range.
        """
        if not (isfinite(capital) and capital >= float_info.min):
            raise UserError(f"capital {capital} is not a positive amount", cure="open the ledger with what is there")
        ledger = cls(new_record(capital), loss, utc_offset_ns)
        ledger._record["day"] = ledger._day_of(at_ns)
        ledger._events.append(opened_event(at_ns, float(capital)))
        return ledger

    def mark(self, equity: float, at_ns: int) -> tuple[LedgerEvent, ...]:
        """Judge the account by its equity now (mark to market, after every deposit and withdrawal was told).

        Raises
        ------
        UserError
            ``equity`` is NaN or infinite. Nothing is known then: let a breaker stop entries
            (:attr:`geobuk.risk.breakers.Readings.day_loss` of NaN does).
        """
        if not isfinite(equity):
            raise UserError(f"equity {equity} is not a finite number", cure="mark again when every price is known")
        before, day = self.seen, self._day_of(at_ns)
        is_new_day = day > int(self._record["day"][0])
        closed = mark_ledger(float(equity), day, at_ns, self._record, self._rules)
        return self._told(mark_events(at_ns, before, self.seen, is_new_day=is_new_day, closed=closed))

    def deposit(self, amount: float, at_ns: int) -> LedgerEvent:
        """Money came in: peak and day start rise in proportion, so that it hides no loss and heals no lock.

        Mark first, if prices have moved. Raises UserError if ``amount`` is not positive and finite, or nothing is left
        that it could be in proportion to.
        """
        return self._flow(amount, 1.0, at_ns)

    def withdraw(self, amount: float, at_ns: int) -> LedgerEvent:
        """Money went out: peak and day start fall in proportion, so that it is no loss and closes no lock.

        Raises UserError if ``amount`` is not positive and finite, or leaves nothing.
        """
        if amount >= self.equity:
            raise UserError(
                f"{amount} can't be withdrawn from an equity of {self.equity}: something must be left",
                cure="withdraw less, or close the account and open a new ledger when money comes back",
            )
        return self._flow(amount, -1.0, at_ns)

    def release(self, by: str, reason: str, at_ns: int) -> LedgerEvent:
        """A named person opens a halted lock: the peak is the present equity, sizes restart at ``reduced_size``.

        Where today's loss still lies beyond the daily limit, entries stay locked until the next day.

        Raises
        ------
        UserError
            The lock is not halted, nobody or no reason is named, or no equity is left.
        """
        by, reason = by.strip(), reason.strip()
        if self.lock is not Lock.HALTED:
            raise UserError(
                f"the lock is {self.lock.name}, only a HALTED one is released", cure="nothing is to be done"
            )
        if not by or not reason:
            raise UserError(
                f"a release by {by!r} for {reason!r} names no person or no reason", cure="say who releases it, and why"
            )
        if not self.equity >= float_info.min:
            raise UserError(
                f"equity {self.equity} leaves nothing to trade with", cure="open a new ledger with the new capital"
            )
        release_ledger(self._record, self._rules)
        return self._told((released_event(at_ns, self.seen, by, reason),))[0]

    @property
    def seen(self) -> Seen:
        """The record's present values."""
        row = self._record[0]
        return Seen(
            float(row["equity"]),
            float(row["peak"]),
            float(row["day_start"]),
            int(row["lock"]),
            float(row["size_scale"]),
            bool(row["is_reduce_only"]),
        )

    @property
    def record(self) -> RecordArray:
        """A copy (1,) of the record, with LEDGER_FIELDS."""
        return self._record.copy()

    @property
    def equity(self) -> float:
        """Equity at the last mark, money since then included."""
        return float(self._record["equity"][0])

    @property
    def peak(self) -> float:
        """The highest equity, moved by money that came and went."""
        return float(self._record["peak"][0])

    @property
    def drawdown(self) -> float:
        """Fall below the peak, a fraction <= 0."""
        return self.equity / self.peak - 1.0

    @property
    def day_loss(self) -> float:
        """Loss since the day's opening as a share of it, positive = loss; 1 where the day opened with nothing."""
        day_start = float(self._record["day_start"][0])
        return 1.0 - self.equity / day_start if day_start > 0.0 else 1.0

    @property
    def lock(self) -> Lock:
        """What losses forbid."""
        return Lock(int(self._record["lock"][0]))

    @property
    def size_scale(self) -> float:
        """What targets are multiplied by, in [0, 1]."""
        return float(self._record["size_scale"][0])

    @property
    def is_reduce_only(self) -> bool:
        """Whether the drawdown lets positions only shrink."""
        return bool(self._record["is_reduce_only"][0])

    @property
    def losses_in_row(self) -> int:
        """Losing trades since the last winning one, as :meth:`note_trades` was told."""
        return int(self._record["losses_in_row"][0])

    @property
    def paused_until(self) -> int:
        """Nanoseconds up to which a loss streak lets nothing be entered, as :meth:`note_trades` was told."""
        return int(self._record["paused_until"][0])

    @property
    def events(self) -> tuple[LedgerEvent, ...]:
        """The newest KEPT_EVENTS, oldest first."""
        return tuple(self._events)

    def allows(self, is_reduction: bool) -> bool:
        """Whether losses let an order pass; what makes a position smaller always passes."""
        return is_reduction or (self.lock is Lock.OPEN and not self.is_reduce_only)

    def note_trades(self, losses_in_row: int, paused_until: int) -> None:
        """Keep the loss streak that is counted where fills are booked."""
        self._record["losses_in_row"] = losses_in_row
        self._record["paused_until"] = paused_until

    def stored(self) -> bytes:
        """The whole ledger as a text with version and checksum."""
        row = self._record[0]
        values = {name: row[name].item() for name in LEDGER_DTYPE.names or ()}
        values["lock"] = Lock(values["lock"])
        return sealed(
            _KIND,
            _VERSION,
            _Stored(**values, loss=self.loss, utc_offset_ns=self.utc_offset_ns, events=list(self._events)),
        )

    @classmethod
    def restored(cls, data: bytes, loss: LossLimits | None = None) -> "Ledger":
        """The ledger of a stored text, under its own limits or other ones.

        Stricter limits count from the next mark on; looser ones open no lock.

        Raises
        ------
        DataError
            The text is damaged, cut off, of another kind or version. Never answered by a fresh ledger.
        SettingsError
            A loss limit is out of its range.
        """
        found = unsealed(data, _KIND, _VERSION, _Stored)
        record = np.zeros(1, dtype=LEDGER_DTYPE)
        for name in LEDGER_DTYPE.names or ():
            record[name] = getattr(found, name)
        ledger = cls(record, loss or found.loss, found.utc_offset_ns)
        ledger._events.extend(found.events)
        return ledger

    def _flow(self, amount: float, sign: float, at_ns: int) -> LedgerEvent:
        what = "deposit" if sign > 0.0 else "withdrawal"
        if not (isfinite(amount) and amount > 0.0):
            raise UserError(f"{what} {amount} is not a positive amount", cure="give the amount of money that moved")
        before, peak, day_start, *_ = self.seen
        after = before + sign * float(amount)
        share = after / before if before >= float_info.min else inf
        peak, day_start = peak * share, day_start * share
        least = min(after, share, peak, day_start if day_start > 0.0 else peak)
        if least < float_info.min or not isfinite(max(after, peak, day_start)):
            raise UserError(
                f"{what} {amount} can't be in proportion to an equity of {before}",
                cure="open a new ledger with the capital that is there now",
            )
        self._record["equity"], self._record["peak"], self._record["day_start"] = after, peak, day_start
        return self._told((flow_event(at_ns, sign * amount, before, after),))[0]

    def _told(self, events: tuple[LedgerEvent, ...]) -> tuple[LedgerEvent, ...]:
        self._events.extend(events)
        return events

    def _day_of(self, at_ns: int) -> int:
        return (at_ns + self.utc_offset_ns) // NS_PER_DAY


def _validated(loss: LossLimits) -> LossLimits:
    try:
        return msgspec.convert(msgspec.to_builtins(loss), LossLimits)
    except msgspec.ValidationError as error:
        raise SettingsError(f"loss limits: {error}", cure="correct the value") from None
