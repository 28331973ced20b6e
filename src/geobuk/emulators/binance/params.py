"""Request parameters: from raw query and body bytes or a JSON object, read by name with the venue's own complaints."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from geobuk.emulators.binance.errors import (
    VenueError,
    bad,
    duplicate,
    empty,
    illegal_characters,
    mandatory,
    not_required,
    not_valid,
)

MAX_PARAMETERS = 100
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_DECIMAL = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_T = TypeVar("_T")


class Params(Mapping[str, str]):
    """Parameters by name. Empty values are kept, so that "sent empty" can be told from "not sent".

    ``key_name`` is the API key that came with them, "" where none was needed.
    """

    def __init__(self, values: Mapping[str, str], key_name: str = "") -> None:
        self._values = dict(values)
        self.key_name = key_name

    def sent_with(self, key_name: str) -> "Params":
        """The same parameters, known to come with that API key."""
        return Params(self._values, key_name)

    @classmethod
    def from_bytes(cls, query: bytes, body: bytes) -> "Params":
        """Query and form body; on the same name the query's wins. Raises -1100, -1101."""
        return cls({**_pairs(body), **_pairs(query)})

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> "Params":
        """A JSON object's members as the texts REST would carry; null means not sent."""
        return cls({name: _as_text(value) for name, value in values.items() if value is not None})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def text(self, name: str) -> str | None:
        """The value, or None if it was not sent; -1105 where it was sent empty."""
        value = self._values.get(name)
        if value == "":
            raise empty(name)
        return value

    def required(self, name: str) -> str:
        value = self._values.get(name, "")
        if not value:
            raise mandatory(name)
        return value

    def integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not _INTEGER.fullmatch(value):
            raise illegal_characters(name)
        return int(value)

    def required_integer(self, name: str) -> int:
        self.required(name)
        value = self.integer(name)
        if value is None:
            raise mandatory(name)
        return value

    def limit(self, default: int, maximum: int, name: str = "limit") -> int:
        """How many rows: 1 to ``maximum``; more than that gives the maximum, less than 1 is -1130."""
        value = self.integer(name)
        if value is None:
            return default
        if value < 1:
            raise not_valid(name)
        return min(value, maximum)

    def decimal(self, name: str) -> Decimal | None:
        value = self.text(name)
        if value is None:
            return None
        if not _DECIMAL.fullmatch(value):
            raise illegal_characters(name, r"^([0-9]{1,20})(\.[0-9]{1,20})?$")
        return Decimal(value)

    def required_decimal(self, name: str) -> Decimal:
        self.required(name)
        value = self.decimal(name)
        if value is None:
            raise mandatory(name)
        return value

    def boolean(self, name: str) -> bool | None:
        value = self.text(name)
        if value is None:
            return None
        if value.lower() not in {"true", "false"}:
            raise illegal_characters(name)
        return value.lower() == "true"

    def choice(self, name: str, choices: Mapping[str, _T], error: VenueError | None = None) -> _T | None:
        """What the value stands for; ``error`` (else -1130) where it stands for nothing."""
        value = self.text(name)
        if value is None:
            return None
        if value not in choices:
            raise error or not_valid(name)
        return choices[value]

    def forbid(self, *names: str) -> None:
        """-1106 for the first of them that was sent."""
        for name in names:
            if name in self._values:
                raise not_required(name)

    def json_list(self, *names: str) -> list[object] | None:
        """A JSON list under the first of the names that was sent; -1130 where it is none."""
        for name in names:
            text = self._values.get(name)
            if text:
                return _json_list(name, text)
        return None


def parse_pairs(raw: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Raw (name, whole pair) of each non-empty part between ampersands, in order."""
    for part in raw.split(b"&"):
        if part:
            yield part.partition(b"=")[0], part


def _pairs(raw: bytes) -> dict[str, str]:
    values: dict[str, str] = {}
    if not raw:
        return values
    for part in raw.split(b"&"):
        if not part:
            continue
        name, _, value = part.partition(b"=")
        key = _name(name)
        if key in values:
            raise duplicate(key)
        values[key] = _decoded(value, key)
        if len(values) > MAX_PARAMETERS:
            raise bad(-1101, "Too many parameters sent for this endpoint.")
    return values


@lru_cache(maxsize=1024)
def _name(raw: bytes) -> str:
    return _decoded(raw, "parameter")


def _decoded(raw: bytes, name: str) -> str:
    if b"%" in raw or b"+" in raw:
        if _BROKEN_ESCAPE.search(raw):
            raise illegal_characters(name)
        raw = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise illegal_characters(name) from None
    if "\x00" in text:
        raise illegal_characters(name)
    return text


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, Mapping | Sequence):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def _json_list(name: str, text: str) -> list[object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise not_valid(name) from None
    if not isinstance(value, list):
        raise not_valid(name)
    return value
