"""The parameter sets of a walk-forward: the run's own first, neighbours within their ranges, never twice."""

from typing import Annotated, ClassVar

import pytest
from msgspec import Meta

from geobuk.research.parameter_grid import trials_of
from geobuk.strategies.registry import load
from geobuk.strategies.strategy import Strategy


class Odd(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "odd"

    count: Annotated[int, Meta(ge=1, le=6)] = 5
    share: Annotated[float, Meta(gt=0, le=1)] = 0.75
    nothing: Annotated[float, Meta(ge=0, le=9)] = 0.0
    is_loud: bool = True


def labels(*strategies: Strategy, most: int = 99) -> list[str]:
    return [trial.label for trial in trials_of(strategies, most)]


def test_neighbours_are_clipped_rounded_and_never_the_same_again() -> None:
    assert labels(Odd()) == ["", "odd.count=2", "odd.count=6", "odd.share=0.375", "odd.share=1"]


def test_a_run_with_other_parameters_is_held_against_the_defaults() -> None:
    trials = trials_of((Odd(count=4),), 99)
    assert [trial.label for trial in trials][:3] == ["", "defaults", "odd.count=2"]
    assert trials[0].strategies == (Odd(count=4),)
    assert trials[1].strategies == (Odd(),)


def test_sets_that_a_strategy_refuses_are_left_out() -> None:
    names = labels(load("mean_reversion"))
    assert "mean_reversion.enter=1" in names
    assert "mean_reversion.give_up=2.25" in names
    assert "mean_reversion.give_up=9" in names
    assert "mean_reversion.half_life_most=1.5" in names
    out_of_order = trials_of((load("mean_reversion", {"give_up": 3.5}),), 99)
    assert "mean_reversion.give_up=1.75" not in [trial.label for trial in out_of_order]


def test_several_strategies_take_turns_and_there_are_at_most_so_many() -> None:
    names = [load(name) for name in ("trend", "box_breakout")]
    assert labels(*names, most=5) == [
        "",
        "trend.fast_days=4",
        "box_breakout.box_days=10",
        "trend.fast_days=16",
        "box_breakout.box_days=40",
    ]


def test_two_of_a_name_are_told_apart() -> None:
    assert labels(Odd(), Odd(count=4), most=4)[-1] == "odd_2.count=2"


@pytest.mark.parametrize("name", ["trend", "mean_reversion", "funding_carry", "box_breakout"])
def test_every_built_in_strategy_has_a_small_grid_that_is_always_the_same(name: str) -> None:
    first, again = (trials_of((load(name),), 24) for _ in range(2))
    assert first == again
    assert 3 < len(first) <= 24


def test_nothing_to_try_is_refused() -> None:
    with pytest.raises(ValueError, match="0 strategies"):
        trials_of((), 24)
