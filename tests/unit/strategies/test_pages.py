"""Each strategy's page says what the code says."""

import re
from pathlib import Path

import pytest

from geobuk.strategies.parameters import parameters_of
from geobuk.strategies.registry import load

PAGES = Path(__file__).resolve().parents[3] / "docs" / "strategies"
BUILT_IN = ("trend", "mean_reversion", "funding_carry", "box_breakout")


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_page_lists_every_parameter_with_its_default(name: str) -> None:
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", text, flags=re.MULTILINE))
    assert listed == {p.name: str(p.default) for p in parameters_of(type(load(name)))}
    assert "## Sources" in text
    assert "## 요약" in text
    assert f"[{name}]({name}.md)" in (PAGES / "index.md").read_text(encoding="utf-8")


def test_the_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES.glob("*.md"):
        for target in re.findall(r"\]\(([\w./-]+\.md)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).is_file(), f"{page.name}: {target}"


def test_the_example_of_the_guide_works(tmp_path: Path) -> None:
    text = (PAGES / "writing-your-own.md").read_text(encoding="utf-8")
    imports = (
        "from typing import Annotated, ClassVar\nimport numpy as np\nfrom msgspec import Meta\n"
        "from geobuk.features.gaps import observed\nfrom geobuk.features.indicators import sma\n"
        "from geobuk.panel import FloatArray, Panel\nfrom geobuk.strategies.strategy import Strategy\n"
        "from geobuk.strategies.horizons import bars_in\n\n\n"
    )
    example = re.search(r"```python\n(.*?)```", text, flags=re.DOTALL)
    assert example is not None
    path = tmp_path / "my_strategy.py"
    path.write_text(imports + example[1], encoding="utf-8")
    assert load(str(path), {"days": 3}).name == "my_strategy"
