"""Every recorded market message parses, and nothing it says is lost."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from geobuk.domain.errors import DataError
from geobuk.venues.binance.market_messages import (
    AggregateTrade,
    BookTicker,
    CombinedFrame,
    DepthUpdate,
    Kline,
    RawTrade,
    ServerShutdown,
)
from geobuk.venues.binance.market_reader import MarketReader, read_depth, unknown_fields

SOCKETS = "um_rest_and_ws_examples_official_connector.json"
RECORDED = "recorded_um_btcusdt_stream_20240808_first_20s.jsonl.gz"
TRADE = (
    b'{"e":"aggTrade","E":1791354000100,"s":"BTCUSDT","a":5933014,"p":"84141.10","q":"0.120","nq":"0.120",'
    b'"f":100,"l":105,"T":1791354000050,"m":true,"st":1}'
)


def plain(value: Any) -> Any:
    """What a message holds, under the names on the wire."""
    return json.loads(msgspec.json.encode(value))


@pytest.fixture(scope="module")
def payloads(shared_data: Path) -> Path:
    folder = shared_data / "payloads" / "binance"
    if not folder.is_dir():
        pytest.skip(f"no recorded payloads at {folder}")
    return folder


@pytest.mark.real_data
def test_recorded_stream_parses_without_loss(payloads: Path) -> None:
    reader, seen = MarketReader(), Counter[str]()
    with gzip.open(payloads / RECORDED) as lines:
        for line in lines:
            sent = json.loads(line)["msg"]
            frame = json.dumps(sent).encode()
            if "stream" in sent:
                message = reader.read_combined(frame)
                assert message is not None
                seen[type(message.data).__name__] += 1
                assert plain(message) == sent
            else:
                assert plain(read_depth(frame)) == sent
                seen["Depth"] += 1
    assert set(seen) == {"DepthUpdate", "BookTicker", "RawTrade", "Depth"}
    assert not reader.unknown_fields


@pytest.mark.real_data
def test_single_payloads_parse_without_loss(payloads: Path) -> None:
    files = [*(payloads / "nautilus_market_data_json").glob("*.json")]
    files += [
        f
        for f in (payloads / "nautilus_ws_messages").glob("*.json")
        if f.stem.split("_")[2] in {"book", "depth", "ticker"}
    ]
    assert len(files) == 13
    for file in files:
        text = file.read_bytes()
        message = MarketReader().read_raw(text)
        assert message is not None, file.name
        assert plain(message) == json.loads(text), file.name


@pytest.mark.real_data
def test_examples_of_the_official_connector_parse_without_loss(payloads: Path) -> None:
    examples = json.loads((payloads / SOCKETS).read_text(encoding="utf-8"))
    streams = {name: example["response"] for name, example in examples.items() if name.startswith("websocket_streams/")}
    sent = {name: said for name, said in streams.items() if "e" in (said[0] if isinstance(said, list) else said)}
    del sent["websocket_streams/trading_session_stream"]  # of shares: not an instrument of ours
    # The example's levels have no quantity, which the venue never sends.
    del sent["websocket_streams/partial_book_depth_streams"]
    assert len(sent) == 18
    for name, said in sent.items():
        message = MarketReader().read_raw(json.dumps(said).encode())
        assert message is not None, name
        assert plain(message) == said, name


def test_combined_and_raw_frames_give_the_same_message() -> None:
    reader = MarketReader()
    combined = reader.read_combined(b'{"stream":"btcusdt@aggTrade","data":' + TRADE + b"}")
    raw = reader.read_raw(TRADE)
    assert isinstance(combined, CombinedFrame)
    assert combined.stream == "btcusdt@aggTrade"
    assert combined.data == raw
    assert isinstance(raw, AggregateTrade)
    assert (raw.price, raw.quantity, raw.number, raw.is_buyer_maker) == ("84141.10", "0.120", 5933014, True)


def test_arrays_of_all_instruments_are_read() -> None:
    message = MarketReader().read_raw(b"[" + TRADE + b"," + TRADE + b"]")
    assert isinstance(message, list)
    assert len(message) == 2


def test_unknown_fields_are_passed_over_and_counted() -> None:
    reader = MarketReader()
    assert reader.read_raw(TRADE[:-1] + b',"new":1}') is not None
    assert reader.unknown_fields == {"aggTrade.new": 1}
    nested = {"e": "kline", "k": {"t": 1, "novel": 2}}
    kline = msgspec.json.decode(
        b'{"e":"kline","E":1,"s":"A","k":{"t":1,"T":2,"i":"1m","f":1,"L":2,"o":"1","c":"1","h":"1","l":"1","v":"1",'
        b'"n":1,"x":true,"q":"1","V":"1","Q":"1"}}',
        type=Kline,
    )
    assert unknown_fields(nested, kline) == {"kline.k.novel"}


def test_unknown_events_are_counted_and_known_ones_that_are_broken_raise() -> None:
    reader = MarketReader()
    assert reader.read_raw(b'{"e":"marsUpdate","E":1}') is None
    assert reader.read_combined(b'{"stream":"x","data":{"e":"marsUpdate"}}') is None
    assert reader.unknown_events == {"marsUpdate": 2}
    for broken in (b'{"e":"aggTrade","E":1}', b'{"e":"aggTrade"', b"hello", b'{"x":1}'):
        with pytest.raises(DataError, match="can't be read"):
            reader.read_raw(broken)


def test_control_answers_are_counted_apart() -> None:
    reader = MarketReader()
    assert reader.read_combined(b'{"result":null,"id":1}') is None
    assert reader.read_combined(b'{"code":2,"msg":"Invalid request: unknown variant"}') is None
    assert reader.read_combined(b'{"error":{"code":2,"msg":"Invalid request"},"id":"a"}') is None
    assert reader.answers == 3
    assert reader.unknown_events == {"answer with an error": 2}


def test_server_shutdown_is_a_message() -> None:
    assert isinstance(MarketReader().read_raw(b'{"e":"serverShutdown","E":1}'), ServerShutdown)


def test_depth_reply_is_read_and_a_broken_one_raises() -> None:
    depth = read_depth(b'{"lastUpdateId":7,"E":1,"T":2,"bids":[["1.0","2"]],"asks":[]}')
    assert (depth.last_update_id, depth.bids, depth.asks) == (7, [("1.0", "2")], [])
    with pytest.raises(DataError):
        read_depth(b'{"bids":[]}')


def test_attributes_cover_fields_of_prints_quotes_and_depth() -> None:
    for kind, names in (
        (RawTrade, "E T s t p q m X st"),
        (BookTicker, "u E T s b B a A ps st"),
        (DepthUpdate, "E T s U u pu b a ps st"),
    ):
        assert set(kind.__struct_encode_fields__) == set(names.split())
