"""The guide names every fault, every field and every path of the control API; its example file can be read."""

import json
import re
import tomllib
from pathlib import Path

from geobuk.emulators.binance.control.api import fault_kinds
from geobuk.emulators.binance.faults.desk import read_fault

GUIDE = (Path(__file__).resolve().parents[4] / "docs" / "emulator.md").read_text(encoding="utf-8")


def test_every_fault_and_field_is_in_the_guide() -> None:
    rows = {line.split("|")[1].strip(" `"): line for line in GUIDE.splitlines() if line.startswith("| `")}
    for kind in fault_kinds():
        assert [field["name"] for field in kind["fields"] if f"`{field['name']}`" not in rows[kind["fault"]]] == []


def test_examples_of_the_guide_are_faults() -> None:
    toml = re.search(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    assert toml is not None
    assert [read_fault(one) for one in tomllib.loads(toml[1])["faults"]]
    sent = re.search(r"-d '(\{.*\})'", GUIDE)
    assert sent is not None
    assert read_fault(json.loads(sent[1]))
