import numpy as np
import pytest

from geobuk.quant.hmm import Hysteresis, RegimeChoice, held_regimes, held_states


def test_ages_count_from_the_switch_bar() -> None:
    held = held_states([0.2, 0.75, 0.5, 0.2, 0.8, 0.65, 0.25, 0.1], Hysteresis(0.7, 0.3, 2))
    assert held.ages.tolist() == [0, 0, 1, 0, 1, 2, 3, 4]


@pytest.mark.parametrize(("first", "state"), [(0.7, 1), (0.69, 0), (0.5, 0), (0.0, 0), (1.0, 1)])
def test_the_first_bar_is_in_state_one_only_at_the_entry_threshold(first: float, state: int) -> None:
    assert held_states([first], Hysteresis(0.7, 0.3)).states.tolist() == [state]


def test_thresholds_themselves_switch() -> None:
    assert held_states([0.0, 0.7, 0.3], Hysteresis(0.7, 0.3)).states.tolist() == [0, 1, 0]


def test_a_flicker_between_the_thresholds_never_switches() -> None:
    row = np.tile([0.31, 0.69], 50)
    assert held_states(row, Hysteresis(0.7, 0.3)).switches == 0


@pytest.mark.parametrize(("enter", "leave", "dwell"), [(0.3, 0.7, 1), (0.5, 0.5, 1), (1.2, 0.3, 1), (0.7, 0.3, -1)])
def test_thresholds_out_of_order_are_refused(enter: float, leave: float, dwell: int) -> None:
    with pytest.raises(ValueError, match=r"leave|min_dwell"):
        Hysteresis(enter, leave, dwell)


@pytest.mark.parametrize("row", [[0.2, np.nan], [1.2], [-0.1], []])
def test_values_that_are_no_probabilities_are_refused(row: list[float]) -> None:
    with pytest.raises(ValueError, match="probability"):
        held_states(row, Hysteresis())


MANY = [
    [0.6, 0.3, 0.1],
    [0.42, 0.48, 0.1],
    [0.3, 0.6, 0.1],
    [0.1, 0.1, 0.8],
    [0.1, 0.1, 0.8],
    [0.1, 0.1, 0.8],
]


@pytest.mark.parametrize(
    ("rule", "states"),
    [
        (RegimeChoice(enter=0.5, margin=0.1, min_dwell=1), [0, 0, 1, 2, 2, 2]),
        (RegimeChoice(enter=0.4, margin=0.05, min_dwell=1), [0, 1, 1, 2, 2, 2]),
        (RegimeChoice(enter=0.5, margin=0.1, min_dwell=3), [0, 0, 1, 1, 1, 2]),
        (RegimeChoice(enter=0.9, margin=0.1, min_dwell=1), [0, 0, 0, 0, 0, 0]),
        (RegimeChoice(enter=0.5, margin=0.5, min_dwell=1), [0, 0, 0, 2, 2, 2]),
    ],
)
def test_one_of_many_states_is_held(rule: RegimeChoice, states: list[int]) -> None:
    held = held_regimes(MANY, rule)
    assert held.states.tolist() == states
    assert held.switches == np.count_nonzero(np.diff(states))


def test_a_tie_keeps_the_held_state_even_without_a_margin() -> None:
    rows = [[0.3, 0.7], [0.5, 0.5], [0.5, 0.5]]
    assert held_regimes(rows, RegimeChoice(enter=0.0, margin=0.0)).states.tolist() == [1, 1, 1]


def test_rows_that_do_not_sum_to_one_are_refused() -> None:
    with pytest.raises(ValueError, match="sum to 1"):
        held_regimes([[0.5, 0.6]], RegimeChoice())
