"""The limits a person sets."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Fraction = Annotated[float, Meta(gt=0, le=1)]
Multiple = Annotated[float, Meta(gt=0, le=125)]
OffOr = Annotated[float, Meta(ge=0, le=100)]


class AccountSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Capital in account currency, and how positions are margined.

    ``leverage`` is the venue setting that initial margin divides by; limits on exposure are in :class:`Limits`.
    Shares are bought for cash: nothing is borrowed, whatever ``margin`` and ``leverage`` say. ``reuse_proceeds`` lets
    what a sale brings be spent before it has settled, as Korean brokers do; otherwise it waits for its settlement.
    """

    capital: Annotated[float, Meta(gt=0, le=1e12)] = 7_700.0
    margin: Literal["cross", "isolated"] = "cross"
    leverage: Annotated[int, Meta(ge=1, le=125)] = 3
    reuse_proceeds: bool = True


class Sizing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From forecast to wanted notional.

    ``volatility``: a full forecast (1.0) asks for ``volatility_target`` / (annual volatility of the instrument) of
    equity, divided over the instruments that have a forecast and multiplied by ``diversification`` (Carver 2015, ch. 9
    to 11). ``notional``: it asks for ``diversification`` / (number of instruments) of equity, whatever the volatility.
    Volatility is an EWMA of returns between decisions with a span of ``volatility_days``. ``risk_per_trade`` caps what
    a stop may lose, as a share of equity (0 = off). A change smaller than ``rebalance_band`` times the larger of held
    and wanted size is not traded; 1 holds a position until the forecast changes sign or vanishes.
    """

    method: Literal["volatility", "notional"] = "volatility"
    volatility_target: Annotated[float, Meta(gt=0, le=5)] = 0.20
    volatility_days: Annotated[float, Meta(gt=0, le=3650)] = 14.0
    diversification: Annotated[float, Meta(gt=0, le=25)] = 1.5
    risk_per_trade: Annotated[float, Meta(ge=0, le=1)] = 0.01
    rebalance_band: Annotated[float, Meta(ge=0, le=1)] = 0.20


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ceilings, as multiples of equity. ``allow_short`` False keeps targets at or above zero.

    ``max_sector`` holds where an instrument's sector is known. Of shares one name never exceeds ``max_share_weight``.
    """

    max_gross: Multiple = 2.0
    max_net: Multiple = 2.0
    max_weight: Multiple = 0.5
    max_share_weight: Fraction = 0.10
    max_sector: Multiple = 0.30
    allow_short: bool = True


class Stops(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Protective exits, resting at the venue from the moment of entry; 0 switches one off, the nearest one counts.

    ``fixed`` and ``trailing`` are fractions of the price, ``atr`` and ``trailing_atr`` multiples of the average true
    range between decisions, averaged over ``atr_days``. After a stop the instrument rests for ``cooldown_hours``.
    """

    fixed: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    atr: OffOr = 6.0
    trailing: Annotated[float, Meta(ge=0, lt=1)] = 0.0
    trailing_atr: OffOr = 0.0
    atr_days: Annotated[float, Meta(gt=0, le=3650)] = 7.0
    cooldown_hours: Annotated[float, Meta(ge=0, le=100_000)] = 12.0


class LossLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Locks on mark-to-market equity, looked at on every bar's close; 1 switches one off.

    ``daily``: a loss of this share of the day's opening equity (UTC) flattens and locks entries until the next day.
    ``drawdown``: a fall of this share below the peak flattens and halts; the lock never opens by itself.
    """

    daily: Fraction = 0.05
    drawdown: Fraction = 0.20
