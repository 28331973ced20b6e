"""Signatures over raw bytes, by every kind of key, wherever the parameters stand."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from tests.support.emulated_venue import Desk, at_the_venue

from geobuk.emulators.binance.keys import ApiKey, KeyKind
from geobuk.emulators.binance.signing import hmac_signature, is_signed_by, signed_payload

REST_PAYLOAD = (
    b"symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.010&price=60000.0&recvWindow=5000"
    b"&timestamp=1790000000000"
)
WS_PAYLOAD = (
    b"apiKey=emulator-key&price=60000.0&quantity=0.010&side=BUY&symbol=BTCUSDT&timeInForce=GTX"
    b"&timestamp=1790000000000&type=LIMIT"
)
VECTORS = [
    (REST_PAYLOAD, "230318ef72517a7185c7a2e51cd0c58924aa14b2639360773429d5e41afdae88"),
    (WS_PAYLOAD, "ab7a43e1c7f17595740fdb6096c8e0f04d730d16ec63f22f733082400618a73d"),
]
PUBLIC = serialization.PublicFormat.SubjectPublicKeyInfo
PEM = serialization.Encoding.PEM


@pytest.mark.parametrize(("payload", "signature"), VECTORS)
def test_the_published_test_vectors_hold(payload: bytes, signature: str) -> None:
    key = ApiKey("emulator-key", "main", "emulator-secret")
    assert hmac_signature(key.secret, payload) == signature
    assert is_signed_by(key, payload, signature.upper())
    assert not is_signed_by(key, payload + b" ", signature)


@pytest.mark.parametrize(
    ("query", "body", "payload"),
    [
        (b"a=1&signature=x", b"", b"a=1"),
        (b"signature=x&a=1", b"", b"a=1"),
        (b"a=1", b"b=2&signature=x&c=3", b"a=1b=2&c=3"),
        (b"a=1&signature=x", b"b=2", b"a=1b=2"),
        (b"a=%5B1%5D&b=[2]", b"", b"a=%5B1%5D&b=[2]"),
        (b"mysignature=1", b"signature=", b"mysignature=1"),
    ],
)
def test_the_payload_is_what_was_sent_without_the_signature(query: bytes, body: bytes, payload: bytes) -> None:
    assert signed_payload(query, body) == payload


def test_ed25519_and_rsa_keys_sign_the_same_payload() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    key = ApiKey("k", "main", private.public_key().public_bytes(PEM, PUBLIC).decode(), KeyKind.ED25519)
    assert is_signed_by(key, REST_PAYLOAD, base64.b64encode(private.sign(REST_PAYLOAD)).decode())
    assert not is_signed_by(key, WS_PAYLOAD, base64.b64encode(private.sign(REST_PAYLOAD)).decode())
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key = ApiKey("k", "main", other.public_key().public_bytes(PEM, PUBLIC).decode(), KeyKind.RSA)
    signature = base64.b64encode(other.sign(REST_PAYLOAD, padding.PKCS1v15(), hashes.SHA256())).decode()
    assert is_signed_by(key, REST_PAYLOAD, signature)
    for wrong in ("", "not base64!", signature[:-8], "é"):
        assert not is_signed_by(key, REST_PAYLOAD, wrong)


def test_parameters_may_stand_in_query_or_body_or_both() -> None:
    async def act(desk: Desk) -> None:
        headers = {"X-MBX-APIKEY": "emulator-key", "Content-Type": "application/x-www-form-urlencoded"}
        order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=83000"
        stamp = f"timestamp={desk.now_ms}"
        for query, body in (
            (f"{order}&{stamp}", ""),
            ("", f"{order}&{stamp}"),
            (order, stamp),
            (stamp, order + "&newClientOrderId=mixed"),
        ):
            signature = f"signature={desk.signature(query + body)}"
            in_query = f"/fapi/v1/order?{query}&{signature}"
            reply = await desk.send("POST", in_query, body.encode(), headers)
            assert reply.status == 200, (query, body, reply.body)
            in_body = f"{body}&{signature}" if body else signature
            again = await desk.send("POST", f"/fapi/v1/order?{query}", in_body.encode(), headers)
            assert again.status == 200 or again.code == -4116, (query, body, again.body)

    at_the_venue(act)


def test_on_duplicates_the_query_wins() -> None:
    async def act(desk: Desk) -> None:
        query = f"side=SELL&price=85000&timestamp={desk.now_ms}"
        body = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.010&price=83000"
        target = f"/fapi/v1/order?{query}&signature={desk.signature(query + body)}"
        reply = await desk.send("POST", target, body.encode(), {"X-MBX-APIKEY": "emulator-key"})
        assert (reply.body["side"], reply.body["price"]) == ("SELL", "85000.00")

    at_the_venue(act)


def test_a_raw_json_list_in_the_body_is_verified_as_it_was_sent() -> None:
    async def act(desk: Desk) -> None:
        rows = (
            '[{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.010","price":"83000"},'
            '{"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.0101","price":"83000"}]'
        )
        body = f"timestamp={desk.now_ms}&batchOrders={rows}&recvWindow=10000"
        body += f"&signature={desk.signature(body)}"
        headers = {"X-MBX-APIKEY": "emulator-key", "Content-Type": "application/x-www-form-urlencoded"}
        reply = await desk.send("POST", "/fapi/v1/batchOrders", body.encode(), headers)
        assert reply.status == 200
        assert reply.body[0]["status"] == "NEW"
        assert reply.body[1] == {"code": -1111, "msg": "Precision is over the maximum defined for this asset."}
        counts = (reply.headers["X-MBX-ORDER-COUNT-10S"], reply.headers["X-MBX-ORDER-COUNT-1M"])
        assert counts == ("5", "1")

    at_the_venue(act)


def test_delete_takes_its_parameters_from_a_form_body() -> None:
    async def act(desk: Desk) -> None:
        placed = await desk.order()
        body = desk.signed_query({"symbol": "BTCUSDT", "orderId": placed.body["orderId"]})
        reply = await desk.send("DELETE", "/fapi/v1/order", body.encode(), {"X-MBX-APIKEY": "emulator-key"})
        assert reply.body["status"] == "CANCELED"

    at_the_venue(act)
