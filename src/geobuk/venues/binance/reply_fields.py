"""Which fields the venue's replies have: stored, compared, and changed only when somebody says so."""

import os
from pathlib import Path

import msgspec

from geobuk.domain.errors import StorageError


class ReplyFields:
    """Field names by kind of reply, in one JSON file. A kind not stored yet is learned when it is first seen."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._expected: dict[str, list[str]] = {}
        self._seen: dict[str, list[str]] = {}
        if path.exists():
            try:
                self._expected = msgspec.json.decode(path.read_bytes(), type=dict[str, list[str]])
            except (OSError, msgspec.MsgspecError) as error:
                raise StorageError(f"{path} can't be read ({error})", cure="delete it; it is learned again") from error

    @property
    def names(self) -> tuple[str, ...]:
        """The kinds of reply that are known."""
        return tuple(sorted(self._expected))

    def compare(self, name: str, body: bytes) -> list[str]:
        """What differs from the expectation, in words; learns what it has none of."""
        fields = sorted(_fields(msgspec.json.decode(body), ""))
        if not fields:
            return []  # an empty list tells no fields
        self._seen[name] = fields
        expected = self._expected.get(name)
        if expected is None:
            self._expected[name] = fields
            self._store()
            return []
        added, removed = sorted(set(fields) - set(expected)), sorted(set(expected) - set(fields))
        found = []
        if added:
            found.append(f"{name}: new fields {', '.join(added)}")
        if removed:
            found.append(f"{name}: fields gone {', '.join(removed)}")
        return found

    def acknowledge(self) -> None:
        """Expect what was seen last."""
        self._expected |= self._seen
        self._store()

    def _store(self) -> None:
        text = msgspec.json.format(msgspec.json.encode(dict(sorted(self._expected.items()))), indent=1)
        fresh = self._path.with_name(self._path.name + ".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(text)
            os.replace(fresh, self._path)
        except OSError as error:
            raise StorageError(f"{self._path} can't be written ({error})", cure="check the folder") from error


def _fields(value: object, prefix: str) -> set[str]:
    """Names of all fields, those of nested objects with their path; a list counts as its first object."""
    if isinstance(value, list):
        return _fields(value[0], f"{prefix}[]") if value else set()
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, inner in value.items():
        path = f"{prefix}.{name}" if prefix else str(name)
        found.add(path)
        if path not in {"positions", "assets"} or inner:
            found |= _fields(inner, path)
    return found
