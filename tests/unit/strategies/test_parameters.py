from typing import Annotated, ClassVar, Literal

import numpy as np
import pytest
from msgspec import Meta

from geobuk.domain.errors import StrategyError, UnknownNameError
from geobuk.strategies.parameters import converted, parameters_of
from geobuk.strategies.strategy import Strategy


class Several(Strategy, frozen=True, kw_only=True):
    name: ClassVar[str] = "several"

    length: Annotated[int, Meta(ge=2, le=500, description="bars to look back")] = 16
    share: Annotated[float, Meta(gt=0, lt=1)] = 0.5
    least: Annotated[float, Meta(ge=0)] = 1.0
    way: Literal["up", "down"] = "up"
    is_loud: bool = False
    label: str | None = None


def test_values_of_every_kind_are_taken_also_as_text() -> None:
    given = {"length": "8", "share": 0.25, "least": 3, "way": "down", "is_loud": "true", "label": None}
    assert converted(Several, "several", given, strict=False) == {
        "length": 8, "share": 0.25, "least": 3.0, "way": "down", "is_loud": True, "label": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"length": 1},
            r"several: length = 1 is not allowed: give a whole number from 2 to 500, such as the default 16",
        ),
        ({"length": 2.5}, r"length = 2.5 .* a whole number from 2 to 500"),
        ({"length": "many"}, r'length = "many" .* \(bars to look back\)'),
        ({"share": 1.0}, r"share = 1.0 .* a number above 0 and below 1, such as the default 0.5"),
        ({"share": float("nan")}, r"share = nan .* a number above 0"),
        ({"least": float("inf")}, r"least = inf .* a number of at least 0"),
        ({"least": None}, r"least = none .* a number of at least 0"),
        ({"way": "left"}, r'way = "left" .* give "down" or "up", such as the default "up"'),
        ({"is_loud": "maybe"}, r'is_loud = "maybe" .* true or false, such as the default false'),
        ({"label": 3.5}, r"label = 3.5 .* a text, or left out"),
    ],
)
def test_a_value_outside_its_range_is_explained(given: dict[str, object], message: str) -> None:
    with pytest.raises(StrategyError, match=message):
        converted(Several, "several", given, strict=False)


def test_an_unknown_parameter_is_named_with_the_nearest_one() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown parameter of several 'lenght': did you mean length"):
        converted(Several, "several", {"lenght": 3}, strict=False)


def test_construction_in_python_is_held_to_the_same_ranges() -> None:
    assert Several(length=3).length == 3
    with pytest.raises(StrategyError, match="length = 501"):
        Several(length=501)


def test_numbers_of_numpy_become_plain_numbers() -> None:
    strategy = Several(length=np.int64(9), share=np.float64(0.5))  # type: ignore[arg-type]
    assert type(strategy.length) is int
    assert strategy == Several(length=9)


def test_parameters_describe_themselves() -> None:
    first, second, *_ = parameters_of(Several)
    assert (first.name, first.allowed, first.default) == ("length", "a whole number from 2 to 500", 16)
    assert first.description == "bars to look back"
    assert second.allowed == "a number above 0 and below 1"
    assert Several().parameters()["way"] == "up"
