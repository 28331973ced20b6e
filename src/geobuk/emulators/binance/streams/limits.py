"""What a streaming socket may do and how long it lives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """The venue's rules of a socket. Seconds are those of the clock that the hub is given for sockets' lives.

    ``queue_frames`` and ``queue_bytes`` bound what waits for a slow reader; beyond, the socket is dropped.
    """

    messages_per_s: int = 10
    most_streams: int = 1_024
    ping_every_s: float = 180.0
    pong_within_s: float = 600.0
    life_s: float = 86_400.0
    most_message_bytes: int = 262_144
    queue_frames: int = 20_000
    queue_bytes: int = 32 * 1_024 * 1_024
