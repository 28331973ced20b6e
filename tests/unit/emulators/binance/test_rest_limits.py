"""Request weight, order counts, bans, and their headers."""

from tests.support.emulated_venue import START_MS, Desk, at_the_venue

from geobuk.emulators.binance.limits import LimitSpec, RateLimits, Window


def test_a_window_starts_again_at_each_multiple_of_its_length() -> None:
    window = Window(60_000)
    assert [window.add(at, 1) for at in (59_000, 59_999, 60_000, 119_999, 180_000)] == [1, 2, 1, 2, 1]
    assert window.left_ms(119_000) == 1_000


def test_bans_grow_and_end() -> None:
    limits = RateLimits(LimitSpec(ban_ms=120_000, longest_ban_ms=300_000))
    assert [limits.ban("1.2.3.4", 0) for _ in range(3)] == [120_000, 240_000, 300_000]
    limits.check_ban("1.2.3.4", 300_000)
    limits.check_ban("5.6.7.8", 0)


def test_weight_is_counted_and_shown_on_every_reply() -> None:
    async def act(desk: Desk) -> None:
        paths = [
            "/fapi/v1/ping",
            "/fapi/v1/depth?symbol=BTCUSDT&limit=1000",
            "/fapi/v1/klines?symbol=BTCUSDT&interval=1m",
        ]
        used = [int((await desk.send("GET", path)).headers["X-MBX-USED-WEIGHT-1M"]) for path in paths]
        assert used == [1, 21, 26]
        refused = await desk.send("GET", "/fapi/v1/depth?symbol=NOPE&limit=5")
        assert refused.headers["X-MBX-USED-WEIGHT-1M"] == "28"
        desk.pass_time(60)
        assert (await desk.public("/fapi/v1/ping")).headers["X-MBX-USED-WEIGHT-1M"] == "1"

    at_the_venue(act)


def test_too_much_weight_is_429_then_a_ban() -> None:
    async def act(desk: Desk) -> None:
        for _ in range(2):
            assert (await desk.public("/fapi/v1/depth", symbol="BTCUSDT", limit=1000)).status == 200
        refused = await desk.public("/fapi/v1/ping")
        assert (refused.status, refused.code) == (429, -1003)
        assert refused.headers["Retry-After"] == str(60 - START_MS // 1000 % 60)
        await desk.public("/fapi/v1/ping")
        await desk.public("/fapi/v1/ping")
        banned = await desk.public("/fapi/v1/ping")
        assert (banned.status, banned.code, banned.headers["Retry-After"]) == (418, -1003, "120")
        assert f"banned until {START_MS + 120_000}" in banned.body["msg"]
        desk.pass_time(119)
        assert (await desk.public("/fapi/v1/ping")).status == 418
        desk.pass_time(2)
        assert (await desk.public("/fapi/v1/ping")).status == 200

    at_the_venue(act, limits=LimitSpec(weight_per_minute=40, requests_before_ban=3))


def test_only_accepted_order_calls_count_as_orders() -> None:
    async def act(desk: Desk) -> None:
        assert "X-MBX-ORDER-COUNT-10S" not in (await desk.order(quantity="0")).headers
        placed = await desk.order()
        assert (placed.headers["X-MBX-ORDER-COUNT-10S"], placed.headers["X-MBX-ORDER-COUNT-1M"]) == ("1", "1")
        assert placed.headers["X-MBX-USED-WEIGHT-1M"] == "0"
        assert (await desk.order()).headers["X-MBX-ORDER-COUNT-10S"] == "2"
        full = await desk.order()
        assert (full.status, full.code) == (429, -1015)
        assert full.body["msg"] == "Too many new orders; current limit is 2 orders per 10 SECOND."
        desk.pass_time(10)
        again = await desk.order()
        assert (again.headers["X-MBX-ORDER-COUNT-10S"], again.headers["X-MBX-ORDER-COUNT-1M"]) == ("1", "3")
        assert (await desk.order()).body["msg"] == "Too many new orders; current limit is 3 orders per 1 MINUTE."

    at_the_venue(act, limits=LimitSpec(orders_per_10_seconds=2, orders_per_minute=3))


def test_the_limits_are_told() -> None:
    async def act(desk: Desk) -> None:
        info = (await desk.public("/fapi/v1/exchangeInfo")).body
        assert info["rateLimits"] == [
            {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
            {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
            {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 300},
        ]
        own = (await desk.signed("GET", "/fapi/v1/rateLimit/order")).body
        assert {row["limit"] for row in own} == {300, 1200}

    at_the_venue(act)
