"""A strategy's parameters: what each may be, and what to tell a person who gave something else."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

import msgspec
from msgspec import inspect as shapes

from geobuk.domain.errors import StrategyError, UnknownNameError
from geobuk.ops.annotations import allowed, unwrapped, written


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as a person sees it. ``allowed`` is text such as ``a whole number from 2 to 500``."""

    name: str
    allowed: str
    default: object
    description: str


@cache
def parameters_of(kind: type[msgspec.Struct]) -> tuple[Parameter, ...]:
    """The parameters of a strategy class, in the order of its fields."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
    found = []
    for name, (_, shape) in _types(kind).items():
        inner, description = unwrapped(shape)
        found.append(Parameter(name, allowed(inner), defaults[name], description))
    return tuple(found)


def converted(kind: type[msgspec.Struct], label: str, given: Mapping[str, object], *, strict: bool) -> dict[str, Any]:
    """Check and convert parameter values; with ``strict`` False text such as ``"8"`` becomes the number it spells.

    Raises
    ------
    UnknownNameError
        For a parameter that does not exist.
    StrategyError
        For a value of the wrong type or out of its range: the message names parameter, value, range and default.
    """
    types = _types(kind)
    for name in given:
        if name not in types:
            raise UnknownNameError(f"parameter of {label}", str(name), types)
    return {name: _converted_one(kind, label, name, value, strict) for name, value in given.items()}


def _converted_one(kind: type[msgspec.Struct], label: str, name: str, value: object, strict: bool) -> Any:
    plain = value.item() if hasattr(value, "item") and not isinstance(value, str) else value
    try:
        result = msgspec.convert(plain, _types(kind)[name][0], strict=strict)
    except msgspec.ValidationError:
        result = None if plain is not None else math.nan
    if (result is None and plain is not None) or (isinstance(result, float) and not math.isfinite(result)):
        parameter = next(p for p in parameters_of(kind) if p.name == name)
        about = f" ({parameter.description})" if parameter.description else ""
        default = (
            "" if parameter.default is msgspec.NODEFAULT else f", such as the default {written(parameter.default)}"
        )
        raise StrategyError(
            f"{label}: {name} = {written(plain)} is not allowed", cure=f"give {parameter.allowed}{default}{about}"
        )
    return result


@cache
def _types(kind: type[msgspec.Struct]) -> dict[str, tuple[Any, shapes.Type]]:
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in msgspec.structs.fields(kind)]
    return {name: (hints[name], shapes.type_info(hints[name])) for name in names}
