"""A backtest over a history that need not fit into memory: read, believed and traded stretch by stretch."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from geobuk.app.history import SYNTHETIC, history_notes
from geobuk.app.home import Home
from geobuk.app.run_request import RunRequest, asked_for
from geobuk.app.settings import Settings
from geobuk.data.catalog import Catalog
from geobuk.data.instruments import instruments_for
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.errors import SettingsError, UserError
from geobuk.domain.times import NS_PER_DAY, interval_ns
from geobuk.ops.clock import WallClock
from geobuk.ops.progress import Progress
from geobuk.panel import FLOAT_FIELDS, FloatArray, Panel
from geobuk.quant.performance import Statistics, statistics
from geobuk.reports.streamed import StreamedReport
from geobuk.simulate.stream import LEAST_BLOCK, Believer, StreamedResult, simulate_stream
from geobuk.strategies.matrix import blended, labels
from geobuk.strategies.matrix_spec import MatrixSpec
from geobuk.strategies.strategy import Strategy

_LAST_DAYS_NS = 15 * NS_PER_DAY
_MEMORIES = 2
"""Warm-ups that a strategy is shown before a stretch: what lies before them weighs next to nothing in any average."""


def perform_streamed(
    home: Home, request: RunRequest, progress: Progress | None = None
) -> tuple[StreamedReport, Settings]:
    """Read, run and sum up; nothing is recorded.

    Raises
    ------
    UserError : one of its kinds, for anything that a person can mend.
    """
    clock = WallClock()
    started = clock.now_ns()
    settings, strategies, wanted = asked_for(home, request)
    if wanted.venue == SYNTHETIC:
        raise UserError("synthetic bars are made in memory", cure="leave out --stream, or name a venue with history")
    _require_streamable(settings)
    believer = Believer(
        lambda panel: _believed(panel, strategies, settings.matrix),
        _MEMORIES * max(strategy.warmup(interval_ns(wanted.resample or wanted.interval)) for strategy in strategies),
    )
    chunks = _Chunks(home, wanted, max(LEAST_BLOCK, 2 * believer.memory), progress)
    first = chunks.first
    rules = instruments_for(chunks.catalog, first.venue, first.instruments, int(first.at_ns[0]))
    result = simulate_stream(chunks, believer, rules, settings.backtest)
    notes = history_notes(home, _bookends(chunks, wanted, result.to_ns))
    result = replace(result, notes=(*notes, *result.notes))
    report = StreamedReport(
        result=result,
        statistics=_statistics(result, first, settings.backtest.account.capital),
        strategies=labels(strategies),
        venue=first.venue,
        interval=first.interval,
        source_hash=first.source_hash,
        currency=rules[0].quote,
        wall_seconds=(clock.now_ns() - started) / 1e9,
    )
    return report, settings


def _believed(panel: Panel, strategies: tuple[Strategy, ...], matrix: MatrixSpec) -> FloatArray:
    return blended(panel, strategies, matrix=matrix).forecasts


def _require_streamable(settings: Settings) -> None:
    """Raise where the settings ask for what needs more of the past than a stretch holds."""
    if settings.regime_detector.enabled:
        raise SettingsError(
            "the regime detector needs the whole history, which --stream does not keep",
            cure="leave out --stream, or set regime_detector.enabled=false",
        )
    if settings.matrix.method != "fixed":
        raise SettingsError(
            f"the matrix method {settings.matrix.method} needs the whole history, which --stream does not keep",
            cure="leave out --stream, or set matrix.method=fixed",
        )


def _bookends(chunks: "_Chunks", wanted: PanelQuery, to_ns: int) -> Panel:
    """The first bar and the last days of a history: enough to see who lived to its end."""
    first = chunks.first.rows(0, 1)
    query = replace(wanted, instruments=first.instruments, from_ns=max(to_ns - _LAST_DAYS_NS, int(first.at_ns[0]) + 1))
    last = chunks.catalog.read_panel(query)
    rows: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), getattr(last, name)])
        for name in ("at_ns", *FLOAT_FIELDS, "tradable")
    }
    return replace(last, **rows)


def _statistics(result: StreamedResult, like: Panel, capital: float) -> Statistics:
    """Of the equity at the end of each day; the deepest fall is that of every bar."""
    daily = result.daily
    interval = max(like.interval_ns, NS_PER_DAY)
    measured = statistics(daily.equity[1:], daily.at_ns[1:] - interval, interval, capital, like.year)
    fall = replace(measured.drawdown, depth=min(measured.drawdown.depth, result.max_drawdown))
    return replace(measured, bars=result.bars, from_ns=result.from_ns, to_ns=result.to_ns, drawdown=fall)


class _Chunks:
    """The catalog's chunks, telling how far they are; ``first`` is there before the others are asked for."""

    def __init__(self, home: Home, wanted: PanelQuery, bars: int, progress: Progress | None) -> None:
        self.catalog = Catalog(home.catalog_dir)
        self._tell = progress or (lambda stage, done, total: None)
        self._tell("history", 0, 0)
        self._chunks = self.catalog.read_chunks(wanted, bars)
        self.first = next(self._chunks)
        self._done = 0

    def __iter__(self) -> Iterator[Panel]:
        yield self._counted(self.first)
        for chunk in self._chunks:
            yield self._counted(chunk)

    def _counted(self, chunk: Panel) -> Panel:
        self._done += chunk.shape[0]
        self._tell(f"{self._done:,} bars", 0, 0)
        return chunk
