"""Folds never share a label with what they are judged on; paths use every split once."""

from itertools import combinations

import numpy as np
import pytest

from geobuk.quant.validation import (
    PurgeSpec,
    WalkSpec,
    combined_counts,
    combined_folds,
    combined_paths,
    purged_folds,
    walk_forward,
)


@pytest.mark.parametrize(("periods", "groups", "tested"), [(37, 5, 1), (60, 6, 2), (50, 5, 4), (48, 8, 3)])
@pytest.mark.parametrize(("horizon", "embargo"), [(0, 0), (2, 0), (1, 2)])
def test_no_training_label_touches_a_test_label(periods, groups, tested, horizon, embargo) -> None:  # type: ignore[no-untyped-def]
    found = combined_folds(periods, groups, tested, PurgeSpec(horizon, embargo))
    assert len(found) == combined_counts(groups, tested)[0]
    for fold in found:
        tests = set(fold.test.tolist())
        seen = {row + ahead for row in tests for ahead in range(horizon + 1)}
        late = {row + horizon + ahead for row in tests for ahead in range(embargo + 1)}
        expected = [
            row
            for row in range(periods)
            if row not in tests and not any(row + a in seen for a in range(horizon + 1)) and row not in late
        ]
        assert fold.train.tolist() == expected


def test_test_folds_cover_every_row_once() -> None:
    found = purged_folds(14, 4)
    assert np.concatenate([fold.test for fold in found]).tolist() == list(range(14))
    assert [len(fold.test) for fold in found] == [4, 4, 3, 3]


@pytest.mark.parametrize(("groups", "tested"), [(5, 2), (6, 3), (10, 2), (4, 1)])
def test_every_path_tests_every_block_and_every_pair_is_used_once(groups: int, tested: int) -> None:
    paths = combined_paths(groups, tested)
    choices = list(combinations(range(groups), tested))
    assert paths.shape == (combined_counts(groups, tested)[1], groups)
    pairs = [(int(split), group) for path in paths for group, split in enumerate(path)]
    assert len(set(pairs)) == len(pairs) == len(choices) * tested
    assert all(group in choices[split] for split, group in pairs)


@pytest.mark.parametrize(
    "call",
    [
        lambda: purged_folds(3, 4),
        lambda: purged_folds(10, 1),
        lambda: purged_folds(10, 2, PurgeSpec(horizon=10)),
        lambda: PurgeSpec(horizon=-1),
        lambda: PurgeSpec(embargo=-1),
        lambda: combined_counts(4, 4),
        lambda: combined_counts(4, 0),
    ],
)
def test_impossible_folds_are_refused(call) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=r"rows|blocks|horizon|embargo"):
        call()


def test_anchored_training_begins_at_the_first_row_and_grows() -> None:
    found = walk_forward(20, WalkSpec(train=8, gap=1, test=4, is_anchored=True))
    assert [(fold.train[0], fold.train[-1], fold.test[0]) for fold in found] == [(0, 7, 9), (0, 11, 13)]


def test_windows_that_step_less_than_a_test_overlap() -> None:
    found = walk_forward(12, WalkSpec(train=4, test=4, step=2))
    assert [fold.test.tolist() for fold in found] == [[4, 5, 6, 7], [6, 7, 8, 9], [8, 9, 10, 11]]


def test_a_window_that_just_fits_is_kept() -> None:
    assert len(walk_forward(13, WalkSpec(train=8, gap=1, test=4))) == 1
    assert len(walk_forward(16, WalkSpec(train=8, gap=1, test=4))) == 1
    assert len(walk_forward(17, WalkSpec(train=8, gap=1, test=4))) == 2


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"train": 0}, "train"),
        ({"test": 0}, "test"),
        ({"step": 0}, "step"),
        ({"gap": -1}, "gap"),
        ({"gap": 1, "horizon": 2}, "horizon"),
    ],
)
def test_windows_that_make_no_sense_are_refused(bad: dict[str, int], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        WalkSpec(**{"train": 8, "test": 4, **bad})
    with pytest.raises(ValueError, match="shorter than one window"):
        walk_forward(12, WalkSpec(train=8, gap=1, test=4))
