"""Finds the line of each key in a TOML text, which the standard parser does not tell. Knows no setting."""

import re
import tomllib

KeyPath = tuple[str, ...]
"""Where a value stands: the names of its tables, then its own."""

_TABLE = re.compile(r"^\s*\[\[?(?P<key>.+?)\]\]?\s*(?:#.*)?$")
_PAIR = re.compile(
    r"""^\s*(?P<key>(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")


def key_lines(text: str) -> dict[KeyPath, int]:
    """First line (from 1) of every table and key of a valid TOML text.

    Keys inside an inline table are on the line of the table.

    >>> key_lines("[a]\\nb.c = 1\\n")
    {('a',): 1, ('a', 'b', 'c'): 2}
    """
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        line = lines[number]
        if pair := _PAIR.match(line):
            found.setdefault(table + _parts(pair["key"]), number + 1)
            number += _value_lines(lines, number)
            continue
        if header := _TABLE.match(line):
            table = _parts(header["key"])
            found.setdefault(table, number + 1)
        number += 1
    return found


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int | None:
    """Line of a key, or of the nearest table that holds it."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _parts(key: str) -> KeyPath:
    return tuple(next(group for group in match.groups() if group is not None) for match in _PART.finditer(key))


def _value_lines(lines: list[str], start: int) -> int:
    """How many lines the pair that begins at ``start`` takes: the fewest that parse."""
    for count in range(1, len(lines) - start + 1):
        try:
            tomllib.loads("\n".join(lines[start : start + count]))
        except tomllib.TOMLDecodeError:
            continue
        return count
    return 1
