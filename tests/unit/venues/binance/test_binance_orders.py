"""Requests as the venue's parameters, and what is refused before it is sent."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest
from tests.support.binance_orders import VENUE_MS, limits, request

from geobuk.domain.errors import OrderRefusedError, UnsupportedError
from geobuk.domain.order import OrderType, PositionSide, SelfTradePrevention, Side, TimeInForce, TriggerSource
from geobuk.venues.binance.orders import amend_params, batch_params, limits_for, place_params

TIMELESS = {"price": None, "time_in_force": TimeInForce.GTC}
STOP = {**TIMELESS, "type": OrderType.STOP_MARKET, "stop_price": Decimal(58_000), "side": Side.SELL}
TRAIL = {**TIMELESS, "type": OrderType.TRAILING_STOP, "callback_rate": Decimal("0.01"), "side": Side.SELL}
TILL_NS = (VENUE_MS + 700_000) * 1_000_000

ACCEPTED: list[tuple[dict[str, Any], str]] = [
    ({}, "side=BUY&type=LIMIT&quantity=0.010&price=60000.0&timeInForce=GTC&newClientOrderId=a-1"),
    ({"time_in_force": TimeInForce.GTX, "quantity": Decimal("0.01")},
     "side=BUY&type=LIMIT&quantity=0.010&price=60000.0&timeInForce=GTX&newClientOrderId=a-1"),
    ({"time_in_force": TimeInForce.IOC, "price": Decimal("60000.100")},
     "side=BUY&type=LIMIT&quantity=0.010&price=60000.1&timeInForce=IOC&newOrderRespType=RESULT&newClientOrderId=a-1"),
    ({"time_in_force": TimeInForce.GTD, "good_till_ns": TILL_NS + 5},
     (f"side=BUY&type=LIMIT&quantity=0.010&price=60000.0&timeInForce=GTD&goodTillDate={VENUE_MS + 700_000}"
     "&newClientOrderId=a-1")),
    ({**TIMELESS, "type": OrderType.MARKET, "is_reduce_only": True, "side": Side.SELL},
     "side=SELL&type=MARKET&quantity=0.010&reduceOnly=true&newOrderRespType=RESULT&newClientOrderId=a-1"),
    ({**TIMELESS, "type": OrderType.MARKET, "position_side": PositionSide.LONG, "side": Side.SELL,
      "is_reduce_only": True},
     "side=SELL&type=MARKET&quantity=0.010&positionSide=LONG&newOrderRespType=RESULT&newClientOrderId=a-1"),
    ({"self_trade_prevention": SelfTradePrevention.EXPIRE_BOTH},
     ("side=BUY&type=LIMIT&quantity=0.010&price=60000.0&timeInForce=GTC&selfTradePreventionMode=EXPIRE_BOTH"
     "&newClientOrderId=a-1")),
    (STOP, "side=SELL&type=STOP_MARKET&quantity=0.010&algoType=CONDITIONAL&clientAlgoId=a-1&triggerPrice=58000.0"),
    ({**STOP, "is_close_position": True, "quantity": Decimal(0), "trigger_source": TriggerSource.MARK,
      "is_price_protected": True},
     ("side=SELL&type=STOP_MARKET&algoType=CONDITIONAL&clientAlgoId=a-1&triggerPrice=58000.0&workingType=MARK_PRICE"
     "&closePosition=true&priceProtect=true")),
    ({**STOP, "type": OrderType.TAKE_PROFIT_LIMIT, "price": Decimal(61_000), "stop_price": Decimal(60_900)},
     ("side=SELL&type=TAKE_PROFIT&quantity=0.010&price=61000.0&timeInForce=GTC&algoType=CONDITIONAL&clientAlgoId=a-1"
     "&triggerPrice=60900.0")),
    ({**TRAIL, "activation_price": Decimal(62_000)},
     ("side=SELL&type=TRAILING_STOP_MARKET&quantity=0.010&algoType=CONDITIONAL&clientAlgoId=a-1&activatePrice=62000.0"
     "&callbackRate=1")),
    ({**TRAIL, "callback_rate": Decimal("0.2")},
     "side=SELL&type=TRAILING_STOP_MARKET&quantity=0.010&algoType=CONDITIONAL&clientAlgoId=a-1&callbackRate=20"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "params"), ACCEPTED)
def test_request_becomes_the_venues_parameters(changes: dict[str, Any], params: str) -> None:
    assert place_params(request(**changes), limits(), VENUE_MS) == f"symbol=BTCUSDT&{params}"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"quantity": Decimal("0.0105")}, "no multiple of the step 0.001"),
    ({"quantity": Decimal("0.0005")}, "below the venue's least, 0.001"),
    ({"quantity": Decimal(0)}, "below the venue's least"),
    ({"quantity": Decimal(1001)}, "above the venue's most, 1000"),
    ({**TIMELESS, "type": OrderType.MARKET, "quantity": Decimal(121)}, "above the venue's most, 120"),
    ({"price": Decimal("60000.05")}, "off the tick 0.10"),
    ({"price": Decimal(261)}, "below the venue's least, 261.10"),
    ({"price": Decimal(900_000)}, "above the venue's most, 809484"),
    ({"price": Decimal(-1)}, "below the venue's least"),
    ({"price": Decimal(49_000), "quantity": Decimal("0.001")}, "notional 49.000 is below the venue's least, 50"),
    ({"price": None}, "needs a price"),
    ({"type": OrderType.MARKET}, "takes no price"),
    ({"stop_price": Decimal(1)}, "takes no stop price"),
    ({**STOP, "stop_price": None}, "needs a stop price"),
    ({**STOP, "stop_price": Decimal("58000.01")}, "its stop price 58000.01 is off the tick"),
    ({**STOP, "is_close_position": True}, "has no quantity"),
    ({"is_close_position": True, "quantity": Decimal(0)}, "can't close a position"),
    ({**TRAIL, "callback_rate": None}, "needs a callback rate"),
    ({**TRAIL, "callback_rate": Decimal("0.3")}, "callback rate 0.3 is not in 0.001"),
    ({"activation_price": Decimal(60_000)}, "takes no activation price"),
    ({"client_order_id": "a b"}, "client order id breaks"),
    ({"client_order_id": "x" * 37}, "client order id breaks"),
    ({"time_in_force": TimeInForce.GTD}, "needs a good-till time"),
    ({"good_till_ns": TILL_NS}, "with GTD only"),
    ({"time_in_force": TimeInForce.GTD, "good_till_ns": (VENUE_MS + 599_000) * 1_000_000}, "less than 600 s"),
    ({"position_side": PositionSide.SHORT, "side": Side.SELL, "is_reduce_only": True}, "would grow the short leg"),
]


@pytest.mark.parametrize(("changes", "rule"), REFUSED)
def test_doubtful_request_is_refused_before_it_is_sent(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(OrderRefusedError) as caught:
        place_params(request(**changes), limits(), VENUE_MS)
    assert rule in str(caught.value)
    assert "was not sent" in str(caught.value)
    assert caught.value.cure


def test_reduce_only_order_may_be_below_the_minimum_notional() -> None:
    small = request(quantity=Decimal("0.001"), price=Decimal(49_000), is_reduce_only=True)
    assert "reduceOnly=true" in place_params(small, limits(), VENUE_MS)


def test_order_for_the_day_is_not_supported() -> None:
    with pytest.raises(UnsupportedError, match="no time in force day"):
        place_params(request(time_in_force=TimeInForce.DAY), limits(), VENUE_MS)


def test_instrument_that_does_not_trade_or_is_unknown_is_refused() -> None:
    with pytest.raises(OrderRefusedError, match="SETTLING"):
        place_params(request(), limits(status="SETTLING"), VENUE_MS)
    with pytest.raises(OrderRefusedError, match="not among the 1 instruments"):
        limits_for("NOPE", {"BTCUSDT": limits()})


def test_coarse_ticks_are_written_without_exponents() -> None:
    coarse = limits(
        filters=[
            {"filterType": "PRICE_FILTER", "minPrice": "0", "maxPrice": "0", "tickSize": "10"},
            {"filterType": "LOT_SIZE", "minQty": "10", "maxQty": "0", "stepSize": "10"},
        ]
    )
    sent = dict(parse_qsl(place_params(request(quantity=Decimal("1E+2"), price=Decimal("6E+4")), coarse, VENUE_MS)))
    assert (sent["quantity"], sent["price"]) == ("100", "60000")


def test_names_that_are_not_ascii_are_percent_encoded() -> None:
    assert limits(symbol="币安人生USDT").symbol_param == "symbol=%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT"


def test_batch_is_a_json_list_of_texts() -> None:
    each = [place_params(request(key), limits(), VENUE_MS) for key in ("a", "b")]
    sent = json.loads(parse_qs(batch_params(each))["batchOrders"][0])
    assert [one["newClientOrderId"] for one in sent] == ["a", "b"]
    assert sent[0]["price"] == "60000.0"


def test_change_names_the_order_and_checks_the_new_amounts() -> None:
    params = amend_params(limits(), "a-1", "BUY", Decimal("0.02"), Decimal(59_000))
    assert params == "symbol=BTCUSDT&side=BUY&origClientOrderId=a-1&quantity=0.020&price=59000.0"
    with pytest.raises(OrderRefusedError, match="off the tick"):
        amend_params(limits(), "a-1", "BUY", Decimal("0.02"), Decimal("59000.01"))
