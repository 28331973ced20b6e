import math

import pytest

from geobuk.quant.inputs import not_negative, number, positive, probability, table


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("check", [number, positive, not_negative, probability])
def test_what_is_not_finite_is_refused_by_name(check, bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="speed"):
        check(bad, "speed")


def test_signs_and_shares_are_checked() -> None:
    assert positive(2, "speed") == number(2, "speed") == 2.0
    assert not_negative(0.0, "speed") == probability(0.0, "speed") == 0.0
    with pytest.raises(ValueError, match="not above 0"):
        positive(0.0, "speed")
    with pytest.raises(ValueError, match="negative"):
        not_negative(-1e-9, "speed")
    with pytest.raises(ValueError, match=r"write 0\.6 for 60 %"):
        probability(60.0, "chance")


@pytest.mark.parametrize("bad", [[], [1.0], [[]], [[[1.0]]], [[1.0, math.nan]]])
def test_a_table_has_two_dimensions_and_only_numbers(bad) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="prices"):
        table(bad, "prices")


def test_the_place_of_a_bad_number_is_named() -> None:
    with pytest.raises(ValueError, match=r"prices\[1, 0\] is inf"):
        table([[1.0, 2.0], [math.inf, 3.0]], "prices")
