"""A market from bars: each becomes a path from open over the extremes to close, with prints that sum to its volume.

What happened inside a bar is not known; the nearer extreme first is the usual assumption, taken from the bar's colour:
a bar that rose saw its low before its high.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geobuk.domain.errors import DataError, SettingsError
from geobuk.matching.book.market_event import MARKET_EVENT, Happening, MarketArray
from geobuk.matching.market_rules import MarketRules

_LEG = 3
_STEPS = 3 * _LEG + 1
_LEVELS = 3
_AT_ONCE = 512

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BarSeries:
    """Bars of one instrument: ``at_ns`` (T,) open times, rising; prices and volume (T,) float64, volume in base units.

    Bars with a NaN are left out. DataError where a bar is impossible.
    """

    at_ns: Integers
    interval_ns: int
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats


class BarMarket:
    """Rows from bars. ``spread_bps`` is the quoted spread (one tick at least); each of three levels a side shows
    ``depth_share`` of what trades at it. Mark and index are the path itself.

    ``start_ns`` moves the first bar to another moment; None keeps the recorded times.
    """

    def __init__(
        self,
        rules: Iterable[MarketRules],
        bars: Mapping[str, BarSeries],
        *,
        start_ns: int | None = None,
        spread_bps: float = 1.0,
        depth_share: float = 1.0,
    ) -> None:
        if not 0 <= spread_bps <= 1_000 or not 0 < depth_share <= 1_000:
            raise SettingsError(
                f"bars: spread_bps {spread_bps}, depth_share {depth_share}", cure="give 0 to 1,000, and more than 0"
            )
        by_name = {one.name: one for one in rules}
        for name, series in bars.items():
            _require_series(name, series, by_name)
        self._rules = tuple(rule for name, rule in by_name.items() if name in bars)
        first = min((int(series.at_ns[0]) for series in bars.values()), default=0)
        self._start_ns = first if start_ns is None else start_ns
        shift = self._start_ns - first
        ends = (int(series.at_ns[-1]) + series.interval_ns - 1 for series in bars.values())
        self._end_ns = max(ends, default=first) + shift
        self._instruments = {
            name: _BarInstrument(by_name[name], series, shift, (spread_bps, depth_share))
            for name, series in bars.items()
        }

    @property
    def rules(self) -> tuple[MarketRules, ...]:
        return self._rules

    @property
    def start_ns(self) -> int:
        return self._start_ns

    @property
    def end_ns(self) -> int:
        """The end of the last bar."""
        return self._end_ns

    def until(self, at_ns: int) -> list[tuple[str, MarketArray]]:
        """See :class:`Market`."""
        told = ((name, one.until(at_ns)) for name, one in self._instruments.items())
        return [(name, rows) for name, rows in told if rows.size]


class _BarInstrument:
    """One instrument's bars, how far they were told, and the levels that stand."""

    def __init__(self, rules: MarketRules, series: BarSeries, shift_ns: int, quoting: tuple[float, float]) -> None:
        self._rules, self._series = rules, series
        self._shift_ns = shift_ns
        self._spread_bps, self._depth_share = quoting
        self._tick = int(rules.tick.scaleb(rules.price_decimals))
        self._step = int(rules.instrument.step.scaleb(rules.quantity_decimals))
        self._next = 0
        self._trade_id = 0
        self._last = 0
        self._standing = np.zeros((2, _LEVELS), np.int64)
        self._made = np.zeros(0, MARKET_EVENT)

    def until(self, at_ns: int) -> MarketArray:
        due = int(np.searchsorted(self._series.at_ns, at_ns - self._shift_ns, side="right"))
        parts = [self._made]
        while self._next < due:
            end = min(due, self._next + _AT_ONCE)
            parts.append(self._rows(slice(self._next, end)))
            self._next = end
        made = np.concatenate(parts) if len(parts) > 1 else parts[0]
        told = int(np.searchsorted(made["at_ns"], at_ns, side="right"))
        self._made = made[told:]
        return made[:told]

    def _rows(self, bars: slice) -> MarketArray:
        path, quantity, at_ns = self._path(bars)
        if not path.size:
            return np.zeros(0, MARKET_EVENT)
        moves = np.diff(path, prepend=self._last or path[0])
        rises = moves > 0
        flat = moves == 0
        rises[flat] = (np.arange(path.size) % 2 == 0)[flat]
        self._last = int(path[-1])
        spread = np.maximum(
            self._tick, np.rint(path * self._spread_bps * 1e-4 / self._tick).astype(np.int64) * self._tick
        )
        bid = np.where(rises, path - spread, path)
        away = np.arange(_LEVELS) * spread[:, None]
        levels = np.stack([bid[:, None] - away, bid[:, None] + spread[:, None] + away], axis=1)
        shown = np.maximum(self._step, (quantity * self._depth_share).astype(np.int64) // self._step * self._step)
        before = np.concatenate([self._standing[None], levels[:-1]])
        self._standing = levels[-1]
        return self._told(at_ns, levels, before, shown, (path, quantity, rises))

    def _told(
        self, at_ns: Integers, levels: Integers, before: Integers, shown: Integers, trades: tuple[Any, Any, Any]
    ) -> MarketArray:
        """Per step: levels that end, levels that stand, index, mark, print. (K, 4 * levels + 3) rows, some not told."""
        path, quantity, rises = trades
        width = 2 * _LEVELS
        rows = np.zeros((path.size, 2 * width + 3), MARKET_EVENT)
        is_told = np.ones(rows.shape, bool)
        rows["at_ns"] = at_ns[:, None]
        rows["price"][:, :width] = before.reshape(-1, width)
        rows["price"][:, width : 2 * width] = levels.reshape(-1, width)
        rows["quantity"][:, width : 2 * width] = shown[:, None]
        rows["side"][:, : 2 * width] = np.tile(np.repeat([1, -1], _LEVELS), 2)
        stays = (before[:, :, :, None] == levels[:, :, None, :]).any(axis=3)
        is_told[:, :width] = (~stays & (before > 0)).reshape(-1, width)
        is_told[:, width : 2 * width] = levels.reshape(-1, width) > 0
        rows["price"][:, -3:] = path[:, None]
        rows["kind"][:, -3:] = (Happening.INDEX, Happening.MARK, Happening.TRADE)
        rows["quantity"][:, -1] = quantity
        rows["side"][:, -1] = np.where(rises, 1, -1)
        is_told[:, -1] = quantity > 0
        rows["id"][:, -1] = self._trade_id + np.cumsum(quantity > 0)
        self._trade_id += int((quantity > 0).sum())
        return rows[is_told]

    def _path(self, bars: slice) -> tuple[Integers, Integers, Integers]:
        """Prices, quantities and times of the steps of some bars, in whole units."""
        series, unit = self._series, 10.0**self._rules.price_decimals
        values = np.stack([getattr(series, name)[bars] for name in ("open", "high", "low", "close", "volume")])
        is_whole = ~np.isnan(values).any(axis=0)
        first, high, low, last = np.rint(values[:4, is_whole] * unit / self._tick).astype(np.int64) * self._tick
        rises = last >= first
        turns = np.stack([first, np.where(rises, low, high), np.where(rises, high, low), last], axis=1)
        share = np.arange(1, _LEG + 1) / _LEG
        legs = turns[:, :-1, None] + (turns[:, 1:, None] - turns[:, :-1, None]) * share
        steps = np.concatenate([turns[:, :1], np.rint(legs / self._tick).reshape(-1, 3 * _LEG) * self._tick], axis=1)
        lots = np.rint(values[4, is_whole] * 10.0**self._rules.quantity_decimals / self._step).astype(np.int64)
        quantity = np.repeat(lots[:, None] // _STEPS, _STEPS, axis=1)
        quantity += np.arange(_STEPS) < (lots % _STEPS)[:, None]
        at_ns = series.at_ns[bars][is_whole][:, None] + self._shift_ns
        at_ns = at_ns + np.arange(_STEPS) * (series.interval_ns - 1) // (_STEPS - 1)
        return steps.astype(np.int64).ravel(), (quantity * self._step).ravel(), at_ns.ravel()


def _require_series(name: str, series: BarSeries, rules: Mapping[str, MarketRules]) -> None:
    if name not in rules:
        raise DataError(f"there are bars of {name}, and no rules", cure="give its rules too")
    if not series.at_ns.size:
        raise DataError(f"there are no bars of {name}", cure="leave it out, or give some")
    gaps = np.diff(series.at_ns)
    if (gaps < series.interval_ns).any():
        at = int(np.flatnonzero(gaps < series.interval_ns)[0])
        raise DataError(f"bars of {name}: bar {at + 1} opens before bar {at} has ended", cure="sort or mend the bars")
    prices = np.stack([series.open, series.high, series.low, series.close])
    wrong = (prices <= 0).any(axis=0) | (series.volume < 0)
    wrong |= (series.high < prices.max(axis=0)) | (series.low > prices.min(axis=0))
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise DataError(
            f"bars of {name}: bar {at} (open {series.open[at]}, high {series.high[at]}, low {series.low[at]}, "
            f"close {series.close[at]}, volume {series.volume[at]}) is impossible",
            cure="drop it or put NaN",
        )
