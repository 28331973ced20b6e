"""The Binance emulator as a person starts it: which market, which money, which key, which faults."""

import asyncio
import errno
import json
import signal
import socket
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from geobuk.app import event_loop
from geobuk.data.recordings.tape import tape_market
from geobuk.data.recordings.tick_files import tick_market
from geobuk.domain.errors import DataError, SettingsError, UnknownNameError
from geobuk.emulators.binance.assembly import AssemblySpec, Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.exchange import LARGE_IDS, ExchangeSpec
from geobuk.emulators.binance.faults.desk import read_fault
from geobuk.emulators.binance.faults.kinds import Fault
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT, DEFAULT_KEY, DEFAULT_SECRET, ApiKey
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.generated import GeneratedMarket, GeneratedSpec
from geobuk.matching.markets.market import Market
from geobuk.matching.markets.rules import starting_rules
from geobuk.ops.clock import WallClock

DEFAULT_PORT = 8790
MARKETS = ("generated", "replay")
_FASTEST = 10_000.0
_HOST = "127.0.0.1"
_LEASH_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class EmulatorRequest:
    """What was asked for. ``file`` is a tape for ``replay``; ``wallet`` in USDT; no ``instruments`` means all."""

    market: str = "generated"
    file: Path | None = None
    speed: float = 1.0
    seed: int = 1
    port: int = DEFAULT_PORT
    key: str = DEFAULT_KEY
    secret: str = DEFAULT_SECRET
    wallet: Decimal = Decimal(10_000)
    instruments: tuple[str, ...] = ()
    faults: Path | None = None


@dataclass(frozen=True, slots=True)
class EmulatorAddress:
    """Where the emulator listens and who may trade; ``is_synthetic`` where its prices are made up."""

    base_url: str
    key: str
    secret: str
    instruments: tuple[str, ...]
    is_synthetic: bool

    @property
    def stream_url(self) -> str:
        return self.base_url.replace("http", "ws", 1)

    def as_json(self) -> dict[str, Any]:
        return {
            "rest": self.base_url,
            "streams": self.stream_url,
            "ws_api": f"{self.stream_url}/ws-fapi/v1",
            "control": f"{self.base_url}/control",
            "key": self.key,
            "secret": self.secret,
            "instruments": list(self.instruments),
            "is_synthetic": self.is_synthetic,
        }


def run_emulator(request: EmulatorRequest, tell: Callable[[EmulatorAddress], None]) -> None:
    """Listen until interrupted; ``tell`` is called once when clients may come.

    Raises
    ------
    UserError : one of its kinds; above all a port that is taken, an unknown instrument, a file that can't be read.
    """
    event_loop.run(_run(request, tell))


async def _run(request: EmulatorRequest, tell: Callable[[EmulatorAddress], None]) -> None:
    _require_free(request.port)
    faults = read_faults(request.faults) if request.faults else []
    emulation = emulate(request)
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        async with emulation:
            for fault in faults:
                emulation.faults.add(fault)
            names = emulation.exchange.instruments
            is_synthetic = request.market == "generated"
            tell(EmulatorAddress(emulation.base_url, request.key, request.secret, names, is_synthetic))
            await ended.wait()
    except OSError as error:
        raise _port_error(request.port, error) from None


def _require_free(port: int) -> None:
    """Say at once that a port is taken, before a market is made for it."""
    _require(0 <= port <= 65_535, f"--port {port}", "give 0 (any) to 65535")
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        raise _port_error(port, error) from None


def _port_error(port: int, error: OSError) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(
            f"port {port} is taken by another program", cure="choose another with --port, or end that one"
        )
    return SettingsError(f"can't listen on port {port}: {error.strerror}", cure="choose another with --port")


def emulate(request: EmulatorRequest) -> Emulation:
    """The emulator that was asked for, not yet listening; raises UserError."""
    _require(0 <= request.speed <= _FASTEST, f"--speed {request.speed:g}", f"give 0 to {_FASTEST:,.0f}")
    _require(0 < request.wallet <= 10**12, f"--wallet {request.wallet}", "give USDT above 0")
    _require(bool(request.key and request.secret), "an empty --key or --secret", "give both, or neither")
    clock = SpeedClock(WallClock(), speed=request.speed, leash_ns=_LEASH_NS)
    spec = AssemblySpec(
        ExchangeSpec(
            replace(LARGE_IDS, seed=request.seed),
            default_deposits={"USDT": request.wallet},
            seed=request.seed,
            has_recorded_prices=request.market == "replay",
        ),
        seed=request.seed,
        host=_HOST,
        port=request.port,
    )
    emulation = Emulation(_market(request, clock.now_ns()), clock, spec)
    if (request.key, request.secret) != (DEFAULT_KEY, DEFAULT_SECRET):
        keys = emulation.exchange.keys
        keys.revoke(DEFAULT_KEY)
        keys.add(ApiKey(request.key, DEFAULT_ACCOUNT, request.secret, created_ms=emulation.exchange.now_ms))
    return emulation


def _market(request: EmulatorRequest, start_ns: int) -> Market:
    rules = _rules(request.instruments)
    if request.market == "generated":
        _require(request.file is None, "a FILE for a generated market", "say --market replay FILE")
        return GeneratedMarket(rules, GeneratedSpec(seed=request.seed), start_ns)
    if request.market != "replay":
        raise UnknownNameError("market", request.market, MARKETS)
    if request.file is None:
        raise SettingsError("a replay of nothing", cure="name a recording: --market replay FILE")
    if request.file.exists():
        return tape_market(request.file, rules, start_ns, is_looped=True)
    if not request.file.with_name(f"{request.file.name}_trades.parquet").is_file():
        raise DataError(
            f"there is no recording at {request.file}",
            cure="give a tape, a folder of them, or the prefix of tick files",
        )
    if len(request.instruments) != 1:
        raise SettingsError("tick files hold one instrument", cure="name it: --instruments BTCUSDT")
    return tick_market(request.file, rules[0], start_ns, is_looped=True)


def _rules(names: tuple[str, ...]) -> tuple[MarketRules, ...]:
    known = [rules.name for rules in starting_rules()]
    for name in names:
        if name not in known:
            raise UnknownNameError("instrument", name, known)
    return starting_rules(tuple(names) or None)


def read_faults(path: Path) -> list[Fault]:
    """Faults from a JSON list, or a TOML file with ``[[faults]]``; raises DataError naming the wrong one."""
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text).get("faults") if path.suffix == ".toml" else json.loads(text)
    except (OSError, ValueError) as error:
        raise DataError(
            f"faults can't be read from {path}: {error}", cure="write a JSON list, or [[faults]] in TOML"
        ) from None
    if not isinstance(content, list):
        raise DataError(f"{path} holds no list of faults", cure="write a JSON list, or [[faults]] in TOML")
    found = []
    for number, one in enumerate(content, start=1):
        try:
            found.append(read_fault(one))
        except SettingsError as error:
            raise DataError(f"fault {number} of {path.name}: {error.message}", cure=error.cure) from None
    return found


def _require(holds: bool, what: str, cure: str) -> None:
    if not holds:
        raise SettingsError(f"{what} can't be", cure=cure)
