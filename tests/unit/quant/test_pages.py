"""The pages on the mathematics print what they show and name what there is; so do the examples in the code."""

import doctest
import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from tests.support.pages import DOCS, examples_of, printed_by, text_of

import geobuk.quant

ROOM = Path(geobuk.quant.__file__).parent
PAGES = sorted(path.stem for path in (DOCS / "quant").glob("*.md") if path.stem != "index")
NAMING = ("drawdown_control", "kelly", "overfitting", "processes", "validation")
"""Pages whose tables name functions: those of the page's own package bare, others as `module.function`."""

MODULES = sorted(
    ".".join(("geobuk", "quant", *path.relative_to(ROOM).with_suffix("").parts)).removesuffix(".__init__")
    for path in ROOM.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


def named_in_tables(page: str) -> set[str]:
    rows = re.findall(r"^\| .*$", text_of(f"quant/{page}.md"), re.MULTILINE)
    return set(re.findall(r"`([A-Za-z_.]+)`", "\n".join(rows)))


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_print_what_it_shows(page: str) -> None:
    names: dict[str, Any] = {}
    for code, shown in examples_of(f"quant/{page}.md"):
        assert printed_by(code, page, names) == shown


def test_the_index_lists_every_page() -> None:
    assert sorted(re.findall(r"^\| \[\w+\]\((\w+)\.md\)", text_of("quant/index.md"), re.MULTILINE)) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_its_sources_and_a_korean_summary(page: str) -> None:
    assert "\n## Sources\n" in text_of(f"quant/{page}.md")
    assert "\n## 요약\n" in text_of(f"quant/{page}.md")


@pytest.mark.parametrize("page", NAMING)
def test_the_tables_of_a_page_name_only_what_there_is(page: str) -> None:
    assert named_in_tables(page)
    for word in named_in_tables(page):
        module, _, name = word.rpartition(".")
        assert hasattr(importlib.import_module(f"geobuk.quant.{module or page}"), name), word


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_code_give_what_they_print(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
