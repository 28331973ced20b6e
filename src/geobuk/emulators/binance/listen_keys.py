"""Listen keys of the user stream: one an account, sixty minutes of emulated time, and who hears of their end."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from geobuk.emulators.binance.errors import listen_key_missing

LIFE_MS = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class ListenKey:
    """A key until ``expires_ms`` (emulated)."""

    key: str
    account: str
    expires_ms: int


class ListenKeys:
    """The live listen keys. Names follow from the seed and the count, so that runs repeat."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._made = 0
        self._by_account: dict[str, ListenKey] = {}
        self._expired: list[Callable[[ListenKey, int], None]] = []
        self._closed: list[Callable[[ListenKey, int], None]] = []

    def on_expired(self, callback: Callable[[ListenKey, int], None]) -> None:
        """Have ``callback(key, at_ms)`` called when a key ran out."""
        self._expired.append(callback)

    def on_closed(self, callback: Callable[[ListenKey, int], None]) -> None:
        """Have ``callback(key, at_ms)`` called when a key was deleted by its owner."""
        self._closed.append(callback)

    def create(self, account: str, now_ms: int) -> ListenKey:
        """The account's key, made or prolonged."""
        held = self._by_account.get(account)
        if held is None or held.expires_ms <= now_ms:
            self._made += 1
            text = hashlib.sha256(f"{self._seed}:{account}:{self._made}".encode()).hexdigest()
        else:
            text = held.key
        self._by_account[account] = ListenKey(text, account, now_ms + LIFE_MS)
        return self._by_account[account]

    def extend(self, account: str, now_ms: int) -> ListenKey:
        """Another hour; VenueError -1125 where the account has no live key."""
        held = self._by_account.get(account)
        if held is None or held.expires_ms <= now_ms:
            raise listen_key_missing()
        return self.create(account, now_ms)

    def close(self, account: str, now_ms: int) -> None:
        """End the account's key; ending none is no error."""
        held = self._by_account.pop(account, None)
        if held is not None:
            for callback in self._closed:
                callback(held, now_ms)

    def find(self, key: str, now_ms: int) -> ListenKey | None:
        """The live key of that text."""
        return next((held for held in self._by_account.values() if held.key == key and held.expires_ms > now_ms), None)

    def of_account(self, account: str, now_ms: int) -> ListenKey | None:
        """The account's live key."""
        held = self._by_account.get(account)
        return held if held is not None and held.expires_ms > now_ms else None

    def expire(self, now_ms: int) -> None:
        """Tell of every key whose hour is over."""
        for account, held in list(self._by_account.items()):
            if held.expires_ms <= now_ms:
                del self._by_account[account]
                for callback in self._expired:
                    callback(held, now_ms)

    def expire_now(self, account: str, now_ms: int) -> None:
        """Run out an account's key at once (a fault on request)."""
        held = self._by_account.get(account)
        if held is not None:
            self._by_account[account] = ListenKey(held.key, account, now_ms)
            self.expire(now_ms)
