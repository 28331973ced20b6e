"""Where strategies are found: here, in installed packages (entry points ``geobuk.strategies``), in a person's file."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

import geobuk.strategies
from geobuk.domain.errors import StrategyError, UnknownNameError
from geobuk.strategies.declared import require_complete, strategies_in
from geobuk.strategies.file import is_file, load_file
from geobuk.strategies.parameters import converted
from geobuk.strategies.strategy import Strategy

GROUP = "geobuk.strategies"


def available() -> dict[str, type[Strategy]]:
    """Strategy classes by name: the built-in ones, then those of installed packages that load.

    A package's strategy that does not load, or repeats a name, is left out and stands in :func:`broken`.
    """
    return dict(_found()[0])


def broken() -> dict[str, StrategyError]:
    """Why installed packages' strategies could not be loaded, by entry point name."""
    return dict(_found()[1])


def load(name_or_path: str, parameters: Mapping[str, object] | None = None) -> Strategy:
    """A strategy with its parameters, from a name such as ``trend`` or a file such as ``mine.py`` or ``mine.py:Mine``.

    Raises
    ------
    UnknownNameError
        When no strategy or parameter has that name.
    StrategyError
        When the file can't be used or a value is out of its range.
    """
    kind = load_file(name_or_path) if is_file(name_or_path) else _named(name_or_path)
    values = converted(kind, kind.name, parameters or {}, strict=False)
    try:
        return kind(**values)
    except TypeError as error:
        raise StrategyError(
            f"{kind.name}: {error}", cure="give the parameter a value, or a default in its class"
        ) from error


def _named(name: str) -> type[Strategy]:
    found, errors = _found()
    if name in found:
        return found[name]
    if name in errors:
        raise errors[name]
    raise UnknownNameError("strategy", name, found, cure="(or give the path of a .py file)")


@cache
def _found() -> tuple[dict[str, type[Strategy]], dict[str, StrategyError]]:
    found: dict[str, type[Strategy]] = {}
    errors: dict[str, StrategyError] = {}
    for module in pkgutil.iter_modules(geobuk.strategies.__path__, "geobuk.strategies."):
        import_module(module.name)
        found |= {kind.name: kind for kind in strategies_in(module.name)}
    for point in entry_points(group=GROUP):
        try:
            found[point.name] = _from_package(point, found)
        except StrategyError as error:
            errors[point.name] = error
    return found, errors


def _from_package(point: EntryPoint, taken: Mapping[str, type[Strategy]]) -> type[Strategy]:
    where = f"strategy {point.name!r} of the package {point.dist.name if point.dist else point.value}"
    if point.name in taken:
        raise StrategyError(f"{where} repeats a name that is taken", cure="rename its entry point")
    try:
        kind = point.load()
    except Exception as error:
        raise StrategyError(f"{where} can't be loaded: {error}", cure="reinstall or remove the package") from error
    if not (isinstance(kind, type) and issubclass(kind, Strategy)):
        raise StrategyError(f"{where} is no Strategy class", cure="correct its entry point")
    if require_complete(kind, where).name != point.name:
        raise StrategyError(f"{where} calls itself {kind.name!r}", cure="give both the same name")
    return kind
