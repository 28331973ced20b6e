"""A market that never was: calm and storm, jumps, takers in clusters, a book that breathes. The same for a seed."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zlib import crc32

import numpy as np

from geobuk.domain.errors import SettingsError
from geobuk.domain.times import NS_PER_HOUR
from geobuk.matching.book.market_event import MARKET_EVENT, MarketArray
from geobuk.matching.market_rules import MarketRules
from geobuk.matching.markets.generator.flow import generate
from geobuk.matching.markets.generator.state import DEEPEST, FLOW, ROWS_A_SLOT, STATE
from geobuk.matching.markets.rules import sketch_of

_YEAR_SECONDS = 365 * 24 * 3600.0
_PACE_AT_100_MS = 40.0
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class GeneratedSpec:
    """How the market behaves; all instruments alike, scaled by the starting table.

    ``pace`` is about how many rows a second an instrument has. Volatilities are per year, of Bitcoin; ``calm_minutes``
    and ``storm_minutes`` are how long each lasts on average. ``jumps_per_day`` is of calm times (tenfold in a storm)
    and ``jump_size`` their deviation. ``clustering`` is the share of trades that other trades caused.
    ``size_tail`` is the Pareto exponent of trade sizes. ``correlation`` is that of any two instruments' price steps.
    """

    seed: int = 1
    pace: float = 40.0
    calm_volatility: float = 0.35
    storm_volatility: float = 1.4
    calm_minutes: float = 20.0
    storm_minutes: float = 4.0
    jumps_per_day: float = 4.0
    jump_size: float = 0.004
    clustering: float = 0.6
    persistence: float = 0.65
    size_tail: float = 1.5
    correlation: float = 0.6
    premium: float = 0.0004
    interest: float = 0.0001
    start_prices: Mapping[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, low, high in _RANGES:
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingsError(f"generated market: {name} {value} is not in {low} to {high}", cure="change it")


_RANGES = (
    ("pace", 1.0, 2_000.0),
    ("calm_volatility", 0.0, 20.0),
    ("storm_volatility", 0.0, 20.0),
    ("calm_minutes", 0.01, 1e6),
    ("storm_minutes", 0.01, 1e6),
    ("jumps_per_day", 0.0, 10_000.0),
    ("jump_size", 0.0, 0.2),
    ("clustering", 0.0, 0.9),
    ("persistence", 0.0, 1.0),
    ("size_tail", 1.01, 10.0),
    ("correlation", 0.0, 1.0),
    ("premium", 0.0, 0.05),
    ("interest", -0.01, 0.01),
)


class GeneratedMarket:
    """Rows of a made-up market, slot by slot; they depend on the seed, the rules and the start, never on the asking."""

    def __init__(self, rules: Iterable[MarketRules], spec: GeneratedSpec | None = None, start_ns: int = 0) -> None:
        self._rules = tuple(rules)
        self._start_ns = start_ns
        spec = spec or GeneratedSpec()
        self._instruments = {one.name: _GeneratedInstrument(one, spec, start_ns) for one in self._rules}

    @property
    def rules(self) -> tuple[MarketRules, ...]:
        return self._rules

    @property
    def start_ns(self) -> int:
        return self._start_ns

    @property
    def end_ns(self) -> None:
        """It never ends."""
        return None

    def until(self, at_ns: int) -> list[tuple[str, MarketArray]]:
        """See :class:`Market`. A day at the usual pace has some 3 million rows an instrument: ask for less at once."""
        due = [(name, one) for name, one in self._instruments.items() if one.next_ns <= at_ns]
        told = ((name, one.until(at_ns)) for name, one in due)
        return [(name, rows) for name, rows in told if rows.size]


class _GeneratedInstrument:
    """One instrument's records, its levels, and the rows made but not yet due."""

    def __init__(self, rules: MarketRules, spec: GeneratedSpec, start_ns: int) -> None:
        self._flow = _flow(rules, spec)
        self._state = np.zeros(1, STATE)[0]
        self._state["own"] = (spec.seed * 0x9E3779B97F4A7C15 + crc32(rules.name.encode()) * 0x100000001B3) % 2**64
        self._state["common"] = (spec.seed * 0xD1B54A32D192ED03 + 0x5851F42D4C957F2D) % 2**64
        self._state["next_ns"] = self._state["mark_ns"] = self._state["rate_ns"] = start_ns
        self._state["interval"] = (start_ns - 1) // int(self._flow["interval_ns"])
        self._state["side"] = 1
        self._state["premium"] = spec.interest
        self._state["price"] = float(_start_price(rules, spec)) * 10.0**rules.price_decimals
        self._prices = np.zeros((2, DEEPEST), np.int64)
        self._quantities = np.zeros((2, DEEPEST), np.int64)
        self._counts = np.zeros(4, np.int64)
        self._made = np.zeros(0, MARKET_EVENT)
        self.next_ns = start_ns
        """Nothing is to be told before."""

    def until(self, at_ns: int) -> MarketArray:
        made = self._made
        while self._state["next_ns"] <= at_ns:
            made = self._with_more(made, at_ns)
        due = int(np.searchsorted(made["at_ns"], at_ns, side="right"))
        self._made = made[due:].copy()
        self.next_ns = int(self._made["at_ns"][0] if self._made.size else self._state["next_ns"])
        return made[:due]

    def _with_more(self, made: MarketArray, at_ns: int) -> MarketArray:
        """What is made already and the slots after it, as many as fit; room is made for all, at least doubled."""
        slots = (at_ns - int(self._state["next_ns"])) // int(self._flow["slot_ns"]) + 1
        room = max(ROWS_A_SLOT + min(_CHUNK, 16 * slots), made.size)
        rows = np.empty(made.size + room, MARKET_EVENT)
        rows[: made.size] = made
        fresh = rows[made.size :]
        written = generate(self._flow, self._state, self._prices, self._quantities, self._counts, fresh, at_ns)
        return rows[: made.size + written]


def _start_price(rules: MarketRules, spec: GeneratedSpec) -> Decimal:
    sketch = sketch_of(rules.name)
    price = spec.start_prices.get(rules.name) or (Decimal(sketch.price) if sketch else rules.tick * 10_000)
    if not rules.min_price < price < rules.max_price:
        raise SettingsError(
            f"generated market: {rules.name} would start at {price}, outside of {rules.min_price} to {rules.max_price}",
            cure="give start_prices a price between them",
        )
    return price


def _flow(rules: MarketRules, spec: GeneratedSpec) -> Any:
    """The kernel's record: everything per slot and in the book's units."""
    sketch, instrument = sketch_of(rules.name), rules.instrument
    price = float(_start_price(rules, spec))
    unit, coin = 10.0**rules.price_decimals, 10.0**rules.quantity_decimals
    seconds = 0.1 * _PACE_AT_100_MS / spec.pace
    slot_ns = max(1_000_000, round(seconds * 1e9))
    seconds = slot_ns / 1e9
    tick = round(float(rules.tick) * unit)
    depth = max(float(instrument.step) * 3, (sketch.depth if sketch else 10_000) / price) * coin
    bp = price * unit * 1e-4
    hours = instrument.funding_interval_hours or 8
    scale = (sketch.volatility if sketch else 1.5) * math.sqrt(seconds / _YEAR_SECONDS)
    calming = math.exp(-seconds / 2.0)
    record = np.zeros(1, FLOW)[0]
    values = {
        "slot_ns": slot_ns,
        "tick": tick,
        "step": round(float(instrument.step) * coin),
        "lowest": float(rules.min_price) * unit * 1.01,
        "highest": float(rules.max_price) * unit * 0.99,
        "interval_ns": hours * NS_PER_HOUR,
        "volatility": (spec.calm_volatility * scale, spec.storm_volatility * scale),
        "leave": (seconds / (60 * spec.calm_minutes), seconds / (60 * spec.storm_minutes)),
        "jump_chance": spec.jumps_per_day * seconds / 86_400,
        "jump_size": spec.jump_size,
        "correlation": math.sqrt(spec.correlation),
        "trades": 0.35 * (1 - spec.clustering),
        "excitement": spec.clustering * (1 - calming),
        "calming": calming,
        "persistence": spec.persistence,
        "tail": spec.size_tail,
        "smallest_trade": depth / 40,
        "largest_trade": depth * 8,
        "impact": max(tick * 0.2, bp * 0.05),
        "breath": 1.4,
        "depth": depth,
        "spread": 0.3 + 0.02 * bp / tick,
        "spacing": 0.3 + 0.25 * bp / tick,
        "band": max(tick * 0.6, bp * 0.3),
        "premium_pull": seconds / 3_600,
        "premium_size": spec.premium * math.sqrt(2 * seconds / 3_600),
        "interest": spec.interest,
        "funding_share": hours / 8,
        "funding_cap": float(instrument.funding_cap or Decimal("0.02")),
    }
    for name, value in values.items():
        record[name] = value
    return record
