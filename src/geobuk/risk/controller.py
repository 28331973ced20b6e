"""A friendly face over the compiled risk room: limits in, answers out, each with its reason. Places no orders.

It uses the same functions as the simulation and a live trader; nothing is decided here twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec
import numpy.typing as npt

from geobuk.domain.instrument import Instrument
from geobuk.domain.regime import Regime
from geobuk.quant.liquidation.account import AccountChance
from geobuk.risk import account_risk, checks
from geobuk.risk.account_risk import TailMethod
from geobuk.risk.controller_settings import regime_scales, validated, whole_leverage
from geobuk.risk.decide_once import Moment, decided_once
from geobuk.risk.explanation import Explanation
from geobuk.risk.ledger import Ledger
from geobuk.risk.leverage import adjusted_leverage, safe_leverage
from geobuk.risk.limits import limits_on
from geobuk.risk.optimal import OptimalPosition, optimal_position
from geobuk.risk.portfolio_state import PortfolioState, regime_code
from geobuk.risk.profiles import profile
from geobuk.risk.rules import RiskSpec, replaced_limits
from geobuk.risk.spec import AccountSpec, Kelly, Limits, LossLimits, RegimeScales
from geobuk.risk.stake import Stake, TradePlan, locked_stake, stake
from geobuk.risk.violations import Limit, Reading, Violation, violation_of

State = PortfolioState | Mapping[str, Any]
_OLDEST_MARK_SECONDS = 60.0
_TAILS = {Limit.VAR_DAILY, Limit.CVAR_DAILY, Limit.LIQUIDATION_PROBABILITY}
"""What can't be told without covariance, returns or volatility."""


class RiskController:
    """Checks an account against its limits, sizes positions, keeps the loss ledger.

    Fractions, not per cent: 0.02 is 2 %. Exposures and leverage are multiples of equity.

    Parameters
    ----------
    initial_capital_usdt : equity at the start, account currency.
    var_daily_pct, cvar_daily_pct : largest daily value at risk and expected shortfall, shares of equity (0 = off), at
        ``var_confidence`` with the tail of a Student t of ``tail_degrees`` (0 = normal).
    max_drawdown_pct, daily_loss_pct : fall below the peak, and loss of a day, at which positions are closed (1 = off).
    max_leverage : portfolio leverage: gross notional by equity.
    max_gross_exposure, max_net_exposure, max_concentration : of all positions, of longs less shorts, of one instrument.
    max_sector_exposure : of instruments of one sector, and of those whose returns correlate by ``correlation`` or more.
    kelly_fraction_cap : largest part of Kelly's stake.
    allow_short : whether negative positions may be.
    regime_caps : regime name -> ceiling on gross exposure, such as ``{"BEAR": 0.5}``, or a whole RegimeScales.
    min_liquidation_distance : least move against every position that liquidates.
    max_liquidation_probability : largest probability of liquidation within 24 hours (0 = off).
    max_positions, max_orders : counts (0 = off).

    Raises
    ------
    SettingsError : a value out of its range, with the range.

    Examples
    --------
    >>> controller = RiskController(initial_capital_usdt=10_000.0, var_daily_pct=0.02, allow_short=True)
    >>> state = PortfolioState(10_000.0, {"BTCUSDT": 6_000.0}, daily_volatility={"BTCUSDT": 0.03})
    >>> [violation.code for violation in controller.check_var_limit(state)]
    ['VAR_DAILY']
    """

    def __init__(
        self,
        initial_capital_usdt: float = 10_000.0,
        *,
        var_daily_pct: float = 0.02,
        cvar_daily_pct: float = 0.03,
        max_drawdown_pct: float = 0.12,
        daily_loss_pct: float = 0.03,
        max_leverage: float = 3.0,
        max_gross_exposure: float = 2.0,
        max_net_exposure: float = 2.0,
        max_concentration: float = 0.25,
        max_sector_exposure: float = 1.0,
        kelly_fraction_cap: float = 0.25,
        allow_short: bool = True,
        regime_caps: Mapping[str, float] | RegimeScales | None = None,
        min_liquidation_distance: float = 0.10,
        max_liquidation_probability: float = 0.005,
        max_positions: int = 25,
        max_orders: int = 50,
        correlation: float = 0.8,
        var_confidence: float = 0.99,
        tail_degrees: float = 5.0,
    ) -> None:
        own = RiskSpec(
            account=AccountSpec(capital=initial_capital_usdt, leverage=whole_leverage(max_leverage)),
            kelly=Kelly(fraction=kelly_fraction_cap),
            limits=Limits(
                max_gross=max_gross_exposure,
                max_net=max_net_exposure,
                max_weight=max_concentration,
                max_sector=max_sector_exposure,
                max_bucket=max_sector_exposure,
                bucket_correlation=correlation,
                var_daily=var_daily_pct,
                cvar_daily=cvar_daily_pct,
                var_confidence=var_confidence,
                tail_degrees=tail_degrees,
                max_positions=max_positions,
                max_orders=max_orders,
                min_liquidation_distance=min_liquidation_distance,
                max_liquidation_probability=max_liquidation_probability,
                allow_short=allow_short,
            ),
            regime=regime_scales(regime_caps),
            loss=LossLimits(daily=daily_loss_pct, drawdown=max_drawdown_pct),
        )
        self._begin(own, float(max_leverage))

    def _begin(self, spec: RiskSpec, max_leverage: float) -> None:
        self.spec = validated(spec)
        self.max_leverage = max_leverage
        self.ledger = Ledger.opened(self.spec.account.capital, self.spec.loss, at_ns=0)

    @classmethod
    def under(cls, spec: RiskSpec) -> "RiskController":
        """With every setting of the risk room as it stands in a spec."""
        controller = cls.__new__(cls)
        controller._begin(spec, float(spec.account.leverage))
        return controller

    @classmethod
    def for_mode(cls, mode: str, *, initial_capital_usdt: float | None = None) -> "RiskController":
        """With the settings of a mode: ``paper``, ``testnet``, ``staging`` or ``live``."""
        return cls.under(profile(mode, capital=initial_capital_usdt))

    def check_var_limit(self, portfolio_state: State, method: TailMethod = "covariance") -> list[Violation]:
        """Daily value at risk; a risk that can't be told counts as too large.

        ``method``: ``historical`` and ``filtered_historical`` take the state's returns instead of its covariance, and
        need more of them than one beyond the confidence (100 at 0.99).
        """
        return self._tail(Limit.VAR_DAILY, portfolio_state, method)

    def check_cvar_limit(self, portfolio_state: State, method: TailMethod = "covariance") -> list[Violation]:
        """Daily expected shortfall; a risk that can't be told counts as too large. ``method`` as for value at risk."""
        return self._tail(Limit.CVAR_DAILY, portfolio_state, method)

    def check_drawdown_limit(self, portfolio_state: State) -> list[Violation]:
        """The fall below the peak: the state's, or the ledger's where the state names none."""
        return self._losses(portfolio_state, 0)

    def check_daily_loss_limit(self, portfolio_state: State) -> list[Violation]:
        """The loss since the day's start: the state's, or the ledger's where the state names none."""
        return self._losses(portfolio_state, 1)

    def check_leverage_limit(self, portfolio_state: State) -> list[Violation]:
        """Portfolio leverage: gross notional by equity."""
        return self._violations(checks.leverage_reading(PortfolioState.of(portfolio_state), self.max_leverage))

    def check_exposure_limits(self, portfolio_state: State) -> list[Violation]:
        """Gross and net exposure, and the gross that the regime allows."""
        return self._violations(*checks.exposure_readings(PortfolioState.of(portfolio_state), self.spec))

    def check_concentration_limit(self, portfolio_state: State) -> list[Violation]:
        """Each instrument's share of equity, and shorts where none are allowed."""
        return self._violations(*checks.concentration_readings(PortfolioState.of(portfolio_state), self.spec.limits))

    def check_sector_limit(self, portfolio_state: State) -> list[Violation]:
        """Sectors, and instruments that move together."""
        return self._violations(*checks.sector_readings(PortfolioState.of(portfolio_state), self.spec.limits))

    def check_liquidation_limits(self, portfolio_state: State) -> list[Violation]:
        """How far liquidation is, and how probable within 24 hours."""
        readings = checks.liquidation_readings(PortfolioState.of(portfolio_state), self.spec.limits)
        return self._violations(*(_as_known(reading) for reading in readings))

    def check_count_limits(self, portfolio_state: State) -> list[Violation]:
        """Positions held and orders at work."""
        return self._violations(*checks.count_readings(PortfolioState.of(portfolio_state), self.spec.limits))

    def check_all(self, portfolio_state: State) -> list[Violation]:
        """Every check. Where the risk is not known that is told once, in the place of each number that needs it."""
        readings = self.readings(portfolio_state)
        return self._violations(*(one for one in readings if one.code not in _TAILS or isfinite(one.value)))

    def readings(self, portfolio_state: State) -> tuple[Reading, ...]:
        """Every limit with its value and the margin left, violated or not."""
        state = PortfolioState.of(portfolio_state)
        return tuple(self._every(state))

    def calculate_optimal_position_fraction(
        self, returns: npt.ArrayLike, regime: str | Regime | None = None, fractional: float = 0.25
    ) -> float:
        """Share of equity to hold by Kelly and every cap; never NaN, 0 without a sound edge."""
        return self.optimal_position(returns, regime, fractional).value

    def optimal_position(
        self, returns: npt.ArrayLike, regime: str | Regime | None = None, fractional: float = 0.25
    ) -> OptimalPosition:
        """The same with the size after each step and the flags that explain it.

        Parameters
        ----------
        returns : (n,) simple returns of the strategy or instrument per period, oldest first.
        regime : of the market, such as ``BULL``; None where it does not matter.
        fractional : part of Kelly's stake, cut to ``kelly_fraction_cap``.

        Raises
        ------
        SettingsError, UnknownNameError : a part outside (0, 1], an unknown regime.
        """
        return optimal_position(returns, regime_code(regime), fractional, self._capped, self.ledger)

    def portfolio_leverage(self, portfolio_state: State) -> float:
        """Gross notional by equity; infinite where equity is gone."""
        return checks.leverage_reading(PortfolioState.of(portfolio_state), self.max_leverage).value

    def safe_leverage(self, maintenance_rate: float, distance: float | None = None) -> float:
        """Largest leverage at which a move of ``distance`` (the limit where left out) does not liquidate."""
        wanted = self.spec.limits.min_liquidation_distance if distance is None else distance
        return min(self.max_leverage, safe_leverage(wanted, maintenance_rate))

    def dynamic_leverage(
        self, daily_volatility: float, regime: str | Regime | None = None, maintenance_rate: float = 0.01
    ) -> float:
        """Leverage for the present volatility and regime: the least of the limit, the volatility target by volatility,
        and the safe one; times the regime's scale and the ledger's, at most the gross that the regime allows. 0 where
        the volatility is not known, or the ledger allows no entries.
        """
        if not self.ledger.allows(is_reduction=False):
            return 0.0
        base = min(self.max_leverage, self.safe_leverage(maintenance_rate))
        return adjusted_leverage(base, daily_volatility, regime_code(regime), self.spec, self.ledger.size_scale)

    def stake(self, instrument: Instrument, trade: TradePlan) -> Stake:
        """Quantity of one trade with tick, step, minimum order, fees and stop solved together; or why there is none.

        The largest share of one instrument (of a share its own), gross exposure and leverage bound it too; the
        drawdown stage and ``sizing.size_factor`` scale the risk, and a locked ledger gives nothing (``LOCKED``).
        """
        if not self.ledger.allows(is_reduction=False):
            return locked_stake(instrument, trade)
        limits = limits_on((instrument,), self._capped.limits)
        most = Decimal(repr(min(limits.max_weight, limits.max_gross, limits.max_net, self.max_leverage)))
        scale = Decimal(repr(self.ledger.size_scale)) * Decimal(repr(self.spec.sizing.size_factor))
        bounded = replace(trade, risk=trade.risk * scale, most_share=min(trade.most_share, most))
        return stake(instrument, bounded, allow_short=limits.allow_short)

    def loss_probability(self, portfolio_state: State, fraction: float, hours: float) -> AccountChance:
        """Probability that this account loses ``fraction`` of its equity within ``hours`` while its positions stay.

        ``value`` is the largest of a normal barrier, a Student-t bound and simulated paths, which are told beside it.

        Raises
        ------
        UserError : a risk that is not known, a fraction outside (0, 1], hours that are negative or not finite.
        """
        return account_risk.loss_chance(PortfolioState.of(portfolio_state), self.spec.limits, fraction, hours)

    def liquidation_probability(self, portfolio_state: State, hours: float = 24.0) -> AccountChance:
        """Probability that this cross account falls to its maintenance margin within ``hours``, likewise."""
        return account_risk.liquidation_chance(PortfolioState.of(portfolio_state), self.spec.limits, hours)

    def risk_contributions(self, portfolio_state: State) -> dict[str, float]:
        """Instrument -> its part of the daily value at risk, as a share of equity; hedges are negative.

        Raises
        ------
        UserError : a risk that is not known.
        """
        return account_risk.risk_shares(PortfolioState.of(portfolio_state), self.spec.limits)

    def decide(self, instruments: Sequence[Instrument], moment: Moment) -> dict[str, Explanation]:
        """The decision path for one moment, explained: instrument -> why its target is what it is.

        Kelly's cap and market conditions need a history and are left out: see `optimal_position`. The ledger judges the
        moment's equity without being changed: a HALTED or locked account only reduces.
        """
        return decided_once(instruments, moment, self._capped, self.ledger)

    @property
    def _capped(self) -> RiskSpec:
        """The spec with exposures no larger than the leverage that is asked for: the venue's setting is a whole number
        above it.
        """
        if self.max_leverage >= self.spec.account.leverage:
            return self.spec
        limits = self.spec.limits
        return replaced_limits(
            self.spec, msgspec.structs.replace(limits, max_gross=min(limits.max_gross, self.max_leverage))
        )

    def _tail(self, code: Limit, portfolio_state: State, method: TailMethod) -> list[Violation]:
        state = PortfolioState.of(portfolio_state)
        reading = account_risk.tail_reading(code, state, self.spec.limits, method)
        return self._violations(checks.known_or(reading))

    def _every(self, state: PortfolioState) -> Iterator[Reading]:
        limits = self.spec.limits
        yield checks.finite_reading(state)
        yield checks.known_reading(state, limits)
        yield checks.var_reading(state, limits)
        yield checks.cvar_reading(state, limits)
        yield from checks.loss_readings(state, self.spec, self.ledger)
        yield checks.leverage_reading(state, self.max_leverage)
        yield from checks.exposure_readings(state, self.spec)
        yield from checks.concentration_readings(state, limits)
        yield from checks.sector_readings(state, limits)
        yield from checks.liquidation_readings(state, limits)
        yield from checks.count_readings(state, limits)
        yield checks.mark_age_reading(state, _OLDEST_MARK_SECONDS)

    def _losses(self, portfolio_state: State, which: int) -> list[Violation]:
        state = PortfolioState.of(portfolio_state)
        return self._violations(tuple(checks.loss_readings(state, self.spec, self.ledger))[which])

    @staticmethod
    def _violations(*readings: Reading) -> list[Violation]:
        return [violation_of(reading) for reading in readings if reading.is_violated]


def _as_known(reading: Reading) -> Reading:
    return checks.known_or(reading) if reading.code in _TAILS else reading
