"""State that must survive as a text that says what it is and notices any damage: JSON with a version and a checksum."""

from hashlib import sha256
from typing import TypeVar

import msgspec

from geobuk.domain.errors import DataError

T = TypeVar("T")

_CURE = "take the last good copy from a backup; never go on with a fresh one, it would forget the losses"


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    sha256: str
    body: msgspec.Raw


def sealed(kind: str, version: int, body: msgspec.Struct) -> bytes:
    """One line of JSON from which :func:`unsealed` makes an equal ``body``; floats are kept to the last bit."""
    raw = msgspec.json.encode(body)
    return msgspec.json.encode(_Envelope(kind, version, _digest(kind, version, raw), msgspec.Raw(raw))) + b"\n"


def unsealed(data: bytes, kind: str, version: int, body: type[T]) -> T:
    """The body of a sealed text.

    Raises
    ------
    DataError
        The text is damaged, cut off, of another kind, or of another version.
    """
    try:
        envelope = msgspec.json.decode(data, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise DataError(f"the stored {kind} is damaged or cut off ({error})", cure=_CURE) from None
    if envelope.format != kind:
        raise DataError(f"the text holds a {envelope.format!r}, not a {kind!r}", cure="give the right file")
    if envelope.version != version:
        raise DataError(
            f"the stored {kind} has version {envelope.version}, this program reads version {version}",
            cure="use the program that wrote it",
        )
    raw = bytes(envelope.body)
    if _digest(kind, version, raw) != envelope.sha256:
        raise DataError(f"the stored {kind} does not match its checksum: it was damaged or changed", cure=_CURE)
    try:
        return msgspec.json.decode(raw, type=body)
    except msgspec.DecodeError as error:
        raise DataError(f"the stored {kind} holds a value out of its range ({error})", cure=_CURE) from None


def _digest(kind: str, version: int, raw: bytes) -> str:
    return sha256(f"{kind} {version} ".encode() + raw).hexdigest()
