"""What the engine tells in words of its own, in the venue's: why orders end, what placed them, why wallets change."""

from geobuk.domain.times import NS_PER_MS
from geobuk.matching.engine.orders import Cause, ExpireReason
from geobuk.matching.margin.ledger import EntryKind

EXPIRE_NUMBER: dict[ExpireReason, int] = {
    ExpireReason.NONE: 0,
    ExpireReason.SELF_TRADE: 1,
    ExpireReason.IOC_REMAINDER: 2,
    ExpireReason.IOC_SELF_TRADE: 3,
    ExpireReason.REDUCE_ONLY_PUSHED_OUT: 4,
    ExpireReason.LIQUIDATED: 5,
    ExpireReason.POSITION_CONDITION: 6,
    ExpireReason.DELISTED: 7,
    ExpireReason.TRIGGER_FAILED: 8,
    ExpireReason.MARKET_REMAINDER: 9,
    ExpireReason.GOOD_TILL_DATE: 0,
}
"""``er``; the venue tells no reason for the end of a good-till time."""

INCOME_TYPE: dict[EntryKind, str] = {
    EntryKind.TRANSFER: "TRANSFER",
    EntryKind.REALIZED: "REALIZED_PNL",
    EntryKind.FUNDING: "FUNDING_FEE",
    EntryKind.FEE: "COMMISSION",
    EntryKind.INSURANCE: "INSURANCE_CLEAR",
}

AUTO_CLOSE: dict[str, Cause] = {"LIQUIDATION": Cause.LIQUIDATION, "ADL": Cause.DELEVERAGING}
"""``autoCloseType``."""


def forced_id(cause: Cause, at_ns: int, number: int) -> str:
    """The client order id of an order of the venue's own.

    >>> forced_id(Cause.LIQUIDATION, 1_700_000_000_123_000_000, 7), forced_id(Cause.DELEVERAGING, 0, 1)
    ('autoclose-1700000000123000007', 'adl_autoclose')
    """
    return "adl_autoclose" if cause is Cause.DELEVERAGING else f"autoclose-{at_ns // NS_PER_MS}{number:06d}"
