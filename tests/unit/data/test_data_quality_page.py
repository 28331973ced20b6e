"""The page on data quality is in step with the gate."""

import runpy
from pathlib import Path

from geobuk.data.findings import FINDINGS

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts" / "data_quality_tables"
PAGE = ROOT / "docs" / "data-quality.md"


def test_the_tables_are_those_that_the_script_writes() -> None:
    text = PAGE.read_text(encoding="utf-8")
    renewed = runpy.run_path(str(SCRIPT))["renewed"]
    assert renewed(text) == text, "run scripts/data_quality_tables"
    assert renewed(text.replace("| `GAP` |", "| `GAPS` |")) == text


def test_every_code_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for code, kind in FINDINGS.items():
        assert f"| `{code}` | {kind.severity} | {kind.consequence} | {kind.english} | {kind.korean} |" in text
