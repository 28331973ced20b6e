"""The detector: bars in, regimes out, one at a time or a whole history, with the same result bit for bit."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.regime import HIGH_VOLATILITY, Regime
from geobuk.domain.trading_year import ALWAYS_OPEN, TradingYear
from geobuk.panel import BoolArray, FloatArray, Panel, RecordArray
from geobuk.regime.cells import READING_DTYPE, Grid, new_cells
from geobuk.regime.follow import Rows, follow
from geobuk.regime.path import RegimePath, path_of
from geobuk.regime.refit import Refit, refit
from geobuk.regime.spec import RegimeSpec, require_consistent, validated


class RegimeReading(NamedTuple):
    """What is known at the close of one bar; as a row of :class:`RegimePath`."""

    code: int
    age: int
    bull: float
    bear: float
    sideways: float
    volatility: float

    @property
    def direction(self) -> Regime:
        """The regime without the flag of high volatility."""
        return Regime(self.code % HIGH_VOLATILITY)


class RegimeDetector:
    """Tells the market's regime bar by bar. It can be stored between two bars: :mod:`geobuk.regime.stored`.

    Parameters
    ----------
    instruments : names of the columns that :meth:`update` and :meth:`follow` will be given.
    interval_ns : length of a bar. utc_offset_ns : the venue's local time minus UTC.
    year : how much of a year the venue trades; days of the spec are days of trading.

    Raises
    ------
    UnknownNameError : the spec's index holds an instrument that isn't there.
    SettingsError, UserError : as :func:`geobuk.regime.spec.require_consistent`.
    """

    def __init__(
        self,
        instruments: Sequence[str],
        interval_ns: int,
        spec: RegimeSpec | None = None,
        *,
        utc_offset_ns: int = 0,
        year: TradingYear = ALWAYS_OPEN,
    ) -> None:
        self.spec = validated(spec or RegimeSpec(), "regime detector")
        self.instruments, self.grid = tuple(instruments), Grid(interval_ns, utc_offset_ns, year)
        require_consistent(self.spec, interval_ns)
        self.columns = _columns(self.instruments, self.spec.instruments)
        self.cells = new_cells(len(self.columns), self.grid, self.spec)
        self.refits: list[Refit] = []
        self.last_at_ns = -1

    def update(
        self, at_ns: int, high: FloatArray, low: FloatArray, close: FloatArray, tradable: BoolArray | None = None
    ) -> RegimeReading:
        """Take in one closed bar, which opened at ``at_ns``: prices (N,) in the order of ``instruments``, NaN for none.

        Raises
        ------
        DataError : a bar that is not later than the one before it.
        """
        is_there = np.isfinite(close) if tradable is None else tradable
        at = self.columns
        readings = self._take(
            Rows(np.array([at_ns], dtype=np.int64), high[at][None], low[at][None], close[at][None], is_there[at][None])
        )
        return RegimeReading(*readings[0].item())

    def follow(self, panel: Panel) -> RegimePath:
        """Take in all rows of a panel of the same instruments and interval, which follow those taken in before.

        Raises
        ------
        DataError : another panel than was announced, or one that is not later than what was taken in before.
        """
        grid = Grid(panel.interval_ns, panel.utc_offset_ns, panel.year)
        if (panel.instruments, grid) != (self.instruments, self.grid):
            raise DataError(
                f"the panel of {len(panel.instruments)} instruments at {panel.interval} is not the detector's",
                cure="make a detector of its instruments, interval and local time",
            )
        at = self.columns
        rows = Rows(
            panel.at_ns,
            np.ascontiguousarray(panel.high[:, at]),
            np.ascontiguousarray(panel.low[:, at]),
            np.ascontiguousarray(panel.close[:, at]),
            np.ascontiguousarray(panel.tradable[:, at]),
        )
        readings = self._take(rows)
        every_ns = int(self.cells.rules["every_ns"][0])
        return path_of(readings, panel.at_ns, (panel.interval_ns, every_ns), tuple(self.refits))

    def _take(self, rows: Rows) -> RecordArray:
        readings: RecordArray = np.zeros(len(rows.at_ns), dtype=READING_DTYPE)
        if len(rows.at_ns) == 0:
            return readings
        if rows.at_ns[0] <= self.last_at_ns:
            raise DataError("a bar is not later than the one before it", cure="give bars once, in the order of time")
        done = 0
        while (done := follow(self.cells, rows, done, readings)) < len(rows.at_ns):
            at_ns = int(rows.at_ns[done]) + self.grid.interval_ns
            self.refits.append(refit(self.cells, self.spec, at_ns, self.refits[-1] if self.refits else None))
        self.last_at_ns = int(rows.at_ns[-1])
        return readings


def detect(panel: Panel, spec: RegimeSpec | None = None) -> RegimePath:
    """The regime at the close of each bar of a panel, from that bar and earlier ones only.

    Raises
    ------
    UnknownNameError, SettingsError, UserError : as :class:`RegimeDetector`.

    **Source**: Hamilton 1989 (filtered states); Glosten, Jagannathan & Runkle 1993 (volatility); Alizadeh, Brandt &
    Diebold 2002 (the log range as a nearly normal measure of volatility).
    """
    detector = RegimeDetector(
        panel.instruments, panel.interval_ns, spec, utc_offset_ns=panel.utc_offset_ns, year=panel.year
    )
    return detector.follow(panel)


def _columns(instruments: tuple[str, ...], wanted: tuple[str, ...]) -> Any:
    for name in wanted:
        if name not in instruments:
            raise UnknownNameError("instrument of the regime's index", name, instruments)
    return np.array([instruments.index(name) for name in wanted or instruments], dtype=np.int64)
