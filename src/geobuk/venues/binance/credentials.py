"""API keys. The secret is never printed: not by repr, not by an error, not by a pickle."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn

from geobuk.domain.errors import SettingsError


class KeyKind(StrEnum):
    """How requests are signed; a property of the key."""

    HMAC = "hmac"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class ApiCredentials:
    """A key and its secret: an HMAC secret, or an Ed25519 private key in PEM. An empty one raises SettingsError."""

    key: str = field(repr=False)
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        for name in ("key", "secret"):
            value = getattr(self, name)
            if not value or value != value.strip():
                raise SettingsError(
                    f"the Binance API {name} is empty or has blanks around it", cure="copy it again from the venue"
                )

    @property
    def kind(self) -> KeyKind:
        return KeyKind.ED25519 if "PRIVATE KEY" in self.secret else KeyKind.HMAC

    def __repr__(self) -> str:
        return f"ApiCredentials(key=…{self.key[-4:] if len(self.key) > 16 else ''}, {self.kind})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("API credentials are not stored by pickling")
