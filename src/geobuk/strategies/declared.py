"""What a class must declare to count as a strategy."""

import re
import sys

from geobuk.domain.errors import StrategyError
from geobuk.strategies.strategy import Strategy


def strategies_in(module_name: str) -> list[type[Strategy]]:
    """Strategy classes that a loaded module itself defines, in order of definition."""
    members = vars(sys.modules[module_name]).values()
    found = [kind for kind in members if isinstance(kind, type) and issubclass(kind, Strategy)]
    return [kind for kind in dict.fromkeys(found) if kind.__module__ == module_name and kind is not Strategy]


def require_complete(kind: type[Strategy], where: str) -> type[Strategy]:
    """The class itself when it says all that a strategy must say; else StrategyError names what is missing."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", str(kind.name)):
        raise StrategyError(
            f"{where}: {kind.__name__}.name is {kind.name!r}",
            cure='write name: ClassVar[str] = "my_strategy" (lower case letters, digits and _)',
        )
    if isinstance(kind.version, bool) or not isinstance(kind.version, int) or kind.version < 1:
        raise StrategyError(
            f"{where}: {kind.__name__}.version is {kind.version!r}", cure="write version: ClassVar[int] = 1"
        )
    for method, argument in (("warmup", "interval_ns"), ("forecast", "panel")):
        if getattr(kind, method) is getattr(Strategy, method):
            raise StrategyError(f"{where}: {kind.__name__} has no {method}", cure=f"define {method}(self, {argument})")
    return kind
