"""The runner of engine_cases: what the engine tells must be the case's lines, in their order."""

from typing import Any

import pytest
from tests.scenario.engine_cases import CASES, Case, Step
from tests.support.engine_room import Room, rules_of

from geobuk.matching.refusals import RefusedError


def _run(room: Room, step: Step) -> list[str]:
    """The lines that a step brings; a refusal is one."""
    what, arguments, more = step
    more = {name: _moment(room, value) for name, value in more.items()}
    target: Any = room
    for part in what.split("."):
        target = getattr(target, part)
    try:
        target(*arguments, **more)
    except RefusedError as refused:
        assert room.heard() == []
        return [f"refused {refused.reason}"]
    return room.heard()


def _moment(room: Room, value: Any) -> Any:
    """'601 s' is so long from now."""
    if isinstance(value, str) and value.endswith(" s"):
        return room.engine.at_ns + int(value.removesuffix(" s")) * 10**9
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_engine_tells_what_the_case_says(case: Case) -> None:
    room = Room(rules_of(**case.rules))
    room.heard()
    told = [line for step in case.steps for line in _run(room, step)]
    assert told == list(case.reports)


def test_every_engine_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)
