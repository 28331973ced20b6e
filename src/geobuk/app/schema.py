"""Reads a Struct's annotations: what a setting may be, and what is wrong with a value. Knows no particular setting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any, get_type_hints

import msgspec
from msgspec import inspect

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that can't stand. ``rule`` says what would."""

    path: Path
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: dotted ``path``, what it may be, and its default as TOML writes it."""

    path: Path
    allowed: str
    default: str
    description: str = ""


def fields(struct: type[msgspec.Struct], path: Path = ()) -> Iterator[Field]:
    """Every leaf of a Struct, depth first, in the order of its definition."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        inner, description = _unwrapped(field.type)
        here = (*path, field.encode_name)
        if isinstance(inner, inspect.StructType):
            yield from fields(inner.cls, here)
        elif not isinstance(inner, inspect.DictType):
            yield Field(here, allowed(inner), _toml(_default(field)), description)


def groups(struct: type[msgspec.Struct], path: Path = ()) -> Iterator[tuple[Path, type[msgspec.Struct]]]:
    """Every table of a Struct: its path and the Struct that it holds."""
    yield path, struct
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        inner, _ = _unwrapped(field.type)
        if isinstance(inner, inspect.StructType):
            yield from groups(inner.cls, (*path, field.encode_name))


def problems(values: Mapping[str, Any], struct: type[msgspec.Struct], path: Path = ()) -> Iterator[Problem]:
    """Everything in ``values`` that the Struct does not allow; nothing where ``msgspec.convert`` would succeed."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    known = {field.encode_name: field for field in info.fields}
    for key, value in values.items():
        here = (*path, key)
        if key not in known:
            yield Problem(here, f"unknown setting {dotted(here)}", nearest(key, known))
            continue
        inner, _ = _unwrapped(known[key].type)
        if isinstance(inner, inspect.StructType):
            if isinstance(value, Mapping):
                yield from problems(value, inner.cls, here)
            else:
                yield Problem(
                    here, f"{dotted(here)} = {_toml(value)} is not a table", f"write [{dotted(here)}] above it"
                )
            continue
        if not _stands(value, struct, key):
            yield Problem(here, f"{dotted(here)} = {_toml(value)} is not allowed", f"it must be {allowed(inner)}")


def dotted(path: Path) -> str:
    """A path as a person writes it."""
    return ".".join(path)


def allowed(kind: inspect.Type) -> str:
    """What a value may be, in words."""
    match kind:
        case inspect.IntType() | inspect.FloatType():
            words = _number_rule(kind)
        case inspect.BoolType():
            words = "true or false"
        case inspect.LiteralType(values=values):
            *others, last = sorted(_toml(value) for value in values)
            words = f"{', '.join(others)} or {last}" if others else last
        case inspect.StrType(pattern=pattern):
            words = _text_rule(pattern)
        case inspect.UnionType(types=types):
            some = [allowed(one) for one in types if not isinstance(one, inspect.NoneType)]
            words = " or ".join(some) + (", or left out" if len(some) < len(types) else "")
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            words = f"a list, each {allowed(_unwrapped(item)[0])}"
        case _:
            words = type(kind).__name__.removesuffix("Type").lower()
    return words


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
    if kind.ge is not None and kind.le is not None:
        return f"{noun} from {_plain(kind.ge)} to {_plain(kind.le)}"
    bounds = (("of at least", kind.ge), ("above", kind.gt), ("at most", kind.le), ("below", kind.lt))
    told = [f"{word} {_plain(bound)}" for word, bound in bounds if bound is not None]
    return f"{noun} {' and '.join(told)}".rstrip()


def _plain(bound: float) -> str:
    return f"{int(bound):,}" if bound == int(bound) else f"{bound:g}"


def nearest(key: str, known: Mapping[str, object]) -> str:
    """A hint for a key that does not exist."""
    near = get_close_matches(key, known, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known here: {', '.join(known)}"


def _unwrapped(kind: inspect.Type) -> tuple[inspect.Type, str]:
    """The type without its metadata, and its description."""
    if not isinstance(kind, inspect.Metadata):
        return kind, ""
    inner, description = _unwrapped(kind.type)
    return inner, (kind.extra_json_schema or {}).get("description", "") or description


def _stands(value: object, struct: type[msgspec.Struct], key: str) -> bool:
    if isinstance(value, float) and not isfinite(value):  # a comparison with nan would let it through
        return False
    try:
        msgspec.convert(value, get_type_hints(struct, include_extras=True)[key])
    except msgspec.ValidationError:
        return False
    return True


def _default(field: inspect.Field) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def _toml(value: object) -> str:
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
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case _:
            return str(value)
