"""The WebSocket API: what each method answers, who may ask, what it costs."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.support.emulation import Scene, in_emulation

from geobuk.emulators.binance.keys import ApiKey, KeyKind
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.signing import hmac_signature
from geobuk.emulators.binance.ws_api.session import payload_of

PATH = "/ws-fapi/v1"
ORDER = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "price": "83000",
}


def signed(scene: Scene, **params: Any) -> dict[str, Any]:
    asked = {**params, "apiKey": scene.key, "timestamp": scene.now_ms}
    payload = "&".join(f"{name}={text(asked[name])}" for name in sorted(asked))
    return {**asked, "signature": scene.signature(payload)}


def text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_the_published_signature_is_over_the_sorted_parameters() -> None:
    params = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTX",
        "quantity": "0.010",
        "price": "60000.0",
        "timestamp": "1790000000000",
        "apiKey": "emulator-key",
        "signature": "not this",
    }
    expected = "ab7a43e1c7f17595740fdb6096c8e0f04d730d16ec63f22f733082400618a73d"
    assert hmac_signature("emulator-secret", payload_of(Params(params)).decode().encode()) == expected


def test_an_order_is_placed_queried_changed_and_cancelled() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            placed = await client.call("order.place", signed(scene, **ORDER), "a-1")
            assert (placed["id"], placed["status"], placed["result"]["status"]) == ("a-1", 200, "NEW")
            assert "avgPrice" not in placed["result"]
            number = placed["result"]["orderId"]
            seen = await client.call("order.status", signed(scene, symbol="BTCUSDT", orderId=number), 2)
            assert (seen["id"], seen["result"]["origQty"], seen["result"]["avgPrice"]) == (2, "0.010", "0.000")
            changed = await client.call(
                "order.modify",
                signed(scene, symbol="BTCUSDT", orderId=str(number), side="BUY", quantity="0.020", price="83100"),
            )
            assert changed["result"]["price"] == "83100.00"
            ended = await client.call("order.cancel", signed(scene, symbol="BTCUSDT", orderId=str(number)))
            assert ended["result"]["status"] == "CANCELED"
            again = await client.call("order.cancel", signed(scene, symbol="BTCUSDT", orderId=number))
            assert (again["status"], again["error"]["code"]) == (400, -2011)

    in_emulation(act)


def test_numbers_may_be_numbers_and_are_signed_as_they_were_sent() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            params = {**ORDER, "quantity": 0.010, "price": 83000.0, "reduceOnly": False}
            placed = await client.call("order.place", signed(scene, **params))
            assert (placed["status"], placed["result"]["price"]) == (200, "83000.00"), placed

    in_emulation(act)


def test_the_account_is_told_in_its_old_and_new_forms() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            old = await client.call("account.status", signed(scene))
            new = await client.call("v2/account.status", signed(scene))
            assert (len(old["result"]["positions"]), len(new["result"]["positions"])) == (2, 0)
            assert old["result"]["totalWalletBalance"] == "10000.00000000"
            for method in ("account.balance", "v2/account.balance"):
                assert (await client.call(method, signed(scene)))["result"][0]["asset"] == "USDT"
            positions = await client.call("account.position", signed(scene, symbol="BTCUSDT"))
            assert positions["result"][0]["leverage"] == "20"
            assert (await client.call("v2/account.position", signed(scene)))["result"] == []

    in_emulation(act)


def test_market_data_needs_no_key() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            depth = await client.call("depth", {"symbol": "BTCUSDT", "limit": 5})
            assert len(depth["result"]["bids"]) == 5
            assert (await client.call("ticker.book", {"symbol": "BTCUSDT"}))["result"]["bidPrice"] == "83999.90"
            price = await client.call("ticker.price", {"symbol": "BTCUSDT"})
            assert price["status"] == 200

    in_emulation(act)


def test_a_listen_key_is_made_kept_and_ended() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            key = {"apiKey": scene.key}
            made = (await client.call("userDataStream.start", key))["result"]["listenKey"]
            assert (await client.call("userDataStream.ping", key))["result"] == {"listenKey": made}
            assert (await client.call("userDataStream.stop", key))["result"] == {}
            assert (await client.call("userDataStream.ping", key))["error"]["code"] == -1125

    in_emulation(act)


def test_a_conditional_order_is_placed_and_cancelled() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            placed = await client.call(
                "algoOrder.place",
                signed(
                    scene,
                    algoType="CONDITIONAL",
                    symbol="BTCUSDT",
                    side="BUY",
                    type="STOP_MARKET",
                    quantity="0.010",
                    triggerPrice="85000",
                    stopPrice="85000",
                ),
            )
            assert (placed["status"], placed["result"]["algoStatus"]) == (200, "NEW"), placed
            number = placed["result"]["algoId"]
            ended = await client.call("algoOrder.cancel", signed(scene, algoId=number))
            assert ended["result"]["code"] == "200"

    in_emulation(act)


def test_limits_are_told_and_shared_with_rest_unless_unwanted() -> None:
    async def act(scene: Scene) -> None:
        before = int((await scene.public("/fapi/v1/ping")).headers["X-MBX-USED-WEIGHT-1M"])
        async with scene.listening(PATH) as client:
            placed = await client.call("order.place", signed(scene, **ORDER))
            counts = {(row["rateLimitType"], row["interval"]): row["count"] for row in placed["rateLimits"]}
            assert counts == {
                ("REQUEST_WEIGHT", "MINUTE"): before + 5,
                ("ORDERS", "SECOND"): 1,
                ("ORDERS", "MINUTE"): 1,
            }
            quiet = await client.call("order.place", signed(scene, **ORDER, returnRateLimits=False))
            assert "rateLimits" not in quiet
        async with scene.listening(f"{PATH}?returnRateLimits=false") as client:
            assert "rateLimits" not in await client.call("depth", {"symbol": "BTCUSDT"})

    in_emulation(act)


@pytest.mark.parametrize(
    ("method", "params", "status", "code"),
    [
        ("order.shout", {}, 400, -5000),
        ("order.place", {}, 401, -2014),
        ("order.place", {"apiKey": "nobody"}, 401, -2015),
        ("order.place", {"apiKey": "emulator-key"}, 400, -1102),
        ("order.place", {"apiKey": "emulator-key", "timestamp": 1, "signature": "00"}, 400, -1021),
        ("depth", {"symbol": "NOSUCH"}, 400, -1121),
        ("depth", {}, 400, -1102),
        ("session.logon", {"apiKey": "emulator-key"}, 400, -4056),
    ],
)
def test_what_is_wrong_is_answered_with_the_venues_code(
    method: str, params: dict[str, Any], status: int, code: int
) -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            reply = await client.call(method, params, "x")
            assert (reply["id"], reply["status"], reply["error"]["code"]) == ("x", status, code)

    in_emulation(act)


def test_a_wrong_signature_is_refused() -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            reply = await client.call("order.place", {**signed(scene, **ORDER), "signature": "ab" * 32})
            assert reply["error"]["code"] == -1022

    in_emulation(act)


def test_a_session_speaks_for_its_ed25519_key_until_it_logs_out() -> None:
    async def act(scene: Scene) -> None:
        private = Ed25519PrivateKey.generate()
        pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        scene.exchange.keys.add(ApiKey("ed-key", "main", pem, KeyKind.ED25519))
        async with scene.listening(PATH) as client:
            status = (await client.call("session.status"))["result"]
            assert (status["apiKey"], status["authorizedSince"]) == (None, None)
            payload = f"apiKey=ed-key&timestamp={scene.now_ms}"
            signature = base64.b64encode(private.sign(payload.encode())).decode()
            params = {"apiKey": "ed-key", "timestamp": scene.now_ms, "signature": signature}
            assert (await client.call("session.logon", params))["result"]["apiKey"] == "ed-key"
            placed = await client.call("order.place", {**ORDER, "timestamp": scene.now_ms})
            assert placed["status"] == 200, placed
            stale = await client.call("order.place", {**ORDER, "timestamp": scene.now_ms - 60_000})
            assert stale["error"]["code"] == -1021
            await client.call("session.logout")
            refused = await client.call("order.place", {**ORDER, "timestamp": scene.now_ms})
            assert refused["error"]["code"] == -2014

    in_emulation(act)


@pytest.mark.parametrize("frame", ["{", "[]", "1", '{"id":{}}', '{"id":1}', '{"id":1,"method":2}', "[" * 3_000])
def test_what_is_no_request_is_answered_and_the_next_one_served(frame: str) -> None:
    async def act(scene: Scene) -> None:
        async with scene.listening(PATH) as client:
            await client.socket.send_str(frame)
            assert (await client.next())["error"]["code"] == -1135
            assert (await client.call("depth", {"symbol": "BTCUSDT"}))["status"] == 200

    in_emulation(act)
