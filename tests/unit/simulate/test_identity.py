"""Hashes: every ingredient changes its own and no other, and the order of a dict changes none."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from tests.support.markets import flat_bars, forecasts_of, instrument, panel_of, run, spec_of

from geobuk.domain.instrument import Instrument
from geobuk.ops.compiled import code_hash
from geobuk.panel import FloatArray, Panel
from geobuk.simulate import identity
from geobuk.simulate.identity import digest_of_arrays, digest_of_texts, input_hashes
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.spec import BacktestSpec

PRICES = [*flat_bars(100.0, 2), (100.0, 110.0, 99.0, 105.0), (105.0, 106.0, 104.0, 105.0)]
PANEL = panel_of(PRICES)
BELIEFS = forecasts_of([1.0, 0.5, None, 0.0])
PARAMETERS = {"trend": {"fast": 3, "slow": 9}, "carry": {"days": 5}}


def hashes(
    panel: Panel = PANEL,
    forecasts: FloatArray = BELIEFS,
    rules: Instrument | None = None,
    spec: BacktestSpec | None = None,
    parameters: Mapping[str, Mapping[str, Any]] = PARAMETERS,
) -> dict[str, str]:
    return input_hashes(panel, forecasts, [rules or instrument()], spec or spec_of(), parameters)


BASE = hashes()


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"panel": panel_of([*PRICES[:3], (105.0, 106.0, 104.0, 105.01)])}, {"panel", "inputs"}),
        ({"panel": panel_of(PRICES, masked=[(2, 0)])}, {"panel", "inputs"}),
        ({"panel": panel_of(PRICES, funding_hours=[8])}, {"panel", "inputs"}),
        ({"panel": panel_of(PRICES, mark=[100.0, 100.0, 105.0, 105.0])}, {"panel", "inputs"}),
        ({"panel": panel_of(PRICES, is_synthetic=False)}, {"panel", "inputs"}),
        ({"forecasts": forecasts_of([1.0, np.nextafter(0.5, 1.0), None, 0.0])}, {"inputs"}),
        ({"forecasts": forecasts_of([1.0, 0.5, 0.0, 0.0])}, {"inputs"}),  # no belief is not a belief in nothing
        ({"rules": instrument(taker_fee=Decimal("0.0005"))}, {"inputs"}),
        ({"rules": instrument(source="read elsewhere")}, {"inputs"}),
        ({"spec": spec_of(costs={"impact": 0.5})}, {"parameters"}),
        ({"spec": spec_of(decide_every="2h")}, {"parameters"}),
        ({"parameters": {}}, {"parameters"}),
        ({"parameters": {**PARAMETERS, "trend": {"fast": 4, "slow": 9}}}, {"parameters"}),
        ({"parameters": {"trend": PARAMETERS["carry"], "carry": PARAMETERS["trend"]}}, {"parameters"}),
    ],
)
def test_each_ingredient_changes_the_hashes_that_name_it_and_no_other(
    changes: dict[str, Any], changed: set[str]
) -> None:
    after = hashes(**changes)
    assert {name for name in BASE if after[name] != BASE[name]} == changed


def test_equal_ingredients_made_anew_have_equal_hashes() -> None:
    again = hashes(
        panel_of(PRICES), BELIEFS.copy(), instrument(), spec_of(), {k: dict(v) for k, v in PARAMETERS.items()}
    )
    assert again == BASE
    assert all(len(value) == 64 and int(value, 16) >= 0 for value in BASE.values())


def test_the_order_of_parameters_does_not_matter_on_any_level() -> None:
    turned = {"carry": {"days": 5}, "trend": {"slow": 9, "fast": 3}}
    assert list(turned) != list(PARAMETERS)
    assert hashes(parameters=turned) == BASE


def test_the_order_of_instruments_does() -> None:
    both = [instrument("AUSDT"), instrument("BUSDT")]
    one, two = (input_hashes(PANEL, BELIEFS, rules, spec_of(), {})["inputs"] for rules in (both, both[::-1]))
    assert one != two


def test_the_code_hash_is_that_of_the_kernels_and_changes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert BASE["code"] == code_hash()
    monkeypatch.setattr(identity, "code_hash", lambda: "0" * 64)
    assert hashes() == {**BASE, "code": "0" * 64}


def test_a_digest_of_arrays_is_that_of_their_bytes_in_order() -> None:
    one, two = np.array([1.0, 2.0]), np.array([[3], [4]])
    assert digest_of_arrays(one, two) == sha256(one.tobytes() + two.tobytes()).hexdigest()
    assert digest_of_arrays(one, two) != digest_of_arrays(two, one)


def test_how_an_array_lies_in_memory_does_not_matter() -> None:
    grid = np.arange(6.0).reshape(2, 3)
    assert digest_of_arrays(np.asfortranarray(grid)) == digest_of_arrays(grid)
    assert digest_of_arrays(np.repeat(grid, 2, axis=1)[:, ::2]) == digest_of_arrays(grid)
    assert digest_of_arrays(grid.T) != digest_of_arrays(grid)


def test_arrays_without_elements_have_a_digest() -> None:
    assert digest_of_arrays(np.zeros((0, 3)), np.zeros(0)) == sha256(b"").hexdigest()


def test_a_digest_of_texts_keeps_them_apart() -> None:
    assert digest_of_texts("ab", "c") == sha256(b"ab|c").hexdigest()
    assert len({digest_of_texts(*texts) for texts in [("ab", "c"), ("a", "bc"), ("c", "ab"), ("abc",)]}) == 4


@pytest.fixture(scope="module")
def result() -> BacktestResult:
    """Long from the second bar on, out on the last."""
    return run(PANEL, forecasts_of([1.0, 1.0, 1.0, 0.0]))


def test_a_result_carries_the_hashes_of_what_went_in(result: BacktestResult) -> None:
    went_in = input_hashes(PANEL, result.forecasts, result.instruments, result.spec, {})
    assert {name: value for name, value in result.hashes.items() if name != "result"} == went_in
    assert set(result.hashes) == {"panel", "inputs", "parameters", "code", "result"}


@pytest.mark.parametrize("name", ["equity", "cash", "gross", "net", "initial_margin", "position"])
def test_the_last_bit_of_any_curve_changes_the_hash_of_the_result_and_no_other(
    result: BacktestResult, name: str
) -> None:
    nudged = getattr(result, name).copy()
    nudged.flat[-1] = np.nextafter(nudged.flat[-1], np.inf)
    other = replace(result, **{name: nudged})
    assert {key for key in result.hashes if other.hashes[key] != result.hashes[key]} == {"result"}
    assert other.run_id == result.run_id


def test_a_changed_fill_changes_the_hash_of_the_result(result: BacktestResult) -> None:
    fills = result.fills.copy()
    fills["fee"][0] += 0.01
    assert len(fills) == 1
    assert replace(result, fills=fills).hashes["result"] != result.hashes["result"]
    assert replace(result, fills=fills[:0]).hashes["result"] != result.hashes["result"]


def test_the_run_id_names_inputs_parameters_and_code(result: BacktestResult, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {result.run_id}
    names.add(replace(result, forecasts=BELIEFS).run_id)
    names.add(replace(result, parameters=PARAMETERS).run_id)
    names.add(replace(result, spec=spec_of(decide_every="2h")).run_id)
    monkeypatch.setattr(identity, "code_hash", lambda: "0" * 64)
    names.add(replace(result).run_id)
    assert len(names) == 5
    assert all(len(name) == 16 for name in names)
