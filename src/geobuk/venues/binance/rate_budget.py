"""Our own count of the venue's limits, so that the venue never has to refuse: who may ask now, and who must wait.

Pure: the moment is an argument. Windows are fixed and aligned to the venue's clock. A share of every limit is kept for
orders and cancels, so that what reduces risk never waits behind data.
Source: Binance, USDⓈ-M futures API, limits; X-MBX-USED-WEIGHT-1M and X-MBX-ORDER-COUNT headers.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geobuk.venues.binance.endpoints import Endpoint, Lane

_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
_WEIGHT_HEADERS = {60: "x-mbx-used-weight-1m"}
_ORDER_HEADERS = {10: "x-mbx-order-count-10s", 60: "x-mbx-order-count-1m"}
_RESERVED = {Lane.RISK: 0.0, Lane.TRADE: 0.5, Lane.ACCOUNT: 1.0, Lane.DATA: 1.5}
"""How many times the reserved share each lane leaves to those before it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``limit`` in each window: orders of the account where ``is_orders``, else weight of the IP address."""

    is_orders: bool
    seconds: int
    limit: int


DEFAULT_LIMITS = (Limit(False, 60, 2_400), Limit(True, 60, 1_200), Limit(True, 10, 300))


def limit_of(kind: str, interval: str, number: int, limit: int) -> Limit | None:
    """One row of ``exchangeInfo.rateLimits``; None where it is of a kind that we don't spend."""
    if kind not in {"REQUEST_WEIGHT", "ORDERS"} or interval not in _SECONDS:
        return None
    return Limit(kind == "ORDERS", _SECONDS[interval] * number, limit)


class _Window:
    __slots__ = ("header", "limit", "ms", "number", "used")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.ms = limit.seconds * 1000
        self.number = -1
        self.used = 0
        self.header = (_ORDER_HEADERS if limit.is_orders else _WEIGHT_HEADERS).get(limit.seconds, "")

    def roll(self, now_ms: int) -> None:
        number = now_ms // self.ms
        if number > self.number:
            self.number, self.used = number, 0


class RateBudget:
    """What is left of each limit. Times are the venue's, in milliseconds."""

    def __init__(self, limits: Iterable[Limit] = DEFAULT_LIMITS, reserved_share: float = 0.2) -> None:
        self._share = reserved_share
        self._windows = [_Window(limit) for limit in limits]
        self._blocked_until_ms = 0
        self.is_banned = False

    def set_limits(self, limits: Iterable[Limit]) -> None:
        """Take the venue's own limits, keeping what has been used of those known before."""
        old = {(w.limit.is_orders, w.limit.seconds): w for w in self._windows}
        self._windows = [_Window(limit) for limit in limits]
        for window in self._windows:
            before = old.get((window.limit.is_orders, window.limit.seconds))
            if before is not None:
                window.number, window.used = before.number, before.used

    def try_spend(self, endpoint: Endpoint, now_ms: int) -> int:
        """Spend and return 0, or spend nothing and return after how many milliseconds to ask again."""
        if now_ms < self._blocked_until_ms:
            return self._blocked_until_ms - now_ms
        self.is_banned = False
        wait = 0
        keep = _RESERVED[endpoint.lane] * self._share
        for window in self._windows:
            cost = self._cost(window.limit, endpoint)
            if not cost:
                continue
            window.roll(now_ms)
            ceiling = max(cost, int(window.limit.limit * (1 - keep)))
            if window.used + cost > ceiling:
                wait = max(wait, (window.number + 1) * window.ms - now_ms)
        if wait:
            return wait
        for window in self._windows:
            window.used += self._cost(window.limit, endpoint)
        return 0

    def observe(self, headers: Mapping[str, str], now_ms: int) -> None:
        """Take the venue's own count where it is higher than ours: others may share the address or the account.

        The headers' names are in lower case.
        """
        for window in self._windows:
            text = headers.get(window.header) if window.header else None
            if text is not None and text.isdigit():
                window.roll(now_ms)
                window.used = max(window.used, int(text))

    def block(self, until_ms: int, *, is_ban: bool = False) -> None:
        """Ask nothing at all before a moment; a later block is never shortened."""
        self._blocked_until_ms = max(self._blocked_until_ms, until_ms)
        self.is_banned = self.is_banned or is_ban

    def exhaust_orders(self, now_ms: int) -> int:
        """The venue counts more orders than we do: no order before the shortest window ends. Returns that moment."""
        ends = []
        for window in self._windows:
            if window.limit.is_orders:
                window.roll(now_ms)
                ends.append(((window.number + 1) * window.ms, window))
        if not ends:
            return now_ms
        end, window = min(ends, key=lambda pair: pair[0])
        window.used = max(window.used, window.limit.limit)
        return end

    @property
    def blocked_until_ms(self) -> int:
        return self._blocked_until_ms

    def used(self, *, is_orders: bool, seconds: int) -> int:
        """What we believe to have used of a window."""
        return next((w.used for w in self._windows if (w.limit.is_orders, w.limit.seconds) == (is_orders, seconds)), 0)

    @staticmethod
    def _cost(limit: Limit, endpoint: Endpoint) -> int:
        if not limit.is_orders:
            return endpoint.weight
        return endpoint.orders_10s if limit.seconds <= 10 else endpoint.orders_1m
