"""A fake at the adapter's seam to HTTP: it answers as scripted and remembers what it was asked."""

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import msgspec

from geobuk.ports import Clock
from geobuk.venues.binance.spec import BinanceSpec
from geobuk.venues.binance.transport import NoReplyError, NotSentError, Reply

UNSENT = NotSentError("refused")
LOST = NoReplyError("cut")
QUICK = BinanceSpec(
    rest_url="http://venue",
    recv_window_ms=20,
    settle_margin_ms=10,
    settle_first_s=0.005,
    settle_timeout_s=0.5,
    retry_first_s=0.001,
    clock_samples=1,
)
Answer = Reply | Exception


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def ok(content: object, **headers: str) -> Reply:
    return Reply(200, msgspec.json.encode(content), lower(headers))


def refused(code: int, msg: str = "no", status: int = 400, **headers: str) -> Reply:
    return Reply(status, msgspec.json.encode({"code": code, "msg": msg}), lower(headers))


@dataclass
class Asked:
    method: str
    path: str
    params: dict[str, str]
    headers: Mapping[str, str]


@dataclass
class ScriptedTransport:
    """Answers of a path in their order; the last one stays. ``GET time`` needs no script: ``clock``, else ``server_ms``
    is the venue's time.
    """

    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    server_ms: int = 0
    clock: Clock | None = None

    def script(self, call: str, *answers: Answer) -> None:
        self.answers[call] = deque(answers)

    async def send(self, method: str, url: str, headers: Mapping[str, str], timeout_s: float) -> Reply:
        parts = urlsplit(url)
        self.asked.append(Asked(method, parts.path, dict(parse_qsl(parts.query)), headers))
        if parts.path.endswith("/time"):
            at_ms = self.server_ms if self.clock is None else self.clock.now_ns() // 1_000_000
            return ok({"serverTime": at_ms})
        answers = self.answers[f"{method} {parts.path.rpartition('/')[2]}"]
        assert answers, f"nothing scripted for {method} {parts.path}"
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        pass

    def calls(self, call: str) -> list[Asked]:
        return [one for one in self.asked if f"{one.method} {one.path.rpartition('/')[2]}" == call]


class SteppingClock:
    """A clock that sleeping moves, and nothing else."""

    def __init__(self, at_ms: int = 1_790_000_000_000) -> None:
        self.at_ns = at_ms * 1_000_000
        self.slept: list[float] = []

    def now_ns(self) -> int:
        return self.at_ns

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at_ns += int(seconds * 1e9)
