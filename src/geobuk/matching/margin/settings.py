"""What an account has set for each instrument, and which changes the venue refuses."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from geobuk.domain.account import MarginMode
from geobuk.matching.margin.brackets import Brackets
from geobuk.matching.margin.requirements import LegTerms
from geobuk.matching.margin.spec import AccountSpec
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.refusals import Refusal, RefusedError


class Setting(NamedTuple):
    """Leverage and margin mode of one instrument."""

    leverage: int
    mode: MarginMode


class Settings:
    """Per instrument; what was never set has the account's defaults."""

    __slots__ = ("_brackets", "_rules", "_set", "_spec", "_terms")

    def __init__(self, rules: Mapping[str, MarketRules], spec: AccountSpec) -> None:
        self._rules = rules
        self._spec = spec
        self._set: dict[str, Setting] = {}
        self._terms: dict[str, LegTerms] = {}
        self._brackets: dict[str, tuple[MarketRules, Brackets]] = {}

    def rules(self, instrument: str) -> MarketRules:
        """Raises RefusedError UNKNOWN_INSTRUMENT."""
        found = self._rules.get(instrument)
        if found is None:
            raise RefusedError(Refusal.UNKNOWN_INSTRUMENT, f"there is no instrument {instrument}", value=instrument)
        return found

    def brackets(self, instrument: str) -> Brackets:
        """The tiers of the rules that are in force now."""
        rules = self.rules(instrument)
        known = self._brackets.get(instrument)
        if known is None or known[0] is not rules:
            known = self._brackets[instrument] = (rules, Brackets(rules.instrument.brackets))
            self._terms.pop(instrument, None)
        return known[1]

    def get(self, instrument: str) -> Setting:
        found = self._set.get(instrument)
        if found is None:
            leverage = min(self._spec.default_leverage, self.brackets(instrument).max_leverage)
            found = self._set[instrument] = Setting(leverage, self._spec.margin_mode)
        return found

    def terms(self, instrument: str) -> LegTerms:
        brackets = self.brackets(instrument)
        found = self._terms.get(instrument)
        if found is None:
            leverage, mode = self.get(instrument)
            found = self._terms[instrument] = LegTerms(leverage, mode is MarginMode.ISOLATED, brackets)
        return found

    def set_leverage(self, instrument: str, leverage: int) -> None:
        self._set[instrument] = self.get(instrument)._replace(leverage=leverage)
        self._terms.pop(instrument, None)

    def set_mode(self, instrument: str, mode: MarginMode) -> None:
        self._set[instrument] = self.get(instrument)._replace(mode=mode)
        self._terms.pop(instrument, None)

    def require_leverage(self, instrument: str, leverage: int, exposure: Decimal) -> None:
        """Refuse a leverage outside the brackets (LEVERAGE) or too high for what is held (MAX_POSITION)."""
        brackets = self.brackets(instrument)
        if not 1 <= leverage <= brackets.max_leverage:
            raise RefusedError(
                Refusal.LEVERAGE,
                f"leverage {leverage} is not between 1 and {brackets.max_leverage}, what {instrument} allows",
                value=str(leverage),
                limit=str(brackets.max_leverage),
            )
        most = brackets.max_notional(leverage)
        if exposure > most:
            raise RefusedError(
                Refusal.MAX_POSITION,
                f"{instrument} positions and orders of {exposure} exceed {most}, the most at leverage {leverage}",
                value=str(exposure),
                limit=str(most),
            )
