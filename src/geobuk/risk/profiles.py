"""The four modes' settings of the risk room, and the settings of a room that never says no.

Each mode is a gear of trust: the more it may lose, the more has been proven before. Figures: docs/risk.md.
"""

from msgspec.structs import replace

from geobuk.domain.errors import UnknownNameError
from geobuk.risk.rules import RiskSpec
from geobuk.risk.spec import AccountSpec, Conditions, Kelly, Limits, LossLimits, Sizing, Stops

_KELLY = Kelly(fraction=0.25)

PROFILES: dict[str, RiskSpec] = {
    "paper": RiskSpec(
        account=AccountSpec(capital=100.0, leverage=2),
        kelly=_KELLY,
        limits=Limits(max_gross=2.0, max_net=2.0, var_daily=0.05, cvar_daily=0.075),
        loss=LossLimits(daily=0.05, drawdown=0.20, losses_in_row=6),
    ),
    "testnet": RiskSpec(
        account=AccountSpec(capital=7_700.0, leverage=3),
        kelly=_KELLY,
        limits=Limits(max_gross=2.0, max_net=2.0, var_daily=0.03, cvar_daily=0.045),
        loss=LossLimits(daily=0.04, drawdown=0.15, losses_in_row=6),
    ),
    "staging": RiskSpec(
        account=AccountSpec(capital=230.0, leverage=3),
        sizing=Sizing(size_factor=0.1),
        kelly=_KELLY,
        limits=Limits(max_gross=2.0, max_net=2.0, var_daily=0.03, cvar_daily=0.045),
        loss=LossLimits(daily=0.04, drawdown=0.15, losses_in_row=5),
    ),
    "live": RiskSpec(
        account=AccountSpec(capital=7_700.0, leverage=10),
        kelly=_KELLY,
        limits=Limits(max_gross=2.0, max_net=1.5, max_bucket=1.5, var_daily=0.02, cvar_daily=0.03),
        loss=LossLimits(daily=0.03, drawdown=0.12, losses_in_row=5),
    ),
}
"""Settings by mode; docs/risk.md shows them side by side."""

_ROOM = 100.0

UNLIMITED = RiskSpec(
    sizing=Sizing(method="notional", diversification=1.0, risk_per_trade=0.0, rebalance_band=0.0),
    limits=Limits(
        max_gross=_ROOM,
        max_net=_ROOM,
        max_weight=_ROOM,
        max_bucket=_ROOM,
        bucket_correlation=0.0,
        var_daily=0.0,
        cvar_daily=0.0,
        max_positions=0,
        min_liquidation_distance=0.0,
        max_liquidation_probability=0.0,
        max_volume_share=0.0,
    ),
    conditions=Conditions(volatility_jump=0.0, dry_volume=0.0, crash_sigmas=0.0),
    stops=Stops(atr=0.0, cooldown_hours=0.0),
    loss=LossLimits(daily=1.0, drawdown=1.0),
)
"""Every rule off: a full forecast asks for its share of all equity, as in libraries that have no rules."""


def profile(name: str, *, capital: float | None = None) -> RiskSpec:
    """The settings of a mode: ``paper``, ``testnet``, ``staging`` or ``live``; ``capital`` overrides its own.

    Raises
    ------
    UnknownNameError : another name.
    """
    if name.lower() not in PROFILES:
        raise UnknownNameError("mode", name, PROFILES)
    spec = PROFILES[name.lower()]
    return spec if capital is None else replace(spec, account=replace(spec.account, capital=capital))
