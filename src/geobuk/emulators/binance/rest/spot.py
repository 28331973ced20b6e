"""The few spot paths that futures clients call: connectivity, time, currencies, the key's own rights."""

from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.rest.market import ping, server_time

Row = dict[str, object]


def currencies(exchange: Exchange, _: str, __: Params) -> object:
    """GET capital/config/getall: the currencies, with no networks to move them over."""
    bases = dict.fromkeys(exchange.rules(name).instrument.base for name in exchange.instruments)
    return [_currency(coin) for coin in ("USDT", *bases)]


def margin_pairs(_: Exchange, __: str, ___: Params) -> object:
    """GET margin/allPairs, margin/isolated/allPairs: there is no margin trading here."""
    return []


def system_status(_: Exchange, __: str, ___: Params) -> object:
    """GET system/status: no maintenance."""
    return {"status": 0, "msg": "normal"}


def restrictions(exchange: Exchange, _: str, params: Params) -> object:
    """GET account/apiRestrictions: what the key may do."""
    key = exchange.keys.find(params.key_name)
    assert key is not None, "the gate admitted it"
    return {
        "ipRestrict": key.is_ip_restricted,
        "createTime": key.created_ms,
        "enableReading": key.can_read,
        "enableWithdrawals": key.can_withdraw,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": key.can_trade,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": False,
        "enableSpotAndMarginTrading": False,
        "enablePortfolioMarginTrading": False,
    }


def _currency(coin: str) -> Row:
    amounts = ("free", "locked", "freeze", "withdrawing", "ipoing", "ipoable", "storage")
    head: Row = {"coin": coin, "depositAllEnable": False, "withdrawAllEnable": False, "name": coin}
    return {**head, **dict.fromkeys(amounts, "0"), "isLegalMoney": False, "trading": True, "networkList": []}


OPERATIONS = (
    Operation("GET", "/api/v3/ping", Security.NONE, 1, ping),
    Operation("GET", "/api/v3/time", Security.NONE, 1, server_time),
    Operation("GET", "/sapi/v1/capital/config/getall", Security.SIGNED, 10, currencies),
    Operation("GET", "/sapi/v1/system/status", Security.NONE, 1, system_status),
    Operation("GET", "/sapi/v1/margin/allPairs", Security.KEY, 1, margin_pairs),
    Operation("GET", "/sapi/v1/margin/isolated/allPairs", Security.KEY, 10, margin_pairs),
    Operation("GET", "/sapi/v1/account/apiRestrictions", Security.SIGNED, 1, restrictions),
)
