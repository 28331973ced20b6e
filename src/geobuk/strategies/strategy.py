"""What a strategy is: a pure function from a panel of history to forecasts, with typed parameters.

It holds no state, places no orders and protects nothing: sizing, limits and stops belong to the risk room.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec

from geobuk.panel import FloatArray, Panel
from geobuk.strategies.parameters import converted


class Strategy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Subclass it: the fields are the parameters, annotated with their ranges.

    Class attributes: ``name`` (lower case, digits, underscores), ``version`` (raise it when forecasts change),
    ``summary`` and ``summary_ko`` (one line each), ``source`` (where the idea comes from).

    Raises
    ------
    StrategyError
        On construction, when a parameter is out of its range.
    """

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    summary: ClassVar[str] = ""
    summary_ko: ClassVar[str] = ""
    source: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Hold each parameter to its range, also when the strategy is made in Python."""
        kind = type(self)
        for name, value in converted(kind, kind.name or kind.__name__, self.parameters(), strict=True).items():
            msgspec.structs.force_setattr(self, name, value)

    def parameters(self) -> Mapping[str, Any]:
        """Parameter values by name."""
        return {name: getattr(self, name) for name in self.__struct_fields__}

    def warmup(self, interval_ns: int) -> int:
        """Bars of this length that must have passed before the first forecast that counts."""
        raise NotImplementedError(f"{type(self).__name__} does not define warmup(self, interval_ns)")

    def forecast(self, panel: Panel) -> FloatArray:
        """Beliefs for every bar: (T, N) float64 from -1 (falls) to 1 (rises); NaN is no belief.

        Row t is decided at the close of bar t and may use rows up to t only. The panel may have any number of bars,
        missing ones included; it is read-only.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define forecast(self, panel)")
