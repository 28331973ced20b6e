"""Drawdown stages: full size, evenly shrinking sizes, reductions only; back to full size with the days."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.records import account_row, rules_from

from geobuk.panel import Record
from geobuk.risk.drawdown_stages import set_size
from geobuk.risk.loss_locks import begin_ledger_day
from geobuk.simulate.book import new_book

STAGES = {"drawdown": 0.20, "reduce_at": 0.5, "reduce_only_at": 0.9, "reduced_size": 0.25, "recovery_per_day": 0.25}
RULES = rules_from(loss=STAGES)


def sized(equity: float, rules: Record = RULES, **fields: float) -> Record:
    """The account after this mark; its peak is 1,000."""
    account = account_row(equity=equity, **fields)
    set_size(account, rules)
    return account


@pytest.mark.parametrize(
    ("equity", "size", "is_reduce_only"),
    [
        (1_000.0, 1.0, False),
        (900.01, 1.0, False),
        (900.0, 1.0, False),  # half of the fall that is allowed
        (899.0, 1.0 - 0.75 / 80.0, False),
        (860.0, 0.625, False),  # half-way between the lines
        (820.01, 0.25 + 0.75 * 0.01 / 80.0, False),
        (820.0, 0.25, True),  # nine tenths of it
        (800.0, 0.25, True),
        (-5.0, 0.25, True),
        (float("nan"), 0.25, True),
    ],
)
def test_a_fall_shrinks_evenly_and_then_lets_nothing_grow(equity: float, size: float, is_reduce_only: bool) -> None:
    account = sized(equity)
    assert account["size_scale"] == pytest.approx(size, abs=1e-12)
    assert account["is_reduce_only"] == is_reduce_only


@pytest.mark.parametrize(("equity", "size"), [(900.0, 1.0), (900.0 - 1e-9, 1.0), (820.0 + 1e-9, 0.25), (820.0, 0.25)])
def test_the_scale_has_no_step_at_its_lines(equity: float, size: float) -> None:
    assert sized(equity)["size_scale"] == pytest.approx(size, abs=1e-10)


@pytest.mark.parametrize(
    "loss",
    [{"drawdown": 1.0}, {"reduce_at": 1.0}, {"reduce_at": 1.0, "reduce_only_at": 1.0}, {"drawdown": 1.0, "daily": 0.1}],
)
@pytest.mark.parametrize("equity", [999.0, 500.0, 0.0])
def test_without_a_limit_or_stages_nothing_shrinks(loss: dict[str, float], equity: float) -> None:
    account = sized(equity, rules_from(loss={**STAGES, **loss}))
    assert (account["size_scale"], account["is_reduce_only"]) == (1.0, False)


@pytest.mark.parametrize(
    ("reduce_only_at", "equity", "size", "is_reduce_only"),
    [
        (0.5, 900.1, 1.0, False),  # both lines at one place: a step
        (0.5, 900.0, 0.25, True),
        (0.3, 940.1, 1.0, False),  # in the wrong order: the harder one counts
        (0.3, 940.0, 0.25, True),
        (1.0, 800.1, 0.25 + 0.75 * 0.1 / 100.0, False),  # no reduce-only before the halt
    ],
)
def test_lines_that_meet_or_cross_still_only_reduce(
    reduce_only_at: float, equity: float, size: float, is_reduce_only: bool
) -> None:
    account = sized(equity, rules_from(loss={**STAGES, "reduce_only_at": reduce_only_at}))
    assert account["size_scale"] == pytest.approx(size)
    assert account["is_reduce_only"] == is_reduce_only


def test_what_shrank_grows_back_with_the_days_only() -> None:
    account = sized(820.0)
    seen = []
    for day in range(1, 5):
        account["equity"] = 1_000.0
        set_size(account, RULES)  # however often within the day
        set_size(account, RULES)
        seen.append(float(account["size_scale"]))
        begin_ledger_day(day, account, RULES)
    assert seen == [0.25, 0.5, 0.75, 1.0]
    assert not account["is_reduce_only"]


def test_a_new_day_gives_no_size_that_the_drawdown_forbids() -> None:
    account = sized(860.0)
    begin_ledger_day(1, account, RULES)
    set_size(account, RULES)
    assert (account["size_scale"], account["size_cap"]) == (0.625, 0.625)


@given(st.floats(1, 2_000), st.floats(0, 1), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1))
def test_the_scale_lies_between_the_reduced_size_and_what_it_was(
    equity: float, cap: float, drawdown: float, reduce_at: float, reduce_only_at: float
) -> None:
    rules = rules_from(loss={**STAGES, "drawdown": drawdown, "reduce_at": reduce_at, "reduce_only_at": reduce_only_at})
    account = sized(equity, rules, size_cap=cap, peak=max(equity, 1_000.0))
    assert min(cap, 0.25) <= account["size_scale"] <= cap


@given(st.lists(st.floats(1, 1_000), min_size=2, max_size=8))
def test_a_deeper_fall_never_allows_more(equities: list[float]) -> None:
    scales = [float(sized(equity)["size_scale"]) for equity in sorted(equities, reverse=True)]
    assert np.all(np.diff(scales) <= 0.0)


def test_a_new_account_has_its_full_size() -> None:
    account = new_book(2, 1_000.0).account[0]
    assert (account["size_scale"], account["size_cap"], account["is_reduce_only"]) == (1.0, 1.0, False)
