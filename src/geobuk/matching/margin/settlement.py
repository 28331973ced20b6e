"""How executions, funding and liquidation move the wallets. Fees and realised profit settle at once.

An isolated position takes notional / leverage out of the cross wallet when it opens and gives back a pro-rata part when
it closes; fees are the cross wallet's, funding is the isolated wallet's. What a loss leaves below zero once no position
can bear it is made good by the insurance fund.
"""

from decimal import Decimal
from typing import NamedTuple

from geobuk.matching.margin.fees import Fee, discounted_fee, plain_fee
from geobuk.matching.margin.ledger import EntryKind, LedgerEntry
from geobuk.matching.margin.money import ZERO, rounded, truncated
from geobuk.matching.margin.position import Change, Position
from geobuk.matching.margin.requirements import LegTerms
from geobuk.matching.margin.settings import Settings
from geobuk.matching.margin.spec import AccountSpec
from geobuk.matching.margin.wallets import Wallets


class Outcome(NamedTuple):
    """What an execution did to the wallets. ``fee`` is a cost when positive, in ``fee_asset``.

    ``clearance_fee`` was paid to the insurance fund, ``covered`` is what the fund made good.
    """

    realized: Decimal
    fee: Decimal
    fee_asset: str
    clearance_fee: Decimal = ZERO
    covered: Decimal = ZERO


class Stamp(NamedTuple):
    """When, and by which trade."""

    at_ns: int
    trade_id: int | None = None


class Settlement:
    """Changes one account's wallets. ``fee_asset_price`` prices the asset that pays fees, None: not known."""

    __slots__ = ("_settings", "_spec", "_wallets", "fee_asset_price")

    def __init__(self, wallets: Wallets, settings: Settings, spec: AccountSpec) -> None:
        self._wallets = wallets
        self._settings = settings
        self._spec = spec
        self.fee_asset_price = spec.fee_asset_price

    def fee_rate(self, instrument: str, is_maker: bool) -> Decimal:
        """The account's own rate, else the instrument's, as a fraction."""
        rules = self._settings.rules(instrument).instrument
        if is_maker:
            return rules.maker_fee if self._spec.maker_fee is None else self._spec.maker_fee
        return rules.taker_fee if self._spec.taker_fee is None else self._spec.taker_fee

    def execute(self, position: Position, quantity: Decimal, price: Decimal, rate: Decimal, stamp: Stamp) -> Outcome:
        """Fold an execution of a signed quantity in and settle it."""
        terms = self._settings.terms(position.instrument)
        change = position.execute(quantity, price, rate)
        position.updated_ns = stamp.at_ns
        self._record(EntryKind.REALIZED, change.realized, position.instrument, stamp)
        fee = self._charge(abs(quantity) * price, rate, position.instrument, stamp)
        if terms.is_isolated:
            self._move_isolated(position, change, price, terms)
        covered = self._cover(position.instrument, stamp) if change.closed else ZERO
        return Outcome(change.realized, fee.amount, fee.asset, covered=covered)

    def close_out(self, position: Position, quantity: Decimal, price: Decimal, stamp: Stamp) -> Outcome:
        """Settle a liquidation of ``quantity`` > 0 at a price: no commission, but the clearance fee as far as it goes.

        What is left of an isolated wallet stays in it until the last of the position is gone.
        """
        instrument = position.instrument
        signed = -quantity if position.quantity > 0 else quantity
        change = position.execute(signed, price, ZERO)
        position.updated_ns = stamp.at_ns
        self._record(EntryKind.REALIZED, change.realized, instrument, stamp)
        asked = truncated(quantity * price * self._settings.rules(instrument).instrument.liquidation_fee)
        if not self._settings.terms(instrument).is_isolated:
            fee = min(asked, max(ZERO, self._wallets.cross))
            self._record(EntryKind.INSURANCE, -fee, instrument, stamp)
            return Outcome(change.realized, ZERO, self._wallets.margin_asset, fee, self._cover(instrument, stamp))
        left = position.isolated_wallet + change.realized
        fee = min(asked, max(ZERO, left))
        self._record(EntryKind.INSURANCE, -fee, instrument, stamp)
        covered = ZERO
        position.isolated_wallet = left - fee
        if position.is_flat:
            covered = max(ZERO, -left)
            self._record(EntryKind.INSURANCE, covered, instrument, stamp)
            position.isolated_wallet = ZERO
        return Outcome(change.realized, ZERO, self._wallets.margin_asset, fee, covered)

    def fund(self, position: Position, mark: Decimal, rate: Decimal, at_ns: int) -> LedgerEntry | None:
        """Pay or receive funding: -quantity * mark * rate. An isolated wallet pays as far as it goes."""
        amount = rounded(-position.quantity * mark * rate)
        if not amount:
            return None
        if self._settings.terms(position.instrument).is_isolated:
            position.isolated_wallet = max(ZERO, position.isolated_wallet + amount)
            position.updated_ns = at_ns
        return self._wallets.ledger.record(
            EntryKind.FUNDING, self._wallets.margin_asset, amount, at_ns, position.instrument
        )

    def _record(self, kind: EntryKind, amount: Decimal, instrument: str, stamp: Stamp) -> None:
        if amount:
            self._wallets.ledger.record(
                kind, self._wallets.margin_asset, amount, stamp.at_ns, instrument, stamp.trade_id
            )

    def _charge(self, notional: Decimal, rate: Decimal, instrument: str, stamp: Stamp) -> Fee:
        fee = self._fee(notional, rate)
        if fee.amount:
            self._wallets.ledger.record(EntryKind.FEE, fee.asset, -fee.amount, stamp.at_ns, instrument, stamp.trade_id)
        return fee

    def _fee(self, notional: Decimal, rate: Decimal) -> Fee:
        asset, spec = self._spec.fee_asset, self._spec
        if asset != spec.margin_asset and self.fee_asset_price and rate > 0:
            amount = discounted_fee(notional, rate, spec.fee_discount, self.fee_asset_price)
            if amount <= self._wallets.ledger.wallet(asset):
                return Fee(amount, asset)
        return Fee(plain_fee(notional, rate), spec.margin_asset)

    def _move_isolated(self, position: Position, change: Change, price: Decimal, terms: LegTerms) -> None:
        """Release what was closed, bear its loss, then take in the margin of what was opened."""
        if change.closed:
            held = position.isolated_wallet
            released = held if change.share == 1 else truncated(held * change.share)
            unborne = min(ZERO, released + change.realized)
            position.isolated_wallet = max(ZERO, held - released + unborne)
        if change.opened:
            needed = rounded(change.opened * price / terms.leverage)
            position.isolated_wallet += min(needed, max(ZERO, self._wallets.cross))

    def _cover(self, instrument: str, stamp: Stamp) -> Decimal:
        """Bring a cross wallet that no cross position stands behind any more back to 0."""
        wallets = self._wallets
        if wallets.wallet >= 0 and wallets.cross >= 0:
            return ZERO
        terms = self._settings.terms
        if any(p.quantity and not terms(p.instrument).is_isolated for p in wallets.positions.values()):
            return ZERO
        missing = max(ZERO, -wallets.cross)
        self._record(EntryKind.INSURANCE, missing, instrument, stamp)
        return missing
