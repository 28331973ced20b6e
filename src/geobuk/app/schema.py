"""Tables of settings, read off a Struct: every leaf, and what is wrong with a value. Knows no particular setting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any, get_type_hints

import msgspec
from msgspec import inspect

from geobuk.app.toml_lines import KeyPath
from geobuk.ops.annotations import allowed, unwrapped, written


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that can't stand. ``rule`` says what would."""

    path: KeyPath
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Field:
    """One setting: dotted ``path``, what it may be, and its default as TOML writes it."""

    path: KeyPath
    allowed: str
    default: str
    description: str = ""


def fields(struct: type[msgspec.Struct], path: KeyPath = ()) -> Iterator[Field]:
    """Every leaf of a Struct, depth first, in the order of its definition."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        inner, description = unwrapped(field.type)
        here = (*path, field.encode_name)
        if isinstance(inner, inspect.StructType):
            yield from fields(inner.cls, here)
        elif not isinstance(inner, inspect.DictType):
            yield Field(here, allowed(inner), written(_default(field)), description)


def groups(struct: type[msgspec.Struct], path: KeyPath = ()) -> Iterator[tuple[KeyPath, type[msgspec.Struct]]]:
    """Every table of a Struct: its path and the Struct that it holds."""
    yield path, struct
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        inner, _ = unwrapped(field.type)
        if isinstance(inner, inspect.StructType):
            yield from groups(inner.cls, (*path, field.encode_name))


def problems(values: Mapping[str, Any], struct: type[msgspec.Struct], path: KeyPath = ()) -> Iterator[Problem]:
    """Everything in ``values`` that the Struct does not allow; nothing where ``msgspec.convert`` would succeed."""
    info = inspect.type_info(struct)
    assert isinstance(info, inspect.StructType)
    known = {field.encode_name: field for field in info.fields}
    for key, value in values.items():
        here = (*path, key)
        if key not in known:
            yield Problem(here, f"unknown setting {dotted(here)}", nearest(key, known))
            continue
        inner, _ = unwrapped(known[key].type)
        if isinstance(inner, inspect.StructType):
            if isinstance(value, Mapping):
                yield from problems(value, inner.cls, here)
            else:
                yield Problem(
                    here, f"{dotted(here)} = {written(value)} is not a table", f"write [{dotted(here)}] above it"
                )
            continue
        if not _stands(value, struct, key):
            yield Problem(here, f"{dotted(here)} = {written(value)} is not allowed", f"it must be {allowed(inner)}")


def dotted(path: KeyPath) -> str:
    """A path as a person writes it."""
    return ".".join(path)


def nearest(key: str, known: Mapping[str, object]) -> str:
    """A hint for a key that does not exist."""
    near = get_close_matches(key, known, n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else f"known here: {', '.join(known)}"


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
