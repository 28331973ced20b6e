"""API keys: who they speak for, what they may do, and how they sign."""

from dataclasses import dataclass, replace
from enum import StrEnum

DEFAULT_KEY = "emulator-key"
DEFAULT_SECRET = "emulator-secret"  # noqa: S105  the emulator's published test secret
DEFAULT_ACCOUNT = "main"


class KeyKind(StrEnum):
    """How a key signs."""

    HMAC = "hmac"
    ED25519 = "ed25519"
    RSA = "rsa"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key. ``secret`` is the HMAC secret, or the public key in PEM for the other kinds.

    ``allowed_ips`` empty: every address; ``is_valid`` False: deleted or locked.
    """

    name: str
    account: str
    secret: str
    kind: KeyKind = KeyKind.HMAC
    can_read: bool = True
    can_trade: bool = True
    can_withdraw: bool = False
    allowed_ips: frozenset[str] = frozenset()
    is_valid: bool = True
    created_ms: int = 0

    @property
    def is_ip_restricted(self) -> bool:
        return bool(self.allowed_ips)


class KeyRing:
    """The venue's keys by their name (the text in the X-MBX-APIKEY header)."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}

    def add(self, key: ApiKey) -> ApiKey:
        self._keys[key.name] = key
        return key

    def find(self, name: str) -> ApiKey | None:
        return self._keys.get(name)

    def revoke(self, name: str) -> None:
        """The key is no longer good; KeyError where there is none of that name."""
        self._keys[name] = replace(self._keys[name], is_valid=False)

    def change(self, name: str, *, can_trade: bool | None = None, can_withdraw: bool | None = None) -> ApiKey:
        """Give or take rights; KeyError where there is none of that name."""
        key = self._keys[name]
        trade = key.can_trade if can_trade is None else can_trade
        withdraw = key.can_withdraw if can_withdraw is None else can_withdraw
        return self.add(replace(key, can_trade=trade, can_withdraw=withdraw))

    def all(self) -> tuple[ApiKey, ...]:
        return tuple(self._keys.values())
