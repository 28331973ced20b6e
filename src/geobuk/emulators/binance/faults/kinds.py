"""Every fault that can be asked for, as a typed value with a name on the wire (``fault``), its scope and its times."""

from typing import Any, Literal

from msgspec import UNSET, Struct

Distribution = Literal["fixed", "uniform", "normal", "exponential", "lognormal"]


class When(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a fault strikes. Times are emulated seconds after it was added.

    Of the happenings in its scope every ``every``-th is struck with ``probability``, at most ``count`` of them (0: no
    limit). Chance comes from ``seed``: the same requests meet the same faults.
    """

    after_s: float = 0.0
    for_s: float = 0.0
    """0: until it is removed."""
    every: int = 1
    probability: float = 1.0
    count: int = 0
    seed: int = 1


class Where(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a fault is about; empty means all. ``path`` and ``event`` may hold ``*``.

    ``path`` is such as ``POST /fapi/v1/order`` (on the WebSocket API that of the REST twin); ``event`` a stream's name
    or an event's type (``btcusdt@depth*``, ``ORDER_TRADE_UPDATE``); ``route`` is public, market or private.
    """

    path: str = ""
    instrument: str = ""
    event: str = ""
    route: Literal["", "public", "market", "private"] = ""


class _Fault(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True, tag_field="fault"):
    when: When = When()
    where: Where = Where()


# Replies: REST and the WebSocket API.


class Latency(_Fault, frozen=True, tag="latency"):
    """Replies come late by wall milliseconds: before the request is looked at, or only the reply on its way back."""

    mean_ms: float
    spread_ms: float = 0.0
    """Half width, standard deviation, or sigma of the logarithm times mean; nothing for fixed and exponential."""
    distribution: Distribution = "fixed"
    stage: Literal["request", "reply"] = "request"


class UnknownOutcome(_Fault, frozen=True, tag="unknown_outcome"):
    """503 "Unknown error": the order arrived, or it did not, and the reply does not say."""

    is_executed: bool = True


class Unavailable(_Fault, frozen=True, tag="unavailable"):
    """503 "Service Unavailable.": not executed."""


class InternalError(_Fault, frozen=True, tag="internal_error"):
    """-1001: not executed."""


class BackendTimeout(_Fault, frozen=True, tag="timeout"):
    """408 with -1007, after executing or not."""

    is_executed: bool = True


class Throttled(_Fault, frozen=True, tag="throttled"):
    """-1008 for what could add risk; reduce-only, close-position and cancels pass."""


class RateLimited(_Fault, frozen=True, tag="rate_limited"):
    """429 with -1003 and Retry-After."""

    retry_after_s: int = 5


class Banned(_Fault, frozen=True, tag="banned"):
    """418 with -1003, Retry-After and the moment the ban ends."""

    retry_after_s: int = 120


class Maintenance(_Fault, frozen=True, tag="maintenance"):
    """-1016 with 503 for all requests; the instruments are halted until it ends."""


class BadTimestamp(_Fault, frozen=True, tag="bad_timestamp"):
    """-1021 whatever the request's timestamp is."""


class ClockSkew(_Fault, frozen=True, tag="clock_skew"):
    """The venue's clock stands apart from the client's, in ``GET time`` too."""

    skew_ms: int


class ErrorReply(_Fault, frozen=True, tag="error"):
    """Any other error of the venue, by its code."""

    code: int
    msg: str
    status: int = 400
    is_executed: bool = False


class NotVisible(_Fault, frozen=True, tag="not_visible"):
    """-2013 on queries of an order for some emulated milliseconds after it was placed."""

    lag_ms: int = 200


class CutReply(_Fault, frozen=True, tag="cut_reply"):
    """The connection is cut after the request was executed, or before; no reply at all."""

    is_executed: bool = True


class ReplyField(_Fault, frozen=True, tag="reply_field"):
    """A field appears in replies, or is missing (``value`` absent)."""

    name: str
    value: Any = UNSET


# Matching.


class CancelRace(_Fault, frozen=True, tag="cancel_race"):
    """The order fills just before its cancel is looked at: -2011."""


class DryBook(_Fault, frozen=True, tag="dry_book"):
    """The book offers only a part of what an order wants, then nothing."""

    fraction: float = 0.5


# Streams.


class DropEvents(_Fault, frozen=True, tag="drop_events"):
    """Events that are never sent."""


class DepthGap(_Fault, frozen=True, tag="depth_gap"):
    """Depth updates that are never sent: ``pu`` of the next does not fit."""


class DelayEvents(_Fault, frozen=True, tag="delay_events"):
    """Events that come late, by wall milliseconds, in their order."""

    mean_ms: float
    spread_ms: float = 0.0
    distribution: Distribution = "fixed"


class DuplicateEvents(_Fault, frozen=True, tag="duplicate_events"):
    """Events that are sent twice."""


class ReorderEvents(_Fault, frozen=True, tag="reorder_events"):
    """Events that are sent after the one that followed them."""


class EventField(_Fault, frozen=True, tag="event_field"):
    """A field appears in events, or is missing (``value`` absent)."""

    name: str
    value: Any = UNSET


class SilentSockets(_Fault, frozen=True, tag="silent_sockets"):
    """Sockets stay open and say nothing more, not even a ping or a pong."""


class Disconnect(_Fault, frozen=True, tag="disconnect"):
    """Sockets are closed, at once and again every ``repeat_s`` emulated seconds (0: once)."""

    repeat_s: float = 0.0
    is_abrupt: bool = False
    """Cut without a closing frame."""


class RefuseConnections(_Fault, frozen=True, tag="refuse_connections"):
    """New sockets are refused with a status."""

    status: int = 503


class NewestConnectionWins(_Fault, frozen=True, tag="newest_connection_wins"):
    """A second socket for a listen key closes the first."""


class ExpireListenKey(_Fault, frozen=True, tag="expire_listen_key"):
    """Listen keys expire now."""


# The market and the account: done once, when due.


class ChangeFilters(_Fault, frozen=True, tag="change_filters"):
    """An instrument's rules change; empty leaves as is. ``status`` is such as TRADING or TRADING_HALT."""

    instrument: str
    tick: str = ""
    step: str = ""
    min_notional: str = ""
    status: str = ""


class ChangeFunding(_Fault, frozen=True, tag="change_funding"):
    """The funding interval or the rate to come changes."""

    instrument: str
    interval_hours: int = 0
    rate: str = ""


class Liquidate(_Fault, frozen=True, tag="liquidate"):
    """A position of an account is taken over."""

    instrument: str
    account: str = ""
    """Empty: the first."""


class Deleverage(_Fault, frozen=True, tag="deleverage"):
    """A position of an account is closed against a bankrupt one (ADL), at the mark price if none is given."""

    instrument: str
    account: str = ""
    position_side: Literal["BOTH", "LONG", "SHORT"] = "BOTH"
    quantity: str = ""
    """Empty: all of it."""
    price: str = ""


class PriceShock(_Fault, frozen=True, tag="price_shock"):
    """All prices of an instrument move at once, and stay moved."""

    instrument: str
    percent: float


class TradePrint(_Fault, frozen=True, tag="trade_print"):
    """The market trades once."""

    instrument: str
    side: Literal["BUY", "SELL"]
    price: str
    quantity: str


EXECUTION = UnknownOutcome | BackendTimeout | ErrorReply | CutReply
REPLIES = (
    Latency
    | UnknownOutcome
    | Unavailable
    | InternalError
    | BackendTimeout
    | Throttled
    | RateLimited
    | Banned
    | Maintenance
    | BadTimestamp
    | ErrorReply
    | NotVisible
    | CutReply
    | ReplyField
    | CancelRace
    | DryBook
)
EVENTS = DropEvents | DepthGap | DelayEvents | DuplicateEvents | ReorderEvents | EventField
SOCKETS = SilentSockets | Disconnect | RefuseConnections | NewestConnectionWins
ONCE = ExpireListenKey | ChangeFilters | ChangeFunding | Liquidate | Deleverage | PriceShock | TradePrint
Fault = REPLIES | EVENTS | SOCKETS | ONCE | ClockSkew
