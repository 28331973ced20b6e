from collections.abc import Callable

import numpy as np
import pytest

from geobuk.data.checks.context import Reference
from geobuk.data.checks.identity import multiple_of
from geobuk.data.rows import Rows
from geobuk.panel import Finding

Bars = Callable[..., Rows]
Judge = Callable[..., dict[str, Finding]]
AsReference = Callable[..., Reference]


def test_volumes_below_the_lot_step_are_another_market(bars: Bars, judge: Judge) -> None:
    rows = bars()
    assert judge(rows, step=0.001) == {}
    rows.values["volume"][:] = 5.00001
    found = judge(rows, step=0.001, rules_as_of="2025-07-01")
    assert {code: one.consequence for code, one in found.items()} == {
        "LOT_STEP": "mask",
        "WRONG_INSTRUMENT": "quarantine",
    }
    assert "100% of the volumes have fractions below the lot step of 0.001" in found["WRONG_INSTRUMENT"].text


def test_a_foreign_stretch_is_masked_where_it_lies(bars: Bars, judge: Judge) -> None:
    rows = bars(8_000)
    rows.values["volume"][400:600] = 5.00001
    found = judge(rows, step=0.001)
    assert set(found) == {"LOT_STEP"}
    assert (found["LOT_STEP"].count, found["LOT_STEP"].first_at_ns) == (200, rows.at_ns[400])


def test_a_few_odd_volumes_are_no_other_market(bars: Bars, judge: Judge) -> None:
    rows = bars()
    rows.values["volume"][::10] = 5.00001
    assert judge(rows, step=0.001) == {}


def test_large_volumes_are_not_off_their_step_by_rounding(bars: Bars, judge: Judge) -> None:
    rows = bars()
    rows.values["volume"][:] = np.round(np.linspace(1e8, 9e9, len(rows)), 3)
    assert judge(rows, step=0.001) == {}


@pytest.mark.parametrize("contract", ["1000AUSDT", "1000000AUSDT", "1MAUSDT"])
def test_a_coin_that_is_traded_by_the_thousand_is_another_instrument(bars: Bars, judge: Judge, contract: str) -> None:
    found = judge(bars(), known_names=frozenset({contract}))["WRONG_INSTRUMENT"]
    assert f"binance has no AUSDT; it trades {contract}" in found.text
    assert judge(bars(), known_names=frozenset({contract, "AUSDT"})) == {}


def test_the_contract_beside_it_gives_the_ratio(bars: Bars, judge: Judge, reference: AsReference) -> None:
    known, contract = frozenset({"1000AUSDT"}), reference(bars(scale=1000.0))
    found = judge(bars(), known_names=known, thousandfold=contract)["WRONG_INSTRUMENT"]
    assert "whose price is 1,000 times this" in found.text


def test_prices_far_from_the_mark_are_another_contract(bars: Bars, judge: Judge, reference: AsReference) -> None:
    found = judge(bars(), mark=reference(bars(scale=1000.0)))
    assert "prices are 0.001 times the mark price" in found["WRONG_INSTRUMENT"].text


def test_names_of_multiples() -> None:
    assert multiple_of("SHIBUSDT", frozenset({"1000SHIBUSDT", "BTCUSDT"})) == "1000SHIBUSDT"
    assert multiple_of("BTCUSDT", frozenset({"1000SHIBUSDT", "BTCUSDT"})) == ""
