"""The made-up market behind synthetic panels: regimes, clustered volatility, fat tails, one common factor, funding.

A model for demonstrations and tests. It is fitted to nothing, and a strategy's profit on it proves nothing.
"""

from dataclasses import dataclass

import numpy as np

from geobuk.data.synthetic_rules import start_price, step_of, tick_of
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, NS_PER_YEAR
from geobuk.panel import FloatArray, IntArray

_REGIMES = (  # drift per year, volatility multiplier, mean hours: bull, bear, sideways
    (0.9, 0.85, 480.0),
    (-0.9, 1.35, 290.0),
    (0.0, 0.70, 360.0),
)
_MARKET_VOLATILITY = 0.50
_PRICE_BOUNDS = (0.11, 59_000.0)
_INTEREST_8H = 1e-4
_RATE_LIMIT = 0.003


@dataclass(frozen=True)
class Shape:
    """Size of the market: ``at_ns`` (T,), ``count`` instruments, and the seed that determines every number."""

    at_ns: IntArray
    interval_ns: int
    count: int
    seed: int
    funding_hours: int

    @property
    def hours(self) -> float:
        """Hours in a bar."""
        return self.interval_ns / NS_PER_HOUR

    @property
    def years(self) -> float:
        """Years in a bar."""
        return self.interval_ns / NS_PER_YEAR

    def stream(self, number: int) -> np.random.Generator:
        """Random numbers of one quantity, each with a stream of its own: a longer market begins like a shorter one."""
        return np.random.default_rng(np.random.SeedSequence([self.seed, number]))


@dataclass(frozen=True)
class Market:
    """Arrays (T, N): prices on their ticks, volume in base units, mark; stamps (S,) with rates (S, N)."""

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    mark: FloatArray
    stamps: IntArray
    rates: FloatArray


def make_market(shape: Shape) -> Market:
    """Generate a market. Equal shapes give equal arrays."""
    drift, calm = _regimes(shape)
    shocks, variance = _clustered_shocks(shape)
    rng = shape.stream(0)
    beta = rng.uniform(0.6, 1.4, shape.count)
    own = rng.uniform(0.30, 0.70, shape.count)
    market = drift * shape.years + _MARKET_VOLATILITY * calm * np.sqrt(shape.years) * shocks[:, 0]
    returns = market[:, None] * beta + own * np.sqrt(shape.years) * shocks[:, 1:]
    path = _within_bounds(np.log(_start(shape)) + np.cumsum(returns, axis=0))
    common = (_MARKET_VOLATILITY * calm)[:, None] * beta * np.sqrt(variance[:, :1])
    spread = np.sqrt((common**2 + own**2 * variance[:, 1:]) * shape.years)
    opened, high, low, close = _bars(shape, path, spread)
    slow = _slow_noise(shape)
    stamps, rates = _funding(shape, path, slow[:, shape.count :])
    return Market(
        open=opened,
        high=high,
        low=low,
        close=close,
        volume=_volume(shape, close, np.log(high / low)),
        mark=np.round(close * (1 + 1.5e-4 * slow[:, : shape.count]), 8),
        stamps=stamps,
        rates=rates,
    )


def _start(shape: Shape) -> FloatArray:
    return np.array([start_price(number) for number in range(1, shape.count + 1)])


def _regimes(shape: Shape) -> tuple[FloatArray, FloatArray]:
    """(T,) drift per year and volatility multiplier of a Markov chain over bull, bear and sideways."""
    rng = shape.stream(1)
    size = len(shape.at_ns)
    state, filled = 0, 0
    states = np.empty(size, dtype=np.int64)
    while filled < size:
        length = int(rng.geometric(min(1.0, shape.hours / _REGIMES[state][2])))
        states[filled : filled + length] = state
        filled += length
        state = (state + int(rng.integers(1, 3))) % 3
    table = np.array(_REGIMES)
    return table[states, 0], table[states, 1]


def _clustered_shocks(shape: Shape) -> tuple[FloatArray, FloatArray]:
    """(T, 1 + N) unit-variance GARCH(1,1) shocks with Student-t innovations, and their conditional variances."""
    persistence = 0.98**shape.hours
    alpha = min(0.08 * np.sqrt(shape.hours), 0.25, persistence)
    beta, omega = persistence - alpha, 1 - persistence
    fresh = shape.stream(2).standard_t(5, (len(shape.at_ns), 1 + shape.count)) / np.sqrt(5 / 3)
    np.clip(fresh, -8, 8, out=fresh)
    factor = alpha * fresh * fresh + beta
    variance = np.minimum(recursion(factor, np.full(fresh.shape[1], omega), beta), 25.0)
    return np.sqrt(variance) * fresh, variance


def recursion(factor: FloatArray, added: FloatArray, smallest: float) -> FloatArray:
    """(T, K) x with x_0 = 1 and x_(t+1) = factor_t * x_t + added_t, some rows at a time.

    Within a block x_t = P_t (x_0 + sum of added_s / P_(s+1)) with P the running product of the factors; ``smallest``
    bounds the factors from below and so how long a block may be before P grows too small to divide by.
    ``added`` is (K,) or (T, K).
    """
    rows = len(factor)
    block = int(np.clip(-6 / np.log10(smallest), 1, 512)) if 0 < smallest < 1 else 1
    steps = np.broadcast_to(added, factor.shape)
    result = np.empty_like(factor)
    now = np.ones(factor.shape[1])
    for start in range(0, rows, block):
        product = np.cumprod(factor[start : start + block], axis=0)
        after = product * (now + np.cumsum(steps[start : start + block] / product, axis=0))
        result[start] = now
        result[start + 1 : start + len(after)] = after[:-1]
        now = after[-1]
    return result


def _within_bounds(path: FloatArray) -> FloatArray:
    """Log prices folded back at the bounds, which they seldom reach, so that no price leaves them."""
    low, high = np.log(_PRICE_BOUNDS)
    width = high - low
    folded: FloatArray = low + width - np.abs((path - low) % (2 * width) - width)
    return folded


def _bars(shape: Shape, path: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Open, high, low, close on their ticks.

    High and low are drawn from the extremes of a Brownian bridge between open and close (its maximum M has
    P(M > m) = exp(-2 (m - o)(m - c) / s^2)).
    """
    rng = shape.stream(3)
    draws = rng.random((len(path), 3, shape.count))
    before = np.vstack((np.log(_start(shape))[None, :], path[:-1]))
    opened = before + 0.05 * spread * (2 * draws[:, 0] - 1)
    gap_squared = (path - opened) ** 2
    above = np.sqrt(gap_squared - 2 * spread**2 * np.log1p(-draws[:, 1]))
    below = np.sqrt(gap_squared - 2 * spread**2 * np.log1p(-draws[:, 2]))
    middle = opened + path
    ticks = [float(tick_of(number)) for number in range(1, shape.count + 1)]
    raw = (opened, (middle + above) / 2, (middle - below) / 2, path)
    first, high, low, last = (_on_grid(np.exp(values), ticks) for values in raw)
    return first, np.maximum(high, np.maximum(first, last)), np.minimum(low, np.minimum(first, last)), last


def _on_grid(values: FloatArray, steps: list[float]) -> FloatArray:
    """Rounded to multiples (at least one) of each column's power of ten, as the nearest double of the decimal."""
    digits = -np.log10(steps).round()
    below, above = 10.0 ** np.maximum(digits, 0), 10.0 ** np.maximum(-digits, 0)
    return np.maximum(np.round(values * below / above), 1.0) * above / below


def _volume(shape: Shape, close: FloatArray, ranges: FloatArray) -> FloatArray:
    """Base units on the step: more when prices range further (``ranges`` is ln(high / low)), and by the time of day."""
    noise = shape.stream(4).standard_normal(close.shape)
    busy = 1.0 + 0.35 * np.sin(2 * np.pi * ((shape.at_ns % NS_PER_DAY) / NS_PER_DAY - 0.35))
    rank = np.arange(1, shape.count + 1) ** -0.7
    lively = 0.3 + 0.7 * ranges / (1.1 * np.sqrt(shape.years))
    notional = 4e7 * shape.hours * rank * busy[:, None] * lively * np.exp(0.35 * noise)
    steps = [float(step_of(number)) for number in range(1, shape.count + 1)]
    return _on_grid(notional / close, steps)


def _slow_noise(shape: Shape) -> FloatArray:
    """(T, 2 N) unit-variance AR(1): half-life 6 hours for the basis of the mark, 20 days for funding differences."""
    half_lives = np.repeat([6.0, 480.0], shape.count)
    phi = 0.5 ** (shape.hours / half_lives)
    fresh = shape.stream(5).standard_normal((len(shape.at_ns), 2 * shape.count))
    scale = np.sqrt(1 - phi**2)
    return np.hstack(
        [
            recursion(np.full((len(fresh), shape.count), phi[part][0]), scale[part] * fresh[:, part], phi[part][0])
            for part in (slice(0, shape.count), slice(shape.count, None))
        ]
    )


def _funding(shape: Shape, path: FloatArray, level: FloatArray) -> tuple[IntArray, FloatArray]:
    """Stamps and rates: interest, plus what the last three days' trend adds, plus a slow difference by instrument.

    A stamp inside or at the opening of bar t uses prices before t only.
    """
    every = shape.funding_hours * NS_PER_HOUR
    end = int(shape.at_ns[-1]) + shape.interval_ns
    first = -(-int(shape.at_ns[0]) // every) * every
    stamps = np.arange(first, end, every, dtype=np.int64)
    row = (stamps - shape.at_ns[0]) // shape.interval_ns
    before = np.vstack((np.log(_start(shape))[None, :], path))  # row t holds the close before bar t
    lag = max(1, round(72 / shape.hours))
    trend = (before[row] - before[np.maximum(row - lag, 0)]) / 0.06
    noise = shape.stream(6).standard_normal((len(stamps), shape.count))
    rate = _INTEREST_8H + 2e-4 * np.tanh(trend) + 1.2e-4 * level[row] + 3e-5 * noise
    scaled = np.clip(rate * shape.funding_hours / 8, -_RATE_LIMIT, _RATE_LIMIT)
    return stamps, np.round(scaled, 8)
