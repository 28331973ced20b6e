"""Accounts on margin and for cash."""

from dataclasses import replace
from decimal import Decimal

from geobuk.domain.account import Account, MarginMode, Settlement

MARGIN = Account(
    venue="synthetic",
    currency="USDT",
    mode=MarginMode.CROSS,
    wallet=Decimal("230.10"),
    unrealized=Decimal("-30.05"),
    initial_margin=Decimal(50),
    maintenance_margin=Decimal(2),
    buying_power=Decimal(150),
    at_ns=0,
)


def test_equity_on_margin_is_wallet_and_unrealised_profit_to_the_cent() -> None:
    assert MARGIN.equity == Decimal("200.05")


def test_equity_for_cash_counts_what_settlements_still_owe() -> None:
    pending = (Settlement(1, Decimal(500_000)), Settlement(2, Decimal(-120_000)))
    account = replace(
        MARGIN, currency="KRW", mode=MarginMode.CASH, wallet=Decimal(1_000_000), unrealized=Decimal(0), pending=pending
    )
    assert account.equity == Decimal(1_380_000)
