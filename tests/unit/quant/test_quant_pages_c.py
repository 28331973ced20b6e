"""Every Python block of the pages on liquidation, ruin, portfolio and execution runs and prints what the page shows."""

import contextlib
import doctest
import importlib
import io
import pkgutil
import re
from pathlib import Path

import pytest

from geobuk.quant import execution, liquidation, portfolio, ruin

PAGES = Path(__file__).resolve().parents[3] / "docs" / "quant"
BLOCKS = [
    (name, place, code, shown)
    for name in ("liquidation", "ruin", "portfolio", "execution")
    for place, (code, shown) in enumerate(
        re.findall(
            r"```python\n(.*?)```\n\n```text\n(.*?)```", (PAGES / f"{name}.md").read_text(encoding="utf-8"), re.DOTALL
        )
    )
]
MODULES = [
    module.name
    for package in (execution, liquidation, portfolio, ruin)
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize(("name", "code", "shown"), [(n, c, s) for n, _, c, s in BLOCKS], ids=lambda v: str(v)[:11])
def test_a_block_prints_what_the_page_shows(name: str, code: str, shown: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, f"{name}.md", "exec"), {})
    assert printed.getvalue() == shown


def test_every_python_block_is_followed_by_its_output() -> None:
    for name in ("liquidation", "ruin", "portfolio", "execution"):
        page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
        assert page.count("```python") == sum(block[0] == name for block in BLOCKS) > 0


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
