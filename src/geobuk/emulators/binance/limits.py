"""Request weight by address and order counts by account, in fixed windows of emulated time; bans that grow."""

import math
from dataclasses import dataclass

from geobuk.emulators.binance.errors import VenueError, banned, too_many_orders, too_much_weight

MINUTE_MS = 60_000
TEN_SECONDS_MS = 10_000


@dataclass(frozen=True, slots=True)
class LimitSpec:
    """How much is allowed. ``ban_ms`` is the first ban; each further one within a day lasts twice as long."""

    weight_per_minute: int = 2400
    orders_per_10_seconds: int = 300
    orders_per_minute: int = 1200
    requests_before_ban: int = 10
    ban_ms: int = 120_000
    longest_ban_ms: int = 3 * 24 * 3_600_000


class Window:
    """A count that starts again at each multiple of its length."""

    def __init__(self, length_ms: int) -> None:
        self._length_ms = length_ms
        self._number = -1
        self._count = 0

    def count(self, now_ms: int) -> int:
        number = now_ms // self._length_ms
        if number != self._number:
            self._number, self._count = number, 0
        return self._count

    def add(self, now_ms: int, amount: int) -> int:
        self._count = self.count(now_ms) + amount
        return self._count

    def left_ms(self, now_ms: int) -> int:
        return self._length_ms - now_ms % self._length_ms


class _Address:
    def __init__(self) -> None:
        self.weight = Window(MINUTE_MS)
        self.refused = Window(MINUTE_MS)
        self.bans = 0
        self.banned_until_ms = 0


class RateLimits:
    """The venue's counters."""

    def __init__(self, spec: LimitSpec) -> None:
        self.spec = spec
        self._addresses: dict[str, _Address] = {}
        self._orders: dict[str, tuple[Window, Window]] = {}

    def check_ban(self, ip: str, now_ms: int) -> None:
        """418 with the time until which the address is banned."""
        until = self._address(ip).banned_until_ms
        if until > now_ms:
            raise _with_retry(banned(ip, until), until - now_ms)

    def charge(self, ip: str, weight: int, now_ms: int) -> int:
        """Count weight; the sum of the minute. 429 above the limit, and a ban for going on regardless."""
        address = self._address(ip)
        used = address.weight.add(now_ms, weight)
        if used > self.spec.weight_per_minute:
            if address.refused.add(now_ms, 1) > self.spec.requests_before_ban:
                self.ban(ip, now_ms)
                self.check_ban(ip, now_ms)
            raise _with_retry(too_much_weight(self.spec.weight_per_minute), address.weight.left_ms(now_ms))
        return used

    def used_weight(self, ip: str, now_ms: int) -> int:
        return self._address(ip).weight.count(now_ms)

    def ban(self, ip: str, now_ms: int, length_ms: int | None = None) -> int:
        """Ban an address; when it ends (ms)."""
        address = self._address(ip)
        grown = min(self.spec.ban_ms * 2**address.bans, self.spec.longest_ban_ms)
        address.bans = min(address.bans + 1, 20)
        address.banned_until_ms = now_ms + (grown if length_ms is None else length_ms)
        return address.banned_until_ms

    def check_orders(self, account: str, cost: tuple[int, int], now_ms: int) -> None:
        """-1015 where an order call of this cost would pass a counter's limit."""
        short, long = self._windows(account)
        if short.count(now_ms) + cost[0] > self.spec.orders_per_10_seconds:
            error = too_many_orders(self.spec.orders_per_10_seconds, "10 SECOND")
            raise _with_retry(error, short.left_ms(now_ms))
        if long.count(now_ms) + cost[1] > self.spec.orders_per_minute:
            raise _with_retry(too_many_orders(self.spec.orders_per_minute, "1 MINUTE"), long.left_ms(now_ms))

    def count_orders(self, account: str, cost: tuple[int, int], now_ms: int) -> tuple[int, int]:
        """Count an accepted order call: the counters of 10 seconds and of the minute."""
        short, long = self._windows(account)
        return short.add(now_ms, cost[0]), long.add(now_ms, cost[1])

    def orders_used(self, account: str, now_ms: int) -> tuple[int, int]:
        short, long = self._windows(account)
        return short.count(now_ms), long.count(now_ms)

    def _address(self, ip: str) -> _Address:
        address = self._addresses.get(ip)
        if address is None:
            address = self._addresses[ip] = _Address()
        return address

    def _windows(self, account: str) -> tuple[Window, Window]:
        windows = self._orders.get(account)
        if windows is None:
            windows = self._orders[account] = (Window(TEN_SECONDS_MS), Window(MINUTE_MS))
        return windows

    def rows(self, *, only_orders: bool = False) -> list[dict[str, object]]:
        """The limits as exchangeInfo and rateLimit/order show them."""
        spec = self.spec
        weight = _row("REQUEST_WEIGHT", "MINUTE", 1, spec.weight_per_minute)
        minute = _row("ORDERS", "MINUTE", 1, spec.orders_per_minute)
        seconds = _row("ORDERS", "SECOND", 10, spec.orders_per_10_seconds)
        return [seconds, minute] if only_orders else [weight, minute, seconds]


def _row(kind: str, interval: str, number: int, limit: int) -> dict[str, object]:
    return {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}


def _with_retry(error: VenueError, wait_ms: int) -> VenueError:
    error.retry_after = max(1, math.ceil(wait_ms / 1000))
    return error
