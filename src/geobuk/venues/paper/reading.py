"""What the paper venue shows of its account: wallet, positions, orders and fills, as of the engine's time."""

from dataclasses import replace

from geobuk.domain.account import Account
from geobuk.domain.instrument import Instrument
from geobuk.domain.order import Fill, OrderState, Position
from geobuk.domain.updates import VenueSnapshot
from geobuk.matching.engine.engine import MatchingEngine
from geobuk.matching.refusals import RefusedError
from geobuk.venues.paper.spec import PaperSpec
from geobuk.venues.paper.translate import fill_of, position_of, state_of, state_of_conditional


class AccountReader:
    """Reads one account of an engine; changes nothing."""

    def __init__(self, engine: MatchingEngine, spec: PaperSpec) -> None:
        self._engine = engine
        self._venue = spec.name
        self._name = spec.account_name
        self._mode = spec.account.margin_mode
        self._currency = spec.account.margin_asset

    def instruments(self) -> list[Instrument]:
        rules = (self._engine.rules(name) for name in self._engine.instruments)
        return [replace(one.instrument, venue=self._venue) for one in rules]

    def account(self) -> Account:
        state = self._engine.margin_state(self._name)
        return Account(
            venue=self._venue,
            currency=self._currency,
            mode=self._mode,
            wallet=state.wallet,
            unrealized=state.unrealized,
            initial_margin=state.initial_margin,
            maintenance_margin=state.maintenance_margin,
            buying_power=state.available,
            at_ns=self._engine.at_ns,
        )

    def positions(self) -> list[Position]:
        account, marks = self._engine.account(self._name), self._engine.marks()
        shown = []
        for holding in account.holdings(marks):
            liquidation = account.liquidation_price(holding.instrument, holding.position_side, marks)
            shown.append(
                replace(
                    position_of(self._venue, holding),
                    mark_price=marks.get(holding.instrument),
                    liquidation_price=liquidation if liquidation > 0 else None,
                    leverage=account.settings(holding.instrument).leverage,
                )
            )
        return shown

    def open_orders(self, instrument: str | None) -> list[OrderState]:
        in_book = self._engine.open_orders(self._name, instrument)
        waiting = self._engine.open_conditionals(self._name, instrument)
        return [state_of(self._venue, order) for order in in_book] + [
            state_of_conditional(self._venue, conditional) for conditional in waiting
        ]

    def snapshot(self) -> VenueSnapshot:
        return VenueSnapshot(self.account(), tuple(self.positions()), tuple(self.open_orders(None)), self._engine.at_ns)

    def order(self, instrument: str, client_order_id: str) -> OrderState | None:
        """The order of that id; before it was triggered the conditional one."""
        try:
            return state_of(self._venue, self._engine.find_order(self._name, instrument, client_order_id))
        except RefusedError:
            pass
        try:
            conditional = self._engine.find_conditional(self._name, client_order_id)
        except RefusedError:
            return None
        if conditional.request.instrument != instrument:
            return None
        return state_of_conditional(self._venue, conditional)

    def fills_since(self, instrument: str, from_ns: int) -> list[Fill]:
        executions = self._engine.executions(self._name, instrument)
        return [fill_of(self._venue, execution) for execution in executions if execution.at_ns >= from_ns]
