"""The pages on Kelly, overfitting and drawdown control say what the code does; so do the examples in the code."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import geobuk.quant

PAGES = Path(__file__).resolve().parents[3] / "docs" / "quant"
ROOM = Path(geobuk.quant.__file__).parent
PACKAGES = ("kelly", "overfitting", "drawdown_control")
MODULES = sorted(
    ".".join(("geobuk", "quant", *path.relative_to(ROOM).with_suffix("").parts))
    for path in ROOM.rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8") and path.name != "__init__.py"
)


@pytest.mark.parametrize("name", PACKAGES)
def test_the_examples_of_a_page_give_what_it_prints(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert blocks
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    example = parser.get_doctest("\n".join(blocks), {}, f"{name}.md", f"{name}.md", 0)
    assert len(example.examples) >= 6
    report: list[str] = []
    runner.run(example, out=report.append)
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_page_names_only_what_there_is_and_all_that_one_calls(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    package = importlib.import_module(f"geobuk.quant.{name}")
    table = text.split("## Example")[0]
    named = set(re.findall(r"`([a-z_.]+)`", table))
    others = {
        "geobuk.quant." + name,
        "geobuk.quant.ratios",
        "geobuk.quant.validation",
        "combined_folds",
        "walk_forward",
    }
    for word in named - others:
        if "." in word:
            module, _, function = word.rpartition(".")
            assert hasattr(importlib.import_module(f"geobuk.quant.{module}"), function), word
        else:
            assert word in package.__all__, word
    assert "## Sources" in text
    assert "## 요약" in text


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_code_give_what_they_print(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0
