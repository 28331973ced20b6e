"""Sides are signs; an order that is not told otherwise rests without prices and may enlarge."""

from decimal import Decimal

from geobuk.domain.order import OrderRequest, OrderType, Side, TimeInForce


def test_a_side_is_the_sign_of_a_quantity() -> None:
    assert Side.BUY * Decimal(3) == 3
    assert Side.SELL * Decimal(3) == -3


def test_an_order_has_no_prices_and_is_not_reduce_only_by_default() -> None:
    order = OrderRequest(
        "id-1", "synthetic", "AUSDT", Side.BUY, OrderType.MARKET, Decimal(1), TimeInForce.IOC, "the forecast rose"
    )
    assert (order.price, order.stop_price, order.is_reduce_only) == (None, None, False)
