"""freqtrade starts against the emulator, trades, and shuts down: with its own simulation, and with real orders."""

import asyncio
import json
import signal
import socket
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from geobuk.domain.times import NS_PER_HOUR
from geobuk.emulators.binance.assembly import Emulation
from geobuk.emulators.binance.clock import SpeedClock
from geobuk.emulators.binance.keys import DEFAULT_ACCOUNT, DEFAULT_KEY, DEFAULT_SECRET
from geobuk.matching.markets.generated import GeneratedMarket, GeneratedSpec
from geobuk.matching.markets.rules import starting_rules
from geobuk.ops.clock import WallClock
from tests.judges.judge import PYTHON

pytestmark = [
    pytest.mark.skipif(not PYTHON.exists(), reason="the clients are not installed: run `make judges`"),
    pytest.mark.timeout(240),
]
_PATIENCE_S = 150


@pytest.mark.parametrize("is_dry", [True, False], ids=["dry", "live"])
def test_freqtrade_starts_trades_and_shuts_down(is_dry: bool, tmp_path: Path) -> None:
    asyncio.run(_run(is_dry, tmp_path))


async def _run(is_dry: bool, folder: Path) -> None:
    clock = SpeedClock(WallClock())
    start_ns = clock.now_ns() - NS_PER_HOUR // 4
    market = GeneratedMarket(starting_rules(("BTCUSDT", "ETHUSDT")), GeneratedSpec(seed=7), start_ns)
    async with Emulation(market, clock) as emulation:
        database = folder / "trades.sqlite"
        config = folder / "config.json"
        port = _free_port()
        config.write_text(json.dumps(_config(emulation.base_url, is_dry=is_dry, database=database, port=port)))
        log = (folder / "freqtrade.log").open("wb")
        bot = await asyncio.create_subprocess_exec(
            str(PYTHON.parent / "freqtrade"),
            *("trade", "--config", str(config), "--userdir", str(folder)),
            *("--strategy", "InAndOut", "--strategy-path", str(Path(__file__).parent)),
            stdout=log,
            stderr=log,
        )
        try:
            await _until_closed_trade(database, bot, folder / "freqtrade.log")
            await _rest(port)
        finally:
            if bot.returncode is None:
                bot.send_signal(signal.SIGINT)
            code = await asyncio.wait_for(bot.wait(), 60)
            log.close()
            bot._transport.close()  # type: ignore[attr-defined]
        said = (folder / "freqtrade.log").read_text()
        assert code == 130, said[-3000:]  # what freqtrade gives when it is interrupted and shuts down in order
        assert "Traceback" not in said, said[-4000:]
        _hold_against_the_books(emulation, database, is_dry=is_dry)


async def _until_closed_trade(database: Path, bot: asyncio.subprocess.Process, log: Path) -> None:
    for _ in range(_PATIENCE_S * 2):
        if bot.returncode is not None:
            raise AssertionError(f"freqtrade ended by itself:\n{log.read_text()[-4000:]}")
        if _rows(database, "select id from trades where is_open = 0"):
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"no trade was closed in {_PATIENCE_S} s:\n{log.read_text()[-4000:]}")


async def _rest(port: int) -> None:
    """Have the bot stop trading first: a signal in the middle of a database write is not what is judged here."""
    login = {"Authorization": aiohttp.encode_basic_auth("judge", "judge")}
    async with (
        aiohttp.ClientSession(headers=login) as session,
        session.post(f"http://127.0.0.1:{port}/api/v1/stop") as reply,
    ):
        assert reply.status == 200
    await asyncio.sleep(2.5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _hold_against_the_books(emulation: Emulation, database: Path, *, is_dry: bool) -> None:
    engine = emulation.exchange.engine
    executions = engine.executions(DEFAULT_ACCOUNT, None)
    if is_dry:
        assert list(executions) == []
        return
    closed = _rows(database, "select id from trades where is_open = 0")[0][0]
    orders = _rows(
        database,
        f"select order_id, filled, average from orders where ft_trade_id = {closed} and status = 'closed' order by id",
    )
    assert len(orders) >= 2
    for order_id, filled, average in orders:
        mine = [e for e in executions if str(e.order_id) == order_id]
        quantity = sum(e.quantity for e in mine)
        assert float(quantity) == pytest.approx(filled, rel=1e-12)
        assert float(sum(e.quantity * e.price for e in mine) / quantity) == pytest.approx(average, rel=1e-9)


def _rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    if not database.is_file():
        return []
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    except sqlite3.OperationalError:  # not made yet, or being written
        return []
    finally:
        connection.close()


def _config(base: str, *, is_dry: bool, database: Path, port: int) -> dict[str, Any]:
    versions = {"": "v1", "V2": "v2", "V3": "v3"}
    urls = {f"fapi{kind}{v}": f"{base}/fapi/{p}" for kind in ("Public", "Private") for v, p in versions.items()}
    return {
        "max_open_trades": 1,
        "stake_currency": "USDT",
        "stake_amount": 200,
        "dry_run": is_dry,
        "dry_run_wallet": 10_000,
        "db_url": f"sqlite:///{database}",
        "trading_mode": "futures",
        "margin_mode": "isolated",
        "entry_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "exit_pricing": {"price_side": "other", "use_order_book": True, "order_book_top": 1},
        "unfilledtimeout": {"entry": 1, "exit": 1, "unit": "minutes"},
        "exchange": {
            "name": "binanceusdm",
            "key": DEFAULT_KEY,
            "secret": DEFAULT_SECRET,
            "pair_whitelist": ["BTC/USDT:USDT"],
            "only_from_ccxt": True,
            "ccxt_config": {
                "options": {"fetchCurrencies": False},
                "urls": {"api": {**urls, "fapiData": f"{base}/futures/data"}},
            },
        },
        "pairlists": [{"method": "StaticPairList"}],
        "internals": {"process_throttle_secs": 1},
        "initial_state": "running",
        "api_server": {
            "enabled": True,
            "listen_ip_address": "127.0.0.1",
            "listen_port": port,
            "verbosity": "error",
            "jwt_secret_key": "for the judge on this machine only, of no worth",
            "ws_token": "for the judge on this machine only, of no worth",
            "username": "judge",
            "password": "judge",
        },
        "cancel_open_orders_on_exit": True,
    }
