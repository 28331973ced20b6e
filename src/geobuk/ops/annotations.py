"""A Struct's annotations in words: what a value may be, and what it is there for. Knows no particular Struct."""

import msgspec
from msgspec import inspect


def allowed(kind: inspect.Type) -> str:
    """What a value may be, in words.

    >>> from typing import Annotated
    >>> allowed(unwrapped(inspect.type_info(Annotated[int, msgspec.Meta(ge=2, le=500)]))[0])
    'a whole number from 2 to 500'
    """
    match kind:
        case inspect.IntType() | inspect.FloatType():
            words = _number_rule(kind)
        case inspect.BoolType():
            words = "true or false"
        case inspect.LiteralType(values=values):
            *others, last = sorted(written(value) for value in values)
            words = f"{', '.join(others)} or {last}" if others else last
        case inspect.StrType(pattern=pattern):
            words = _text_rule(pattern)
        case inspect.UnionType(types=types):
            some = [allowed(one) for one in types if not isinstance(one, inspect.NoneType)]
            words = " or ".join(some) + (", or left out" if len(some) < len(types) else "")
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            words = f"a list, each {allowed(unwrapped(item)[0])}"
        case inspect.DictType(value_type=value):
            words = f"a table whose every entry is {allowed(unwrapped(value)[0])}"
        case _:
            words = type(kind).__name__.removesuffix("Type").lower()
    return words


def unwrapped(kind: inspect.Type) -> tuple[inspect.Type, str]:
    """The type without its metadata, and its description."""
    if not isinstance(kind, inspect.Metadata):
        return kind, ""
    inner, description = unwrapped(kind.type)
    return inner, (kind.extra_json_schema or {}).get("description", "") or description


def written(value: object) -> str:
    """A value as TOML writes it; ``required`` where a default is missing, ``none`` for None.

    >>> written((1, "a", True))
    '[1, "a", true]'
    """
    match value:
        case msgspec.NODEFAULT:
            return "required"
        case None:
            return "none"
        case bool():
            return "true" if value else "false"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case tuple() | list():
            return "[" + ", ".join(written(item) for item in value) + "]"
        case _:
            return str(value)


def _text_rule(pattern: str | None) -> str:
    if pattern is None:
        return "a text"
    if "[smhdw]" in pattern:
        return 'a length of time such as "15m", "4h" or "1d"' + (', or ""' if pattern.endswith("?$") else "")
    if pattern == r"^\d{4}-\d{2}-\d{2}$":
        return 'a date such as "2024-01-31"'
    return f"a text that matches {pattern}"


def _number_rule(kind: inspect.IntType | inspect.FloatType) -> str:
    noun = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
    if kind.multiple_of is not None:
        noun = f"a multiple of {_plain(kind.multiple_of)}"
    if kind.ge is not None and kind.le is not None:
        return f"{noun} from {_plain(kind.ge)} to {_plain(kind.le)}"
    bounds = (("of at least", kind.ge), ("above", kind.gt), ("at most", kind.le), ("below", kind.lt))
    told = [f"{word} {_plain(bound)}" for word, bound in bounds if bound is not None]
    return f"{noun} {' and '.join(told)}".rstrip()


def _plain(bound: float) -> str:
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"
