"""The control API: what it shows, what it does, and whom it turns away."""

from typing import Any

import pytest
from tests.support.emulation import Scene, in_emulation


def test_the_state_shows_time_prices_accounts_connections_and_faults() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.010")
        await scene.order()
        scene.fault("latency", mean_ms=1)
        async with scene.listening("/public/ws/btcusdt@trade"):
            told = (await scene.control("GET", "state")).body
        assert (told["now_ms"], told["speed"]) == (scene.now_ms, 1.0)
        assert told["instruments"][0]["mark"] == "83990.00"
        account = told["accounts"][0]
        assert account["positions"][0]["positionAmt"] == "0.010"
        assert [order["price"] for order in account["orders"]] == ["83000.00"]
        assert (told["connections"][0]["route"], told["connections"][0]["streams"]) == ("public", 1)
        assert told["faults"][0]["kind"] == "latency"
        assert told["prices"] == "synthetic"

    in_emulation(act)


def test_a_fault_that_has_struck_as_often_as_it_may_is_shown_as_spent() -> None:
    async def act(scene: Scene) -> None:
        scene.fault("unavailable", when={"count": 2})
        for is_spent in (False, True):
            assert (await scene.public("/fapi/v1/ping")).status == 503
            (listed,) = (await scene.control("GET", "faults")).body
            assert (listed["is_spent"], listed["is_due"]) == (is_spent, not is_spent)
        assert (await scene.public("/fapi/v1/ping")).status == 200

    in_emulation(act)


def test_no_listen_key_or_secret_is_shown() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        async with scene.listening(f"/private/ws?listenKey={key}"), scene.listening(f"/private/ws/{key}"):
            told = str((await scene.control("GET", "state")).body)
        assert key not in told
        assert scene.secret not in told

    in_emulation(act)


def test_the_note_of_a_struck_private_event_hides_its_listen_key() -> None:
    async def act(scene: Scene) -> None:
        key = await scene.listen_key()
        scene.fault("duplicate_events", where={"route": "private"})
        async with scene.listening(f"/private/ws/{key}") as client:
            await scene.order()
            assert (await client.next())["e"] == "ORDER_TRADE_UPDATE"
            told = (await scene.control("GET", "state")).body
        assert told["notes"][-1]["text"] == "duplicate_events struck ORDER_TRADE_UPDATE"
        assert key not in str(told)

    in_emulation(act)


def test_faults_are_added_listed_and_removed() -> None:
    async def act(scene: Scene) -> None:
        added = await scene.control("POST", "faults", {"fault": "unavailable", "when": {"count": 1}})
        number = added.body["number"]
        assert (await scene.public("/fapi/v1/ping")).status == 503
        listed = (await scene.control("GET", "faults")).body
        assert [(one["number"], one["struck"]) for one in listed] == [(number, 1)]
        assert (await scene.control("DELETE", f"faults/{number}")).status == 200
        assert (await scene.control("DELETE", f"faults/{number}")).status == 400
        await scene.control("POST", "faults", {"fault": "banned"})
        assert (await scene.control("DELETE", "faults", {})).status == 200
        assert (await scene.public("/fapi/v1/ping")).status == 200

    in_emulation(act)


def test_every_kind_of_fault_is_described() -> None:
    async def act(scene: Scene) -> None:
        kinds = {one["fault"]: one for one in (await scene.control("GET", "faults/kinds")).body}
        assert len(kinds) >= 30
        assert all(one["does"] for one in kinds.values())
        assert kinds["latency"]["fields"][0] == {"name": "mean_ms", "is_required": True, "default": None}

    in_emulation(act)


def test_time_is_sped_up_stopped_and_skewed() -> None:
    async def act(scene: Scene) -> None:
        assert (await scene.control("POST", "clock", {"speed": 60, "skew_ms": -1500})).body == {
            "speed": 60.0,
            "skew_ms": -1500,
        }
        before = (await scene.public("/fapi/v1/time")).body["serverTime"]
        scene.pass_time(1)
        assert (await scene.public("/fapi/v1/time")).body["serverTime"] == before + 60_000
        await scene.control("POST", "clock", {"speed": 0, "skew_ms": 0})
        scene.pass_time(1)
        assert (await scene.public("/fapi/v1/time")).body["serverTime"] == before + 60_000 + 1500

    in_emulation(act)


def test_money_is_paid_in_and_out() -> None:
    async def act(scene: Scene) -> None:
        assert (await scene.control("POST", "fund", {"amount": "500"})).status == 200
        assert (await scene.control("POST", "fund", {"account": "main", "asset": "USDT", "amount": -200})).status == 200
        balance = (await scene.signed("GET", "/fapi/v3/balance")).body[0]
        assert balance["balance"] == "10300.00000000"

    in_emulation(act)


def test_price_prints_liquidation_and_deleveraging_have_their_own_paths() -> None:
    async def act(scene: Scene) -> None:
        await scene.market_order("BUY", "0.010")
        for path, content in (
            ("trade_print", {"instrument": "BTCUSDT", "side": "SELL", "price": "83999.90", "quantity": "0.001"}),
            ("price_shock", {"instrument": "BTCUSDT", "percent": 1}),
            ("deleverage", {"instrument": "BTCUSDT", "quantity": "0.005"}),
            ("liquidate", {"instrument": "BTCUSDT"}),
            ("change_filters", {"instrument": "BTCUSDT", "min_notional": "100"}),
            ("change_funding", {"instrument": "BTCUSDT", "interval_hours": 4}),
        ):
            reply = await scene.control("POST", path, content)
            assert (reply.status, reply.body) == (200, {"number": None}), path
        assert (await scene.signed("GET", "/fapi/v3/positionRisk")).body == []

    in_emulation(act)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("clock", {"speed": -1}),
        ("clock", {"speed": "fast"}),
        ("clock", {"speed": True}),
        ("clock", {"skew_ms": 1.5}),
        ("fund", {"amount": "much"}),
        ("fund", {"amount": "NaN"}),
        ("fund", {"amount": 5, "account": "nobody"}),
        ("fund", {"amount": "-1e9"}),
        ("faults", {"fault": "nosuch"}),
        ("faults", {}),
        ("faults", [1]),
        ("price_shock", {"instrument": "NOSUCH", "percent": 1}),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_reason(path: str, content: Any) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.control("POST", path, content)
        assert reply.status == 400
        assert reply.body["error"]

    in_emulation(act)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Origin": "https://attacker.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "attacker.example"},
    ],
)
def test_a_page_of_another_site_steers_nothing(headers: dict[str, str]) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.control("POST", "clock", {"speed": 0}, **headers)
        assert reply.status == 403
        assert scene.exchange.clock.speed == 1.0

    in_emulation(act)


def test_the_emulators_own_page_may_steer() -> None:
    async def act(scene: Scene) -> None:
        own = {"Origin": scene.base_url, "Sec-Fetch-Site": "same-origin"}
        assert (await scene.control("POST", "clock", {"speed": 2}, **own)).status == 200

    in_emulation(act)


def test_the_page_comes_with_a_policy_and_needs_nothing_else() -> None:
    async def act(scene: Scene) -> None:
        async with scene.session.get(scene.base_url + "/control") as reply:
            page = await reply.text()
            assert reply.headers["Content-Security-Policy"].startswith("default-src 'none'")
            assert reply.headers["X-Frame-Options"] == "DENY"
        assert not [tag for tag in ('src="http', 'href="http', "@import", "url(") if tag in page]
        async with scene.session.get(scene.base_url + "/control", headers={"Host": "attacker.example"}) as reply:
            assert reply.status == 403

    in_emulation(act)
