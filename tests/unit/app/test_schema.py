"""The rules in words, and which values stand."""

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta, Struct

from geobuk.app.schema import fields, problems


class Inner(Struct):
    rate: Annotated[float, Meta(gt=0, lt=1)] = 0.5


class Outer(Struct):
    count: Annotated[int, Meta(ge=2, le=500, description="how many")] = 16
    least: Annotated[float, Meta(ge=0)] = 1.0
    most: Annotated[float, Meta(le=9)] = 1.0
    share: Annotated[float, Meta(gt=0, le=1)] = 1.0
    free: float = 2.0
    choice: Literal["a", "b", "c"] = "a"
    flag: bool = False
    names: tuple[str, ...] = ()
    maybe: Annotated[float, Meta(ge=0, le=1)] | None = None
    every: Annotated[str, Meta(pattern=r"^([1-9]\d{0,3}[smhdw])?$")] = ""
    inner: Inner = msgspec.field(default_factory=Inner)


def test_each_rule_reads_as_words() -> None:
    assert {".".join(field.path): field.allowed for field in fields(Outer)} == {
        "count": "a whole number from 2 to 500",
        "least": "a number of at least 0",
        "most": "a number at most 9",
        "share": "a number above 0 and at most 1",
        "free": "a number",
        "choice": '"a", "b" or "c"',
        "flag": "true or false",
        "names": "a list, each a text",
        "maybe": "a number from 0 to 1, or left out",
        "every": 'a length of time such as "15m", "4h" or "1d", or ""',
        "inner.rate": "a number above 0 and below 1",
    }


def test_defaults_and_descriptions_are_kept() -> None:
    by_name = {field.path: field for field in fields(Outer)}
    assert (by_name[("count",)].default, by_name[("count",)].description) == ("16", "how many")
    assert by_name[("choice",)].default == '"a"'
    assert by_name[("maybe",)].default == "none"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"count": 2, "share": 1, "choice": "b", "names": ["x"], "inner": {"rate": 0.1}, "every": "4h"}, []),
        ({"count": 1}, ["count"]),
        ({"count": 2.5}, ["count"]),
        ({"count": True}, ["count"]),
        ({"share": float("nan")}, ["share"]),
        ({"free": float("inf")}, ["free"]),
        ({"names": "x"}, ["names"]),
        ({"inner": {"rate": 0, "rte": 1}}, ["inner.rate", "inner.rte"]),
        ({"every": "4 hours"}, ["every"]),
    ],
)
def test_what_stands_is_what_the_annotations_allow(values: dict[str, object], expected: list[str]) -> None:
    found = list(problems(values, Outer))
    assert [".".join(problem.path) for problem in found] == expected
    if not expected:
        assert msgspec.convert(values, Outer).names == ("x",)


def test_large_bounds_and_dates_read_plainly() -> None:
    class Large(Struct):
        seed: Annotated[int, Meta(ge=0, le=2**32 - 1)] = 7
        start: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] = "2023-01-01"

    assert [field.allowed for field in fields(Large)] == [
        "a whole number from 0 to 4,294,967,295",
        'a date such as "2024-01-31"',
    ]
