"""What each of the venue's refusals asks of us, and the house error that says so.

Source: Binance, USDⓈ-M futures API, error codes, and the four meanings of HTTP 503.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from geobuk.domain.errors import NetworkError, OrderRefusedError, TradingBlockedError, VenueError
from geobuk.venues.binance.transport import Reply


class Action(StrEnum):
    """What to do next. FIX and DROP are final; RETRY was not executed; REQUERY may have been."""

    FIX = "fix"
    DROP = "drop"
    RETRY = "retry"
    REQUERY = "requery"
    WAIT = "wait"
    RESYNC_CLOCK = "resync_clock"
    SUCCESS = "success"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table."""

    action: Action
    cure: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A reply that is no success. ``code`` is 0 where the venue gave none; ``wait_s`` only where it said how long."""

    status: int
    code: int
    message: str
    action: Action
    cure: str
    wait_s: float | None = None
    banned_until_ms: int | None = None


class FailedCallError(Exception):
    """A call failed; kept inside the adapter, where :func:`house_error` turns it into an error of the house."""

    def __init__(self, failure: Failure, what: str) -> None:
        super().__init__(f"{what}: {failure.code} {failure.message}")
        self.failure = failure
        self.what = what


class UnknownOutcomeError(Exception):
    """A call may have been executed; kept inside the adapter, where asking the venue settles it.

    ``sent_ms`` is the venue's time at which it went out: its receive window counts from there.
    """

    def __init__(self, message: str, sent_ms: int) -> None:
        super().__init__(message)
        self.sent_ms = sent_ms


def _rules(action: Action, cure: str, codes: Iterable[int]) -> dict[int, Rule]:
    return dict.fromkeys(codes, Rule(action, cure))


RULES: dict[int, Rule] = {
    **_rules(Action.REQUERY, "ask for the order by its client order id", (-1000, -1006, -1007, -2012, -4117)),
    **_rules(Action.REQUERY, "an earlier attempt lives: ask for it by its client order id", (-4116,)),
    **_rules(Action.REQUERY, "it is filled, has ended or never existed: ask for it", (-2011,)),
    **_rules(Action.DROP, "the venue does not know it", (-2013,)),
    **_rules(Action.RETRY, "it was not executed: send it again a little later", (-1001, -1008)),
    **_rules(Action.RESYNC_CLOCK, "synchronise the machine's clock", (-1021, -5028)),
    **_rules(Action.WAIT, "wait until the limit's window has passed", (-1003, -1015)),
    **_rules(Action.WAIT, "the venue is shutting down or in maintenance: wait", (-1016,)),
    **_rules(Action.WAIT, "wait until the pending change is done", (-5043,)),
    **_rules(Action.FIX, "correct the request", (-1013, -1014, -1020, -1108, -1109, *range(-1106, -1099))),
    **_rules(Action.FIX, "check key, secret and the kind of signature", (-1022,)),
    **_rules(Action.FIX, "check the API key, its permission for futures and its IP addresses", (-1002, -2014, -2015)),
    **_rules(Action.BLOCK, "the venue has locked the API keys: ask it why", (-2017,)),
    **_rules(Action.FIX, "round to the instrument's tick and step", (-1111, -4014, -4023)),
    **_rules(Action.FIX, "use a time in force, type or side that the venue knows", (-1114, -1115, -1116, -1117)),
    **_rules(Action.FIX, "correct the request", (-1120, -1127, -1128, -1130, -1136, -4021, -4029, -4055, -4165)),
    **_rules(Action.FIX, "read the trading rules again: the instrument is unknown or not trading", (-1121, -1122)),
    **_rules(Action.FIX, "open a new user stream", (-1125,)),
    **_rules(Action.DROP, "look at the venue's words", (-2010, -2020)),
    **_rules(Action.DROP, "make the order smaller or add margin", (-2018, -2019, -2024, -4050, -4051)),
    **_rules(Action.DROP, "the trigger is already reached: act on the price now", (-2021, -4142)),
    **_rules(Action.DROP, "look at the position and the open orders: there is nothing left to reduce", (-2022, -4118)),
    **_rules(Action.BLOCK, "the account is being liquidated: no trading", (-2023,)),
    **_rules(Action.DROP, "cancel some open orders first", (-2025, -4045)),
    **_rules(Action.FIX, "use an order type that can be reduce-only", (-2026,)),
    **_rules(Action.DROP, "make the order smaller or lower the leverage", (-2027, -2028, -4183, -4184)),
    **_rules(Action.FIX, "keep the price above zero, within the instrument's limits", (-4001, -4002, -4013)),
    **_rules(Action.FIX, "keep the quantity within the instrument's limits", (-4003, -4004, -4005)),
    **_rules(Action.FIX, "keep the price nearer to the mark price", (-4016, -4024, -4131, -4210, -4211)),
    **_rules(Action.FIX, "use 1 to 36 of the characters A-Z a-z 0-9 . : / _ -", (-4015,)),
    **_rules(Action.FIX, "use a leverage between 1 and the instrument's highest", (-4028,)),
    **_rules(Action.SUCCESS, "it is so already", (-4046, -4059, -4171, -5027)),
    **_rules(Action.DROP, "end the open orders first", (-4047, -4067)),
    **_rules(Action.DROP, "close the position first", (-4048, -4068, -4161, -4531)),
    **_rules(Action.FIX, "name the position's side as the account's position mode wants it", (-4060, -4061, -4062)),
    **_rules(Action.FIX, "send at most five orders at once", (-4082, -4083)),
    **_rules(Action.BLOCK, "the account or the instrument may only reduce: read the venue's notice",
             (-4087, -4088, -4105, -4106, -4107, -4189, -4192, -4400, -4401)),
    **_rules(Action.BLOCK, "transfer money into the futures wallet to activate the account", (-4109,)),
    **_rules(Action.FIX, "send conditional orders as algo orders", (-4120,)),
    **_rules(Action.DROP, "cancel the other close-position order first", (-4130,)),
    **_rules(Action.FIX, "correct the close-position order", (-4137, -4138, -4139)),
    **_rules(Action.DROP, "the instrument is closed", (-4140, -4141)),
    **_rules(Action.FIX, "use another instrument", (-4144,)),
    **_rules(Action.FIX, "raise the quantity to the minimum notional, or drop the order", (-4164, -5029)),
    **_rules(Action.FIX, "the multi-assets mode forbids it", (-4167, -4168, -4169, -4170, -4172)),
    **_rules(Action.DROP, "the venue's rules for the account forbid it", (*range(-4209, -4201), -4402, -4403)),
    **_rules(Action.DROP, "there is no position that this order could belong to", (-4509,)),
    **_rules(Action.DROP, "it could not be filled at once; nothing was placed", (-5021,)),
    **_rules(Action.DROP, "it would have taken; nothing was placed: choose another price", (-5022,)),
    **_rules(Action.DROP, "the order can't be changed: cancel it and send another", (-5024, -5025, -5026, -5047)),
    **_rules(Action.FIX, "correct the price match, self-trade prevention or good-till date", (*range(-5041, -5036),)),
}  # fmt: skip

_BANNED = re.compile(r"banned until (\d+)")
_UNKNOWN_503 = "unknown error"
_NOT_EXECUTED_503 = ("service unavailable", "internal error; unable to process", "request throttled by system-level")


class _Envelope(msgspec.Struct):
    code: int | str = 0
    msg: str = ""


_decoder = msgspec.json.Decoder(_Envelope)


def judge(reply: Reply) -> Failure | None:
    """What a reply asks of us; None where it is a success, whose body is read only where it starts with a code."""
    body = reply.body
    if 200 <= reply.status < 300 and not body.startswith(b'{"code"'):
        return None
    code, message = _envelope(body)
    if 200 <= reply.status < 300 and code >= 0:
        return None
    rule = _by_code(code) if code not in {0, 200} or reply.status < 400 else _by_status(reply.status)
    if reply.status in {418, 429} and rule.action is not Action.WAIT:
        rule = _by_status(reply.status)
    if reply.status == 503 and body.startswith(b"{"):  # words that are not the venue's JSON may be a proxy's
        rule = _by_503(message, code, rule)
    banned = _BANNED.search(message)
    return Failure(
        reply.status,
        code,
        message or f"HTTP {reply.status}",
        rule.action,
        rule.cure,
        wait_s=_retry_after_s(reply.headers),
        banned_until_ms=int(banned.group(1)) if banned else None,
    )


def element_failure(code: int, message: str) -> Failure:
    """What one refused element of a batch asks of us."""
    rule = _by_code(code)
    return Failure(400, code, message, rule.action, rule.cure)


def _envelope(body: bytes) -> tuple[int, str]:
    try:
        said = _decoder.decode(body)
        return int(said.code), said.msg
    except (msgspec.MsgspecError, ValueError):
        return 0, body[:200].decode(errors="replace").strip()


def _by_code(code: int) -> Rule:
    """Codes above -2000 are the server's own troubles: one that is not known leaves open what became of the call."""
    return RULES.get(code) or Rule(Action.DROP if code <= -2000 else Action.REQUERY, "look at the venue's words")


def _by_status(status: int) -> Rule:
    if status in {418, 429}:
        return Rule(Action.WAIT, "wait until the limit's window or the ban has passed")
    if status == 403:
        return Rule(Action.WAIT, "the venue's firewall refused: ask less, and check from where you connect")
    if status in {401, 404, 405, 400}:
        return Rule(Action.FIX, "check the address and the key")
    return Rule(Action.REQUERY, "ask what became of it")


def _by_503(message: str, code: int, rule: Rule) -> Rule:
    text = message.lower()
    if text.startswith(_UNKNOWN_503):
        return Rule(Action.REQUERY, "ask for the order by its client order id")
    if text.startswith(_NOT_EXECUTED_503) or code in {-1001, -1008}:
        return Rule(Action.RETRY, "it was not executed: send it again a little later")
    return rule if code not in {0, 200} else Rule(Action.REQUERY, "ask for the order by its client order id")


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after")
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None


def house_error(error: FailedCallError, *, is_order: bool = True) -> VenueError | NetworkError:
    """The error that a caller of the port sees; a question is no order and is not refused as one."""
    failure, what = error.failure, error.what
    if failure.status == 0 and failure.action is Action.WAIT:
        return OrderRefusedError(f"{what}: {failure.message}", cure=failure.cure)
    if failure.code == 0:
        status = f"HTTP {failure.status}, " if failure.status else ""
        return NetworkError(f"{what}: {status}{failure.message}", cure=failure.cure)
    text = f"{what}: Binance refused with {failure.code} ({failure.message})"
    if failure.action is Action.BLOCK or failure.code in {-1002, -1022, -2014, -2015}:
        return TradingBlockedError(text, cure=failure.cure, code=failure.code)
    kind = OrderRefusedError if is_order else VenueError
    return kind(text, cure=failure.cure, code=failure.code)


@contextmanager
def housed() -> Iterator[None]:
    """Turn what the adapter raises inside itself into errors of the house, around questions."""
    try:
        yield
    except FailedCallError as error:
        raise house_error(error, is_order=False) from error
    except UnknownOutcomeError as error:
        raise NetworkError(str(error), cure="ask again") from error
