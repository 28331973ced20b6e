"""Eight weeks of every KOSPI and KOSDAQ name: the prices that were printed, against the ticks and limits built in."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from tests.support.price_ticks import is_on_tick, limits_of

from geobuk.data.krx_rules import SHARE_TICKS
from geobuk.domain.krx import price_limits

MARKETS = {"STK": "KOSPI", "KSQ": "KOSDAQ"}


def traded(shared_data: Path, year: int) -> pl.DataFrame:
    """Rows with volume; the base price is the close less the day's change."""
    rows = pl.read_parquet(shared_data / f"korea/krx_1d_all_names_{year}-01_02.parquet")
    rows = rows.filter((pl.col("Volume") > 0) & pl.col("MarketId").is_in(list(MARKETS)) & (pl.col("Open") > 0))
    return rows.with_columns(base=pl.col("Close") - pl.col("Changes")).filter(pl.col("base") > 0)


def with_limits(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    parts = []
    for (market,), part in rows.partition_by("MarketId", as_dict=True).items():
        ticks = next(t.ticks for t in reversed(SHARE_TICKS[MARKETS[str(market)]]) if t.from_day <= day)
        floors, units = (np.array([float(getattr(b, n)) for b in ticks]) for n in ("floor", "tick"))
        low, high = limits_of(part["base"].to_numpy().astype(np.float64), 0.3, floors, units)
        off = [
            any(not is_on_tick(float(price), floors, units) for price in row)
            for row in part.select("Open", "High", "Low", "Close").iter_rows()
        ]
        # the other way to write the rule: the base times 0.7, moved up to the tick
        least = part["base"].to_numpy() * 7 / 10
        unit = units[np.searchsorted(floors, least, side="right") - 1]
        other = np.ceil(least / unit - 1e-9) * unit
        parts.append(
            part.with_columns(low=pl.Series(low), high=pl.Series(high), off=pl.Series(off), other=pl.Series(other))
        )
    return pl.concat(parts)


@pytest.mark.parametrize(("year", "at_limits", "outside"), [(2021, (385, 24), 6), (2024, (261, 25), 15)])
def test_the_market_prints_on_ticks_and_within_limits(
    shared_data: Path, year: int, at_limits: tuple[int, int], outside: int
) -> None:
    rows = with_limits(traded(shared_data, year), date(year, 1, 4))
    assert not rows["off"].any()
    assert int((rows["High"] == rows["high"]).sum()) == at_limits[0]
    assert int((rows["Low"] == rows["low"]).sum()) == at_limits[1]
    beyond = rows.filter((pl.col("High") > pl.col("high")) | (pl.col("Low") < pl.col("low")))
    assert beyond.height == outside  # first days of new shares, and names on their way out, which have other limits
    first_or_last = {"036260", "141020", "114120"}
    new = beyond.filter(~pl.col("Code").is_in(list(first_or_last)))
    assert (new["High"] <= new["base"] * 4).all()
    assert (new["Low"] >= new["base"] * 0.6).all()


@pytest.mark.parametrize("year", [2021, 2024])
def test_the_width_is_cut_not_the_limit(shared_data: Path, year: int) -> None:
    rows = with_limits(traded(shared_data, year), date(year, 1, 4)).filter(pl.col("low") != pl.col("other"))
    assert rows.height > 10_000
    assert int((rows["Low"] == rows["low"]).sum()) == 5
    assert int((rows["Low"] == rows["other"]).sum()) == 0


def test_the_exact_limits_hold_the_same_days(shared_data: Path) -> None:
    rows = with_limits(traded(shared_data, 2024), date(2024, 1, 4)).filter(pl.col("High") == pl.col("high"))
    ticks = SHARE_TICKS["KOSPI"][-1].ticks
    for row in rows.iter_rows(named=True):
        assert price_limits(Decimal(int(row["base"])), ticks)[1] == int(row["High"]), row["Code"]
