"""Faults that hold together for a while: each weather is what a venue may do on a bad day."""

from collections.abc import Callable, Sequence
from typing import Any

from geobuk.emulators.binance.faults import kinds
from geobuk.emulators.binance.faults.kinds import When, Where

PLACE = Where(path="POST /fapi/v1/*rder")
CANCEL = Where(path="DELETE /fapi/v1/*rder*")
AMEND = Where(path="PUT /fapi/v1/order")
PRIVATE = Where(route="private")


def often(probability: float, seed: int) -> When:
    return When(probability=probability, seed=seed)


def fair(_: int) -> list[Any]:
    return []


def lost_replies(seed: int) -> list[Any]:
    """503, 408 and cut connections, after executing and without it, for orders, changes and cancels."""
    return [
        kinds.UnknownOutcome(is_executed=True, where=PLACE, when=often(0.08, seed)),
        kinds.UnknownOutcome(is_executed=False, where=PLACE, when=often(0.04, seed + 1)),
        kinds.BackendTimeout(is_executed=True, where=PLACE, when=often(0.08, seed + 2)),
        kinds.BackendTimeout(is_executed=False, where=PLACE, when=often(0.03, seed + 3)),
        kinds.CutReply(is_executed=True, where=PLACE, when=often(0.08, seed + 4)),
        kinds.CutReply(is_executed=False, where=PLACE, when=often(0.03, seed + 5)),
        kinds.CutReply(is_executed=True, where=CANCEL, when=often(0.2, seed + 6)),
        kinds.UnknownOutcome(is_executed=False, where=CANCEL, when=often(0.1, seed + 7)),
        kinds.BackendTimeout(is_executed=True, where=AMEND, when=often(0.2, seed + 8)),
    ]


def lost_replies_and_lagging_queries(seed: int) -> list[Any]:
    return [
        kinds.CutReply(is_executed=True, where=PLACE, when=often(0.15, seed)),
        kinds.NotVisible(lag_ms=150),
        kinds.DropEvents(where=PRIVATE, when=often(0.3, seed + 1)),
    ]


def busy(seed: int) -> list[Any]:
    """Refusals of the kind that were not executed, and a short ban."""
    return [
        kinds.Unavailable(where=PLACE, when=often(0.15, seed)),
        kinds.InternalError(where=PLACE, when=often(0.1, seed + 1)),
        kinds.Throttled(when=often(0.2, seed + 2)),
        kinds.BadTimestamp(where=PLACE, when=often(0.1, seed + 3)),
        kinds.RateLimited(retry_after_s=1, when=When(count=1)),
    ]


def banned(_: int) -> list[Any]:
    return [kinds.Banned(retry_after_s=1, when=When(count=1))]


def muddled_events(seed: int) -> list[Any]:
    return [
        kinds.DropEvents(where=PRIVATE, when=often(0.15, seed)),
        kinds.DuplicateEvents(where=PRIVATE, when=often(0.25, seed + 1)),
        kinds.ReorderEvents(where=PRIVATE, when=often(0.15, seed + 2)),
    ]


def late_events(_: int) -> list[Any]:
    return [kinds.DelayEvents(mean_ms=40, spread_ms=30, distribution="uniform", where=PRIVATE)]


def broken_streams(seed: int) -> list[Any]:
    return [
        kinds.Disconnect(where=PRIVATE, is_abrupt=True, repeat_s=2.0),
        kinds.CutReply(is_executed=True, where=PLACE, when=often(0.1, seed)),
    ]


def races(seed: int) -> list[Any]:
    """Orders that fill while they are cancelled, and books that dry up."""
    return [
        kinds.CancelRace(when=often(0.5, seed)),
        kinds.DryBook(fraction=0.4, when=often(0.25, seed + 1)),
        kinds.Latency(mean_ms=30, spread_ms=20, distribution="uniform"),
    ]


def wrong_clock(seed: int) -> list[Any]:
    return [kinds.ClockSkew(skew_ms=3_000 if seed % 2 else -3_000)]


def slow_replies(seed: int) -> list[Any]:
    return [kinds.Latency(mean_ms=1_200, stage="reply", where=PLACE, when=often(0.05, seed))]


def taken_over(_: int) -> list[Any]:
    """The venue closes positions itself, and the stream's key ends."""
    return [
        kinds.Deleverage(instrument="ETHUSDT", quantity="0.010"),
        kinds.Deleverage(instrument="ETHUSDT", quantity="0.010", position_side="LONG"),
        kinds.Liquidate(instrument="BTCUSDT"),
        kinds.ExpireListenKey(),
    ]


WEATHERS: Sequence[Callable[[int], list[Any]]] = (
    fair, lost_replies, muddled_events, races, broken_streams, busy, lost_replies_and_lagging_queries, taken_over,
    late_events, wrong_clock, banned, slow_replies, lost_replies,
)  # fmt: skip
