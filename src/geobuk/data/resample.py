"""Coarser bars from finer ones: a pure function of a panel."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from geobuk.data.funding import due_inside, settle_inside
from geobuk.data.session_bars import resample_sessions
from geobuk.data.sessions import sessions_of
from geobuk.domain.errors import DataError
from geobuk.domain.times import interval_ns
from geobuk.panel import BoolArray, FloatArray, IntArray, Panel

A = TypeVar("A", FloatArray, BoolArray, IntArray)


def resample(panel: Panel, interval: str) -> Panel:
    """Bars of ``interval``, each made of the panel's bars that open inside it.

    Open is the first known open, high and low the extremes, close the last known close, volume the sum; NaN where no
    bar is known. Mark is the last bar's (NaN if that is not known). Funding is the rate at the opening instant;
    ``funding_inside`` sums the rates settled strictly inside, NaN where there is none or a due one is not known.
    A coarse bar is tradable if its first and its last bar are and at least half of all. Incomplete bars at both ends
    are dropped, so a later bar never changes an earlier one. The bars start at multiples of the interval since the
    epoch, shifted by the panel's own phase; those of a venue with sessions as in
    :func:`geobuk.data.session_bars.resample_sessions`.

    Causality: row t uses bars that open in [at_ns[t], at_ns[t] + interval).

    Raises
    ------
    DataError
        The interval is no multiple of the panel's, or the panel is shorter than one bar of it.
    """
    wanted = interval_ns(interval)
    if wanted == panel.interval_ns:
        return panel
    if wanted < panel.interval_ns or wanted % panel.interval_ns:
        raise DataError(
            f"bars of {panel.interval} can't be made into bars of {interval}",
            cure=f"choose a multiple of {panel.interval}",
        )
    sessions = sessions_of(panel.venue)
    if sessions is not None:
        return resample_sessions(panel, wanted, sessions)
    whole = _whole_bars(panel, wanted)
    per_bar = wanted // panel.interval_ns
    funding, inside = _funding(whole, per_bar)
    is_open = _folded(whole.tradable, per_bar)
    tradable = is_open[:, 0] & is_open[:, -1] & (2 * is_open.sum(axis=1) >= per_bar)
    return replace(
        whole,
        interval_ns=wanted,
        at_ns=whole.at_ns[::per_bar].copy(),
        open=_first_known(_folded(whole.open, per_bar)),
        high=np.fmax.reduce(_folded(whole.high, per_bar), axis=1),
        low=np.fmin.reduce(_folded(whole.low, per_bar), axis=1),
        close=_first_known(_folded(whole.close, per_bar)[:, ::-1]),
        volume=_sum_known(_folded(whole.volume, per_bar)),
        mark=np.ascontiguousarray(_folded(whole.mark, per_bar)[:, -1]),
        funding=funding,
        funding_inside=inside,
        tradable=tradable,
    )


def _whole_bars(panel: Panel, wanted: int) -> Panel:
    """The rows that fill whole coarse bars. The panel's grid has no holes, so folding is a reshape."""
    _require_full_grid(panel)
    per_bar = wanted // panel.interval_ns
    phase = int(panel.at_ns[0]) % panel.interval_ns if len(panel.at_ns) else 0
    start = int((phase - panel.at_ns[0]) % wanted) // panel.interval_ns if len(panel.at_ns) else 0
    count = (len(panel.at_ns) - start) // per_bar
    if count <= 0:
        raise DataError(
            f"{len(panel.at_ns)} bars of {panel.interval} make no whole coarser bar", cure="read a longer period"
        )
    return panel.rows(start, start + count * per_bar)


def _require_full_grid(panel: Panel) -> None:
    if len(panel.at_ns) > 1 and np.any(np.diff(panel.at_ns) != panel.interval_ns):
        raise DataError(
            "the panel leaves out instants of its grid, so it can't be resampled",
            cure="keep a row of NaN where no instrument has a bar",
        )


def _folded(array: A, per_bar: int) -> A:
    """(T, N) as (T / per_bar, per_bar, N)."""
    return array.reshape(-1, per_bar, array.shape[1])


def _first_known(folded: FloatArray) -> FloatArray:
    where = np.argmax(~np.isnan(folded), axis=1)
    return np.take_along_axis(folded, where[:, None, :], axis=1)[:, 0]


def _sum_known(folded: FloatArray) -> FloatArray:
    known = ~np.isnan(folded)
    total = np.where(known, folded, 0.0).sum(axis=1)
    return np.where(known.any(axis=1), total, np.nan)


def _funding(panel: Panel, per_bar: int) -> tuple[FloatArray, FloatArray]:
    after_open = _folded(panel.funding, per_bar)[:, 1:]
    known = np.count_nonzero(~np.isnan(after_open), axis=1)
    total = np.nansum(after_open, axis=1)
    if not np.isnan(panel.funding_inside).all():
        inner = _folded(panel.funding_inside, per_bar)
        within = _due(panel.at_ns, panel.interval_ns, panel.funding_hours)
        # a fine bar's inner sum is known as a whole or not at all
        stamps = np.where(np.isnan(inner), 0, np.maximum(_folded(within, per_bar), 1))
        known, total = known + stamps.sum(axis=1), total + np.nansum(inner, axis=1)
    expected = _due(panel.at_ns[::per_bar], per_bar * panel.interval_ns, panel.funding_hours)
    return panel.funding[::per_bar].copy(), settle_inside(total, known, expected)


def _due(at_ns: IntArray, step_ns: int, hours: IntArray) -> IntArray:
    """(T, N) stamps due strictly inside each bar."""
    by_hours = {int(h): due_inside(at_ns, step_ns, int(h)) for h in np.unique(hours)}
    return np.stack([by_hours[int(h)] for h in hours], axis=1)
