"""The table of refusals: what each asks of us, and the error of the house."""

import pytest
from tests.support.binance_wire import ok, refused

from geobuk.domain.errors import NetworkError, OrderRefusedError, TradingBlockedError, VenueError
from geobuk.venues.binance.errors import RULES, Action, FailedCallError, house_error, housed, judge
from geobuk.venues.binance.transport import Reply

CASES = [
    (-1000, Action.REQUERY), (-1001, Action.RETRY), (-1003, Action.WAIT), (-1006, Action.REQUERY),
    (-1007, Action.REQUERY), (-1008, Action.RETRY), (-1015, Action.WAIT), (-1016, Action.WAIT),
    (-1021, Action.RESYNC_CLOCK), (-1022, Action.FIX), (-1100, Action.FIX), (-1102, Action.FIX), (-1106, Action.FIX),
    (-1111, Action.FIX), (-1121, Action.FIX), (-1125, Action.FIX), (-2011, Action.REQUERY), (-2013, Action.DROP),
    (-2015, Action.FIX), (-2017, Action.BLOCK), (-2019, Action.DROP), (-2021, Action.DROP), (-2022, Action.DROP),
    (-2023, Action.BLOCK), (-2027, Action.DROP), (-4014, Action.FIX), (-4045, Action.DROP), (-4046, Action.SUCCESS),
    (-4059, Action.SUCCESS), (-4116, Action.REQUERY), (-4120, Action.FIX), (-4164, Action.FIX), (-4400, Action.BLOCK),
    (-5021, Action.DROP), (-5022, Action.DROP), (-5027, Action.SUCCESS), (-5028, Action.RESYNC_CLOCK),
    (-5043, Action.WAIT),
]  # fmt: skip


@pytest.mark.parametrize(("code", "action"), CASES)
def test_each_code_asks_for_its_action(code: int, action: Action) -> None:
    failure = judge(refused(code))
    assert failure is not None
    assert (failure.code, failure.action) == (code, action)
    assert failure.cure


@pytest.mark.parametrize(
    ("body", "action"),
    [
        (b'{"code":-1,"msg":"Unknown error, please check your request or try again later."}', Action.REQUERY),
        (b'{"code":-1,"msg":"Service Unavailable."}', Action.RETRY),
        (b"Service Unavailable.", Action.REQUERY),
        (b'{"code":-1001,"msg":"Internal error; unable to process your request. Please try again."}', Action.RETRY),
        (b'{"code":-1008,"msg":"Request throttled by system-level protection. x"}', Action.RETRY),
        (b"<html>gateway</html>", Action.REQUERY),
    ],
)
def test_the_text_of_a_503_says_whether_it_was_executed(body: bytes, action: Action) -> None:
    failure = judge(Reply(503, body))
    assert failure is not None
    assert failure.action is action


@pytest.mark.parametrize(("status", "action"), [(500, Action.REQUERY), (502, Action.REQUERY), (504, Action.REQUERY),
                                                (403, Action.WAIT), (404, Action.FIX), (429, Action.WAIT)])  # fmt: skip
def test_a_reply_without_a_code_is_judged_by_its_status(status: int, action: Action) -> None:
    failure = judge(Reply(status, b"<html/>"))
    assert failure is not None
    assert failure.action is action


def test_waiting_times_are_read_from_header_and_text() -> None:
    failure = judge(
        refused(-1003, "Way too many requests; IP banned until 1790000123000.", 418, **{"Retry-After": "7"})
    )
    assert failure is not None
    assert failure.action is Action.WAIT
    assert (failure.wait_s, failure.banned_until_ms) == (7.0, 1_790_000_123_000)


@pytest.mark.parametrize(
    "content",
    [{"code": 200, "msg": "success"}, [], {"orderId": 1}, {"algoId": 1, "code": "200", "msg": "success"}, {}],
)
def test_successes_are_no_failures(content: object) -> None:
    assert judge(ok(content)) is None


def test_every_rule_has_a_cure() -> None:
    assert all(rule.cure for rule in RULES.values())


def test_house_errors_name_value_rule_and_cure() -> None:
    failure = judge(refused(-4164, "Order's notional must be no smaller than 50 (unless you choose reduce only)"))
    assert failure is not None
    error = house_error(FailedCallError(failure, "order 'a-1'"))
    assert isinstance(error, OrderRefusedError)
    assert error.code == -4164
    assert "order 'a-1'" in str(error)
    assert "no smaller than 50" in str(error)
    assert "raise the quantity" in str(error)


@pytest.mark.parametrize(("code", "kind"), [(-2015, TradingBlockedError), (-2023, TradingBlockedError),
                                            (-2019, OrderRefusedError)])  # fmt: skip
def test_codes_become_errors_of_their_kind(code: int, kind: type[Exception]) -> None:
    failure = judge(refused(code))
    assert failure is not None
    assert type(house_error(FailedCallError(failure, "x"))) is kind


def test_a_question_that_fails_is_no_refused_order() -> None:
    failure = judge(refused(-1102))
    assert failure is not None
    with pytest.raises(VenueError) as caught, housed():
        raise FailedCallError(failure, "asking")
    assert not isinstance(caught.value, OrderRefusedError)
    gateway = judge(Reply(502, b""))
    assert gateway is not None
    with pytest.raises(NetworkError), housed():
        raise FailedCallError(gateway, "asking")
