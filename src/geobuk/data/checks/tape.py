"""Checks of recorded tapes (trades, best quotes, depth updates): clocks, order, missing messages, crossed quotes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from geobuk.data.findings import finding
from geobuk.domain.errors import DataError
from geobuk.panel import Finding

_SENT = ("event_time_ms", "transact_time", "transaction_time_ms")
"""When the venue sent a message or made a trade, in milliseconds; the first that is there counts."""


@dataclass(frozen=True)
class _Tape:
    """A tape's rows and the names of what it has."""

    frame: pl.DataFrame
    instrument: str
    sent: str

    def found(self, code: str, rows: pl.Series, detail: tuple[str, str] | str = "") -> Finding:
        """The finding for the rows that a mask names."""
        times = self.frame[self.sent].filter(rows) * 1_000_000
        low, high = (
            int(pl.DataFrame({"at": times}).select(how).item()) for how in (pl.col("at").min(), pl.col("at").max())
        )
        return finding(
            code,
            self.instrument,
            len(times),
            (low, high),
            detail=detail,
            series="tape",
            places=times.head(8).to_numpy(),
        )

    def has(self, *columns: str) -> bool:
        return set(columns) <= set(self.frame.columns)


def check_tape(frame: pl.DataFrame, instrument: str) -> tuple[Finding, ...]:
    """What is wrong with a recorded tape, in the order of its messages.

    Columns, as far as they are there: ``local_ts_ns`` (receiver's clock), ``event_time_ms`` or ``transact_time``;
    ``trade_id`` or ``agg_trade_id``; ``first_update_id``, ``final_update_id`` and ``prev_final_update_id`` of depth
    updates; ``bid_price`` and ``ask_price``; ``price``.

    Raises
    ------
    DataError
        The tape has no time at which the venue sent its messages.
    """
    sent = next((name for name in _SENT if name in frame.columns), "")
    if not sent:
        raise DataError(f"the tape has none of the columns {', '.join(_SENT)}", cure="name the venue's time so")
    tape = _Tape(frame, instrument, sent)
    return tuple(found for check in TAPE_CHECKS for found in check(tape) if frame.height)


def _backward(tape: _Tape) -> Iterator[Finding]:
    clock = "local_ts_ns" if tape.has("local_ts_ns") else tape.sent
    back = (tape.frame[clock].diff() < 0).fill_null(False)
    if back.any():
        yield tape.found("ORDER", back, ("message earlier than the one before", "앞선 메시지보다 이른 메시지"))


def _before_sent(tape: _Tape) -> Iterator[Finding]:
    if not tape.has("local_ts_ns"):
        return
    latency = tape.frame["local_ts_ns"] / 1e6 - tape.frame[tape.sent]
    early = latency < 0
    if early.any():
        shown = pl.DataFrame({"ms": -latency.filter(early)})
        low, high = (float(shown.select(how).item()) for how in (pl.col("ms").min(), pl.col("ms").max()))
        detail = (
            f"message received {low:,.0f} to {high:,.0f} ms before it was sent: the receiver's clock is behind",
            f"보내기 {low:,.0f}~{high:,.0f}밀리초 전에 받은 메시지: 수신 시계가 늦음",
        )
        yield tape.found("LATENCY", early, detail)


def _same_instant(tape: _Tape) -> Iterator[Finding]:
    """Trades that follow another of the same millisecond."""
    if not (tape.has("trade_id") or tape.has("agg_trade_id")):
        return
    shared = (tape.frame[tape.sent].diff() == 0).fill_null(False)
    if shared.any():
        yield tape.found("SAME_INSTANT", shared)


def _missing_trades(tape: _Tape) -> Iterator[Finding]:
    ids = next((name for name in ("trade_id", "agg_trade_id") if tape.has(name)), "")
    if ids:
        holes = (tape.frame[ids].diff() != 1).fill_null(False)
        if holes.any():
            yield tape.found("TAPE_IDS", holes)


def _missing_updates(tape: _Tape) -> Iterator[Finding]:
    """Depth events whose ``pu`` is not the ``u`` before. An event's level rows share its numbers."""
    if not tape.has("first_update_id", "final_update_id", "prev_final_update_id"):
        return
    final, before = tape.frame["final_update_id"], tape.frame["prev_final_update_id"]
    is_first = (final.diff() != 0).fill_null(False)
    holes = is_first & (before != final.shift(1)).fill_null(False)
    if holes.any():
        yield tape.found("TAPE_IDS", holes)


def _crossed(tape: _Tape) -> Iterator[Finding]:
    if tape.has("bid_price", "ask_price"):
        crossed = tape.frame["bid_price"] >= tape.frame["ask_price"]
        if crossed.any():
            yield tape.found("CROSSED", crossed)


def _non_positive(tape: _Tape) -> Iterator[Finding]:
    if tape.has("price"):
        bad = tape.frame["price"] <= 0
        if bad.any():
            yield tape.found("NON_POSITIVE", bad)


TAPE_CHECKS: tuple[Callable[[_Tape], Iterator[Finding]], ...] = (
    _backward,
    _before_sent,
    _same_instant,
    _missing_trades,
    _missing_updates,
    _crossed,
    _non_positive,
)
"""The table of tape checks."""
