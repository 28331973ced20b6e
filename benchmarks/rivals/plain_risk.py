"""The row of a decision written plainly: vol-target sizing and every cap on arrays, in NumPy or with pandas' labels.

What one would write at first, one line a rule: EWMA estimates, regime, conditions, Kelly, weight, risk per trade,
liquidity, positions, sectors, buckets, gross, net, value at risk, shortfall, liquidation, leverage, step and minimum
order. It gives no reasons, and of a venue's margin tiers it knows the first.
"""

from time import perf_counter_ns
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from tables import array

RULES = {"target": 0.2, "spread": 1.5, "risk": 0.01, "weight": 0.5, "gross": 2.0, "net": 1.5, "bucket": 1.5}
VAR, CVAR, LEVERAGE, MARGIN, DISTANCE = 0.02, 0.03, 10.0, 0.004, 0.10
ALPHA, FAST, KELLY = 2.0 / (14 * 24 + 1.0), 2.0 / 25.0, 2.0 / (120 * 24 + 1.0)


class Plain:
    """What is learned from row to row; ``make`` turns an array into what the rules are written on."""

    def __init__(self, count: int, make: Any) -> None:
        self.make = make
        self.variance, self.fast = make(np.full(count, 3e-5)), make(np.full(count, 3e-5))
        self.covariance = np.eye(count) * 1.5e-5 + 1.5e-5
        self.edge, self.square = make(np.full(count, 1e-4)), make(np.full(count, 3e-5))
        self.usual, self.volume_fast = make(np.full(count, 6e4)), make(np.full(count, 6e4))
        self.range, self.belief = make(np.full(count, 0.8)), make(np.zeros(count))
        self.sigma = VAR / norm.ppf(0.99) / np.sqrt(24.0)
        self.sigma_tail = CVAR / 2.665 / np.sqrt(24.0)
        self.buckets = np.zeros(count, dtype=int)

    def learn(self, close: Any, before: Any, volume: Any) -> None:
        """Estimates after one more return."""
        change = close / before - 1.0
        self.variance = self.variance + ALPHA * (change**2 - self.variance)
        self.fast = self.fast + FAST * (change**2 - self.fast)
        moves = np.asarray(change)
        self.covariance = self.covariance + ALPHA * (np.outer(moves, moves) - self.covariance)
        earned = self.belief * change
        self.edge = self.edge + KELLY * (earned - self.edge)
        self.square = self.square + KELLY * (earned**2 - self.square)
        self.usual = self.usual + ALPHA * (volume - self.usual)
        self.volume_fast = self.volume_fast + FAST * (volume - self.volume_fast)
        self.range = (
            self.range
            + ALPHA * ((close - before).abs() if hasattr(close, "abs") else np.abs(close - before))
            - ALPHA * self.range
        )

    def decide(self, close: Any, forecast: Any, held: Any, equity: float) -> Any:
        """Target quantities."""
        annual = np.sqrt(self.variance * 8760.0)
        share = RULES["spread"] / len(forecast)
        weight = forecast.clip(-1.0, 1.0) * RULES["target"] / annual * share
        weight = weight * np.where(forecast < 0.0, 0.5, 1.0)  # BULL
        weight = weight * np.where(self.fast > 9.0 * self.variance, 0.5, 1.0)
        stake = (0.25 * self.edge / self.square).clip(0.0, None) * share * np.abs(forecast)
        weight = weight.clip(-stake, stake).clip(-RULES["weight"], RULES["weight"])
        most = RULES["risk"] * close / (6.0 * self.range + 2.0 * 0.0005 * close)
        weight = weight.clip(-most, most)
        liquid = 0.01 * self.usual * 24.0 * close / equity
        weight = weight.clip(-liquid, liquid)
        weight = weight * np.where(self.volume_fast <= 0.05 * self.usual, 0.0, 1.0)
        smallest = np.sort(np.abs(np.asarray(weight)))[::-1][:25].min()
        weight = weight * np.where(np.abs(weight) >= smallest, 1.0, 0.0)
        inside = pd.Series(np.abs(np.asarray(weight))).groupby(self.buckets).sum()
        room = (RULES["bucket"] / inside.clip(1e-12, None)).clip(None, 1.0)
        weight = weight * room.reindex(self.buckets).to_numpy()
        return self.account(weight, close, held, equity)

    def account(self, weight: Any, close: Any, held: Any, equity: float) -> Any:
        """The limits of the whole account, then the venue's grid."""
        weight = weight * min(1.0, RULES["gross"] / max(np.abs(weight).sum(), 1e-12))
        net = weight.sum()
        if abs(net) > RULES["net"]:
            heavy = np.sign(weight) == np.sign(net)
            side = np.abs(weight[heavy]).sum()
            weight = weight * np.where(heavy, (side - abs(net) + RULES["net"]) / side, 1.0)
        shares = np.asarray(weight)
        sigma = np.sqrt(shares @ self.covariance @ shares)
        weight = weight * min(1.0, self.sigma / max(sigma, 1e-12), self.sigma_tail / max(sigma, 1e-12))
        gross = np.abs(weight).sum()
        loss = DISTANCE * gross + (1.0 + DISTANCE) * MARGIN * gross
        swing = 5.0 * np.sqrt(24.0) * sigma + MARGIN * gross
        weight = weight * min(1.0, 1.0 / max(loss, 1e-12), 1.0 / max(swing, 1e-12), LEVERAGE / max(gross, 1e-12))
        target = np.sign(weight) * np.floor(np.abs(weight) * equity / close / 0.001) * 0.001
        change = np.abs(target - held)
        band = change < 0.2 * np.maximum(np.abs(target), np.abs(held))
        return self.make(np.where(band | (change * close < 5.0), np.asarray(held), np.asarray(target)))


def measure(folder: str, rows: int, labels: bool) -> dict[str, float]:
    """Median and 99th percentile in seconds of a row: estimates updated, targets of all instruments decided."""
    close, forecast, volume = (array(folder, name) for name in ("close", "forecast", "volume"))
    names = [f"SYN{n + 1}USDT" for n in range(close.shape[1])]

    def make(values: np.ndarray) -> Any:
        return pd.Series(values, index=names) if labels else values

    plain = Plain(close.shape[1], make)
    held, equity, spent = make(np.zeros(close.shape[1])), 1e5, np.empty(rows)
    for row in range(rows):
        t = row % (len(close) - 1) + 1
        now, before = make(close[t]), make(close[t - 1])
        wish, traded = make(forecast[t]), make(volume[t])
        if row % 24 == 0:
            plain.buckets = buckets(plain.covariance)
        start = perf_counter_ns()
        plain.learn(now, before, traded)
        plain.decide(now, wish, held, equity)
        spent[row] = perf_counter_ns() - start
        plain.belief = wish
    median, slow = np.percentile(spent * 1e-9, [50.0, 99.0])
    return {"seconds": float(median), "p99": float(slow)}


def buckets(covariance: np.ndarray) -> np.ndarray:
    """A label for each chain of instruments that correlate by 0.8; not timed, the other side's is."""
    spread = np.sqrt(np.diag(covariance))
    linked = covariance / np.outer(spread, spread) >= 0.8
    labels = np.arange(len(spread))
    for i, j in zip(*np.nonzero(linked), strict=True):
        labels[labels == labels[j]] = labels[i]
    return labels


def measure_var(folder: str, rows: int, labels: bool) -> dict[str, float]:
    """The same of one check: is the account's value at risk within its limit?"""
    covariance, positions = array(folder, "covariance"), array(folder, "positions")
    names = [f"SYN{n + 1}USDT" for n in range(positions.shape[1])]
    multiple = 2.606464
    table = pd.DataFrame(covariance, index=names, columns=names)
    spent, over = np.empty(rows), 0
    for row in range(rows):
        held = positions[row % len(positions)]
        if labels:
            series = pd.Series(held, index=names)
            start = perf_counter_ns()
            value = multiple * np.sqrt(series @ table @ series) / 1e5
        else:
            start = perf_counter_ns()
            value = multiple * np.sqrt(held @ covariance @ held) / 1e5
        over += value > 0.02
        spent[row] = perf_counter_ns() - start
    median, slow = np.percentile(spent * 1e-9, [50.0, 99.0])
    return {"seconds": float(median), "p99": float(slow), "violations": int(over)}


def measure_regime(folder: str) -> dict[str, float]:
    """Seconds a bar of a Gaussian forward filter (K states) and a GARCH variance, a bar at a time in NumPy."""
    bars, matrix, means, inverse, scale = (
        array(folder, name) for name in ("bars", "transmat", "means", "inverse", "log_scales")
    )
    omega, alpha, beta = array(folder, "garch")
    prior, variance = array(folder, "startprob"), 1e-4
    start = perf_counter_ns()
    for bar in bars:
        away = bar - means
        logs = scale - 0.5 * np.einsum("kd,kde,ke->k", away, inverse, away)
        weights = prior * np.exp(logs - logs.max())
        state = weights / weights.sum()
        prior = state @ matrix
        variance = omega + alpha * bar[0] ** 2 + beta * variance
    spent = perf_counter_ns() - start
    return {"seconds": spent * 1e-9 / len(bars), "state": state.tolist(), "variance": float(variance)}
