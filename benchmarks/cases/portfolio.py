"""What the two portfolio cases share: every rule switched on, and vectorbt's two ways to trade the same wishes."""

from collections.abc import Sequence

import numpy as np
from bench import Bench, RivalCall
from measuring import Figure, speed, timed

from geobuk.domain.instrument import Instrument
from geobuk.domain.times import interval_ns
from geobuk.matching.spec import Costs, Funding
from geobuk.panel import BoolArray, FloatArray, Panel
from geobuk.risk.spec import AccountSpec, Limits, LossLimits, Sizing, Stops
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec
from geobuk.strategies.registry import load

CAPITAL = 100_000.0


def every_rule(decide_every: str = "") -> BacktestSpec:
    """All rules on; the loss locks so wide that they never end the work early."""
    return BacktestSpec(
        account=AccountSpec(capital=CAPITAL, margin="cross", leverage=5),
        sizing=Sizing(method="volatility", volatility_target=0.3, diversification=2.0, risk_per_trade=0.02),
        limits=Limits(max_gross=2.0, max_net=1.5, max_weight=0.4),
        stops=Stops(fixed=0.08, atr=8.0, trailing=0.10, trailing_atr=10.0, cooldown_hours=6.0),
        loss=LossLimits(daily=0.5, drawdown=0.99),
        costs=Costs(half_spread_bps=1.0, impact=1.0, participation=0.1),
        funding=Funding(missing="worst_case"),
        decide_every=decide_every,
    )


def belief(panel: Panel, **parameters: object) -> FloatArray:
    """Forecasts of the built-in trend strategy, (T, N): they change on every bar. Making them is not timed."""
    return load("trend", parameters).forecast(panel)


def measure(
    bench: Bench,
    name: str,
    panel: Panel,
    rules: Sequence[Instrument],
    forecast: FloatArray,
    decide_every: str = "",
) -> Figure:
    """Symbol-bars a second of Geobuk and of vectorbt's faster way, from given wishes to the equity curve."""
    spec = every_rule(decide_every)
    every_ns = interval_ns(decide_every) if decide_every else panel.interval_ns
    decides = (panel.at_ns + panel.interval_ns) % every_ns == 0
    prices = {key: getattr(panel, key) for key in ("at_ns", "open", "high", "low", "close")}
    folder = bench.store(name, **prices, weights=shares_of_equity(forecast, decides))
    wishes = {"folder": folder, "fee": 0.0005, "slippage": 0.0001, "capital": CAPITAL}
    ours, rivals = bench.compare(
        lambda: timed(lambda: simulate(panel, forecast, rules, spec)),
        RivalCall("vectorbt", "vectorbt_portfolio:measure_orders", wishes),
        RivalCall("vectorbt", "vectorbt_portfolio:measure_signals", {**wishes, "stop": 0.1}),
    )
    fastest = min(rivals, key=lambda rival: rival.timing.median, default=None)
    return speed(name, "symbol-bars/s", panel.close.size, ours, fastest)


def shares_of_equity(forecast: FloatArray, decides: BoolArray) -> FloatArray:
    """The wishes as vectorbt takes them: in the row in which they fill, NaN where there is none."""
    wanted = np.where(decides[:, None], forecast / forecast.shape[1], np.nan)
    return np.vstack([np.full((1, forecast.shape[1]), np.nan), wanted[:-1]])
