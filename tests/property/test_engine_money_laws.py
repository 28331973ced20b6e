"""Isolated margin, hedge legs and shocks at random: what left a wallet is in a cost, a fee or an entry."""

from decimal import Decimal
from random import Random

import pytest
from tests.support.engine_laws import Witness, check
from tests.support.engine_room import BTC, BUY, ETH, HOUR_NS, SELL, START_NS, rows_of, rules_of

from geobuk.domain.account import MarginMode
from geobuk.domain.order import OrderType, PositionSide, SelfTradePrevention, TimeInForce
from geobuk.matching.book.market_event import Happening
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.engine.orders import NewOrder
from geobuk.matching.engine.spec import EngineSpec
from geobuk.matching.margin.account import AccountSpec
from geobuk.matching.margin.ledger import EntryKind
from geobuk.matching.refusals import RefusedError

D = Decimal
DEPOSIT, FUND = D(20_000), D(100_000)
ACCOUNTS = {
    "cross": AccountSpec(default_leverage=50),
    "isolated": AccountSpec(default_leverage=50, margin_mode=MarginMode.ISOLATED),
    "hedged": AccountSpec(default_leverage=50, is_hedged=True),
    "hedged and isolated": AccountSpec(default_leverage=50, is_hedged=True, margin_mode=MarginMode.ISOLATED),
}
MIDDLES = {BTC: 600_000, ETH: 30_000}


class Session:
    """Four accounts trade with each other and with a thin market that jumps."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.witness = Witness()
        spec = EngineSpec(seed=seed, insurance_fund=self.dice.choice((D(0), FUND)))
        rules = [rules_of(), rules_of(ETH)]
        self.engine = MatchingEngine(rules, spec, at_ns=START_NS, listener=self.witness)
        for name, account in ACCOUNTS.items():
            self.engine.open_account(name, {"USDT": DEPOSIT}, account)
        self.middles = dict(MIDDLES)
        for name in MIDDLES:
            self.market(name)

    def market(self, instrument: str, jump: int = 0) -> None:
        dice, middle = self.dice, self.middles[instrument] + jump
        middle = min(max(middle, MIDDLES[instrument] // 2), MIDDLES[instrument] * 2)
        self.middles[instrument] = middle
        rows = [
            (Happening.MARK, 0, D(middle).scaleb(-1), 0),
            (Happening.RATE, 0, D(dice.randint(-300, 300)).scaleb(-6), 0),
        ]
        for away in (1, 3, 9):
            rows.append((Happening.LEVEL, 1, D(middle - away).scaleb(-1), dice.randint(0, 3)))
            rows.append((Happening.LEVEL, -1, D(middle + away).scaleb(-1), dice.randint(0, 3)))
        side = dice.choice((1, -1))
        rows.append((Happening.TRADE, side, D(middle + side * dice.randint(0, 9)).scaleb(-1), dice.randint(1, 2)))
        self.engine.apply(instrument, rows_of(self.engine.at_ns + 1, *rows))

    def order(self) -> None:
        dice = self.dice
        name, instrument = dice.choice(list(ACCOUNTS)), dice.choice((BTC, ETH))
        is_hedged = ACCOUNTS[name].is_hedged
        is_limit = dice.random() < 0.6
        quantity = D(dice.randint(10, 4_000)).scaleb(-3) * (1 if instrument == BTC else 20)
        self.engine.submit(
            name,
            NewOrder(
                instrument,
                dice.choice((BUY, SELL)),
                OrderType.LIMIT if is_limit else OrderType.MARKET,
                quantity,
                D(self.middles[instrument] + dice.randint(-12, 12)).scaleb(-1) if is_limit else None,
                dice.choice((TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX)),
                is_reduce_only=not is_hedged and dice.random() < 0.3,
                position_side=dice.choice((PositionSide.LONG, PositionSide.SHORT)) if is_hedged else PositionSide.BOTH,
                self_trade_prevention=dice.choice(list(SelfTradePrevention)),
            ),
        )

    def meddle(self) -> None:
        """Margin, leverage, orders and money are moved by hand; the venue takes over, or deleverages."""
        dice, engine = self.dice, self.engine
        name, instrument = dice.choice(list(ACCOUNTS)), dice.choice((BTC, ETH))
        legs = [PositionSide.LONG, PositionSide.SHORT] if ACCOUNTS[name].is_hedged else [PositionSide.BOTH]
        leg = dice.choice(legs)
        match dice.randint(0, 6):
            case 0:
                engine.move_margin(name, instrument, leg, D(dice.randint(-500, 500)))
            case 1:
                engine.set_leverage(name, instrument, dice.choice((5, 20, 50, 125)))
            case 2:
                engine.cancel_all(name, instrument)
            case 3:
                engine.force_liquidation(name, instrument)
            case 4:
                held = abs(engine.account(name).position(instrument, leg).quantity)
                price = D(self.middles[instrument] + dice.choice((-9_000, -100, 100, 9_000))).scaleb(-1)
                engine.deleverage(name, instrument, leg, held, max(price, D(100)))
            case 5:
                found = engine.open_orders(name, instrument)
                if found:
                    one = dice.choice(found)
                    price = D(self.middles[instrument] + dice.randint(-12, 12)).scaleb(-1)
                    engine.modify(name, instrument, one.id, one.quantity * dice.choice((1, 2)), price)
            case _:
                engine.set_margin_mode(name, instrument, dice.choice((MarginMode.CROSS, MarginMode.ISOLATED)))

    def run(self, steps: int) -> None:
        for number in range(steps):
            for act in (self.order, self.order, self.meddle if number % 4 == 0 else self.order):
                try:
                    act()
                except RefusedError:
                    continue
            jump = self.dice.choice((0, 0, 5, -5, 40, -40)) if number % 25 else self.dice.choice((9_000, -9_000, 600))
            name = self.dice.choice((BTC, ETH))
            self.market(name, jump if name == BTC else jump // 20)
            if number % 20 == 0:
                self.engine.advance(self.engine.at_ns + 8 * HOUR_NS)
            self.require_laws()

    def require_laws(self) -> None:
        check(self.engine, self.witness, DEPOSIT)
        for name in ACCOUNTS:
            account = self.engine.account(name)
            sums = {kind: sum((e.amount for e in account.ledger if e.kind is kind), D(0)) for kind in EntryKind}
            paid = sum((fill.side * fill.quantity * fill.price for fill in self.engine.executions(name)), D(0))
            cost = sum((one.cost for one in account.positions()), D(0))
            without_profit = sum(sums.values(), D(0)) - sums[EntryKind.REALIZED]
            assert account.wallet() - cost == without_profit - paid, f"{name}: money and positions do not match"
            assert account.cross_wallet + account.isolated_wallets == account.wallet()
            for holding in account.holdings():
                assert account.position(holding.instrument, holding.position_side).realized == sum(
                    (
                        fill.realized
                        for fill in self.engine.executions(name, holding.instrument)
                        if fill.position_side is holding.position_side
                    ),
                    D(0),
                )
                if holding.position_side is not PositionSide.BOTH:
                    assert holding.quantity * (1 if holding.position_side is PositionSide.LONG else -1) > 0
            held = {(one.instrument, one.position_side) for one in account.positions()}
            for instrument in (BTC, ETH):
                for side in PositionSide:
                    if (instrument, side) not in held:
                        assert account._wallets.position(instrument, side).isolated_wallet == 0, "margin of nothing"


@pytest.mark.parametrize("seed", range(8))
def test_every_cent_is_a_fee_a_cost_or_an_entry_whatever_margin_and_legs(seed: int) -> None:
    session = Session(seed)
    session.run(250)
    kinds = {fill.client_order_id.partition("-")[0] for name in ACCOUNTS for fill in session.engine.executions(name)}
    assert {"liquidation", "deleveraging"} <= kinds
