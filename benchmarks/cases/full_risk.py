"""What the cases with the whole risk room share: the settings of live trading, every rule on, and a known regime."""

import numpy as np
from msgspec.structs import replace

from geobuk.matching.spec import Costs, Funding
from geobuk.panel import IntArray
from geobuk.risk.profiles import profile
from geobuk.risk.reasons import Reason
from geobuk.risk.spec import Conditions, LossLimits, RegimeScales, Stops
from geobuk.simulate.spec import BacktestSpec

CAPITAL = 100_000.0

AWAKE = (
    Reason.SCALED_REGIME,
    Reason.CLAMPED_KELLY,
    Reason.CLAMPED_RISK,
    Reason.CLAMPED_BUCKET,
    Reason.CLAMPED_VAR,
    Reason.INSIDE_BAND,
)
"""Rules that must have spoken for a figure to count."""


def every_limit(losses: LossLimits | None = None) -> BacktestSpec:
    """The LIVE profile with nothing off, some limits so near that they bind on a random walk; the loss locks so wide
    that they never end the work early.
    """
    live = live_limits(losses)
    return replace(
        live,
        sizing=replace(live.sizing, risk_per_trade=0.001),
        limits=replace(live.limits, bucket_correlation=0.4, max_bucket=0.2, var_daily=0.003, cvar_daily=0.004),
    )


def live_limits(losses: LossLimits | None = None) -> BacktestSpec:
    """The LIVE profile as it is, with every exit, response and regime ceiling switched on beside it."""
    live = profile("live", capital=CAPITAL)
    return BacktestSpec(
        account=live.account,
        sizing=live.sizing,
        kelly=live.kelly,
        limits=live.limits,
        conditions=Conditions(crash_response="flatten"),
        regime=RegimeScales(max_gross_bear=1.0, max_gross_unknown=1.0),
        stops=Stops(
            fixed=0.08,
            atr=6.0,
            trailing=0.10,
            trailing_atr=10.0,
            volatility=4.0,
            box_days=5.0,
            break_even=1.0,
            trail_from=(1.5, 3.0),
            trail_by=(1.0, 0.8),
            take_profit=(2.0, 4.0),
            take_share=(0.3, 0.3),
            time_hours=96.0,
            rebuy="after_stop",
        ),
        loss=losses or LossLimits(daily=0.5, drawdown=0.99, losses_in_row=25),
        costs=Costs(half_spread_bps=1.0, impact=1.0, participation=0.1),
        funding=Funding(missing="worst_case"),
    )


def regimes(bars: int, seed: int = 5) -> IntArray:
    """(T,) regime codes that last some days each."""
    rng = np.random.default_rng(seed)
    return np.repeat(rng.integers(0, 5, bars // 60 + 1), 60)[:bars].astype(np.int64)
