"""The examples of a page of the documentation: Python blocks with the output that the page shows below each."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
_BLOCK = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)


def text_of(page: str) -> str:
    """The page's text; ``page`` is its path inside docs."""
    return (DOCS / page).read_text(encoding="utf-8")


def examples_of(page: str) -> list[tuple[str, str]]:
    """Code and shown output of each block; every block must show some."""
    blocks: list[tuple[str, str]] = _BLOCK.findall(text_of(page))
    assert len(blocks) == text_of(page).count("```python") > 0, f"{page}: a block shows no output"
    return blocks


def printed_by(code: str, page: str, names: dict[str, Any]) -> str:
    """What a block prints; ``names`` carries what it defines to the next one."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, page, "exec"), names)
    return out.getvalue()
