"""What stays inside the rebalancing band counts as it is held: nothing fits only with a hedge that is not adjusted."""

import numpy as np
import pytest
from tests.support.records import desk_of, market_row, rules_from, state_row, table_of, term_row

from geobuk.panel import FloatArray
from geobuk.risk.targets import set_targets


def held_after(held: tuple[float, float], beliefs: tuple[float, float], band: float, max_net: float) -> FloatArray:
    """Two positions at a price of 100 after a decision, base units; an equity of 1,000 wants 10 for a full forecast."""
    rules = rules_from(
        account={"leverage": 100},
        limits={"max_net": max_net},
        sizing={"rebalance_band": band, "diversification": 2.0},
    )
    book = table_of(*(state_row(quantity=quantity) for quantity in held))
    rows = table_of(*(market_row(forecast=belief) for belief in beliefs))
    set_targets(desk_of(rows, book, table_of(term_row(), term_row())), rules, None)
    return np.where(np.isnan(book["target"]), book["quantity"], book["target"])


def test_an_order_that_needs_a_larger_hedge_is_cut_to_the_hedge_that_is_held() -> None:
    # 6 - 7 = -1 would fit, but the long stays at 1 inside the widest band
    assert held_after((1.0, 0.0), (0.6, -0.7), band=1.0, max_net=0.1) == pytest.approx([1.0, -2.0])
    # +3.6 is within a fifth of 3, -4.6 is not: 3 - 4.6 = -1.6
    assert held_after((3.0, -3.0), (0.36, -0.46), band=0.2, max_net=0.1) == pytest.approx([3.0, -4.0])


def test_what_a_smaller_hedge_leaves_above_a_limit_is_cut_back_at_once() -> None:
    # 3.5 - 4.5 = -1 would fit, but the short of 5 is within a fifth of 4.5 and would stay
    assert held_after((5.0, -5.0), (0.35, -0.45), band=0.2, max_net=0.1) == pytest.approx([3.5, -4.5])


def test_inside_limits_the_band_holds() -> None:
    assert held_after((5.0, -5.0), (0.35, -0.45), band=0.2, max_net=0.2) == pytest.approx([3.5, -5.0])
