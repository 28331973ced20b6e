import inspect
from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.checks import funding, grid, identity, outliers, prices, sessions, sources, totals, volume
from geobuk.data.checks.spec import GateSpec, limits
from geobuk.data.checks.table import CHECKS, CROSS_CODES
from geobuk.data.findings import FAMILIES, FINDINGS
from geobuk.data.quality import Series, gate
from geobuk.data.rows import KIND_COLUMNS, Rows, no_rows
from geobuk.domain.times import NS_PER_HOUR

FAMILY_FILES = (funding, grid, identity, outliers, prices, sessions, sources, totals, volume)


def test_every_code_of_a_series_has_a_check_and_every_check_a_code() -> None:
    elsewhere = {*FAMILIES["import"], *FAMILIES["tapes"], "CHECKSUM"} - {"DUPLICATE_CONFLICT"}
    assert {check.code for check in CHECKS} == set(FINDINGS) - elsewhere
    assert set(FINDINGS) > CROSS_CODES


def test_every_check_in_the_files_is_in_the_table() -> None:
    listed = {check.function for check in CHECKS}
    for module in FAMILY_FILES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_check = (
                list(inspect.signature(function).parameters) == ["look"] and function.__module__ == module.__name__
            )
            if is_check and not name.startswith("_") and "Noticed" in str(inspect.signature(function)):
                assert function in listed, name


def test_every_threshold_is_used_by_some_check_and_explained() -> None:
    used = {name for check in CHECKS for name in check.limits}
    assert used == set(limits())
    assert all(says and value > 0 for value, says in limits().values())


@pytest.mark.parametrize("kind", KIND_COLUMNS)
def test_an_empty_series_and_a_single_row_pass(kind: str) -> None:
    step = 0 if kind == "funding" else NS_PER_HOUR
    series = Series("binance", "A", kind, step)
    assert gate(no_rows(kind), series).findings == ()
    one = Rows(np.array([0]), {name: np.array([1.0]) for name in KIND_COLUMNS[kind]}, np.zeros(1, dtype=np.uint32))
    assert [f.code for f in gate(one, series).findings if f.code not in {"RATE_UNIT", "RATE_EXTREME"}] == []


def test_marks_do_not_depend_on_marks_of_before(bars: Callable[..., Rows]) -> None:
    rows = bars()
    rows.values["high"][[20, 90]] *= 2
    series = Series("binance", "A", "bars", NS_PER_HOUR)
    first = gate(rows, series)
    again = gate(first.rows, series)
    assert (first.rows.mask == again.rows.mask).all()
    assert first.findings == again.findings


def test_a_threshold_can_be_set(bars: Callable[..., Rows]) -> None:
    rows = bars()
    rows.values["high"][20] *= 1.2
    series = Series("binance", "A", "bars", NS_PER_HOUR)
    assert gate(rows, series).masked == 1
    assert gate(rows, series, spec=GateSpec(spike_floor=0.5)).masked == 0
