"""Every change of a wallet as an entry; the wallets are the exact sums of all there ever were."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from geobuk.matching.margin.money import ZERO

T = TypeVar("T")


class EntryKind(StrEnum):
    """Why a wallet changed.

    INSURANCE below zero is a clearance fee paid to the insurance fund, above zero what the fund made good.
    """

    TRANSFER = "transfer"
    REALIZED = "realized"
    FUNDING = "funding"
    FEE = "fee"
    INSURANCE = "insurance"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """``amount`` is signed, in ``asset``. ``instrument`` is empty and ``trade_id`` None where there is none."""

    tran_id: int
    kind: EntryKind
    asset: str
    amount: Decimal
    instrument: str
    at_ns: int
    trade_id: int | None


class Ledger:
    """Entries in the order in which they were made; their numbers rise by one; at least the ``keep`` newest."""

    __slots__ = ("_keep", "_next_id", "_wallets", "entries")

    def __init__(self, first_tran_id: int = 1, keep: int = 200_000) -> None:
        self._keep = keep
        self.entries: list[LedgerEntry] = []
        self._wallets: dict[str, Decimal] = {}
        self._next_id = first_tran_id

    @property
    def wallets(self) -> Mapping[str, Decimal]:
        """Every asset that ever had an entry."""
        return MappingProxyType(self._wallets)

    def wallet(self, asset: str) -> Decimal:
        return self._wallets.get(asset, ZERO)

    def record(
        self,
        kind: EntryKind,
        asset: str,
        amount: Decimal,
        at_ns: int,
        instrument: str = "",
        trade_id: int | None = None,
    ) -> LedgerEntry:
        """Write an entry and move the wallet."""
        entry = LedgerEntry(self._next_id, kind, asset, amount, instrument, at_ns, trade_id)
        self._next_id += 1
        self._wallets[asset] = self._wallets.get(asset, ZERO) + amount
        self.entries.append(entry)
        trim(self.entries, self._keep)
        return entry


def trim(rows: list[T], keep: int) -> None:
    """Leave the oldest out once a quarter more than ``keep`` are there, so that it seldom has anything to do."""
    if len(rows) > keep + keep // 4:
        del rows[: len(rows) - keep]
