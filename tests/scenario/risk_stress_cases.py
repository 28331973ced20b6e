"""Markets that go wrong after a month of calm, by name. Data only; the runner stands beside it.

Four instruments at 100 move with a common factor of 0.4 % an hour and 0.3 % of their own, and drift with the belief,
so that it is held when the shock comes. ``side`` +1 is a long account in a falling market, -1 a short one in a rising
market: each shock goes against what is held.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from tests.support.markets import START_NS

from geobuk.domain.times import NS_PER_HOUR
from geobuk.panel import FloatArray, Panel

COUNT, CALM, AFTER = 4, 24 * 30, 24 * 10
SHOCK = CALM
"""The bar in which it begins."""


def calm_returns(side: float, seed: int = 5) -> FloatArray:
    """(T, N) hourly returns: a month of drift with the belief, then ten days without any."""
    rng = np.random.default_rng(seed)
    bars = CALM + AFTER
    moves = rng.normal(0.0, 0.004, (bars, 1)) + rng.normal(0.0, 0.003, (bars, COUNT))
    moves[:CALM] += 0.0003 * side
    return np.asarray(moves)


def market(returns: FloatArray, gap: FloatArray | None = None) -> Panel:
    """Bars that open at the last close times 1 + ``gap`` (T,) and reach a tenth of a percent beyond open and close."""
    jump = np.zeros(len(returns)) if gap is None else gap
    close = 100.0 * np.cumprod((1.0 + returns) * (1.0 + jump[:, None]), axis=0)
    before = np.vstack([np.full((1, COUNT), 100.0), close[:-1]])
    opened = before * (1.0 + jump[:, None])
    at_ns = START_NS + NS_PER_HOUR * np.arange(len(returns), dtype=np.int64)
    stamped = np.repeat((at_ns % (8 * NS_PER_HOUR) == 0)[:, None], COUNT, axis=1)
    return Panel(
        venue="synthetic",
        interval_ns=NS_PER_HOUR,
        instruments=tuple(f"{chr(65 + n)}USDT" for n in range(COUNT)),
        at_ns=at_ns,
        open=opened,
        high=np.maximum(opened, close) * 1.001,
        low=np.minimum(opened, close) * 0.999,
        close=close,
        volume=np.full(close.shape, 1e6),
        mark=np.full(close.shape, np.nan),
        funding=np.where(stamped, 0.0, np.nan),
        funding_inside=np.full(close.shape, np.nan),
        tradable=np.ones(close.shape, dtype=np.bool_),
        funding_hours=np.full(COUNT, 8, dtype=np.int64),
        is_synthetic=True,
    )


def gap_of_40_percent(side: float) -> Panel:
    """All instruments open 40 % away from their last close, in one bar, beyond every stop."""
    gap = np.zeros(CALM + AFTER)
    gap[SHOCK] = -0.4 * side
    return market(calm_returns(side), gap)


def slow_crash(side: float) -> Panel:
    """Three days of 0.7 % an hour against the account, every instrument alike: correlation goes to one."""
    returns = calm_returns(side)
    returns[SHOCK : SHOCK + 72] = -0.007 * side + 0.1 * returns[SHOCK : SHOCK + 72]
    return market(returns)


def funding_spike(side: float) -> Panel:
    """2 % of notional every eight hours for three days, paid by the side that is held; prices stay calm."""
    panel = market(calm_returns(side))
    funding = panel.funding.copy()
    funding[SHOCK : SHOCK + 72] = np.where(np.isnan(funding[SHOCK : SHOCK + 72]), np.nan, 0.02 * side)
    return replace(panel, funding=funding)


def volume_to_zero(side: float) -> Panel:
    """Two days without a single trade while quotes walk 10 % against the account; nothing can be filled."""
    returns = calm_returns(side)
    returns[SHOCK : SHOCK + 48] = -0.1 * side / 48
    panel = market(returns)
    volume = panel.volume.copy()
    volume[SHOCK : SHOCK + 48] = 0.0
    return replace(panel, volume=volume)


def volatility_times_ten(side: float) -> Panel:
    """Three days at ten times the usual volatility."""
    returns = calm_returns(side)
    returns[SHOCK : SHOCK + 72] *= 10.0
    return market(np.clip(returns, -0.3, 0.3))


def feed_masked(side: float) -> Panel:
    """A day without a bar; the market comes back 15 % away."""
    gap = np.zeros(CALM + AFTER)
    gap[SHOCK + 24] = -0.15 * side
    panel = market(calm_returns(side), gap)
    blind = slice(SHOCK, SHOCK + 24)
    columns = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close", "volume")}
    for column in columns.values():
        column[blind] = np.nan
    tradable = panel.tradable.copy()
    tradable[blind] = False
    return replace(panel, **columns, tradable=tradable)


SHOCKS: Mapping[str, Callable[[float], Panel]] = {
    "a gap of 40 %": gap_of_40_percent,
    "a slow crash": slow_crash,
    "a funding spike": funding_spike,
    "volume to zero": volume_to_zero,
    "volatility times ten": volatility_times_ten,
    "the feed masked": feed_masked,
}
