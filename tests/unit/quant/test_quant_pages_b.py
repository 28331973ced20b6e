"""The examples on the pages about tail risk, volatility and regimes run and print what stands below them."""

import re
from pathlib import Path

import pytest

PAGES = Path(__file__).resolve().parents[3] / "docs" / "quant"


@pytest.mark.parametrize("page", ["value_at_risk", "volatility", "hmm"])
def test_examples_print_what_the_page_says(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = (PAGES / f"{page}.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, flags=re.DOTALL)
    assert len(examples) == text.count("```python") > 0
    for code, printed in examples:
        exec(compile(code, f"{page}.md", "exec"), {})
        assert capsys.readouterr().out == printed
