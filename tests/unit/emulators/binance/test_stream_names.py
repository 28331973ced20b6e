"""What a stream name means, and on which path it is heard."""

import pytest

from geobuk.emulators.binance.streams.names import Kind, Route, Topic, topic_of


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("btcusdt@aggTrade", Topic(Kind.AGG_TRADE, "BTCUSDT", period_ms=100)),
        ("btcusdt@trade", Topic(Kind.TRADE, "BTCUSDT")),
        ("btcusdt@markPrice", Topic(Kind.MARK_PRICE, "BTCUSDT", period_ms=3_000)),
        ("btcusdt@markPrice@1s", Topic(Kind.MARK_PRICE, "BTCUSDT", period_ms=1_000)),
        ("!markPrice@arr@1s", Topic(Kind.MARK_PRICE, period_ms=1_000)),
        ("btcusdt@kline_15m", Topic(Kind.KLINE, "BTCUSDT", "15m", 250)),
        ("btcusdt_perpetual@continuousKline_1m", Topic(Kind.CONTINUOUS_KLINE, "BTCUSDT", "1m", 250)),
        ("btcusdt@depth", Topic(Kind.DEPTH, "BTCUSDT", "", 250)),
        ("btcusdt@depth@100ms", Topic(Kind.DEPTH, "BTCUSDT", "", 100)),
        ("btcusdt@depth10@500ms", Topic(Kind.TOP, "BTCUSDT", "10", 500)),
        ("btcusdt@bookTicker", Topic(Kind.BOOK_TICKER, "BTCUSDT")),
        ("!bookTicker", Topic(Kind.BOOK_TICKER, period_ms=5_000)),
        ("!ticker@arr", Topic(Kind.TICKER, period_ms=1_000)),
        ("!contractInfo", Topic(Kind.CONTRACT_INFO)),
        ("币安人生usdt@trade", Topic(Kind.TRADE, "币安人生USDT")),
    ],
)
def test_a_name_means_a_topic(name: str, topic: Topic) -> None:
    assert topic_of(name) == topic


@pytest.mark.parametrize(
    "name", ["", "@", "btcusdt", "BTCUSDT@trade", "btcusdt@kline_7m", "btcusdt@depth7", "btcusdt@depth@50ms", "!all"]
)
def test_what_means_nothing_is_no_topic(name: str) -> None:
    assert topic_of(name) is None


def test_names_that_mean_the_same_share_a_topic() -> None:
    assert topic_of("btcusdt@depth") == topic_of("btcusdt@depth@250ms")


def test_each_kind_is_heard_on_its_own_path() -> None:
    public = {Kind.BOOK_TICKER, Kind.DEPTH, Kind.TOP, Kind.TRADE}
    assert {kind for kind in Kind if Route.PUBLIC.delivers(kind)} == public
    assert {kind for kind in Kind if Route.UNROUTED.delivers(kind)} == public
    assert {kind for kind in Kind if Route.MARKET.delivers(kind)} == set(Kind) - public | {Kind.TRADE}
    assert not any(Route.PRIVATE.delivers(kind) for kind in Kind)
