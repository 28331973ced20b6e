"""Reads frames into market messages, and keeps account of what it did not understand."""

from collections import Counter
from typing import Any

import msgspec

from geobuk.domain.errors import DataError
from geobuk.venues.binance.market_messages import CombinedFrame, Depth, FeedFrame, MarketMessage

_SAMPLED_EVERY = 1024


class MarketReader:
    """Reads frames, and keeps account of what it did not understand.

    ``unknown_fields`` counts fields that no attribute stands for, by ``event.field``, in the first and then in every
    1,024th frame: to compare every frame would double its cost. ``unknown_events`` counts messages of no known kind,
    all of them; ``answers`` the replies to control messages.
    """

    def __init__(self) -> None:
        self._combined = msgspec.json.Decoder(CombinedFrame)
        self._raw: msgspec.json.Decoder[MarketMessage | list[MarketMessage]] = msgspec.json.Decoder(
            MarketMessage | list[MarketMessage]
        )
        self._lines = msgspec.json.Decoder(FeedFrame)
        self._frames = 0
        self._next_sample = 0
        self.unknown_fields: Counter[str] = Counter()
        self.unknown_events: Counter[str] = Counter()
        self.answers = 0

    def read_combined(self, frame: bytes) -> CombinedFrame | None:
        """The frame of a ``/stream`` connection; None for control answers and events of no known kind.

        Raises
        ------
        DataError
            A known event whose fields are not as expected, or no JSON: never passed over.
        """
        try:
            combined = self._combined.decode(frame)
        except msgspec.DecodeError as error:
            self._set_aside(frame, error)
            return None
        if self._frames % _SAMPLED_EVERY == 0:
            self._compare(msgspec.json.decode(frame)["data"], combined.data)
        self._frames += 1
        return combined

    def read_lines(self, frames: list[bytes]) -> list[FeedFrame]:
        """Many frames of a feed's connections at once; those of no known kind are left out and counted."""
        try:
            many = self._lines.decode_lines(b"\n".join(frames))
        except msgspec.DecodeError:
            many = []
        if len(many) != len(frames):  # one among them is special: each by itself
            many = [one for frame in frames if (one := self._read_feed(frame)) is not None]
        self._frames += len(frames)
        if self._frames >= self._next_sample and many:
            self._next_sample = self._frames + _SAMPLED_EVERY
            self._sample(frames[0])
        return many

    def _read_feed(self, frame: bytes) -> FeedFrame | None:
        try:
            return self._lines.decode(frame)
        except msgspec.DecodeError as error:
            self._set_aside(frame, error)
            return None

    def _sample(self, frame: bytes) -> None:
        """Compare a frame with all that is known of its kind."""
        try:
            self._compare(msgspec.json.decode(frame)["data"], self._combined.decode(frame).data)
        except (msgspec.DecodeError, LookupError, TypeError):
            return  # an answer, or an event of no known kind: counted where it was read

    def read_raw(self, frame: bytes) -> MarketMessage | list[MarketMessage] | None:
        """The frame of a ``/ws`` connection; as :meth:`read_combined`."""
        try:
            message = self._raw.decode(frame)
        except msgspec.DecodeError as error:
            self._set_aside(frame, error)
            return None
        if self._frames % _SAMPLED_EVERY == 0:
            self._compare(msgspec.json.decode(frame), message)
        self._frames += 1
        return message

    def _compare(self, sent: Any, read: Any) -> None:
        for name in unknown_fields(sent, read):
            self.unknown_fields[name] += 1

    def _set_aside(self, frame: bytes, error: msgspec.DecodeError) -> None:
        try:
            plain = msgspec.json.decode(frame)
        except msgspec.DecodeError:
            raise _unreadable(frame, error) from error
        if isinstance(plain, dict) and ("result" in plain or "code" in plain or "error" in plain):
            if plain.get("result", 0) is not None or "error" in plain:
                self.unknown_events["answer with an error"] += "error" in plain or "code" in plain
            self.answers += 1
            return
        data = plain.get("data", plain) if isinstance(plain, dict) else plain
        first = data[0] if isinstance(data, list) and data else data
        event = first.get("e") if isinstance(first, dict) else None
        if event is None or event in _EVENTS:
            raise _unreadable(frame, error) from error
        self.unknown_events[str(event)] += 1


def read_depth(body: bytes) -> Depth:
    """The reply to ``GET /fapi/v1/depth``; raises DataError."""
    try:
        return msgspec.json.decode(body, type=Depth)
    except msgspec.DecodeError as error:
        raise _unreadable(body, error) from error


def unknown_fields(sent: Any, read: Any, path: str = "") -> set[str]:
    """Fields on the wire that no attribute stands for, as ``event.field``."""
    if isinstance(sent, list) and isinstance(read, list):
        pairs = zip(sent, read, strict=True)
        return set().union(*(unknown_fields(one, other, path) for one, other in pairs)) if sent else set()
    if not isinstance(sent, dict) or not isinstance(read, msgspec.Struct):
        return set()
    fields = dict(zip(read.__struct_encode_fields__, read.__struct_fields__, strict=True))
    path = path or str(sent.get("e", type(read).__name__))
    unknown = {f"{path}.{name}" for name in sent if name not in fields and name != "e"}
    for name, attribute in fields.items():
        if name in sent:
            unknown |= unknown_fields(sent[name], getattr(read, attribute), f"{path}.{name}")
    return unknown


def _unreadable(frame: bytes, error: Exception) -> DataError:
    start = frame[:200].decode("utf-8", "replace")
    return DataError(f"a market message can't be read ({error}): {start!r}", cure="record it and compare with the docs")


_EVENTS = frozenset(str(kind.__struct_config__.tag) for kind in MarketMessage.__args__)
