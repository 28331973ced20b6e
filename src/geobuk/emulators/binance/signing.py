"""Signatures of requests: the payload exactly as it was sent, and whether a key made the signature over it."""

import base64
import binascii
import hmac
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from geobuk.emulators.binance.keys import ApiKey, KeyKind
from geobuk.emulators.binance.params import parse_pairs


def signed_payload(query: bytes, body: bytes) -> bytes:
    """Query and body as received, joined by nothing, without the ``signature`` pair wherever it stands."""
    return _unsigned(query) + _unsigned(body)


def hmac_signature(secret: str, payload: bytes) -> str:
    return hmac.digest(secret.encode(), payload, "sha256").hex()


def is_signed_by(key: ApiKey, payload: bytes, signature: str) -> bool:
    """Whether ``signature`` (hex for HMAC, base64 for the others) is the key's over the payload."""
    if key.kind is KeyKind.HMAC:
        return hmac.compare_digest(hmac_signature(key.secret, payload).encode(), signature.lower().encode())
    try:
        raw = base64.b64decode(signature.encode(), validate=True)
        public = _public_key(key.secret)
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(raw, payload)
        else:
            public.verify(raw, payload, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def _public_key(pem: str) -> ed25519.Ed25519PublicKey | rsa.RSAPublicKey:
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, ed25519.Ed25519PublicKey | rsa.RSAPublicKey):
        raise ValueError("a key signs by Ed25519 or RSA")
    return key


def _unsigned(raw: bytes) -> bytes:
    if b"signature=" not in raw:
        return raw
    head, last, tail = raw.rpartition(b"&signature=")
    if last and b"&" not in tail and b"signature" not in head and b"&&" not in head and head[:1] not in {b"", b"&"}:
        return head.removesuffix(b"&")
    return b"&".join(part for name, part in parse_pairs(raw) if name != b"signature")
