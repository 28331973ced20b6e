"""Where faults are asked for and taken back; it lets those act that need no request to act on."""

from dataclasses import replace
from typing import Any

import msgspec

from geobuk.domain.errors import SettingsError, UserError
from geobuk.domain.times import NS_PER_MS
from geobuk.emulators.binance.exchange import Exchange
from geobuk.emulators.binance.faults.board import FaultBoard, Subject
from geobuk.emulators.binance.faults.event_faults import BoardEventFaults
from geobuk.emulators.binance.faults.kinds import ClockSkew, Fault, Maintenance
from geobuk.emulators.binance.faults.movable_market import MovableMarket
from geobuk.emulators.binance.faults.one_time import OneTimeFaults
from geobuk.emulators.binance.faults.reply_faults import BoardReplyFaults
from geobuk.emulators.binance.faults.socket_faults import BoardSocketFaults
from geobuk.emulators.binance.streams.hub import Hub
from geobuk.matching.market_rules import TradingStatus


class FaultDesk:
    """All faults of one emulator. ``events``, ``sockets`` and ``replies`` are what its parts ask."""

    def __init__(self, exchange: Exchange, hub: Hub, market: MovableMarket, seed: int = 1) -> None:
        self.board = FaultBoard(exchange.clock.now_ns)
        self.events = BoardEventFaults(self.board, seed)
        self.sockets = BoardSocketFaults(self.board, hub)
        self.replies = BoardReplyFaults(self.board, exchange, seed)
        self.one_time = OneTimeFaults(exchange, market)
        self._exchange = exchange
        self._halted: dict[str, TradingStatus] = {}
        hub.faults = self.events
        exchange.on_advanced(self.advance)

    def add(self, fault: Fault) -> int | None:
        """Put a fault in force; its number, None if it was done at once.

        Raises
        ------
        UserError : it can't be done; nothing has changed.
        """
        if self.one_time.does(fault) and fault.when.after_s <= 0:
            self.one_time.perform(fault)
            self.board.note(f"{tag_of(fault)} done")
            return None
        number = self.board.add(fault)
        self.advance(self._exchange.engine.at_ns)
        return number

    def remove(self, number: int) -> bool:
        """Take a fault back; False if there is none of that number."""
        found = self.board.remove(number)
        self.advance(self._exchange.engine.at_ns)
        return found

    def clear(self) -> None:
        self.board.clear()
        self.advance(self._exchange.engine.at_ns)

    def advance(self, now_ns: int) -> None:
        """Let time do its part: what is due, what is over."""
        for standing in self.board.over():
            self.board.remove(standing.number)
        for standing in self.board:
            if self.one_time.does(standing.fault) and standing.is_due(self._exchange.clock.now_ns()):
                self.board.remove(standing.number)
                self._perform_later(standing.fault)
        self.sockets.advance(now_ns)
        skew = self.board.in_force(ClockSkew, Subject())
        self._exchange.clock.skew_ns = 0 if skew is None else skew.skew_ms * NS_PER_MS
        self._halt(self.board.in_force(Maintenance, Subject()) is not None)

    def _perform_later(self, fault: Fault) -> None:
        try:
            self.one_time.perform(fault)
            self.board.note(f"{tag_of(fault)} done")
        except UserError as error:
            self.board.note(f"{tag_of(fault)} not done: {error}")

    def _halt(self, is_maintained: bool) -> None:
        engine = self._exchange.engine
        if is_maintained and not self._halted:
            for name in self._exchange.instruments:
                rules = engine.rules(name)
                self._halted[name] = rules.status
                engine.set_rules(replace(rules, status=TradingStatus.HALTED))
        elif self._halted and not is_maintained:
            for name, status in self._halted.items():
                engine.set_rules(replace(engine.rules(name), status=status))
            self._halted = {}


def tag_of(fault: Fault) -> str:
    """A fault's name on the wire."""
    return str(type(fault).__struct_config__.tag)


def read_fault(content: object) -> Fault:
    """A fault from JSON or TOML values; raises SettingsError that names what is wrong."""
    try:
        fault: Any = msgspec.convert(content, Fault)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"this is no fault: {error}", cure="see GET /control/api/faults/kinds for what there is"
        ) from None
    return fault  # type: ignore[no-any-return]
