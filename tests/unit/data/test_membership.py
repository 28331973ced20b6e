"""Who was listed when, and what must be said of a panel of survivors."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.instruments import instruments_for
from geobuk.data.krx_import import import_delistings, import_index, import_listing
from geobuk.data.krx_tables import INDEX, load_table
from geobuk.data.membership import listed, membership_notes, membership_of
from geobuk.data.sessions import session_grid
from geobuk.data.synthetic import MarketSpec, synthetic_panel
from geobuk.domain.times import NS_PER_DAY, parse_at
from geobuk.panel import Panel

ELECTRONICS = "전자부품, 컴퓨터, 영상, 음향 및 통신장비 제조업"


def days(*texts: str) -> np.ndarray:
    return np.array([parse_at(f"{text}T00:00+09:00") for text in texts], dtype=np.int64)


@pytest.fixture
def root(tmp_path: Path, clock: Any) -> Path:
    """A catalog with a listing of four names and two delistings, one of a code that came back."""
    listing = pl.DataFrame(
        {
            "Code": ["005930", "005935", "000660", "101010"],
            "Name": ["삼성전자", "삼성전자우", "SK하이닉스", "돌아온종목"],
            "Market": ["KOSPI", "KOSPI", "KOSPI", "KOSDAQ"],
            "Industry": ["통신 및 방송 장비 제조업", None, "반도체 제조업", "소프트웨어 개발 및 공급업"],
            "ListingDate": ["1975-06-11", None, "1996-12-26", "2023-05-02"],
        }
    )
    gone = pl.DataFrame(
        {
            "Symbol": ["101010", "202020"],
            "Market": ["KOSDAQ", "KOSDAQ"],
            "SecuGroup": ["주권", "주권"],
            "ListingDate": ["2010-01-04", "2015-10-22"],
            "DelistingDate": ["2020-03-02", "2023-01-16"],
        }
    )
    for name, frame, importer in (("l", listing, import_listing), ("d", gone, import_delistings)):
        path = tmp_path / f"{name}_2026-03-22.parquet"
        frame.write_parquet(path)
        importer(tmp_path / "catalog", path, "krx", clock)
    return tmp_path / "catalog"


def test_a_name_is_a_member_from_its_listing_to_the_day_before_its_delisting(root: Path) -> None:
    at = days("2010-01-03", "2010-01-04", "2020-02-28", "2020-03-02", "2023-05-01", "2023-05-02", "2026-01-02")
    names = ["005930", "005935", "101010", "202020", "999990"]
    found = membership_of(root, "krx", names, at)
    assert found.is_known.tolist() == [True, True, True, True, False]
    assert found.is_member[:, 0].all()
    assert found.is_member[:, 1].all()  # its listing date is not known
    assert found.is_member[:, 2].tolist() == [False, True, True, False, False, True, True]
    assert found.is_member[:, 3].tolist() == [False, False, True, True, False, False, False]
    assert found.is_member[:, 4].all()


def test_days_are_koreas(root: Path) -> None:
    before_midnight = np.array([parse_at("2020-03-01T14:59"), parse_at("2020-03-01T15:00")])
    assert membership_of(root, "krx", ["101010"], before_midnight).is_member[:, 0].tolist() == [True, False]


def test_without_tables_nothing_is_known_and_everybody_is_a_member(tmp_path: Path) -> None:
    for venue in ("krx", "binance"):
        found = membership_of(tmp_path, venue, ["005930"], days("2020-01-02"))
        assert (found.is_member.tolist(), found.is_known.tolist()) == ([[True]], [False])


def test_sectors_are_divisions_and_preferred_shares_have_their_companys(root: Path) -> None:
    found = listed(root, ["005930", "005935", "000660", "069500", "202020", "999990"])
    assert {name: entry.sector for name, entry in found.items() if entry.sector} == dict.fromkeys(
        ("005930", "005935", "000660"), ELECTRONICS
    )
    assert [name for name, entry in found.items() if entry.is_fund] == ["069500"]
    assert "999990" not in found


def test_rules_name_the_market_and_sector_of_the_listing(root: Path) -> None:
    share, gone = instruments_for(Catalog(root), "krx", ["005930", "202020"], parse_at("2022-01-03"))
    assert (share.market, share.sector) == ("KOSPI", ELECTRONICS)
    assert "market KOSPI by the listing of 2026-03-22" in share.source
    assert (gone.market, gone.ticks[-1].tick) == ("KOSDAQ", 100)
    assert "delisted on 2023-01-16 from KOSDAQ" in gone.source


def test_a_later_list_of_names_does_not_hide_what_an_earlier_one_knows(root: Path, tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "names_2026-06-01.csv"
    pl.DataFrame({"ticker": ["005930", "102030"], "name": ["삼성전자", "TIGER 200"]}).write_csv(path)
    import_listing(root, path, "krx", clock)
    found = listed(root, ["005930", "102030"])
    assert (found["005930"].market, found["005930"].sector) == ("KOSPI", ELECTRONICS)
    assert found["102030"].is_fund
    assert membership_of(root, "krx", ["005930"], days("1970-01-05", "1975-06-11")).is_member[:, 0].tolist() == [
        False,
        True,
    ]


def korean(names: int, first: str, last: str) -> Panel:
    at_ns = session_grid("krx", NS_PER_DAY, int(days(first)[0]), int(days(last)[0]))
    price = np.full((len(at_ns), names), 1_000.0)
    nothing = np.full(price.shape, np.nan)
    return Panel(
        venue="krx",
        interval_ns=NS_PER_DAY,
        instruments=tuple(f"{n:06d}" for n in range(names)),
        at_ns=at_ns,
        open=price,
        high=price,
        low=price,
        close=price,
        volume=price,
        mark=nothing,
        funding=nothing,
        funding_inside=nothing,
        tradable=np.ones(price.shape, dtype=np.bool_),
        funding_hours=np.zeros(names, dtype=np.int64),
    )


def codes(root: Path | None, panel: Panel) -> list[str]:
    return [note.code for note in membership_notes(root, panel)]


def test_survivors_and_a_missing_list_of_the_dead_are_said_loudly(root: Path, tmp_path: Path) -> None:
    panel = korean(6, "2022-06-01", "2023-06-01")
    assert codes(None, panel) == ["NO_DELISTINGS", "SURVIVORS"]
    assert codes(tmp_path / "empty", panel) == ["NO_DELISTINGS", "SURVIVORS"]
    (note,) = membership_notes(root, panel)
    assert note.code == "SURVIVORS"
    assert "every one of the 6 instruments still trades at the end (2023-06-01)" in note.text
    assert "At least 1 other shares were delisted" in note.text
    assert "생존 편향: 6개 종목" in note.text_ko


def test_a_panel_in_which_a_name_died_has_no_survivors_only(root: Path) -> None:
    panel = korean(6, "2022-06-01", "2023-06-01")
    close = panel.close.copy()
    close[-20:, 3] = np.nan
    assert codes(root, replace(panel, close=close)) == []
    close[-3:, 3] = 1_000.0  # it was halted and came back
    assert codes(root, replace(panel, close=close)) == ["SURVIVORS"]


def test_a_few_names_or_a_short_time_are_a_choice(root: Path) -> None:
    assert codes(root, korean(4, "2022-06-01", "2023-06-01")) == []
    assert codes(root, korean(6, "2023-03-02", "2023-06-01")) == []


def test_coins_that_all_live_are_survivors_too_but_made_up_ones_are_not(tmp_path: Path) -> None:
    made_up = synthetic_panel(MarketSpec(seed=1, instruments=6, bars=24 * 200))
    assert membership_notes(tmp_path, made_up) == ()
    real = replace(made_up, venue="binance", is_synthetic=False)
    assert codes(tmp_path, real) == ["SURVIVORS"]


def test_an_index_is_stored_under_its_usual_name(root: Path, tmp_path: Path, clock: Any) -> None:
    assert load_table(root, INDEX) is None
    path = tmp_path / "index.csv"
    row = {"date": ["2024-01-02"], "index": ["ks11"], **{p: [2_650.0] for p in ("open", "high", "low", "close")}}
    pl.DataFrame(row).write_csv(path)
    import_index(root, path, "krx", clock)
    stored = load_table(root, INDEX)
    assert stored is not None
    assert stored.rows.select("name", "day", "close").rows() == [("KOSPI", date(2024, 1, 2), 2_650.0)]


def test_the_real_listing_gives_nearly_every_share_a_sector(shared_data: Path, tmp_path: Path, clock: Any) -> None:
    korea = shared_data / "korea"
    import_listing(tmp_path, korea / "krx_listing_sector_industry_2026-03-22.parquet", "krx", clock)
    import_delistings(tmp_path, korea / "krx_delisted_to_2026-03-22.parquet", "krx", clock)
    bars = pl.read_parquet(korea / "krx_1d_top100_2021-04_2024.parquet")
    names = bars["symbol"].unique().sort().to_list()
    found = listed(tmp_path, names)
    assert len(found) == len(names)
    funds = {name for name in names if found[name].is_fund}
    assert len(funds) == 9
    sectors = [found[name].sector for name in names if name not in funds]
    assert all(sectors)
    assert len(set(sectors)) == 29
    firsts = bars.group_by("symbol").agg(pl.col("date").min()).sort("symbol")
    at_ns = days(*(f"{day}" for day in firsts["date"].to_list()))
    members = membership_of(tmp_path, "krx", firsts["symbol"].to_list(), at_ns)
    assert members.is_member.diagonal().all()  # nobody traded before it was listed
    assert int(members.is_known.sum()) == len(names) - len(funds)


def test_hundreds_of_names_of_2005_are_gone(shared_data: Path, tmp_path: Path, clock: Any) -> None:
    korea = shared_data / "korea"
    import_listing(tmp_path, korea / "krx_listing_sector_industry_2026-03-22.parquet", "krx", clock)
    import_delistings(tmp_path, korea / "krx_delisted_to_2026-03-22.parquet", "krx", clock)
    gone = pl.read_parquet(korea / "krx_delisted_to_2026-03-22.parquet")["Symbol"].unique().to_list()
    at_ns = days("2005-01-03", "2026-03-20")
    members = membership_of(tmp_path, "krx", gone, at_ns)
    assert int(members.is_member[0].sum()) > 500
    assert not members.is_member[1].any()
