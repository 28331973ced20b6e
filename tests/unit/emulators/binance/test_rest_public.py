"""Public market data over REST: samples of the venue's own shapes, and the rules of each list."""

import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.support.emulated_venue import START_MS, Desk, at_the_venue

from geobuk.domain.order import Side

PUBLIC = {
    "order_book": {"symbol": "BTCUSDT", "limit": 5},
    "recent_trades_list": {"symbol": "BTCUSDT"},
    "compressed_aggregate_trades_list": {"symbol": "BTCUSDT"},
    "kline_candlestick_data": {"symbol": "BTCUSDT", "interval": "1m"},
    "mark_price": {"symbol": "BTCUSDT"},
    "get_funding_rate_info": {},
    "open_interest": {"symbol": "BTCUSDT"},
    "open_interest_statistics": {"symbol": "BTCUSDT", "period": "5m"},
    "symbol_price_ticker_v2": {"symbol": "BTCUSDT"},
    "ticker24hr_price_change_statistics": {"symbol": "BTCUSDT"},
    "symbol_order_book_ticker": {"symbol": "BTCUSDT"},
    "taker_buy_sell_volume": {"symbol": "BTCUSDT", "period": "5m"},
    "top_trader_long_short_ratio_accounts": {"symbol": "BTCUSDT", "period": "5m"},
    "top_trader_long_short_ratio_positions": {"symbol": "BTCUSDT", "period": "5m"},
    "long_short_ratio": {"symbol": "BTCUSDT", "period": "5m"},
    "basis": {"pair": "BTCUSDT", "period": "5m", "contractType": "PERPETUAL"},
    "adl_risk": {"symbol": "BTCUSDT"},
    "query_index_price_constituents": {"symbol": "BTCUSDT"},
    "trading_schedule": {},
    "check_server_time": {},
}
SIGNED = {
    "futures_account_balance_v3": {},
    "account_information_v3": {},
    "futures_account_configuration": {},
    "symbol_configuration": {},
    "position_information_v3": {},
    "position_information_v2": {},
    "get_current_position_mode": {},
    "get_current_multi_assets_mode": {},
    "get_bnb_burn_status": {},
    "query_user_rate_limit": {},
    "user_commission_rate": {"symbol": "BTCUSDT"},
    "get_income_history": {},
    "current_all_open_orders": {},
    "account_trade_list": {"symbol": "BTCUSDT"},
}
RETIRED = {
    "ignore",
    "page",
    "activatePrice",
    "priceRate",
    "annualizedBasisRate",
    "positions",
    "crossMarginAsset",
    "brackets",
}


@pytest.fixture
def examples(shared_data: Path) -> dict[str, Any]:
    file = shared_data / "payloads" / "binance" / "um_rest_and_ws_examples_official_connector.json"
    if not file.is_file():
        pytest.skip(f"no example payloads at {file}")
    content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return content


def misfits(expected: Any, got: Any, where: str) -> list[str]:
    """Keys of the example that are missing, and values of another JSON type."""
    if isinstance(expected, Mapping):
        if not isinstance(got, Mapping):
            return [f"{where}: not an object"]
        missing = [f"{where}.{key} is missing" for key in expected if key not in got and key not in RETIRED]
        both = [key for key in expected if key in got]
        return missing + [one for key in both for one in misfits(expected[key], got[key], f"{where}.{key}")]
    if isinstance(expected, list):
        if not isinstance(got, list):
            return [f"{where}: not a list"]
        if expected and got:
            return misfits(expected[0], got[0], f"{where}[0]")
        return []
    kinds = {bool: bool, int: int, float: (int, float), str: str, type(None): object}
    return [] if isinstance(got, kinds[type(expected)]) else [f"{where}: {got!r} where {expected!r} was"]  # type: ignore[arg-type]


@pytest.mark.real_data
def test_replies_have_the_fields_and_types_of_the_published_examples(examples: dict[str, Any]) -> None:
    async def act(desk: Desk) -> None:
        await desk.market_order("BUY", "0.010")
        await desk.order()
        wrong = []
        for name, params in {**PUBLIC, **SIGNED}.items():
            example = examples[f"rest_api/{name}"]
            call = (
                desk.signed("GET", example["path"], **params)
                if name in SIGNED
                else desk.public(example["path"], **params)
            )
            reply = await call
            assert reply.status == 200, (name, reply.body)
            expected = example["response"]
            if isinstance(expected, list) and isinstance(reply.body, dict):
                expected = expected[0]
            if isinstance(expected, dict) and isinstance(reply.body, list):
                expected = [expected]
            wrong += misfits(expected, reply.body, name)
        assert wrong == []

    at_the_venue(act, has_past=True)


def test_exchange_info_tells_the_filters() -> None:
    async def act(desk: Desk) -> None:
        info = (await desk.public("/fapi/v1/exchangeInfo")).body
        bitcoin = next(row for row in info["symbols"] if row["symbol"] == "BTCUSDT")
        filters = {row["filterType"]: row for row in bitcoin["filters"]}
        assert filters["PRICE_FILTER"] == {
            "filterType": "PRICE_FILTER",
            "minPrice": "261.10",
            "maxPrice": "809484",
            "tickSize": "0.10",
        }
        assert filters["LOT_SIZE"]["stepSize"] == "0.001"
        assert filters["MARKET_LOT_SIZE"]["maxQty"] == "120"
        assert filters["MIN_NOTIONAL"]["notional"] == "50"
        assert filters["PERCENT_PRICE"]["multiplierUp"] == "1.0500"
        assert (bitcoin["pricePrecision"], bitcoin["quantityPrecision"], bitcoin["status"]) == (2, 3, "TRADING")

    at_the_venue(act)


def test_the_book_is_cut_to_the_levels_asked_for() -> None:
    async def act(desk: Desk) -> None:
        book = (await desk.public("/fapi/v1/depth", symbol="BTCUSDT", limit=5)).body
        assert book["bids"][:2] == [["83999.90", "50.000"], ["83999.80", "50.000"]]
        assert (len(book["bids"]), len(book["asks"])) == (5, 5)
        assert (await desk.public("/fapi/v1/depth", symbol="BTCUSDT", limit=7)).body == {
            "code": -4021,
            "msg": "7 is not valid depth limit.",
        }
        before = book["lastUpdateId"]
        await desk.order(price="83999.90")
        after = (await desk.public("/fapi/v1/depth", symbol="BTCUSDT", limit=5)).body
        assert after["lastUpdateId"] > before
        assert after["bids"][0] == ["83999.90", "50.010"]

    at_the_venue(act)


def test_trades_are_aggregated_by_moment_price_and_side() -> None:
    async def act(desk: Desk) -> None:
        at = desk.clock.at_ns
        for price, quantity, side in (("84000.00", "0.100", Side.BUY),) * 2 + (("83999.90", "0.300", Side.SELL),):
            desk.market.trade("BTCUSDT", at, price, quantity, side)
        desk.market.trade("BTCUSDT", at + 1_000_000, "83999.90", "0.300", Side.SELL)
        desk.pass_time(1)
        trades = (await desk.public("/fapi/v1/trades", symbol="BTCUSDT", limit=2)).body
        assert [(row["qty"], row["isBuyerMaker"]) for row in trades] == [("0.300", True), ("0.300", True)]
        rows = (await desk.public("/fapi/v1/aggTrades", symbol="BTCUSDT")).body
        assert [(row["a"], row["q"], row["l"] - row["f"], row["m"]) for row in rows] == [
            (1, "0.200", 1, False),
            (2, "0.300", 0, True),
            (3, "0.300", 0, True),
        ]
        assert [
            row["a"] for row in (await desk.public("/fapi/v1/aggTrades", symbol="BTCUSDT", fromId=2, limit=1)).body
        ] == [2]
        late = {"symbol": "BTCUSDT", "startTime": START_MS + 1}
        assert [row["a"] for row in (await desk.public("/fapi/v1/aggTrades", **late)).body] == [3]
        assert (await desk.public("/fapi/v1/aggTrades", **late, fromId=1)).code == -1128
        assert (await desk.public("/fapi/v1/aggTrades", **late, endTime=START_MS + 3_600_001)).code == -1127
        old = await desk.keyed("GET", "/fapi/v1/historicalTrades", symbol="BTCUSDT", limit=1, fromId=trades[0]["id"])
        assert [row["id"] for row in old.body] == [trades[0]["id"]]
        assert old.headers["X-MBX-USED-WEIGHT-1M"] != "0"
        assert (await desk.public("/fapi/v1/historicalTrades", symbol="BTCUSDT")).status == 401

    at_the_venue(act)


def test_candles_include_the_open_one_and_respect_the_window() -> None:
    async def act(desk: Desk) -> None:
        for seconds, price in ((0, "84000.00"), (30, "84100.00"), (65, "83900.00")):
            desk.pass_time(seconds)
            desk.market.trade("BTCUSDT", desk.clock.at_ns, price, "1.000", Side.BUY)
            desk.pass_time(0.1)
        rows = (await desk.public("/fapi/v1/klines", symbol="BTCUSDT", interval="1m")).body
        assert [row[4] for row in rows] == ["84100.00", "83900.00"]
        assert all(len(row) == 12 and row[11] == "0" and row[6] == row[0] + 59_999 for row in rows)
        hour = (await desk.public("/fapi/v1/klines", symbol="BTCUSDT", interval="1h")).body
        assert hour[-1][1:6] == ["84000.00", "84100.00", "83900.00", "83900.00", "3.000"]
        assert hour[-1][7:11] == ["252000.00000", 3, "3.000", "252000.00000"]
        continuous = {"pair": "BTCUSDT", "contractType": "PERPETUAL", "interval": "1h"}
        assert (await desk.public("/fapi/v1/continuousKlines", **continuous)).body == hour
        mark = (await desk.public("/fapi/v1/markPriceKlines", symbol="BTCUSDT", interval="1h")).body
        assert (mark[-1][4], mark[-1][5], mark[-1][7]) == ("83990.00000000", "0", "0")
        assert (await desk.public("/fapi/v1/klines", symbol="BTCUSDT", interval="1s")).code == -1120
        assert (await desk.public("/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=0)).code == -1130
        early = {"symbol": "BTCUSDT", "interval": "1m", "startTime": rows[0][0], "endTime": rows[0][0]}
        assert (await desk.public("/fapi/v1/klines", **early)).body == rows[:1]

    at_the_venue(act)


def test_a_market_that_just_began_has_a_past_to_show() -> None:
    async def act(desk: Desk) -> None:
        for interval in ("1m", "1h", "1d", "1w", "1M"):
            rows = (await desk.public("/fapi/v1/klines", symbol="BTCUSDT", interval=interval, limit=60)).body
            assert len(rows) == 60
            assert all(later[0] == earlier[6] + 1 for earlier, later in pairwise(rows))
            assert all(float(row[3]) <= min(float(row[1]), float(row[4])) for row in rows)
        long_ago = {"symbol": "BTCUSDT", "interval": "1h", "startTime": 1_700_000_000_000, "limit": 3}
        again = (await desk.public("/fapi/v1/klines", **long_ago)).body
        assert [row[0] for row in again] == [1_700_002_800_000, 1_700_006_400_000, 1_700_010_000_000]
        funding = (await desk.public("/fapi/v1/fundingRate", symbol="BTCUSDT", limit=1000)).body
        assert len(funding) == 1000
        assert all(row["fundingTime"] % 28_800_000 == 0 for row in funding)
        day = (await desk.public("/fapi/v1/ticker/24hr", symbol="BTCUSDT")).body
        assert float(day["volume"]) > 1000

    at_the_venue(act, has_past=True)


def test_one_symbol_gives_an_object_and_none_a_list() -> None:
    async def act(desk: Desk) -> None:
        for path in ("ticker/bookTicker", "premiumIndex", "ticker/price"):
            one = (await desk.public(f"/fapi/v1/{path}", symbol="DOTUSDT")).body
            every = (await desk.public(f"/fapi/v1/{path}")).body
            assert one["symbol"] == "DOTUSDT"
            assert [row["symbol"] for row in every] == ["BTCUSDT", "DOTUSDT"]
        terms = (await desk.public("/fapi/v1/fundingInfo")).body
        assert [(row["symbol"], row["fundingIntervalHours"]) for row in terms] == [("DOTUSDT", 4)]

    at_the_venue(act)


def test_a_spot_client_finds_the_paths_it_calls_first() -> None:
    async def act(desk: Desk) -> None:
        assert (await desk.public("/api/v3/ping")).body == {}
        assert (await desk.public("/api/v3/time")).body == {"serverTime": START_MS}
        coins = (await desk.signed("GET", "/sapi/v1/capital/config/getall")).body
        assert [row["coin"] for row in coins] == ["USDT", "BTC", "DOT"]

    at_the_venue(act)
