"""One division of a history into rows to learn from and rows to be judged on."""

from dataclasses import dataclass

from geobuk.panel import IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Fold:
    """Row numbers, ascending; no row is in both."""

    train: IntArray
    test: IntArray
