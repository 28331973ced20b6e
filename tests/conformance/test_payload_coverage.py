"""Every payload that there is of the venue is read in a test of the adapter, or left out for a reason given here."""

import asyncio
import gzip
import importlib
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from geobuk.venues.binance.errors import judge
from geobuk.venues.binance.market_history import MarketHistory
from geobuk.venues.binance.market_reader import read_depth
from geobuk.venues.binance.transport import Reply

READ_ELSEWHERE = importlib.import_module("tests.unit.venues.binance.test_binance_payloads")
DEPTHS = ("rest_api/order_book", "rest_api/rpi_order_book")
ENVELOPES = (
    "cancel_all_algo_open_orders", "cancel_all_open_orders", "change_margin_type", "change_multi_assets_mode",
    "change_position_mode", "futures_tradfi_perps_contract", "toggle_bnb_burn_on_futures_trade",
)  # fmt: skip
STATISTICS = "statistics, which the adapter does not ask for"
PRICES = "asked for over streams instead"
NOT_OURS = "no business of a trading adapter"
UNUSED: dict[str, str] = {
    **dict.fromkeys(
        ("adl_risk", "basis", "long_short_ratio", "open_interest", "open_interest_statistics", "taker_buy_sell_volume",
         "top_trader_long_short_ratio_accounts", "top_trader_long_short_ratio_positions",
         "query_insurance_fund_balance_snapshot", "position_adl_quantile_estimation",
         "futures_trading_quantitative_rules_indicators"),
        STATISTICS,
    ),
    **dict.fromkeys(
        ("symbol_order_book_ticker", "symbol_price_ticker", "symbol_price_ticker_v2",
         "ticker24hr_price_change_statistics", "recent_trades_list", "old_trades_lookup"),
        PRICES,
    ),
    **dict.fromkeys(
        ("continuous_contract_kline_candlestick_data", "index_price_kline_candlestick_data",
         "mark_price_kline_candlestick_data", "premium_index_kline_data", "kline_candlestick_data"),
        "bars of other prices are not asked for; the example of ordinary ones is cut: a recorded reply is read below",
    ),
    **dict.fromkeys(
        ("get_download_id_for_futures_order_history", "get_download_id_for_futures_trade_history",
         "get_download_id_for_futures_transaction_history", "get_futures_order_history_download_link_by_id",
         "get_futures_trade_download_link_by_id", "get_futures_transaction_history_download_link_by_id",
         "accept_the_offered_quote", "list_all_convert_pairs", "order_status", "send_quote_request",
         "classic_portfolio_margin_account_information", "trading_schedule", "query_index_price_constituents",
         "quarterly_contract_settlement_price", "composite_index_symbol_information", "asset_index",
         "get_bnb_burn_status", "get_current_multi_assets_mode", "get_position_margin_change_history"),
        NOT_OURS,
    ),
}  # fmt: skip
"""REST examples that the adapter has no use for."""
UNUSED_SOCKET = {"order_book", "symbol_order_book_ticker", "symbol_price_ticker", "close_user_data_stream",
                 "keepalive_user_data_stream", "start_user_data_stream"}  # fmt: skip
"""The WebSocket API is not the adapter's way to market data and listen keys."""
READ_HERE = {"compressed_aggregate_trades_list", "get_funding_rate_history"}
UNUSED_STREAMS = {"trading_session_stream": "shares", "partial_book_depth_streams": "the example's levels are cut"}
UNUSED_FILES = {
    **dict.fromkeys(
        ("asset_index", "blvt_nav_kline", "continuous_klines", "global_long_short_account_ratio", "historical_trades",
         "index_info", "index_price_klines", "mark_price_klines", "open_interest", "open_interest_historical",
         "taker_long_short_ratio", "ticker_24hr", "ticker_price", "top_long_short_account_ratio",
         "top_long_short_position_ratio", "trades", "book_ticker"),
        "as the examples of the same names",
    ),
    "commission_rate_btcusdt_quarterly": "deliveries",
}  # fmt: skip
FILES_READ_HERE = {"agg_trades", "klines", "funding_rate", "depth"}


@pytest.fixture(scope="module")
def payloads(shared_data: Path) -> Path:
    folder = shared_data / "payloads" / "binance"
    if not folder.is_dir():
        pytest.skip(f"no recorded payloads at {folder}")
    return folder


@pytest.fixture(scope="module")
def examples(payloads: Path) -> dict[str, Any]:
    found = json.loads((payloads / "um_rest_and_ws_examples_official_connector.json").read_text())
    return {name: one["response"] for name, one in found.items()}


@pytest.mark.real_data
def test_every_example_is_read_or_left_out_for_a_reason(examples: dict[str, Any]) -> None:
    rest = {name.partition("/")[2] for name in examples if name.startswith("rest_api/")}
    depths = {name.partition("/")[2] for name in DEPTHS}
    assert rest == READ_ELSEWHERE.CONNECTOR.keys() | UNUSED.keys() | depths | set(ENVELOPES) | READ_HERE
    assert not READ_ELSEWHERE.CONNECTOR.keys() & UNUSED.keys()
    sockets = {name.partition("/")[2] for name in examples if name.startswith("websocket_api/")}
    assert sockets == READ_ELSEWHERE.SOCKET_TWINS.keys() | UNUSED_SOCKET
    streams = [name for name in examples if name.startswith("websocket_streams/")]
    assert len(streams) == 18 + len(UNUSED_STREAMS)  # 18 are counted in the test that reads them
    assert len(examples) == 131


@pytest.mark.real_data
def test_every_file_is_read_or_left_out_for_a_reason(payloads: Path) -> None:
    read = {Path(name).stem for name in READ_ELSEWHERE.FILES}
    known = UNUSED_FILES.keys() | FILES_READ_HERE
    for path in [*(payloads / "nautilus_http_responses").glob("*"), *(payloads / "nautilus_http_json").glob("*")]:
        name = path.stem.removeprefix("http_futures_").removeprefix("market_").removeprefix("wallet_")
        assert (path.stem in read) is not (name in known), path.name
    user = {name for name, _ in READ_ELSEWHERE.user_frames(payloads)}
    told = {path.name for path in (payloads / "nautilus_user_data_json").glob("*")}
    told |= {path.name for path in (payloads / "nautilus_ws_messages").glob("*")}
    markets = {name for name in told if name.startswith(("ws_futures_book", "ws_futures_depth", "ws_futures_ticker"))}
    assert told == user | markets
    assert (
        len(markets) + len([*(payloads / "nautilus_market_data_json").glob("*")]) == 13
    )  # counted where they are read


@pytest.mark.real_data
@pytest.mark.parametrize("name", DEPTHS)
def test_a_documented_book_is_read_without_loss(name: str, examples: dict[str, Any]) -> None:
    sent = examples[name]
    kept = read_depth(json.dumps(sent).encode())
    assert (kept.last_update_id, [list(one) for one in kept.bids], [list(one) for one in kept.asks]) == (
        sent["lastUpdateId"], [one[:2] for one in sent["bids"]], [one[:2] for one in sent["asks"]]
    )  # fmt: skip


@pytest.mark.real_data
@pytest.mark.parametrize("name", ENVELOPES)
def test_a_documented_envelope_is_a_success(name: str, examples: dict[str, Any]) -> None:
    assert judge(Reply(200, json.dumps(examples[f"rest_api/{name}"]).encode(), {})) is None


def history_of(content: object) -> MarketHistory:
    async def fetch(_: str, __: Mapping[str, str]) -> bytes:
        return json.dumps(content).encode()

    return MarketHistory(fetch)


@pytest.mark.real_data
def test_recorded_trades_bars_and_rates_are_read_as_sent(payloads: Path, examples: dict[str, Any]) -> None:
    folder = payloads / "nautilus_http_responses"
    for rows in (
        json.loads((folder / "http_futures_market_agg_trades.json").read_text()),
        examples["rest_api/compressed_aggregate_trades_list"],
    ):
        numbers = [row["a"] for row in rows]
        trades = asyncio.run(history_of(rows).trades("BTCUSDT", numbers[0], numbers[-1] + 1))
        assert [(one.price, one.quantity) for one in trades] == [(Decimal(r["p"]), Decimal(r["q"])) for r in rows]
        assert [one.at_ns for one in trades] == [row["T"] * 10**6 for row in rows]
        assert [one.aggressor < 0 for one in trades] == [row["m"] for row in rows]
    rows = json.loads((folder / "http_futures_market_klines.json").read_text())
    bars = asyncio.run(history_of(rows).bars("BTCUSDT", "1w", rows[0][0], rows[-1][0] + 1))
    assert [(b.open, b.high, b.low, b.close, b.volume) for b in bars] == [tuple(map(Decimal, r[1:6])) for r in rows]
    for rows in (
        json.loads((folder / "http_futures_market_funding_rate.json").read_text()),
        examples["rest_api/get_funding_rate_history"],
    ):
        told = asyncio.run(history_of(rows).funding("BTCUSDT", rows[0]["fundingTime"]))
        assert told is not None
        assert told.rate == Decimal(rows[0]["fundingRate"])
    depth = json.loads((folder / "http_futures_market_depth.json").read_text())
    assert [list(one) for one in read_depth(json.dumps(depth).encode()).bids] == depth["bids"]


@pytest.mark.real_data
def test_recorded_files_of_other_markets_stay_what_they_are(payloads: Path) -> None:
    """Spot payloads and the brackets of another project are data for others; nothing here may claim to read them."""
    names = {path.name for path in payloads.iterdir() if path.is_file()}
    read = {"um_rest_and_ws_examples_official_connector.json", "recorded_um_btcusdt_stream_20240808_first_20s.jsonl.gz"}
    left_out = {"spot_depth_update_recorded.json", "spot_exchange_info_btcusdt.json",
                "um_leverage_tiers_ccxt_2025-07.json.gz"}  # fmt: skip
    assert names == read | left_out
    with gzip.open(payloads / "um_leverage_tiers_ccxt_2025-07.json.gz") as file:
        assert "BTC/USDT:USDT" in json.load(file)
