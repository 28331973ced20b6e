"""The pages on risk, English and Korean: their examples run, their tables hold, and they say the same."""

import doctest
import importlib
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.pages import examples_of, printed_by, text_of

import geobuk.risk
from geobuk.risk.profiles import PROFILES
from geobuk.risk.reasons import FILL_REASONS, Reason
from geobuk.risk.rules import RiskSpec

PAGES = ("risk.md", "risk.ko.md")
MODULES = sorted(
    f"geobuk.risk.{path.stem}"
    for path in Path(geobuk.risk.__file__).parent.glob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


def settings_of(spec: RiskSpec) -> dict[str, str]:
    groups: dict[str, dict[str, Any]] = msgspec.to_builtins(spec)
    return {f"{group}.{name}": shown(value) for group, values in groups.items() for name, value in values.items()}


def shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(list(value)) if isinstance(value, list | tuple) else str(value)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_print_what_the_page_shows(page: str) -> None:
    names: dict[str, Any] = {}
    for code, shown_below in examples_of(page):
        assert printed_by(code, page, names) == shown_below


@pytest.mark.parametrize("page", PAGES)
def test_the_modes_are_those_of_the_code(page: str) -> None:
    modes = {name: settings_of(spec) for name, spec in PROFILES.items()}
    told = dict(re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (.+) \|$", text_of(page), re.MULTILINE))
    alike: dict[str, str] = {}
    for group, values in re.findall(r"^\| `([a-z]+)` \| (`.+) \|$", text_of(page), re.MULTILINE):
        alike |= {f"{group}.{name}": value for name, value in re.findall(r"`([a-z_]+)` ([^,]+)(?:, |$)", values)}
    assert set(told) | set(alike) == set(modes["live"])
    for name, row in told.items():
        assert row.split(" | ") == [modes[mode][name] for mode in ("paper", "testnet", "staging", "live")], name
    for name, value in alike.items():
        assert {mode[name] for mode in modes.values()} == {value}, name


@pytest.mark.parametrize("page", PAGES)
def test_every_reason_that_a_decision_gives_has_its_step(page: str) -> None:
    told = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", text_of(page)))
    of_orders = {Reason.NO_VOLUME, Reason.UNREACHED, Reason.LIMIT_LOCKED, Reason.UNPRINTABLE}
    assert {reason.name for reason in Reason} - {reason.name for reason in (*FILL_REASONS, *of_orders)} <= told


@pytest.mark.parametrize("page", PAGES)
def test_settings_that_steps_name_exist(page: str) -> None:
    path = text_of(page).split("\n## ")[1]
    for group, name in re.findall(r"`([a-z]+)\.([a-z_*]+)`", path):
        assert name == "*" or f"{group}.{name}" in settings_of(RiskSpec()), f"{group}.{name}"
        assert hasattr(RiskSpec(), group)


def test_both_languages_say_the_same() -> None:
    english, korean = (text_of(page) for page in PAGES)
    assert english.count("\n## ") == korean.count("\n## ")
    assert english.count("\n| ") == korean.count("\n| ")
    assert english.count("\n- ") == korean.count("\n- ")
    assert set(re.findall(r"`([^`\n]+)`", english)) == set(re.findall(r"`([^`\n]+)`", korean))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_code_give_what_they_print(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
