"""The Binance emulator on a generated market, in a process of its own, for measurements.

python emulator_process.py '{"instruments": ["BTCUSDT"], …}' prints one JSON line, {"base_url": …}, and ends with its
standard input. The settings are the fields of :class:`Settings`.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

from measuring import one_core

UNLIMITED = 10**9


@dataclass(frozen=True)
class Settings:
    """``pace`` is the market's rows a second and instrument; ``accounts`` get keys named key-0, key-1 … beside the
    usual one. ``kept`` bounds orders, executions, ledger entries and prints, each by account or instrument; 0 leaves
    the emulator's own bounds.
    """

    instruments: tuple[str, ...] = ("BTCUSDT",)
    pace: float = 40.0
    seed: int = 7
    accounts: int = 0
    kept: int = 0
    is_limited: bool = False
    profile: str = ""
    """A file for what cProfile counts."""


@contextmanager
def emulator(settings: Settings) -> Iterator[tuple[str, int]]:
    """A running emulator, by its address and process id."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), json.dumps(asdict(settings))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=one_core(),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield str(json.loads(process.stdout.readline())["base_url"]), process.pid
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


async def run(settings: Settings) -> None:
    """Listen until standard input ends."""
    from geobuk.emulators.binance.assembly import AssemblySpec, Emulation
    from geobuk.emulators.binance.clock import SpeedClock
    from geobuk.emulators.binance.keys import ApiKey
    from geobuk.matching.markets.generated import GeneratedMarket, GeneratedSpec
    from geobuk.matching.markets.rules import starting_rules
    from geobuk.ops.clock import WallClock

    clock = SpeedClock(WallClock())
    market = GeneratedMarket(
        starting_rules(settings.instruments), GeneratedSpec(seed=settings.seed, pace=settings.pace), clock.now_ns()
    )
    emulation = Emulation(market, clock, AssemblySpec(exchange=exchange_spec(settings)))
    exchange = emulation.exchange
    for number in range(settings.accounts):
        exchange.open_account(f"account-{number}", {"USDT": Decimal(1_000_000)})
        exchange.keys.add(ApiKey(f"key-{number}", f"account-{number}", f"secret-{number}", created_ms=exchange.now_ms))
    async with emulation:
        print(json.dumps({"base_url": emulation.base_url}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def exchange_spec(settings: Settings) -> object:
    """Rich accounts; limits out of the way unless they are wanted."""
    from dataclasses import replace

    from geobuk.emulators.binance.exchange import LARGE_IDS, ExchangeSpec
    from geobuk.emulators.binance.limits import LimitSpec
    from geobuk.matching.margin.spec import AccountSpec

    spec = ExchangeSpec(default_deposits={"USDT": Decimal(1_000_000)})
    if not settings.is_limited:
        limits = LimitSpec(weight_per_minute=UNLIMITED, orders_per_10_seconds=UNLIMITED, orders_per_minute=UNLIMITED)
        spec = replace(spec, limits=limits)
    if settings.kept:
        kept = settings.kept
        spec = replace(
            spec,
            engine=replace(LARGE_IDS, kept_orders=kept),
            kept_trades=kept,
            default_account=AccountSpec(kept_entries=kept),
        )
    return spec


def main() -> None:
    told = json.loads(sys.argv[1])
    settings = Settings(**{**told, "instruments": tuple(told["instruments"])})
    import uvloop

    if not settings.profile:
        uvloop.run(run(settings))
        return
    import cProfile

    profile = cProfile.Profile()
    profile.runcall(uvloop.run, run(settings))
    profile.dump_stats(settings.profile)


if __name__ == "__main__":
    main()
