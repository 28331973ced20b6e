"""The errors of the house: one tree, every message with the value, the rule and the cure.

::

    GeobukError
    ├── UserError                 something the person can mend; shown on one screen, never with a traceback
    │   ├── SettingsError         a setting is unknown, of the wrong type, or out of its range
    │   ├── UnknownNameError      a strategy, instrument, venue or interval that does not exist (with suggestions)
    │   ├── DataError             a file, a column or a series that can't be used
    │   │   ├── FundingMissingError   a perpetual is held over a funding stamp whose rate is not known
    │   │   └── RefusedRowsError      rows that would spoil a good series
    │   ├── StrategyError         a strategy file that can't be loaded, or breaks its contract
    │   │   └── LookAheadError    a forecast that changes when only the future changed
    │   ├── NetworkError          a server that can't be reached, is silent, or refuses
    │   ├── VenueError            a venue answered, and the answer is not what was asked for
    │   │   ├── OrderRefusedError     an order, change or cancel that the venue (or we, for it) refused; final
    │   │   ├── OutcomeUnknownError   asked for, and not known what became of it: query, never resend
    │   │   ├── UnsupportedError      something that this venue can't do, see its capability table
    │   │   └── TradingBlockedError   the adapter's own guards forbid trading, with the reason
    │   └── StorageError          a folder that can't be written, a disk that is full
    └── BrokenInvariantError      a defect of Geobuk itself: a law of the house did not hold
"""

from collections.abc import Iterable
from difflib import get_close_matches


class GeobukError(Exception):
    """Root of all errors raised by Geobuk."""


class UserError(GeobukError):
    """Something the person can mend. ``cure`` says how."""

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}: {self.cure}" if self.cure else self.message


class SettingsError(UserError):
    """A setting is unknown, of the wrong type, or out of its range."""


class DataError(UserError):
    """A file, a column or a series that can't be used."""


class FundingMissingError(DataError):
    """A perpetual is held over a funding stamp whose rate is not known."""


class RefusedRowsError(DataError):
    """Rows that would spoil a good series; it stays as it was."""


class StrategyError(UserError):
    """A strategy file that can't be loaded, or breaks its contract."""


class LookAheadError(StrategyError):
    """A forecast that changes when only the future changed."""


class NetworkError(UserError):
    """A server that can't be reached, is silent, or refuses."""


class VenueError(UserError):
    """A venue answered, and not with what was asked for. ``code`` is the venue's own, None where it has none."""

    def __init__(self, message: str, *, cure: str = "", code: int | None = None) -> None:
        super().__init__(message, cure=cure)
        self.code = code


class OrderRefusedError(VenueError):
    """An order, a change or a cancel was refused; nothing came of it, and that is final."""


class OutcomeUnknownError(VenueError):
    """Asked for, and not known what became of it: query by client order id, never resend."""


class UnsupportedError(VenueError):
    """Something that this venue can't do."""


class TradingBlockedError(VenueError):
    """The adapter's own guards forbid trading."""


class StorageError(UserError):
    """A folder that can't be written, or a disk that is full."""


class UnknownNameError(UserError):
    """A name that does not exist, with the nearest ones that do."""

    def __init__(self, what: str, name: str, known: Iterable[str], *, cure: str = "") -> None:
        choices = sorted(set(known))
        near = get_close_matches(name, choices, n=3, cutoff=0.5) or get_close_matches(
            name.upper(), choices, n=3, cutoff=0.5
        )
        shown = ", ".join(choices[:12]) + (f" and {len(choices) - 12} more" if len(choices) > 12 else "")
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {shown or 'none yet'}"
        super().__init__(f"unknown {what} {name!r}", cure=f"{hint}{' ' + cure if cure else ''}")
        self.suggestions = tuple(near)


class BrokenInvariantError(GeobukError):
    """A defect of Geobuk itself: a law of the house did not hold. Never caused by a person's input."""
