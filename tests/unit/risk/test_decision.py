"""One decision for one moment, and its explanation: the same targets, every step on the record."""

from math import nan

import numpy as np
import pytest
from tests.support.decision_scenes import MODES, scene, spec_of_profile
from tests.support.records import desk_of, market_row, rules_row, state_row, table_of, term_row

from geobuk.panel import FloatArray
from geobuk.risk.decision import decide_row, decide_row_traced
from geobuk.risk.loss_locks import HALTED, LOCKED_FOR_DAY
from geobuk.risk.reasons import Reason
from geobuk.risk.state import Desk
from geobuk.risk.targets import set_targets
from geobuk.risk.trace import STEPS, Step


def rules_of(rules: object, count: int = 1) -> np.ndarray:
    return np.array([rules] * count, dtype=rules.dtype)  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", MODES)
def test_the_explained_decision_is_the_decision(mode: str) -> None:
    for seed in range(30):
        plain, told = (scene(seed, spec_of_profile(mode)) for _ in range(2))
        trace = np.full((6, STEPS), nan)
        decide_row(plain.desk, rules_of(plain.rules))
        decide_row_traced(told.desk, rules_of(told.rules), trace)
        for name in plain.desk.book.dtype.names or ():
            np.testing.assert_array_equal(plain.desk.book[name], told.desk.book[name], err_msg=name)
        np.testing.assert_array_equal(plain.desk.covariance, told.desk.covariance)
        np.testing.assert_array_equal(trace[:, Step.QUANTITY], told.desk.book["target"])
        np.testing.assert_array_equal(trace[:, Step.FORECAST], told.desk.rows["forecast"])


def lived(closes: FloatArray, forecasts: FloatArray, mode: str = "live") -> Desk:
    """A flat account that decides on each row of (T, N) closes."""
    one = scene(0, spec_of_profile(mode), closes.shape[1])
    desk = one.desk
    desk.book[:] = np.zeros_like(desk.book)
    desk.covariance[:] = 0.0
    desk.groups[:] = -1
    desk.account["size_scale"], desk.account["regime"], desk.account["is_reduce_only"] = 1.0, -1, False
    for row, beliefs in zip(closes, forecasts, strict=True):
        for i, (close, belief) in enumerate(zip(row, beliefs, strict=True)):
            desk.rows[i] = market_row(float(close), forecast=float(belief))
        desk.book["traded"] += 1e9
        decide_row(desk, rules_of(one.rules))
    return desk


def reasons(desk: Desk) -> list[set[Reason]]:
    return [{r for r in Reason if counts[r]} for counts in desk.book["refusals"]]


def test_on_the_first_bar_of_all_nothing_is_known_and_nothing_is_ordered() -> None:
    desk = lived(np.full((1, 2), 100.0), np.ones((1, 2)))
    assert desk.book["target"].tolist() == [0.0, 0.0]
    assert reasons(desk) == [{Reason.NO_VOLATILITY}] * 2


def test_a_price_that_never_moves_has_no_volatility_and_gets_no_order() -> None:
    closes = np.full((400, 2), 100.0)
    closes[:, 1] *= np.exp(np.cumsum(np.random.default_rng(1).normal(0.0, 0.01, 400)))
    desk = lived(closes, np.ones((400, 2)))
    assert desk.book["target"][0] == 0.0
    assert reasons(desk)[0] == {Reason.NO_VOLATILITY}
    assert desk.book["volatility"][0] == 0.0


def test_beliefs_that_lose_end_without_an_edge_and_without_an_order() -> None:
    rng = np.random.default_rng(2)
    changes = rng.normal(0.0, 0.01, (3_000, 1))
    closes = 100.0 * np.exp(np.cumsum(changes, axis=0))
    wrong = np.vstack([-np.sign(changes[1:]), [[1.0]]])  # each belief is the opposite of what follows
    desk = lived(closes, wrong)
    assert desk.book["target"][0] == 0.0
    assert Reason.NO_EDGE in reasons(desk)[0]
    assert desk.book["edge"][0] < 0.0


def test_beliefs_that_win_get_an_order_within_the_wish() -> None:
    rng = np.random.default_rng(2)
    changes = rng.normal(0.0, 0.01, (3_000, 1))
    closes = 100.0 * np.exp(np.cumsum(changes, axis=0))
    desk = lived(closes, np.vstack([np.sign(changes[1:]), [[1.0]]]))
    weight = desk.book["target"][0] * closes[-1, 0] / 10_000.0
    assert 0.0 < weight <= 1.5 * 0.2 / desk.book["volatility"][0]


@pytest.mark.parametrize("equity", [nan, np.inf, -np.inf])
def test_with_an_equity_that_is_no_number_nothing_is_decided(equity: float) -> None:
    one = scene(3, spec_of_profile("live"))
    one.desk.account["equity"] = equity
    decide_row(one.desk, rules_of(one.rules))
    assert np.isnan(one.desk.book["target"]).all()
    assert (one.desk.book["refusals"][:, Reason.NOT_FINITE] == 1).all()


@pytest.mark.parametrize("lock", [LOCKED_FOR_DAY, HALTED])
def test_while_a_lock_is_closed_nothing_is_decided_and_it_says_so(lock: int) -> None:
    book = table_of(state_row(), state_row(quantity=3.0), state_row())
    rows = table_of(market_row(), market_row(forecast=-1.0), market_row(forecast=0.0))
    desk = desk_of(rows, book, table_of(*[term_row()] * 3), lock=lock)
    assert decide_row(desk, table_of(rules_row())) is False
    assert np.isnan(book["target"]).all()
    assert book["refusals"][:, Reason.LOCKED].tolist() == [1, 1, 0]


def test_targets_asked_for_under_a_lock_only_shrink() -> None:
    book = table_of(state_row(), state_row(quantity=3.0))
    rows = table_of(market_row(), market_row(forecast=0.1))
    desk = desk_of(rows, book, table_of(*[term_row()] * 2), lock=HALTED)
    set_targets(desk, rules_row(), None)
    assert book["target"].tolist() == [0.0, pytest.approx(0.5)]
    assert book["refusals"][0, Reason.LOCKED] == 1
