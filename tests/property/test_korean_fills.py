"""Recorded Korean files, raw defects and all, traded hard: not one fill that the exchange could not have made.

The judge reads the files themselves, not the catalog, and reckons in exact decimals.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.markets import spec_of

from geobuk.data.catalog import Catalog
from geobuk.data.importer import ImportSpec, import_file
from geobuk.data.instruments import instruments_for
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.instrument import Instrument
from geobuk.domain.krx import price_limits
from geobuk.ops.clock import WallClock
from geobuk.panel import FloatArray, Panel
from geobuk.simulate.result import BacktestResult
from geobuk.simulate.run import simulate
from geobuk.simulate.spec import BacktestSpec

SEOUL = timedelta(hours=9)
SHARE = 0.05

D = Decimal
Bar = tuple[Decimal, Decimal, Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Source:
    """A recorded file: how it is read, and how many of its names are traded."""

    name: str
    interval: str = "1d"
    names: int = 40
    least_fills: int = 300

    def __str__(self) -> str:
        return self.name


SOURCES = (
    Source("krx_1d_top100_2021-04_2024", names=98),
    Source("krx_1d_2015_2022_calendar_days_raw"),
    Source("krx_1d_all_names_2024-01_02", names=150),
    Source("krx_1m_005930_2026-06_2026-07_raw", interval="1m", names=1, least_fills=5),
)

HARD = {
    "churning at market": spec_of(
        account={"capital": 5e9},
        sizing={"diversification": 20.0},
        costs={"participation": SHARE, "half_spread_bps": 15.0},
    ),
    "resting limits and stops": spec_of(
        account={"capital": 5e9},
        sizing={"diversification": 20.0},
        costs={"participation": SHARE},
        orders={"type": "limit", "offset_bps": 100.0},
        stops={"fixed": 0.03},
    ),
    "ladders, stages and time stops": spec_of(
        account={"capital": 5e9},
        sizing={"diversification": 20.0},
        costs={"participation": SHARE, "half_spread_bps": 15.0},
        stops={
            "fixed": 0.03,
            "break_even": 1.0,
            "trail_from": (1.0,),
            "trail_by": (0.5,),
            "take_profit": (0.5, 1.0, 2.0),
            "take_share": (0.3, 0.3, 0.3),
            "time_hours": 48.0,
            "time_profit": 0.5,
        },
    ),
}


def raw_bars(path: Path) -> dict[str, dict[datetime, Bar]]:
    """Code -> local time of the bar -> open, high, low, close, volume, as the file has them."""
    table = pl.read_parquet(path)
    table = table.rename({name: name.lower() for name in table.columns})
    table = table.rename({"code": "symbol"}) if "code" in table.columns else table
    stamp = "timestamp" if "timestamp" in table.columns else "date"
    shift = SEOUL if stamp == "timestamp" else timedelta(0)  # the minutes are written in UTC
    bars: dict[str, dict[datetime, Bar]] = {}
    wanted = table.select("symbol", pl.col(stamp).cast(pl.Datetime("us")), "open", "high", "low", "close", "volume")
    for symbol, at, *prices in wanted.iter_rows():
        bars.setdefault(str(symbol), {})[at + shift] = tuple(D(repr(float(p or 0))) for p in prices)  # type: ignore[assignment]
    return bars


def local_time(panel: Panel, bar: int) -> datetime:
    at = datetime.fromtimestamp(int(panel.at_ns[bar]) / 1e9, UTC).replace(tzinfo=None)
    return at + SEOUL if panel.interval == "1m" else (at + SEOUL).replace(hour=0, minute=0)


def base_prices(history: dict[datetime, Bar]) -> dict[date, Decimal]:
    """Day -> close of the last day before it on which anything was traded."""
    bases: dict[date, Decimal] = {}
    last: Decimal | None = None
    for day, bars in groupby(sorted(history), key=lambda at: at.date()):
        if last is not None:
            bases[day] = last
        traded = [history[at] for at in bars if history[at][0] > 0 and history[at][4] > 0]
        last = traded[-1][3] if traded else last
    return bases


def faults(result: BacktestResult, bars: dict[str, dict[datetime, Bar]]) -> Iterator[str]:
    """What no exchange would have filled."""
    panel = result.panel
    sold: dict[tuple[int, int], Decimal] = {}
    bases = {name: base_prices(bars[name]) for name in panel.instruments}
    for fill in result.fills:
        rules: Instrument = result.instruments[fill["instrument"]]
        history, at = bars[rules.name], local_time(panel, fill["bar"])
        place = f"{rules.name} {at}: {fill['quantity']} at {fill['price']}"
        bar = history.get(at)
        if bar is None or bar[0] <= 0 or bar[4] <= 0:
            yield f"{place}: halted or without volume {bar}"
            continue
        price, quantity = D(repr(float(fill["price"]))), D(repr(float(abs(fill["quantity"]))))
        tick = next(band.tick for band in reversed(rules.ticks_on(at.date())) if price >= band.floor)
        if price % tick:
            yield f"{place}: off the tick of {tick}"
        if not bar[2] <= price <= bar[1]:
            yield f"{place}: outside the bar {bar[2]} to {bar[1]}"
        base, band = bases[rules.name].get(at.date()), rules.price_band_on(at.date())
        if base is not None and band is not None:
            low, high = price_limits(base, rules.ticks_on(at.date()), band)
            if not low <= price <= high:
                yield f"{place}: outside the limits {low} to {high}"
            if (fill["quantity"] > 0 and bar[2] >= high) or (fill["quantity"] < 0 and bar[1] <= low):
                yield f"{place}: against a locked day"
        if quantity % 1:
            yield f"{place}: a fraction of a share"
        key = (int(fill["bar"]), int(fill["instrument"]))
        sold[key] = sold.get(key, D(0)) + quantity
        if sold[key] > bar[4] * D(repr(SHARE)) * 2:  # an entry and the stop that closes it may share a bar
            yield f"{place}: more than its share of the volume {bar[4]}"
        if fill["position"] < 0:
            yield f"{place}: a short position"


def chosen(panel: Panel, count: int) -> Panel:
    """The names with the most masked bars first: that is where mistakes would be."""
    order = np.argsort(panel.tradable.mean(axis=0) + (panel.tradable.sum(axis=0) < 5), kind="stable")
    return panel.select([panel.instruments[k] for k in sorted(order[:count])])


def restless(panel: Panel) -> FloatArray:
    """Forecasts that change on every bar."""
    return np.random.default_rng(5).uniform(-0.3, 1.0, panel.shape)


@pytest.fixture(scope="module", params=SOURCES, ids=str)
def history(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Source, Panel, tuple[Instrument, ...], dict[str, dict[datetime, Bar]]]:
    source: Source = request.param
    path = shared_data / "korea" / f"{source.name}.parquet"
    catalog = Catalog(tmp_path_factory.mktemp("catalog"))
    import_file(catalog, ImportSpec(path=path, venue="krx", interval=source.interval), WallClock())
    panel = chosen(catalog.read_panel(PanelQuery("krx", source.interval)), source.names)
    rules = instruments_for(catalog, "krx", panel.instruments, int(panel.at_ns[0]))
    return source, panel, rules, raw_bars(path)


@pytest.mark.parametrize("spec", HARD.values(), ids=HARD)
def test_not_one_fill_is_impossible(
    history: tuple[Source, Panel, tuple[Instrument, ...], dict[str, dict[datetime, Bar]]], spec: BacktestSpec
) -> None:
    source, panel, rules, bars = history
    result = simulate(panel, restless(panel), rules, spec)
    assert list(faults(result, bars))[:5] == []
    assert len(result.fills) > source.least_fills
    assert (result.cash > -1.0).all()


def test_the_judge_sees_what_is_wrong() -> None:
    before = datetime.fromisoformat("2024-03-04")
    day = before + timedelta(days=1)
    history = {before: (D(100), D(100), D(100), D(100), D(9)), day: (D(120), D(125), D(119), D(120), D(10))}
    assert base_prices(history) == {day.date(): D(100)}
