"""Where limit and stop orders fill inside a bar of open 100, high 105, low 95; NaN is no fill."""

from math import isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geobuk.matching.inside_bar import limit_price, stop_price

BAR = (100.0, 105.0, 95.0)


def same(left: float, right: float) -> bool:
    return left == right or (isnan(left) and isnan(right))


@pytest.mark.parametrize(
    ("side", "limit", "price"),
    [
        (1.0, 101.0, 100.0),  # the open is better than the limit
        (1.0, 100.0, 100.0),  # the open is the limit
        (1.0, 97.0, 97.0),  # traded through
        (1.0, 95.0, nan),  # touched, not traded through
        (1.0, 94.0, nan),
        (-1.0, 99.0, 100.0),
        (-1.0, 100.0, 100.0),
        (-1.0, 103.0, 103.0),
        (-1.0, 105.0, nan),
        (-1.0, 106.0, nan),
    ],
)
def test_limit_orders(side: float, limit: float, price: float) -> None:
    assert same(limit_price(side, limit, *BAR), price)


@pytest.mark.parametrize(
    ("side", "stop", "price"),
    [
        (1.0, 99.0, 100.0),  # gapped through: the open, never the stop
        (1.0, 100.0, 100.0),
        (1.0, 103.0, 103.0),
        (1.0, 105.0, 105.0),  # a touch is enough
        (1.0, 105.01, nan),
        (-1.0, 101.0, 100.0),
        (-1.0, 100.0, 100.0),
        (-1.0, 97.0, 97.0),
        (-1.0, 95.0, 95.0),
        (-1.0, 94.99, nan),
    ],
)
def test_stop_orders(side: float, stop: float, price: float) -> None:
    assert same(stop_price(side, stop, *BAR), price)


@given(st.sampled_from([1.0, -1.0]), st.floats(90, 110), st.floats(96, 104))
def test_a_limit_is_never_worse_and_a_stop_never_better_than_its_price(
    side: float, price: float, opened: float
) -> None:
    limit = limit_price(side, price, opened, 105.0, 95.0)
    stop = stop_price(side, price, opened, 105.0, 95.0)
    assert isnan(limit) or (side * limit <= side * price and 95.0 <= limit <= 105.0)
    assert isnan(stop) or (side * stop >= side * price and 95.0 <= stop <= 105.0)


@given(st.floats(90, 110), st.floats(96, 104))
def test_selling_mirrors_buying(price: float, opened: float) -> None:
    assert same(
        limit_price(-1.0, 200 - price, 200 - opened, 105.0, 95.0), 200 - limit_price(1.0, price, opened, 105.0, 95.0)
    )
    assert same(
        stop_price(-1.0, 200 - price, 200 - opened, 105.0, 95.0), 200 - stop_price(1.0, price, opened, 105.0, 95.0)
    )
