"""One moment of decision with random beliefs, positions, estimates and covariance, and what its outcome adds up to.

The sums are made with numpy alone: nothing of the decision path checks itself here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import numpy as np
from tests.support.markets import brackets, instrument
from tests.support.records import desk_of, market_row, rules_row, state_row, table_of

from geobuk.panel import FloatArray, IntArray, Record
from geobuk.risk.profiles import profile
from geobuk.risk.state import Desk
from geobuk.risk.targets import set_targets
from geobuk.risk.trace import STEPS
from geobuk.simulate.spec import BacktestSpec
from geobuk.terms import terms_of

MODES = ("paper", "testnet", "staging", "live")
EQUITY = 10_000.0
TODAY, NOW_NS = 20_000, 20_000 * 86_400 * 10**9


def spec_of_profile(mode: str, **groups: Any) -> BacktestSpec:
    """A simulation under a mode's risk settings, at the default costs; ``groups`` change it as in ``spec_of``."""
    spec = profile(mode)
    groups = {name: groups.get(name, {}) for name in {*spec.__struct_fields__, *groups}}
    changed: dict[str, Any] = {}
    for name, change in groups.items():
        own = getattr(spec, name, getattr(BacktestSpec(), name))
        changed[name] = msgspec.structs.replace(own, **change) if isinstance(change, dict) else change
    return BacktestSpec(**changed)


class Decided(NamedTuple):
    """What a decision wants: ``target`` quantities (NaN: as it is), ``held`` before and ``after`` it, ``trace``
    (N, STEPS), ``refusals`` (N, R).
    """

    target: FloatArray
    held: FloatArray
    after: FloatArray
    trace: FloatArray
    refusals: IntArray


@dataclass(frozen=True)
class Scene:
    """What a decision is made on. ``covariance`` is the whole matrix that the desk holds."""

    desk: Desk
    rules: Record
    covariance: FloatArray

    def decided(self) -> "Decided":
        """Decide, and keep what came of it."""
        trace = np.full((len(self.desk.book), STEPS), np.nan)
        held = self.desk.book["quantity"].copy()
        set_targets(self.desk, self.rules, trace)
        target = self.desk.book["target"].copy()
        after = np.where(np.isnan(target), held, target)
        return Decided(target, held, after, trace, self.desk.book["refusals"].copy())

    @property
    def equity(self) -> float:
        return float(self.desk.account["equity"][0])

    def weights(self, quantities: FloatArray) -> FloatArray:
        """Shares of equity; a position on a masked bar at the close of its last decision."""
        rows, book = self.desk.rows, self.desk.book
        return np.asarray(quantities * np.where(rows["is_tradable"], rows["close"], book["anchor"]) / self.equity)


def scene(
    seed: int,
    spec: BacktestSpec | None = None,
    count: int = 6,
    change: Callable[[np.random.Generator, dict[str, Any]], None] | None = None,
    **terms: Any,
) -> Scene:
    """A random moment: beliefs of every size, positions of both signs, one bar in six masked; of some positions a
    ladder has taken its part, some instruments were left on this day, and one account in six pauses.

    ``change`` gets a generator and the columns before the tables are made. ``terms`` change the instruments' rules:
    a step of 1e-9 and no minimum unless told otherwise, so that limits hold to the last digit.
    """
    rng = np.random.default_rng(seed)
    rules = rules_row(spec or spec_of_profile("live"))
    columns = _columns(rng, count, rules)
    if change is not None:
        change(rng, columns)
    fields = {"step": "0.000000001", "min_quantity": "0.000000001", "brackets": brackets(), **terms}
    names = [f"{chr(65 + n)}USDT" for n in range(count)]
    fees = [(0.0002, 0.0005)] * count
    made = terms_of([instrument(name, **_decimals(fields)) for name in names], fees)
    rows = table_of(*(market_row(**one) for one in _each(columns["market"], count)))
    book = table_of(*(state_row(**one) for one in _each(columns["state"], count)))
    desk = desk_of(rows, book, made, **columns["account"])
    desk.covariance[:] = columns["covariance"]
    desk.groups[1] = columns["buckets"]
    return Scene(desk, rules, np.asarray(columns["covariance"]))


def _decimals(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: Decimal(value) if isinstance(value, str) else value for name, value in fields.items()}


def _each(columns: dict[str, Any], count: int) -> list[dict[str, Any]]:
    return [{name: column[i] for name, column in columns.items()} for i in range(count)]


def _columns(rng: np.random.Generator, count: int, rules: Record) -> dict[str, Any]:
    rank = int(rng.integers(1, count + 2))
    loading = rng.normal(0.2, 1.0, (count, rank)) * rng.uniform(0.001, 0.02, (count, 1)) / np.sqrt(rank)
    covariance = loading @ loading.T
    variance = np.diag(covariance).copy()
    price = np.exp(rng.uniform(0.0, 10.0, count))
    weight = rng.choice([0.0, 0.02, 0.3, 0.8], count) * rng.choice([-1.0, 1.0], count)
    forecast = rng.choice([-1.0, -0.4, 0.0, 0.3, 1.0, 1.0, np.nan], count)
    per_year = float(rules["decisions_per_year"])
    columns = {
        "market": {
            "price": price,
            "forecast": forecast,
            "is_tradable": rng.random(count) > 1 / 6,
        },
        "state": {
            "quantity": weight * EQUITY / price,
            "anchor": price * rng.uniform(0.98, 1.02, count),
            "variance": variance,
            "volatility": np.sqrt(variance * per_year),
            "atr": price * np.sqrt(variance) * rng.uniform(1.0, 2.0, count),
            "change": rng.normal(0.0, 1.0, count) * np.sqrt(variance),
            "fast_variance": variance * rng.choice([0.5, 1.0, 20.0], count),
            "usual_volume": rng.choice([10.0, 1e4], count) * EQUITY / price,
            "fast_volume": rng.choice([0.0, 1e3, 1e4], count) * EQUITY / price,
            "believed": rng.integers(0, 500, count),
            "edge": rng.normal(0.2, 0.5, count) * np.sqrt(variance),
            "edge_square": variance * rng.uniform(0.5, 2.0, count),
            "observed": np.full(count, 500),
            "unrest": rng.choice([0, 0, 0, 7, 24], count),
            "resting": rng.choice([0, 0, 0, 0, 3], count),
        },
        "account": {
            "equity": EQUITY,
            "size_scale": float(rng.choice([1.0, 1.0, 0.5])),
            "is_reduce_only": bool(rng.random() < 0.15),
            "regime": int(rng.choice([-1, 0, 1, 2, 3, 4, 8, 9])),
        },
        "covariance": covariance,
        "buckets": rng.integers(0, 2, count),
    }
    _add_exits(rng, columns)
    return columns


def _add_exits(rng: np.random.Generator, columns: dict[str, Any]) -> None:
    """What trades have left behind: a position is never larger than what a ladder that has taken from it left."""
    state, account = columns["state"], columns["account"]
    held = np.abs(state["quantity"])
    largest = held * rng.uniform(1.0, 2.0, len(held))
    took = rng.random(len(held)) < 0.25
    state["largest"] = largest
    state["taken"] = np.where(took, (largest - held) * rng.uniform(0.5, 1.0, len(held)), 0.0)
    state["left_day"] = rng.choice([-1, TODAY - 1, TODAY], len(held))
    account |= {"day": TODAY, "now_ns": NOW_NS, "paused_until": int(rng.choice([0, 0, 0, NOW_NS, NOW_NS + 1]))}


@dataclass(frozen=True)
class Sums:
    """What a row of weights (N,) weighs, positions on masked bars as if they moved together with the others."""

    gross: float
    net: float
    sigma: float
    margin: float
    buckets: FloatArray


def sums_of(one: Scene, weights: FloatArray) -> Sums:
    """Sums of a row, standard deviations between decisions from the covariance."""
    free = np.where(one.desk.rows["is_tradable"], weights, 0.0)
    parts = [part for part in (free, weights - free) if np.abs(part).sum() > 0.0]
    sigma = sum(float(np.sqrt(max(0.0, part @ one.covariance @ part))) for part in parts)
    size = np.abs(weights)
    labels = one.desk.groups[1]
    buckets = np.array([size[labels == label].sum() for label in np.unique(labels)])
    return Sums(float(size.sum()), float(weights.sum()), sigma, maintenance(one, size), buckets)


def maintenance(one: Scene, size: FloatArray) -> float:
    """Maintenance margin of weights by the published tiers: notional * rate - cumulative, as a share of equity."""
    total = 0.0
    for weight in size:
        notional = weight * one.equity
        tier = next(b for b in brackets() if notional < float(b.cap))
        total += notional * float(tier.maintenance_rate) - float(tier.cumulative)
    return total / one.equity
