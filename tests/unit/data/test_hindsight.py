"""A split that had not come yet marks nothing."""

from pathlib import Path

import numpy as np
import pytest
from tests.support.catalogs import bar_rows, bars_key, keep

from geobuk.data.catalog import Catalog
from geobuk.data.panel_query import PanelQuery
from geobuk.data.rows import Rows
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import Panel

DAILY = bars_key("005930", interval="1d", venue="made")
DAYS = 400


def split_rows(*days: int) -> Rows:
    """Prices that stand still but for a fall to a fifth on each of the days."""
    rows = bar_rows(DAYS, start="2022-01-03", step_ns=NS_PER_DAY)
    factor = np.ones(DAYS)
    for day in days:
        factor[day:] /= 5.0
    price = np.round(1_000.0 * factor * (1.0 + 0.01 * np.sin(np.arange(DAYS))), 4)
    opened = np.concatenate([price[:1], price[:-1]])
    for day in days:
        opened[day] = opened[day - 1] / 5.0
    values = {
        "open": opened,
        "high": np.maximum(opened, price) * 1.001,
        "low": np.minimum(opened, price) * 0.999,
        "close": price,
        "volume": np.full(DAYS, 1e6),
    }
    return Rows(rows.at_ns, values, rows.mask)


def seen(root: Path, rows: Rows, to_day: int | None) -> Panel:
    to_ns = None if to_day is None else int(rows.at_ns[to_day])
    return Catalog(root).read_panel(PanelQuery("made", "1d", to_ns=to_ns))


@pytest.mark.parametrize(
    ("to_day", "first_tradable"),
    [(None, 300), (DAYS - 1, 300), (301, 300), (300, 100), (200, 100), (101, 100), (100, 0), (50, 0)],
)
def test_only_splits_that_had_come_part_what_is_seen(tmp_path: Path, to_day: int | None, first_tradable: int) -> None:
    rows = split_rows(100, 300)
    keep(tmp_path, rows, DAILY)
    panel = seen(tmp_path, rows, to_day)
    assert int(np.argmax(panel.tradable[:, 0])) == first_tradable
    assert panel.tradable[first_tradable:, 0].all()
    assert np.isfinite(panel.close[first_tradable:, 0]).all()
    assert [f.code for f in panel.findings if f.code == "SPLIT"] == (["SPLIT"] if first_tradable else [])


def test_chunks_see_as_much_as_the_whole(tmp_path: Path) -> None:
    rows = split_rows(100, 300)
    keep(tmp_path, rows, DAILY)
    query = PanelQuery("made", "1d", to_ns=int(rows.at_ns[250]))
    whole = Catalog(tmp_path).read_panel(query)
    chunks = list(Catalog(tmp_path).read_chunks(query, 37))
    np.testing.assert_array_equal(np.concatenate([c.tradable for c in chunks]), whole.tradable)
