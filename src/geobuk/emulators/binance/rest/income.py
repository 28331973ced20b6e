"""Income: every movement of the wallets."""

from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance import arguments, formats
from geobuk.emulators.binance.candles import DAY_MS
from geobuk.emulators.binance.errors import not_valid
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.operations import Operation, Security
from geobuk.emulators.binance.params import Params
from geobuk.emulators.binance.venue_words import INCOME_TYPE
from geobuk.matching.margin.ledger import LedgerEntry

Row = dict[str, object]
KINDS = frozenset(
    {
        "TRANSFER",
        "WELCOME_BONUS",
        "REALIZED_PNL",
        "FUNDING_FEE",
        "SPECIAL_FUNDING_FEE",
        "COMMISSION",
        "INSURANCE_CLEAR",
        "REFERRAL_KICKBACK",
        "COMMISSION_REBATE",
        "API_REBATE",
        "CONTEST_REWARD",
        "CROSS_COLLATERAL_TRANSFER",
        "OPTIONS_PREMIUM_FEE",
        "OPTIONS_SETTLE_PROFIT",
        "INTERNAL_TRANSFER",
        "AUTO_EXCHANGE",
        "DELIVERED_SETTELMENT",
        "COIN_SWAP_DEPOSIT",
        "COIN_SWAP_WITHDRAW",
        "POSITION_LIMIT_INCREASE_FEE",
        "STRATEGY_UMFUTURES_TRANSFER",
        "FEE_RETURN",
        "BFUSD_REWARD",
    }
)
_WEEK_MS = 7 * DAY_MS
_THREE_MONTHS_MS = 90 * DAY_MS


def income(exchange: Exchange, account: str, params: Params) -> object:
    """GET income: ascending; the newest 7 days where no window is given, the newest rows where no start is."""
    instrument = arguments.optional_symbol(exchange, params)
    kind = params.text("incomeType")
    if kind is not None and kind not in KINDS:
        raise not_valid("incomeType")
    limit = params.limit(100, 1000)
    start, end = params.integer("startTime"), params.integer("endTime")
    if start is not None and end is not None and end < start:
        raise not_valid("startTime")
    now = exchange.now_ms
    first = max(now - _THREE_MONTHS_MS, start if start is not None else (now if end is None else end) - _WEEK_MS)
    rows = [
        entry
        for entry in exchange.engine.account(account).ledger
        if first <= entry.at_ns // NS_PER_MS <= (now if end is None else end)
        and instrument in {None, entry.instrument}
        and kind in {None, INCOME_TYPE[entry.kind]}
    ]
    return [_row(entry) for entry in (rows[:limit] if start is not None else rows[-limit:])]


def _row(entry: LedgerEntry) -> Row:
    is_trade = entry.trade_id is not None
    return {
        "symbol": entry.instrument,
        "incomeType": INCOME_TYPE[entry.kind],
        "income": formats.money(entry.amount),
        "asset": entry.asset,
        "info": str(entry.trade_id) if is_trade else INCOME_TYPE[entry.kind],
        "time": entry.at_ns // NS_PER_MS,
        "tranId": entry.tran_id,
        "tradeId": str(entry.trade_id) if is_trade else "",
    }


OPERATIONS = (Operation("GET", "/fapi/v1/income", Security.SIGNED, 30, income),)
