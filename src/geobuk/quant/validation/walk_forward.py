"""Windows that walk forward through a history: learn, leave a gap, be judged, step on.

Whatever is fitted (scalers, choices of features, parameters) must be fitted inside ``train`` alone.
"""

from dataclasses import dataclass

import numpy as np

from geobuk.quant.validation.folds import Fold


@dataclass(frozen=True, slots=True)
class WalkSpec:
    """Lengths in rows.

    ``step`` moves on the window; None moves it by ``test``. ``gap`` must be at least ``horizon``, the rows that a label
    looks ahead. ``is_anchored``: training always begins at row 0 and grows; otherwise it has ``train`` rows.
    """

    train: int
    test: int
    gap: int = 0
    step: int | None = None
    horizon: int = 0
    is_anchored: bool = False

    def __post_init__(self) -> None:
        for name, value in (("train", self.train), ("test", self.test), ("step", self.step or 1)):
            if value < 1:
                raise ValueError(f"{name} {value} is not a length: give at least 1 row")
        if self.step == 0:
            raise ValueError("step 0 never moves on: give at least 1 row")
        if self.horizon < 0 or self.gap < self.horizon:
            raise ValueError(
                f"gap {self.gap} is shorter than the label horizon {self.horizon}: training would see test rows"
            )


def walk_forward(periods: int, spec: WalkSpec) -> tuple[Fold, ...]:
    """The windows, oldest first; a last one without all of its test rows is dropped.

    Raises
    ------
    ValueError : the history is shorter than one window.

    >>> [(f.train.tolist()[-1], f.test.tolist()) for f in walk_forward(12, WalkSpec(train=4, test=3, gap=1))]
    [(3, [5, 6, 7]), (6, [8, 9, 10])]
    """
    first = spec.train + spec.gap
    if periods < first + spec.test:
        raise ValueError(f"{periods} rows are shorter than one window of {first + spec.test}: shorten train or test")
    rows = np.arange(periods, dtype=np.int64)
    return tuple(
        Fold(
            rows[0 if spec.is_anchored else start - first : start - spec.gap],
            rows[start : start + spec.test],
        )
        for start in range(first, periods - spec.test + 1, spec.step or spec.test)
    )
