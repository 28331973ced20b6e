"""Paging, weights and the form of REST answers, against replies as Binance writes them. Time is virtual."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.servers import market
from tests.support.virtual_time import run_virtually

from geobuk.data.sources.binance_rest import BinanceRest, RestSpan, listing_times
from geobuk.data.sources.wire import Host, Reply
from geobuk.domain.errors import DataError
from geobuk.domain.times import parse_at

BEGIN = parse_at("2024-03-01")
BEGIN_MS = BEGIN // 1_000_000


@dataclass(frozen=True)
class StandingClock:
    def now_ns(self) -> int:
        return parse_at("2024-03-20")


@dataclass
class CannedWire:
    """Answers from a function; pays the weights as the real one does."""

    answer: Callable[[str, dict[str, str]], Any]
    used: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], float]] = field(default_factory=list)

    async def read(self, host: Host, path: str, *, weight: float = 1.0) -> Reply:
        await host.pacer.take(weight)
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((parts.path, query, weight))
        content = self.answer(parts.path, query)
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return Reply(body, {"X-Mbx-Used-Weight-1m": str(self.used.pop(0))} if self.used else {})


def klines(path: str, query: dict[str, str]) -> Any:
    rows = market.klines("klines", "BTCUSDT", query["interval"], int(query["startTime"]), int(query["endTime"]) + 1)
    return list(rows)[: int(query["limit"])]


def fetch(wire: CannedWire, span: RestSpan, share: float = 0.5) -> tuple[Any, float]:
    rest = BinanceRest(wire, "http://rest", StandingClock(), share=share)  # type: ignore[arg-type]
    return run_virtually(rest.rows(span))


def test_a_span_is_read_page_by_page_and_no_page_is_larger_than_needed() -> None:
    wire = CannedWire(klines)
    rows, _ = fetch(wire, RestSpan("bars", "BTCUSDT", "1m", BEGIN, parse_at("2024-03-02T11:00")))
    assert rows.frame["at_ns"].to_list() == [BEGIN + n * 60_000_000_000 for n in range(35 * 60)]
    assert [(int(q["limit"]), weight) for _, q, weight in wire.asked] == [(1000, 5.0), (1000, 5.0), (100, 2.0)]
    assert {path for path, _, _ in wire.asked} == {"/fapi/v1/klines"}
    first = market.kline("klines", "BTCUSDT", BEGIN_MS, 60_000)
    assert rows.frame.row(0)[1:] == tuple(float(str(cell)) for cell in first[1:6])
    assert rows.path == (
        "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&startTime=1709251200000&endTime=1709377199999&limit=1000"
    )


@pytest.mark.parametrize(("kind", "path", "name"), [("mark", "mark", "symbol"), ("index", "index", "pair")])
def test_mark_and_index_have_prices_only(kind: str, path: str, name: str) -> None:
    wire = CannedWire(klines)
    rows, _ = fetch(wire, RestSpan(kind, "BTCUSDT", "1h", BEGIN, parse_at("2024-03-02")))
    assert rows.frame.columns == ["at_ns", "open", "high", "low", "close"]
    assert wire.asked[0][0] == f"/fapi/v1/{path}PriceKlines"
    assert wire.asked[0][1][name] == "BTCUSDT"


def test_funding_is_paged_by_its_stamps() -> None:
    def funding(path: str, query: dict[str, str]) -> Any:
        assert path == "/fapi/v1/fundingRate"
        stamps = market.funding("BTCUSDT", int(query["startTime"]), int(query["endTime"]) + 1)
        rows = [
            {"symbol": "BTCUSDT", "fundingTime": at, "fundingRate": f"{rate:.8f}", "markPrice": ""}
            for at, rate in stamps
        ]
        return rows[: int(query["limit"])]

    wire = CannedWire(funding)
    rows, _ = fetch(wire, RestSpan("funding", "BTCUSDT", "", parse_at("2023-01-01"), BEGIN))
    expected = list(market.funding("BTCUSDT", parse_at("2023-01-01") // 1_000_000, BEGIN_MS))
    assert list(rows.frame.iter_rows()) == [(at * 1_000_000, rate) for at, rate in expected]
    assert len(wire.asked) == 2


def test_no_rows_are_an_empty_frame() -> None:
    wire = CannedWire(lambda path, query: [])
    rows, _ = fetch(wire, RestSpan("bars", "BTCUSDT", "1h", BEGIN, parse_at("2024-03-05")))
    assert (rows.frame.height, len(wire.asked)) == (0, 1)


def test_weights_are_spent_at_our_share_of_the_limit_that_the_venue_names() -> None:
    limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 60}]

    def answer(path: str, query: dict[str, str]) -> Any:
        return {"symbols": [], "rateLimits": limits} if "exchangeInfo" in path else klines(path, query)

    async def work() -> int:
        rest = BinanceRest(CannedWire(answer), "http://rest", StandingClock(), share=0.5)  # type: ignore[arg-type]
        await rest.exchange_info()
        rows = await rest.rows(RestSpan("bars", "BTCUSDT", "1m", BEGIN, parse_at("2024-03-09")))
        return rows.frame.height

    count, seconds = run_virtually(work())
    assert count == 8 * 1440
    # 11 full pages of weight 5 and one of 520 rows, also 5: 60 in all, with 29 left at the start and 0.5 a second
    assert seconds == pytest.approx((12 * 5 - 29) / 0.5, rel=0.05)


def test_the_venues_own_count_slows_us_down() -> None:
    span = RestSpan("bars", "BTCUSDT", "1m", BEGIN, parse_at("2024-03-02T11:00"))
    assert fetch(CannedWire(klines), span)[1] == 0.0
    assert fetch(CannedWire(klines, used=[2400, 2400, 2400]), span)[1] > 60.0


@pytest.mark.parametrize(
    "content",
    [
        b"<html>",
        {"code": 0},
        [[1, 2]],
        [[1, "x", "1", "1", "1", "1"]],
        ["text"],
        [None],
        [[10**30, "1", "1", "1", "1", "1"]],
        [[-1, "1", "1", "1", "1", "1"]],
    ],
)
def test_answers_of_another_form_are_refused(content: Any) -> None:
    with pytest.raises(DataError, match="unexpected form"):
        fetch(CannedWire(lambda path, query: content), RestSpan("bars", "BTCUSDT", "1h", BEGIN, parse_at("2024-03-02")))


@pytest.mark.parametrize("span", [("bars", "1m"), ("funding", "")])
def test_a_proxy_that_gives_the_same_page_for_ever_is_refused(span: tuple[str, str]) -> None:
    kind, interval = span
    at = BEGIN_MS - 5_000 * 60_000
    page = [
        [at + n * 60_000, "1", "1", "1", "1", "1"] if interval else {"fundingTime": at + n, "fundingRate": "0.1"}
        for n in range(1000)
    ]
    wire = CannedWire(lambda path, query: page)
    with pytest.raises(DataError, match="unexpected form"):
        fetch(wire, RestSpan(kind, "BTCUSDT", interval, BEGIN, parse_at("2024-03-05")))
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    "limits",
    [
        [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE"}],
        [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "limit": "many"}],
        [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "limit": 2400, "intervalNum": 0}],
        ["REQUEST_WEIGHT"],
        None,
    ],
)
def test_limits_of_another_form_are_refused(limits: Any) -> None:
    rest = BinanceRest(
        CannedWire(lambda path, query: {"symbols": [], "rateLimits": limits}),  # type: ignore[arg-type]
        "http://rest",
        StandingClock(),
    )
    with pytest.raises(DataError, match="unexpected form"):
        run_virtually(rest.exchange_info())


@pytest.mark.parametrize("said", ["soon", -1, 10**30, "1709251200000", None, True])
def test_a_server_time_of_another_form_is_refused(said: Any) -> None:
    rest = BinanceRest(CannedWire(lambda path, query: {"serverTime": said}), "http://rest", StandingClock())  # type: ignore[arg-type]
    with pytest.raises(DataError, match="unexpected form"):
        run_virtually(rest.server_time_ns())


@pytest.mark.parametrize(
    "symbol", ["BTCUSDT", None, {"symbol": "A", "onboardDate": "soon"}, {"symbol": "A", "deliveryDate": 10**30}]
)
def test_listings_of_another_form_are_refused(symbol: Any) -> None:
    with pytest.raises(DataError, match="unexpected form"):
        listing_times({"symbols": [symbol]})


def test_listings_and_ends_are_read_from_exchange_info() -> None:
    info = {
        "symbols": [
            {"symbol": "BTCUSDT", "onboardDate": 1_569_398_400_000, "deliveryDate": 4_133_404_800_000},
            {"symbol": "OLDUSDT", "onboardDate": 1_600_000_000_000, "deliveryDate": 1_700_000_000_000},
            {"symbol": "NEWUSDT"},
        ]
    }
    assert listing_times(info) == {
        "BTCUSDT": (1_569_398_400_000_000_000, None),
        "OLDUSDT": (1_600_000_000_000_000_000, 1_700_000_000_000_000_000),
        "NEWUSDT": (0, None),
    }
