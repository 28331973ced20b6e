"""Faults that are done once: to an instrument's rules and prices, to positions, to listen keys."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from geobuk.domain.errors import UserError
from geobuk.domain.instrument import TickBand
from geobuk.domain.order import PositionSide, Side
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.faults.kinds import (
    ChangeFilters,
    ChangeFunding,
    Deleverage,
    ExpireListenKey,
    Liquidate,
    PriceShock,
    TradePrint,
)
from geobuk.emulators.binance.faults.market_rows import Row, apply_rows, others_levels
from geobuk.emulators.binance.faults.movable_market import MovableMarket
from geobuk.emulators.binance.formats import TRADING_STATUS
from geobuk.matching.book.market_event import Happening
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.refusals import RefusedError

_STATUS_OF = {word: status for status, word in TRADING_STATUS.items()}
_DEEPEST_FALL = -95.0
_HIGHEST_RISE = 1_000.0


class OneTimeFaults:
    """Does them. Each raises UserError with what is wrong where it can't be done; nothing has changed then."""

    def __init__(self, exchange: Exchange, market: MovableMarket) -> None:
        self._exchange = exchange
        self._market = market
        self._doers: dict[type, Any] = {
            ChangeFilters: self._change_filters,
            ChangeFunding: self._change_funding,
            Liquidate: self._liquidate,
            Deleverage: self._deleverage,
            PriceShock: self._shock,
            TradePrint: self._print,
            ExpireListenKey: self._expire_listen_keys,
        }

    def does(self, fault: object) -> bool:
        """Whether it is a fault of this kind."""
        return type(fault) in self._doers

    def perform(self, fault: Any) -> None:
        try:
            self._doers[type(fault)](fault)
        except RefusedError as refused:
            raise UserError(
                f"the engine refused: {refused}", cure="see what positions and instruments there are"
            ) from None

    def _rules(self, instrument: str) -> MarketRules:
        if instrument not in self._exchange.memory:
            known = ", ".join(self._exchange.instruments)
            raise UserError(f"no instrument {instrument!r} here", cure=f"choose one of {known}")
        return self._exchange.rules(instrument)

    def _account(self, name: str) -> str:
        accounts = self._exchange.engine.accounts
        if name and name not in accounts:
            raise UserError(f"no account {name!r} here", cure=f"choose one of {', '.join(accounts)}")
        return name or accounts[0]

    def _change_filters(self, fault: ChangeFilters) -> None:
        rules = self._rules(fault.instrument)
        changed = rules.instrument
        if fault.tick:
            changed = replace(changed, ticks=(TickBand(Decimal(0), _positive(fault.tick, "tick")),))
        if fault.step:
            step = _positive(fault.step, "step")
            changed = replace(changed, step=step, min_quantity=max(step, changed.min_quantity))
        if fault.min_notional:
            changed = replace(changed, min_notional=_positive(fault.min_notional, "min_notional"))
        rules = replace(rules, instrument=changed)
        if fault.status:
            if fault.status not in _STATUS_OF:
                raise UserError(f"no status {fault.status!r}", cure=f"choose one of {', '.join(_STATUS_OF)}")
            rules = replace(rules, status=_STATUS_OF[fault.status])
        self._exchange.engine.set_rules(rules)

    def _change_funding(self, fault: ChangeFunding) -> None:
        rules = self._rules(fault.instrument)
        if fault.interval_hours:
            if fault.interval_hours not in {1, 2, 4, 8}:
                raise UserError(f"{fault.interval_hours} hours is no funding interval", cure="use 1, 2, 4 or 8")
            instrument = replace(rules.instrument, funding_interval_hours=fault.interval_hours)
            self._exchange.engine.set_rules(replace(rules, instrument=instrument))
        if fault.rate:
            price = _decimal(fault.rate, "rate") * 10**8 / 10**rules.price_decimals
            apply_rows(self._exchange, fault.instrument, [(Happening.RATE, 0, price, Decimal(0))])

    def _liquidate(self, fault: Liquidate) -> None:
        self._rules(fault.instrument)
        self._exchange.engine.force_liquidation(self._account(fault.account), fault.instrument)

    def _deleverage(self, fault: Deleverage) -> None:
        self._rules(fault.instrument)
        account, engine = self._account(fault.account), self._exchange.engine
        side = PositionSide(fault.position_side.lower())
        held = abs(engine.account(account).position(fault.instrument, side).quantity)
        if held == 0:
            raise UserError(f"{account} holds no {fault.instrument}", cure="open a position first")
        quantity = min(_positive(fault.quantity, "quantity"), held) if fault.quantity else held
        price = _positive(fault.price, "price") if fault.price else engine.mark_price(fault.instrument)
        if price is None:
            raise UserError(f"{fault.instrument} has no price yet", cure="wait a moment, or give a price")
        engine.deleverage(account, fault.instrument, side, quantity, _on_grid(price, self._rules(fault.instrument)))

    def _shock(self, fault: PriceShock) -> None:
        rules, engine = self._rules(fault.instrument), self._exchange.engine
        if not _DEEPEST_FALL <= fault.percent <= _HIGHEST_RISE:
            raise UserError(f"a shock of {fault.percent} %", cure=f"stay within {_DEEPEST_FALL} to {_HIGHEST_RISE}")
        mark = engine.mark_price(fault.instrument)
        if mark is None:
            raise UserError(f"{fault.instrument} has no price yet", cure="wait a moment")
        by = _on_grid(mark * Decimal(str(fault.percent)) / 100, rules)
        bids, asks = others_levels(self._exchange, fault.instrument)
        self._market.move(fault.instrument, by)
        nothing = Decimal(0)
        rows: list[Row] = [(Happening.CLEAR, 0, nothing, nothing)]
        rows += [(Happening.LEVEL, 1, at + by, amount) for at, amount in bids if at + by > 0]
        rows += [(Happening.LEVEL, -1, at + by, amount) for at, amount in asks if at + by > 0]
        index = engine.index_price(fault.instrument)
        if index is not None:
            rows.append((Happening.INDEX, 0, index + by, nothing))
        rows.append((Happening.MARK, 0, mark + by, nothing))
        touched = (asks if by > 0 else bids) or [(mark, nothing)]
        side = 1 if by > 0 else -1
        rows.append((Happening.TRADE, side, touched[0][0] + by, rules.instrument.step))
        apply_rows(self._exchange, fault.instrument, rows)

    def _print(self, fault: TradePrint) -> None:
        rules = self._rules(fault.instrument)
        price = _on_grid(_positive(fault.price, "price"), rules)
        quantity = _positive(fault.quantity, "quantity")
        side = Side.BUY if fault.side == "BUY" else Side.SELL
        apply_rows(self._exchange, fault.instrument, [(Happening.TRADE, int(side), price, quantity)])

    def _expire_listen_keys(self, fault: ExpireListenKey) -> None:
        del fault
        for account in self._exchange.engine.accounts:
            self._exchange.listen_keys.expire_now(account, self._exchange.now_ms)


def _decimal(text: str, name: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise UserError(f"{name} {text!r} is no number", cure="write it like 0.10") from None
    if not value.is_finite():
        raise UserError(f"{name} {text!r} is not finite", cure="write it like 0.10")
    return value


def _positive(text: str, name: str) -> Decimal:
    value = _decimal(text, name)
    if not 0 < value < 10**12:
        raise UserError(f"{name} {text} is not above 0 and below 10**12", cure="write it like 0.10")
    return value


def _on_grid(price: Decimal, rules: MarketRules) -> Decimal:
    return round(price / rules.tick) * rules.tick
