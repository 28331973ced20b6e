"""What an instrument's rules mean for an account: the smallest order against the position that the risk allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from geobuk.domain.instrument import Instrument
from geobuk.domain.times import NS_PER_SECOND
from geobuk.panel import Panel, RecordArray
from geobuk.risk.affordability import RiskChoice, closing_states, full_weight, round_trip, rules_of, smallest_order


@dataclass(frozen=True, slots=True)
class Fit:
    """How one instrument fits; amounts in quote currency.

    Attributes
    ----------
    tick : smallest change of the price, as a fraction of it.
    smallest_order : least notional that the venue's rules allow.
    position : what a full forecast may hold, with the capital shared among ``believers`` instruments; 0 where the
        volatility is not known.
    capital_needed : the equity at which the two meet; infinite where the position is 0.
    """

    tick: float
    smallest_order: float
    position: float
    capital_needed: float
    believers: int

    @property
    def headroom(self) -> float:
        """How many smallest orders a full position holds."""
        return self.position / self.smallest_order


class Fitting:
    """Answers for any number of instruments that share the capital, from one look at the history."""

    def __init__(self, panel: Panel, instruments: Sequence[Instrument | None], choice: RiskChoice) -> None:
        self._choice = choice
        self._rules: RecordArray = rules_of(choice)
        self._states = closing_states(panel, choice.decide_ns, self._rules)
        last = datetime.fromtimestamp(int(panel.at_ns[-1]) // NS_PER_SECOND, UTC).date()
        self._costs = [0.0 if instrument is None else round_trip(instrument) for instrument in instruments]
        self._orders = [
            None if instrument is None else _tick_and_order(instrument, float(state["anchor"]), last)
            for instrument, state in zip(instruments, self._states, strict=True)
        ]

    def fits(self, believers: int) -> tuple[Fit | None, ...]:
        """One answer an instrument, None where there are no rules or no price."""
        return tuple(self._fit(column, believers) for column in range(len(self._orders)))

    def _fit(self, column: int, believers: int) -> Fit | None:
        order = self._orders[column]
        if order is None:
            return None
        tick, smallest = order
        weight = full_weight(self._states[column], believers, self._rules, self._costs[column])
        needed = smallest / weight if weight > 0.0 else float("inf")
        return Fit(tick, smallest, weight * self._choice.account.capital, needed, believers)


def _tick_and_order(instrument: Instrument, price: float, day: date) -> tuple[float, float] | None:
    """Tick of the day as a fraction of the price, and the least notional; None without a price."""
    if price <= 0.0:
        return None
    exact = Decimal(repr(price))
    tick = [band.tick for band in instrument.ticks_on(day) if band.floor <= exact][-1]
    return float(tick / exact), float(smallest_order(instrument, exact))
