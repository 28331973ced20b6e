"""Signatures over exactly the bytes that are sent.

Source: Binance, USDⓈ-M futures API, signed endpoint security: hex HMAC-SHA256, or base64 Ed25519, of query and body.
"""

import hmac
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from geobuk.domain.errors import SettingsError
from geobuk.venues.binance.credentials import ApiCredentials, KeyKind

Sign = Callable[[str], str]
"""A payload to its signature, ready to be put into a query."""


def signer(credentials: ApiCredentials) -> Sign:
    """The function that signs with these credentials. Raises SettingsError where the secret is no usable key."""
    if credentials.kind is KeyKind.ED25519:
        return _ed25519(credentials.secret)
    secret = credentials.secret.encode()

    def sign(payload: str) -> str:
        return hmac.digest(secret, payload.encode(), "sha256").hex()

    return sign


def _ed25519(pem: str) -> Sign:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise SettingsError("the API secret is no readable private key", cure="give an Ed25519 key in PEM") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(
            "the API secret is a private key of another kind", cure="give an Ed25519 key or HMAC secret"
        )

    def sign(payload: str) -> str:
        return quote(b64encode(key.sign(payload.encode())).decode(), safe="")

    return sign
