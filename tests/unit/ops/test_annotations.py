"""Annotations in words: one reader for settings and for the parameters of strategies."""

from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta, inspect

from geobuk.ops.annotations import allowed, unwrapped, written


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (Annotated[int, Meta(ge=2, le=5_000)], "a whole number from 2 to 5,000"),
        (Annotated[float, Meta(gt=0, lt=0.5)], "a number above 0 and below 0.5"),
        (Annotated[float, Meta(ge=0)], "a number of at least 0"),
        (float, "a number"),
        (bool, "true or false"),
        (Literal["up", "down"], '"down" or "up"'),
        (Literal["up"], '"up"'),
        (str | None, "a text, or left out"),
        (tuple[Annotated[int, Meta(ge=1)], ...], "a list, each a whole number of at least 1"),
        (Annotated[int, Meta(ge=2, le=24, multiple_of=2)], "a multiple of 2 from 2 to 24"),
        (
            dict[str, Annotated[float, Meta(ge=0, le=1)]],
            "a table whose every entry is a number from 0 to 1",
        ),
        (Annotated[str, Meta(pattern="^x$")], "a text that matches ^x$"),
    ],
)
def test_what_a_value_may_be(annotation: Any, words: str) -> None:
    assert allowed(unwrapped(inspect.type_info(annotation))[0]) == words


def test_the_description_comes_along() -> None:
    kind, description = unwrapped(inspect.type_info(Annotated[int, Meta(ge=2, description="bars to look back")]))
    assert isinstance(kind, inspect.IntType)
    assert description == "bars to look back"
    assert unwrapped(inspect.type_info(int))[1] == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (msgspec.NODEFAULT, "required"),
        (None, "none"),
        (True, "true"),
        (0.5, "0.5"),
        ('a "b"', '"a \\"b\\""'),
        (("a", 1), '["a", 1]'),
    ],
)
def test_values_are_written_as_toml_does(value: object, text: str) -> None:
    assert written(value) == text
