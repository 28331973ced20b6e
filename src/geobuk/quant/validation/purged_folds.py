"""Cross-validation whose training rows share no label with the test rows: purged, with an embargo, k-fold or combined.

A label of row i spans rows i to i + horizon.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from geobuk.panel import BoolArray, IntArray
from geobuk.quant.validation.folds import Fold


@dataclass(frozen=True, slots=True)
class PurgeSpec:
    """``horizon``: rows that a label looks ahead. ``embargo``: rows after a test block that are kept out too."""

    horizon: int = 0
    embargo: int = 0

    def __post_init__(self) -> None:
        for name, value in (("horizon", self.horizon), ("embargo", self.embargo)):
            if value < 0:
                raise ValueError(f"{name} {value} is negative: give 0 or more rows")


def purged_folds(periods: int, folds: int, purge: PurgeSpec = PurgeSpec()) -> tuple[Fold, ...]:
    """Contiguous test folds [a, b]; row i trains where i + horizon < a or i > b + horizon + embargo.

    Where ``folds`` does not divide ``periods`` the first folds have one row more.

    Raises
    ------
    ValueError : fewer than 2 folds, fewer rows than folds, or nothing left to train on.

    Notes
    -----
    Source: Lopez de Prado 2018, Advances in Financial Machine Learning, chapter 7.
    """
    return combined_folds(periods, folds, 1, purge)


def combined_folds(periods: int, groups: int, tested: int, purge: PurgeSpec = PurgeSpec()) -> tuple[Fold, ...]:
    """Every choice of ``tested`` out of ``groups`` contiguous blocks as test rows, in lexicographic order.

    Raises
    ------
    ValueError : as in :func:`purged_folds`; ``tested`` not in [1, groups).

    Notes
    -----
    Source: Lopez de Prado 2018, chapter 12 (combinatorial purged cross-validation).
    """
    _require_groups(groups, tested)
    if periods < groups:
        raise ValueError(f"{periods} rows can't fill {groups} folds: give more rows or fewer folds")
    blocks = np.array_split(np.arange(periods, dtype=np.int64), groups)
    found = []
    for choice in combinations(range(groups), tested):
        train = np.flatnonzero(_may_train(periods, [blocks[group] for group in choice], purge))
        if train.size == 0:
            raise ValueError(
                f"blocks {choice} leave no row to train on: shorten horizon {purge.horizon} or embargo {purge.embargo}"
            )
        found.append(Fold(train, np.concatenate([blocks[group] for group in choice])))
    return tuple(found)


def combined_counts(groups: int, tested: int) -> tuple[int, int]:
    """Splits C(N, k) and the backtest paths that they make up, C(N, k) k / N.

    >>> combined_counts(10, 2)
    (45, 9)
    """
    _require_groups(groups, tested)
    splits = comb(groups, tested)
    return splits, splits * tested // groups


def combined_paths(groups: int, tested: int) -> IntArray:
    """(paths, groups) which split of :func:`combined_folds` serves each block of each path; each split and block once.

    >>> combined_paths(3, 2).tolist()
    [[0, 0, 1], [1, 2, 2]]
    """
    splits, paths = combined_counts(groups, tested)
    out = np.empty((paths, groups), dtype=np.int64)
    used = np.zeros(groups, dtype=np.int64)
    for split, choice in zip(range(splits), combinations(range(groups), tested), strict=True):
        for group in choice:
            out[used[group], group] = split
            used[group] += 1
    return out


def _require_groups(groups: int, tested: int) -> None:
    if groups < 2 or not 1 <= tested < groups:
        raise ValueError(f"{tested} of {groups} blocks: give at least 2 blocks, and test at least one but not all")


def _may_train(periods: int, tests: list[IntArray], purge: PurgeSpec) -> BoolArray:
    rows = np.arange(periods)
    keep = np.ones(periods, dtype=np.bool_)
    for test in tests:
        keep &= (rows + purge.horizon < test[0]) | (rows > test[-1] + purge.horizon + purge.embargo)
        keep[test] = False
    return keep
