"""A friendly face over the compiled risk room: limits in, answers out, each with its reason. Places no orders.

It uses the same functions as the simulation and a live trader; nothing is decided here twice.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from geobuk.domain.errors import SettingsError, UnknownNameError
from geobuk.domain.instrument import Instrument
from geobuk.domain.regime import HIGH_VOLATILITY, NO_REGIME, Regime
from geobuk.risk import checks
from geobuk.risk.decide_once import Moment, decided_once
from geobuk.risk.explanation import Explanation
from geobuk.risk.ledger import Ledger
from geobuk.risk.leverage import adjusted_leverage, safe_leverage
from geobuk.risk.optimal import OptimalPosition, optimal_position
from geobuk.risk.portfolio_state import PortfolioState
from geobuk.risk.profiles import profile
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import AccountSpec, Kelly, Limits, LossLimits, RegimeScales
from geobuk.risk.stake import Stake, Trade, stake
from geobuk.risk.violations import Reading, Violation, violation_of

State = PortfolioState | Mapping[str, Any]
_OLDEST_MARK_SECONDS = 60.0


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
    >>> state = PortfolioState(10_000.0, {"BTCUSDT": 6_000.0}, volatility={"BTCUSDT": 0.03})
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
        spec: RiskSpec | None = None,
    ) -> None:
        own = spec or RiskSpec(
            account=AccountSpec(capital=initial_capital_usdt, leverage=_whole_leverage(max_leverage)),
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
            regime=_regime_scales(regime_caps),
            loss=LossLimits(daily=daily_loss_pct, drawdown=max_drawdown_pct),
        )
        self.spec = _validated(own)
        self.max_leverage = float(max_leverage) if spec is None else float(own.account.leverage)
        self.ledger = Ledger.opened(self.spec.account.capital, self.spec.loss, at_ns=0)

    @classmethod
    def for_mode(cls, mode: str, *, initial_capital_usdt: float | None = None) -> "RiskController":
        """With the settings of a mode: ``paper``, ``testnet``, ``staging`` or ``live``."""
        return cls(spec=profile(mode, capital=initial_capital_usdt))

    def check_var_limit(self, portfolio_state: State) -> list[Violation]:
        """Daily value at risk; a risk that can't be told counts as too large."""
        state = PortfolioState.of(portfolio_state)
        return self._violations(checks.known_or(checks.var_reading(state, self.spec.limits), state))

    def check_cvar_limit(self, portfolio_state: State) -> list[Violation]:
        """Daily expected shortfall; a risk that can't be told counts as too large."""
        state = PortfolioState.of(portfolio_state)
        return self._violations(checks.known_or(checks.cvar_reading(state, self.spec.limits), state))

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
        return self._violations(*checks.liquidation_readings(PortfolioState.of(portfolio_state), self.spec.limits))

    def check_count_limits(self, portfolio_state: State) -> list[Violation]:
        """Positions held and orders at work."""
        return self._violations(*checks.count_readings(PortfolioState.of(portfolio_state), self.spec.limits))

    def check_all(self, portfolio_state: State) -> list[Violation]:
        """Every check."""
        return self._violations(*self.readings(portfolio_state))

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
        return optimal_position(returns, regime_code(regime), fractional, self.spec, self.ledger)

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
        and the safe one; times the regime's scale and the ledger's. 0 where the volatility is not known.
        """
        base = min(self.max_leverage, self.safe_leverage(maintenance_rate))
        return adjusted_leverage(base, daily_volatility, regime_code(regime), self.spec, self.ledger.size_scale)

    def stake(self, instrument: Instrument, trade: Trade) -> Stake:
        """Quantity of one trade with tick, step, minimum order, fees and stop solved together; or why there is none."""
        return stake(instrument, trade)

    def decide(self, instruments: Sequence[Instrument], moment: Moment) -> dict[str, Explanation]:
        """The whole decision path for one moment, explained: instrument -> why its target is what it is.

        The ledger's drawdown stage counts: a HALTED or locked account only reduces.
        """
        return decided_once(instruments, moment, self.spec, self.ledger)

    def _every(self, state: PortfolioState) -> Iterator[Reading]:
        limits = self.spec.limits
        yield checks.finite_reading(state)
        yield checks.known_reading(state)
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


def regime_code(regime: str | Regime | None) -> int:
    """Code of a regime given by name, member or code; NO_REGIME for None. Raises UnknownNameError."""
    if regime is None:
        return NO_REGIME
    if isinstance(regime, str):
        name, _, flag = regime.upper().partition("+")
        if name not in Regime.__members__ or flag not in {"", "HIGH_VOLATILITY"}:
            raise UnknownNameError("regime", regime, Regime.__members__)
        return int(Regime[name]) + (HIGH_VOLATILITY if flag else 0)
    return int(regime)


def _whole_leverage(leverage: float) -> int:
    """The venue's setting is a whole number: the one above, so that the limit itself decides."""
    if not (isfinite(leverage) and 0.0 < leverage <= 125.0):
        raise SettingsError(f"max_leverage {leverage} is not allowed", cure="give a number above 0 and up to 125")
    return max(1, int(np.ceil(leverage)))


def _regime_scales(given: Mapping[str, float] | RegimeScales | None) -> RegimeScales:
    if given is None:
        return RegimeScales()
    if isinstance(given, RegimeScales):
        return given
    unknown = [name for name in given if name.upper() not in Regime.__members__]
    if unknown:
        raise UnknownNameError("regime", unknown[0], Regime.__members__)
    return RegimeScales(**{f"max_gross_{name.lower()}": cap for name, cap in given.items()})


_ARGUMENTS = {
    "account.capital": "initial_capital_usdt",
    "limits.var_daily": "var_daily_pct",
    "limits.cvar_daily": "cvar_daily_pct",
    "loss.drawdown": "max_drawdown_pct",
    "loss.daily": "daily_loss_pct",
    "limits.max_gross": "max_gross_exposure",
    "limits.max_net": "max_net_exposure",
    "limits.max_weight": "max_concentration",
    "limits.max_sector": "max_sector_exposure",
    "kelly.fraction": "kelly_fraction_cap",
    "limits.bucket_correlation": "correlation",
}


def _validated(spec: RiskSpec) -> RiskSpec:
    """The spec itself, if every value is finite and in its range; SettingsError names the argument and the cure."""
    plain: dict[str, dict[str, Any]] = msgspec.to_builtins(spec)
    for group, values in plain.items():
        for name, value in values.items():
            argument = _ARGUMENTS.get(f"{group}.{name}", name)
            if isinstance(value, float) and not isfinite(value):
                raise SettingsError(f"{argument} is {value}", cure="give a finite number")
    try:
        return msgspec.convert(plain, RiskSpec)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$.")
        path = place.rstrip("`")
        value = plain.get(path.partition(".")[0], {}).get(path.partition(".")[2], "")
        raise SettingsError(
            f"{_ARGUMENTS.get(path, path.rpartition('.')[2])} {value} is not allowed",
            cure=f"{what[:1].lower()}{what[1:]} (fractions, not per cent: 0.02 is 2 %)",
        ) from None
