"""The checks before an operation: key, timestamp, signature, in the order in which the venue complains.

Order of complaints: ban and request weight, path, key (-2014, -2015), signature and timestamp sent (-1102), timestamp
(-1021), signature (-1022), then order counters (-1015), parameters and business.
"""

from geobuk.emulators.binance.errors import (
    ahead_of_time,
    bad_signature,
    key_format,
    key_refused,
    mandatory,
    outside_engine_window,
    outside_window,
)
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.keys import ApiKey
from geobuk.emulators.binance.operations import Security
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.signing import is_signed_by

DEFAULT_WINDOW_MS = 5000
AHEAD_MS = 1000
LONGEST_KEY = 256


def admitted_key(exchange: Exchange, name: str | None, security: Security, ip: str) -> ApiKey | None:
    """The key that speaks, None where none is needed; 401 with -2014 (no sensible key) or -2015 (not allowed)."""
    if not security.needs_key:
        return None
    if not name or len(name) > LONGEST_KEY or not name.isascii() or not name.isprintable() or " " in name:
        raise key_format()
    key = exchange.keys.find(name)
    if key is None or not key.is_valid or (key.is_ip_restricted and ip not in key.allowed_ips):
        raise key_refused()
    if (security is Security.TRADE and not key.can_trade) or not key.can_read:
        raise key_refused()
    return key


def check_signed(exchange: Exchange, key: ApiKey, params: Params, payload: bytes) -> None:
    """Timestamp in its window and signature over the payload; -1102, -1021 or -1022 where not."""
    for name in ("timestamp", "signature"):
        if not params.get(name):
            raise mandatory(name)
    check_timestamp(exchange, params)
    if not is_signed_by(key, payload, params["signature"]):
        raise bad_signature()


def check_timestamp(exchange: Exchange, params: Params) -> None:
    """-1021 unless timestamp < server + 1000 ms and server - timestamp <= recvWindow (5000 ms by default)."""
    sent, window = params.required_integer("timestamp"), _window(params)
    server = exchange.clock.server_ms()
    if sent >= server + AHEAD_MS:
        raise ahead_of_time()
    if server - sent > window:
        raise outside_window()


def check_engine_window(exchange: Exchange, params: Params) -> None:
    """-5028 where an order was on its way to the engine for longer than its window; requests without one pass."""
    if params.get("timestamp") and exchange.clock.server_ms() - params.required_integer("timestamp") > _window(params):
        raise outside_engine_window()


def _window(params: Params) -> int:
    window = params.integer("recvWindow")
    return DEFAULT_WINDOW_MS if window is None else window
