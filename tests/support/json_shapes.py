"""The shape of JSON: which fields it has and of which types, as a flat table that can be compared."""

from collections.abc import Iterator

Shape = dict[str, frozenset[str]]
_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def shape_of(content: object) -> Shape:
    """Types by path: rows of a list are all at ``[]``, so a field of any of them counts.

    >>> shape_of([{"a": 1}, {"b": ["x"]}])
    {'[].a': frozenset({'integer'}), '[].b[]': frozenset({'string'})}
    """
    found: dict[str, set[str]] = {}
    for path, name in _leaves("", content):
        found.setdefault(path, set()).add(name)
    return {path: frozenset(names) for path, names in found.items()}


def _leaves(path: str, content: object) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        for key, value in content.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), value)
    elif isinstance(content, list):
        for value in content:
            yield from _leaves(f"{path}[]", value)
    else:
        yield path, _NAMES[type(content)]


def differences(documented: object, answered: object) -> set[str]:
    """Words for each field that only one of them has (``-field`` only the first, ``+field`` only the second), and for
    each whose types have nothing in common. Null fits every type.
    """
    first, second = shape_of(documented), shape_of(answered)
    found = {f"-{path}" for path in first.keys() - second.keys()} | {
        f"+{path}" for path in second.keys() - first.keys()
    }
    for path in first.keys() & second.keys():
        if not (first[path] & second[path] or "null" in first[path] | second[path]):
            found.add(f"{path}: {'/'.join(sorted(first[path]))} became {'/'.join(sorted(second[path]))}")
    return found
