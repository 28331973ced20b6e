"""Every recorded payload about orders, accounts and rules is read without loss: each field is declared and kept."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from pathlib import Path

import msgspec
import pytest

from geobuk.venues.binance.messages import account, orders, rules, user_events

OMITTED: dict[str, set[str]] = {}
"""Fields that are left out on purpose, by payload: none."""

CONNECTOR = {
    "account_information_v2": account.AccountReply, "account_information_v3": account.AccountReply,
    "futures_account_balance_v2": list[account.BalanceRow], "futures_account_balance_v3": list[account.BalanceRow],
    "futures_account_configuration": account.AccountConfig, "get_current_position_mode": account.PositionMode,
    "get_income_history": list[account.IncomeRow], "notional_and_leverage_brackets": list[rules.SymbolBrackets],
    "query_user_rate_limit": list[rules.RateLimit], "symbol_configuration": list[account.SymbolConfig],
    "user_commission_rate": account.CommissionRate, "check_server_time": rules.ServerTime,
    "exchange_information": rules.ExchangeInfo, "get_funding_rate_info": list[rules.FundingRow],
    "mark_price": rules.PremiumIndex, "account_trade_list": list[orders.TradeRow],
    "all_orders": list[orders.OrderReply], "auto_cancel_all_open_orders": orders.CountdownReply,
    "cancel_algo_order": orders.AlgoCancelReply, "cancel_multiple_orders": list[orders.OrderReply],
    "cancel_order": orders.OrderReply, "change_initial_leverage": account.LeverageReply,
    "current_all_algo_open_orders": list[orders.AlgoReply], "current_all_open_orders": list[orders.OrderReply],
    "get_order_modify_history": list[orders.AmendmentRow], "modify_isolated_position_margin": account.MarginMove,
    "modify_multiple_orders": list[orders.OrderReply], "modify_order": orders.OrderReply,
    "new_algo_order": orders.AlgoReply, "new_order": orders.OrderReply,
    "place_multiple_orders": list[orders.OrderReply], "position_information_v2": list[account.PositionRow],
    "position_information_v3": list[account.PositionRow], "query_algo_order": orders.AlgoReply,
    "query_all_algo_orders": list[orders.AlgoReply], "query_current_open_order": orders.OrderReply,
    "query_order": orders.OrderReply, "test_order": orders.OrderReply, "users_force_orders": list[orders.OrderReply],
    "keepalive_user_data_stream": account.ListenKey, "start_user_data_stream": account.ListenKey,
}  # fmt: skip
SOCKET_TWINS = {
    "account_information": account.AccountReply, "account_information_v2": account.AccountReply,
    "futures_account_balance": list[account.BalanceRow], "futures_account_balance_v2": list[account.BalanceRow],
    "cancel_algo_order": orders.AlgoCancelReply, "cancel_order": orders.OrderReply, "modify_order": orders.OrderReply,
    "new_algo_order": orders.AlgoReply, "new_order": orders.OrderReply, "query_order": orders.OrderReply,
    "position_information": list[account.PositionRow], "position_information_v2": list[account.PositionRow],
}  # fmt: skip
FILES = {
    "nautilus_http_json/account_info_v2": account.AccountReply, "nautilus_http_json/balance": list[account.BalanceRow],
    "nautilus_http_json/open_algo_orders": list[orders.AlgoReply],
    "nautilus_http_json/order_response": orders.OrderReply,
    "nautilus_http_json/position_risk": list[account.PositionRow],
    "nautilus_http_responses/http_futures_account_orders": list[orders.OrderReply],
    "nautilus_http_responses/http_futures_account_trades": list[orders.TradeRow],
    "nautilus_http_responses/http_futures_account_symbol_config": list[account.SymbolConfig],
    "nautilus_http_responses/http_futures_account_position_side_dual": account.PositionMode,
    "nautilus_http_responses/http_futures_account_positions_one_way": list[account.PositionRow],
    "nautilus_http_responses/http_futures_account_positions_hedge": list[account.PositionRow],
    "nautilus_http_responses/http_futures_wallet_commission_rate_btcusdt": account.CommissionRate,
    "nautilus_http_responses/http_futures_wallet_commission_rate_ethusdt": account.CommissionRate,
    "nautilus_http_responses/http_futures_market_exchange_info": rules.ExchangeInfo,
    "nautilus_http_responses/http_futures_market_premium_index": rules.PremiumIndex,
}  # fmt: skip


@pytest.fixture(scope="module")
def payloads(shared_data: Path) -> Path:
    folder = shared_data / "payloads" / "binance"
    if not folder.is_dir():
        pytest.skip(f"no recorded payloads at {folder}")
    return folder


def same(sent: object, kept: object) -> bool:
    """Equal, where a decimal's digits count and its zeros don't."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        return sent.keys() == kept.keys() and all(same(sent[key], kept[key]) for key in sent)
    if isinstance(sent, list) and isinstance(kept, list):
        return len(sent) == len(kept) and all(same(a, b) for a, b in zip(sent, kept, strict=True))
    if sent == kept:
        return True
    if sent is None or kept is None or isinstance(sent, bool) or isinstance(kept, bool):
        return False
    try:
        return Decimal(str(sent)) == Decimal(str(kept))
    except InvalidOperation:
        return False


def require_lossless(name: str, content: object, kind: object) -> None:
    read = msgspec.json.decode(json.dumps(content).encode(), type=kind)
    kept = json.loads(msgspec.json.encode(read))
    for sent_row, kept_row in zip(rows_of(content), rows_of(kept), strict=True):
        missing = sent_row.keys() - kept_row.keys() - OMITTED.get(name, set())
        assert not missing, f"{name}: fields {sorted(missing)} are not declared"
    assert same(content, kept), f"{name}: {content} became {kept}"


def rows_of(content: object) -> list[dict[str, object]]:
    rows = content if isinstance(content, list) else [content]
    return [row for row in rows if isinstance(row, dict)]


def connector(payloads: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(
        (payloads / "um_rest_and_ws_examples_official_connector.json").read_text()
    )
    return found


@pytest.mark.real_data
@pytest.mark.parametrize("name", CONNECTOR)
def test_documented_reply_is_read_without_loss(name: str, payloads: Path) -> None:
    content = connector(payloads)[f"rest_api/{name}"]["response"]
    if name in {"cancel_multiple_orders", "modify_multiple_orders"}:
        assert isinstance(content, list)
    require_lossless(name, content, CONNECTOR[name])


@pytest.mark.real_data
@pytest.mark.parametrize("name", SOCKET_TWINS)
def test_documented_reply_over_a_socket_is_read_without_loss(name: str, payloads: Path) -> None:
    reply = connector(payloads)[f"websocket_api/{name}"]["response"]
    assert isinstance(reply, dict)
    require_lossless(name, reply["result"], SOCKET_TWINS[name])


@pytest.mark.real_data
@pytest.mark.parametrize("name", FILES)
def test_recorded_reply_is_read_without_loss(name: str, payloads: Path) -> None:
    require_lossless(name, json.loads((payloads / f"{name}.json").read_text()), FILES[name])


def user_frames(payloads: Path) -> Iterator[tuple[str, dict[str, object]]]:
    found = [*sorted((payloads / "nautilus_user_data_json").glob("*.json"))]
    found += sorted((payloads / "nautilus_ws_messages").glob("ws_futures_*.json"))
    for path in found:
        frame = json.loads(path.read_text())
        frame = frame.get("data", frame)
        if isinstance(frame, dict) and frame.get("e") in {
            "ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ALGO_UPDATE", "TRADE_LITE", "ACCOUNT_CONFIG_UPDATE", "MARGIN_CALL",
        }:  # fmt: skip
            yield path.name, frame


@pytest.mark.real_data
def test_recorded_user_events_are_read_without_loss(payloads: Path) -> None:
    frames = list(user_frames(payloads))
    assert len(frames) >= 25
    for name, frame in frames:
        read = msgspec.json.decode(json.dumps(frame).encode(), type=user_events.UserEvent)
        kept = json.loads(msgspec.json.encode(read))
        for part in ("o", "a"):
            sent_part, kept_part = frame.get(part), kept.get(part)
            if isinstance(sent_part, dict):
                assert not sent_part.keys() - kept_part.keys(), f"{name}: {sent_part.keys() - kept_part.keys()}"
        assert same(drop_defaults(frame), drop_defaults(kept)), f"{name}: {frame} became {kept}"


def drop_defaults(frame: dict[str, object]) -> dict[str, object]:
    """A position's side that was not sent is BOTH; an algo order that became none has no number."""
    body = frame.get("o")
    if isinstance(body, dict):
        frame = {**frame, "o": {"ps": "BOTH", "ai": "", **body} if "caid" in body else {"ps": "BOTH", **body}}
    return frame


SHAPES = {
    "OrderReply": orders.OrderReply, "TradeRow": orders.TradeRow, "AlgoReply": orders.AlgoReply,
    "AlgoCancelReply": orders.AlgoCancelReply, "UserEvent": user_events.UserEvent,
    "KeyRestrictions": account.KeyRestrictions,
}  # fmt: skip
LIVE = [
    json.loads(line)
    for line in (Path(__file__).parents[3] / "support" / "binance_live_payloads.jsonl").read_text().splitlines()
]


@pytest.mark.parametrize("case", range(len(LIVE)))
def test_live_payload_is_read_without_loss(case: int) -> None:
    require_lossless(f"live payload {case}", LIVE[case]["payload"], SHAPES[LIVE[case]["shape"]])


def test_a_wrong_type_is_refused_and_a_new_field_is_not() -> None:
    content = LIVE[0]["payload"]
    msgspec.json.decode(json.dumps({**content, "brandNew": 1}).encode(), type=orders.OrderReply)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(json.dumps({**content, "orderId": "33878894217"}).encode(), type=orders.OrderReply)
