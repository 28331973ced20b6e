"""Client order ids: which are allowed, and new ones where the client gave none."""

import re
import string
from random import Random

from geobuk.matching.refusals import Refusal, RefusedError

_ALLOWED = re.compile(r"[.A-Z:/a-z0-9_-]{1,36}")
_LETTERS = (string.ascii_letters + string.digits).encode()
_BYTE_TO_LETTER = bytes(_LETTERS[byte % len(_LETTERS)] for byte in range(256))
_LENGTH = 22


class ClientIds:
    """22 letters and digits, the same ones for the same seed."""

    __slots__ = ("_random",)

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - ids, not secrets

    def new(self) -> str:
        return self._random.randbytes(_LENGTH).translate(_BYTE_TO_LETTER).decode()


def require_allowed(client_order_id: str) -> None:
    """Raises RefusedError PARAMETERS."""
    if _ALLOWED.fullmatch(client_order_id) is None:
        raise RefusedError(
            Refusal.PARAMETERS,
            f"client order id {client_order_id!r} is not 1 to 36 letters, digits and . : / _ -",
            value="client_order_id",
            limit=client_order_id,
        )
