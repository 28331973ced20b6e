"""Signatures over what is sent; secrets that stay secret."""

import pickle
from base64 import b64decode
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from geobuk.domain.errors import SettingsError
from geobuk.venues.binance.credentials import ApiCredentials, KeyKind
from geobuk.venues.binance.signing import signer

ORDER = (
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.010&price=60000.0"
    "&recvWindow=5000&timestamp=1790000000000"
)


def test_hmac_signature_is_that_of_the_published_vector() -> None:
    sign = signer(ApiCredentials("k", "emulator-secret"))
    assert sign(ORDER) == "230318ef72517a7185c7a2e51cd0c58924aa14b2639360773429d5e41afdae88"


def test_ed25519_signature_verifies_with_the_public_key() -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
    credentials = ApiCredentials("k", pem)
    assert credentials.kind is KeyKind.ED25519
    key.public_key().verify(b64decode(unquote(signer(credentials)(ORDER))), ORDER.encode())


def test_unusable_private_key_is_refused_without_printing_it() -> None:
    with pytest.raises(SettingsError) as caught:
        signer(ApiCredentials("k", "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----"))
    assert "nonsense" not in str(caught.value)


def test_secret_shows_in_no_repr_text_or_pickle() -> None:
    credentials = ApiCredentials("key-of-many-characters", "very-secret")
    assert "secret" not in f"{credentials!r} {credentials}"
    assert "key-of-many" not in repr(credentials)
    with pytest.raises(TypeError, match="not stored"):
        pickle.dumps(credentials)


@pytest.mark.parametrize("secret", ["", " blank ", "end\n"])
def test_empty_or_padded_secret_is_refused(secret: str) -> None:
    with pytest.raises(SettingsError, match="copy it again"):
        ApiCredentials("k", secret)
