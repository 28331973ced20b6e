"""The page of the emulator: every kind of fault stands in it, and every example in it is accepted."""

import json
import re
import tomllib
from typing import Any

import msgspec
import pytest
from tests.support.emulation import Scene, in_emulation
from tests.support.pages import text_of

from geobuk.emulators.binance.control.api import fault_kinds
from geobuk.emulators.binance.faults.desk import read_fault, tag_of
from geobuk.emulators.binance.faults.kinds import When, Where
from geobuk.emulators.binance.routes import every_operation
from geobuk.emulators.binance.ws_api.methods import METHODS

PAGES = ("emulator.md", "emulator.ko.md")
ROW = re.compile(r"^\| `(\w+)` \| ([^|]*) \|(?: [^|]* \|)? `(\{.*?\})` \|$", re.MULTILINE)
KINDS = {one["fault"]: one for one in fault_kinds()}


def rows(page: str) -> dict[str, tuple[str, dict[str, Any]]]:
    return {name: (fields, json.loads(example)) for name, fields, example in ROW.findall(text_of(page))}


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_has_its_row(page: str) -> None:
    assert sorted(rows(page)) == sorted(KINDS)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_row_names_every_field(page: str, kind: str) -> None:
    told = re.findall(r"`(\w+)`", rows(page)[kind][0])
    assert told == [field["name"] for field in KINDS[kind]["fields"]]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_both_pages_show_the_same_example(kind: str) -> None:
    shown = [rows(page)[kind][1] for page in PAGES]
    assert shown[0] == shown[1]
    assert tag_of(read_fault(shown[0])) == kind


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_example_is_accepted_by_the_control_api(kind: str) -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.010")
        reply = await scene.control("POST", "faults", rows("emulator.md")[kind][1])
        assert (reply.status, list(reply.body)) == (200, ["number"])

    in_emulation(act, names=("BTCUSDT",))


@pytest.mark.parametrize("page", PAGES)
def test_the_files_of_faults_are_read(page: str) -> None:
    (toml,) = re.findall(r"```toml\n(.*?)```", text_of(page), re.DOTALL)
    assert [tag_of(read_fault(one)) for one in tomllib.loads(toml)["faults"]]


@pytest.mark.parametrize("page", PAGES)
def test_times_and_scope_are_told_whole(page: str) -> None:
    for shape in (When, Where):
        for field in msgspec.structs.fields(shape):
            assert f"`{field.name}`" in text_of(page)


@pytest.mark.parametrize("page", PAGES)
def test_every_path_and_method_is_listed(page: str) -> None:
    text = text_of(page)
    for operation in every_operation():
        name = operation.path.removeprefix("/futures/data/").removeprefix("/fapi/").removeprefix("v1/")
        assert f"`{name}`" in text, f"{operation.method} {operation.path}"
    for method in METHODS:
        assert f"`{method}`" in text
