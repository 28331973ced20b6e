"""A decision of a run as a person is told it, in English and Korean: what was known, the chain, the order, its fate."""

from dataclasses import dataclass
from math import isnan

from geobuk.domain.errors import UnknownNameError
from geobuk.domain.regime import HIGH_VOLATILITY, NO_REGIME, Regime
from geobuk.domain.times import at_text, zone_of
from geobuk.regime.words import REGIME_WORDS
from geobuk.risk.explanation import Explanation
from geobuk.risk.loss_locks import Lock
from geobuk.risk.reasons import Reason
from geobuk.risk.words import REASON_WORDS, Text
from geobuk.simulate.book import OrderKind
from geobuk.simulate.explained_words import LOCK_WORDS, ORDER_WORDS, SAID, pick, said


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountThen:
    """The account at a decision.

    ``decided_ns`` the instant of the decision: the close of bar ``row``, which opened at ``opened_ns``; ``asked_ns``
    the instant that was asked about. ``regime`` a code, NO_REGIME where no detector speaks; ``size_scale`` what the
    drawdown stage multiplied sizes by; ``paused_until_ns`` end of a pause after losing trades (0: none); ``delay_bars``
    age of the forecasts in bars. ``utc_offset_ns`` the venue's local time minus UTC, in which instants are told.
    """

    row: int
    asked_ns: int
    opened_ns: int
    decided_ns: int
    utc_offset_ns: int
    equity: float
    peak: float
    regime: int
    lock: Lock
    size_scale: float
    is_reduce_only: bool
    paused_until_ns: int
    delay_bars: int

    @property
    def regime_name(self) -> Text | None:
        """The regime in words; None where no detector speaks."""
        if self.regime == NO_REGIME:
            return None
        words = REGIME_WORDS[Regime(self.regime % HIGH_VOLATILITY)]
        if self.regime < HIGH_VOLATILITY:
            return words
        return SAID["volatile"][0].format(regime=words[0]), SAID["volatile"][1].format(regime=words[1])

    def written(self, at_ns: int) -> str:
        """An instant in the venue's local time, with its zone."""
        return f"{at_text(at_ns + self.utc_offset_ns)} {zone_of(self.utc_offset_ns)}"

    def lines(self, language: str = "en") -> list[str]:
        """What was known of the account, one fact a line; what did not matter is left out."""
        told = [said("decision", language, at=self.written(self.decided_ns), opened=self.written(self.opened_ns))]
        if self.asked_ns != self.decided_ns:
            told.append(said("earlier", language, asked=self.written(self.asked_ns)))
        fall = 1.0 - self.equity / self.peak
        told.append(said("equity" if fall >= 5e-4 else "at_peak", language, equity=self.equity, fall=fall))
        if self.regime_name is None:
            told.append(said("no_regime", language))
        else:
            told.append(said("regime", language, regime=pick(self.regime_name, language)))
        if self.lock is not Lock.OPEN:
            return [*told, pick(LOCK_WORDS[self.lock], language)]
        if self.is_reduce_only:
            told.append(said("reduce_only", language))
        if self.size_scale < 1.0:
            told.append(said("scaled", language, scale=self.size_scale))
        if self.paused_until_ns > self.decided_ns:
            told.append(said("paused", language, until=self.written(self.paused_until_ns)))
        if self.delay_bars:
            told.append(said("delayed", language, bars=self.delay_bars))
        return told


@dataclass(frozen=True, slots=True)
class OrderLeft:
    """The order that works after the decision: ``quantity`` signed, ``price`` its limit or trigger (NaN at market).

    ``is_older`` where it was placed before this decision, which left it working.
    """

    kind: OrderKind
    quantity: float
    price: float
    reason: Reason
    is_older: bool


@dataclass(frozen=True, slots=True)
class FillThen:
    """A fill up to the next decision, in the bar that opened at ``at_ns``; ``quantity`` signed."""

    at_ns: int
    quantity: float
    price: float
    fee: float
    reason: Reason
    is_maker: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionExplained:
    """One instrument's decision and what came of it.

    ``parts`` each strategy's share of the forecast; ``order`` what works after the decision, None for nothing;
    ``fills`` up to the close of the bar of the next decision, at ``until_ns``; ``reasons_after`` what was counted
    against the order on the way there.
    """

    account: AccountThen
    explanation: Explanation
    parts: dict[str, float]
    order: OrderLeft | None
    fills: tuple[FillThen, ...]
    reasons_after: tuple[Reason, ...]
    until_ns: int

    @property
    def instrument(self) -> str:
        """Whose decision it is."""
        return self.explanation.instrument

    @property
    def is_last(self) -> bool:
        """Whether no bar follows."""
        return self.until_ns == self.account.decided_ns

    @property
    def outcome(self) -> Text:
        """What was decided, in words; while a lock was closed, that it was."""
        lock = self.account.lock
        return self.explanation.action if lock is Lock.OPEN else REASON_WORDS[Reason.LOCKED].text

    def lines(self, language: str = "en") -> list[str]:
        """The whole story as a person reads it, one thing a line."""
        return [self.instrument, *self.account.lines(language), *self.chain(language), *self.aftermath(language)]

    def chain(self, language: str = "en") -> list[str]:
        """From the forecast to the target: each step that changed something, and why."""
        told = self.explanation.lines(language)
        belief, rest = told[:1], told[1:] if self.account.lock is Lock.OPEN else told[1:-1]
        if self.parts and not isnan(self.explanation.forecast):
            shares = " · ".join(f"{name} {share:+.3f}" for name, share in self.parts.items())
            belief.append(f"{said('parts', language)}: {shares}")
        if self.explanation.held != 0.0:
            belief.append(self._held_line(language))
        if self.explanation.steps and not any(step.is_binding for step in self.explanation.steps):
            rest.insert(1, said("uncapped", language))
        return [*belief, *rest]

    def aftermath(self, language: str = "en") -> list[str]:
        """The order that followed and what became of it."""
        told = [self._order_line(language)]
        told += [
            said(
                "filled",
                language,
                at=self.account.written(fill.at_ns),
                quantity=fill.quantity,
                price=fill.price,
                reason=pick(REASON_WORDS[fill.reason].text, language),
            )
            for fill in self.fills
        ]
        if self.is_last:
            told.append(said("last", language))
        elif self.order is not None and not self.fills:
            told.append(said("unfilled", language))
        told += [
            f"{said('then', language)}: {pick(REASON_WORDS[reason].text, language)} [{reason.name}]"
            for reason in self.reasons_after
        ]
        return told

    def _held_line(self, language: str) -> str:
        held, price, equity = self.explanation.held, self.explanation.price, self.account.equity
        weight = f"{held * price / equity:+.2%}" if equity > 0.0 else "–"
        return said("held", language, held=held, price=price, weight=weight)

    def _order_line(self, language: str) -> str:
        if self.order is None:
            return said("no_order", language)
        kind = pick(ORDER_WORDS[self.order.kind], language)
        if isnan(self.order.price):
            line = f"{kind}: {self.order.quantity:+g}"
        else:
            line = said("at", language, kind=kind, quantity=self.order.quantity, price=self.order.price)
        if self.order.is_older:
            line = said("older", language, order=line)
        if self.order.reason is Reason.ENTRY:
            return line
        return f"{line} – {pick(REASON_WORDS[self.order.reason].text, language)}"


@dataclass(frozen=True, slots=True)
class RowExplained:
    """The decisions of one moment, one an instrument, in the panel's order."""

    account: AccountThen
    decisions: tuple[DecisionExplained, ...]

    def of(self, instrument: str) -> DecisionExplained:
        """One instrument's decision; raises UnknownNameError with the nearest names."""
        for one in self.decisions:
            if one.instrument == instrument:
                return one
        raise UnknownNameError("instrument of this run", instrument, [one.instrument for one in self.decisions])

    def lines(self, language: str = "en") -> list[str]:
        """The account, then a line an instrument."""
        rows = [f"{one.instrument}: {pick(one.outcome, language)}" for one in self.decisions]
        return [*self.account.lines(language), *rows]
