"""Choosing from the catalog: what the moment hides, what the catalog remembers, what the settings say."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.unit.research.universe_markets import AT, START, Name, market, names
from tests.unit.research.universe_markets import rules as rules_of

import geobuk as gb
from geobuk.app.home import Home
from geobuk.app.keep_history import import_history
from geobuk.app.universe import UniverseRequest, choose_universe
from geobuk.data.importer import ImportSpec
from geobuk.data.membership import REFERENCE_KINDS
from geobuk.data.snapshots import Snapshot, save_snapshot
from geobuk.domain.errors import DataError, SettingsError, UnknownNameError, UserError
from geobuk.domain.times import NS_PER_DAY, NS_PER_HOUR, at_text
from geobuk.ops.clock import WallClock
from geobuk.panel import Panel
from geobuk.research.universe import Candidate, Universe

NAMES = names(14)
SPEC = gb.UniverseSpec(max_spread=0.05)
LATE = at_text(AT)[:10]
"""The moment of choice: 2024-07-19, two months before the end of the bars."""


def table(panel: Panel, first_day: dict[str, int] | None = None) -> pl.DataFrame:
    """A panel as the long table of a file; ``first_day`` are names whose bars begin later."""
    parts = []
    for column, name in enumerate(panel.instruments):
        start = (first_day or {}).get(name, 0)
        fields = {field: getattr(panel, field)[start:, column] for field in ("open", "high", "low", "close", "volume")}
        parts.append(pl.DataFrame({"symbol": name, "ts": panel.at_ns[start:] // 1_000_000, **fields}))
    return pl.concat(parts)


def filled(folder: Path, venue: str, rows: pl.DataFrame) -> Home:
    """A home whose catalog holds these rows."""
    home = Home(folder / "home")
    rows.write_parquet(folder / "bars.parquet")
    import_history(home, ImportSpec(path=folder / "bars.parquet", venue=venue, interval="1d"))
    return home


def with_rules(home: Home, venue: str, listed: list[Name]) -> None:
    """Rules of the first of January, before every bar."""
    known = tuple(rules_of(listed).values())
    made_up = Snapshot(venue=venue, as_of=known[0].as_of, source="made up for tests", instruments=known)
    save_snapshot(home.catalog_dir, made_up)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Fourteen names of a made-up venue; A04 begins 50 days before the moment, A05 ten days after it."""
    folder = tmp_path_factory.mktemp("catalog")
    home = filled(folder, "testex", table(market(NAMES), {"A04": 150, "A05": 210}))
    with_rules(home, "testex", NAMES)
    return home


def universe(home: Home, **changes: Any) -> Universe:
    given = {"at": LATE, "capital": 100_000.0, "spec": SPEC, "home": home.root, **changes}
    return gb.universe("testex", "1d", **given)


def of(found: Universe, name: str) -> Candidate:
    return next(one for one in found.candidates if one.instrument == name)


def codes(found: Universe, name: str) -> list[str]:
    return [why.code for why in of(found, name).reasons_against if why.is_veto]


def test_names_that_had_not_begun_or_had_just_begun_are_refused(home: Home) -> None:
    found = universe(home)
    assert codes(found, "A05") == ["BARS"]
    assert of(found, "A05").measures is None
    assert codes(found, "A04") == ["AGE"]
    assert len(found.chosen) == 12
    later = universe(home, at="2024-09-17")
    assert codes(later, "A04") == []
    assert codes(later, "A05") == ["AGE"]


def test_the_age_counts_all_history_and_not_what_was_read(home: Home) -> None:
    found = universe(home)
    measures = of(found, "A01").measures
    assert measures is not None
    assert measures.age_days == 200.0


def test_what_is_stored_later_changes_nothing(home: Home, tmp_path: Path) -> None:
    panel = market(NAMES)
    short = filled(tmp_path, "testex", table(panel.rows(0, 200), {"A04": 150}).filter(pl.col("symbol") != "A05"))
    with_rules(short, "testex", NAMES)
    whole, cut = universe(home), universe(short)
    assert whole.chosen == cut.chosen
    left = [one for one in whole.candidates if one.instrument != "A05"]
    assert repr(left) == repr(list(cut.candidates))


def test_survivors_are_told_only_where_the_future_chose_them(home: Home) -> None:
    assert "SURVIVORS" in [note.code for note in universe(home).notes]
    assert "SURVIVORS" not in [note.code for note in universe(home, at="").notes]


def test_the_moment_is_the_end_of_the_last_bar_unless_told(home: Home) -> None:
    assert universe(home, at="").at_ns == START + 260 * NS_PER_DAY
    hour = universe(home, at="2024-07-19T12:00+09:00")
    assert hour.at_ns == AT + 3 * NS_PER_HOUR
    one, other = of(hour, "A01"), of(universe(home), "A01")
    assert one.measures is not None
    assert other.measures is not None
    assert one.measures.price == other.measures.price
    assert one.measures.volatility == pytest.approx(other.measures.volatility, rel=0.05)


def test_only_the_named_are_chosen_from(home: Home) -> None:
    found = universe(home, instruments=["A01", "A02"])
    assert {one.instrument for one in found.candidates} == {"A01", "A02"}


def test_a_quarantined_name_is_told_with_its_reason(home: Home, tmp_path: Path) -> None:
    rows = table(market(names(3)))
    bad = rows.with_columns(high=pl.when(pl.col("symbol") == "A02").then(pl.col("low") * 0.5).otherwise(pl.col("high")))
    spoiled = filled(tmp_path, "testex", bad)
    with_rules(spoiled, "testex", NAMES)
    found = universe(spoiled)
    assert codes(found, "A02") == ["QUARANTINED"]
    assert "bad" in of(found, "A02").reasons_against[0].text
    assert len(found.chosen) == 2


def test_settings_and_options_reach_the_choice(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        "[universe]\nmax_spread = 0.05\ncount = 10\n[backtest.account]\ncapital = 50000.0\n", encoding="utf-8"
    )
    request = UniverseRequest(venue="testex", interval="1d", at=LATE, settings_file=file, held=("A12",))
    found = choose_universe(home, request).universe
    assert (found.spec.count, found.capital, len(found.chosen)) == (10, 50_000.0, 10)
    assert "KEPT" in [why.code for why in of(found, "A12").reasons_for]
    other = UniverseRequest(venue="testex", interval="1d", at=LATE, settings_file=file, count=11, capital=9e4)
    again = choose_universe(home, other).universe
    assert (again.spec.count, again.capital) == (11, 90_000.0)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"at": "2023-01-01"}, DataError, "testex has no 1d bars"),
        ({"at": "2024-01-01T12:00"}, DataError, "no bar of testex 1d had closed by 2024-01-01 12:00"),
        ({"at": "2024-11-01"}, DataError, "ends 2024-09-17 00:00 UTC, 45 days before"),
        ({"at": "soon"}, UserError, "'soon' is not a date"),
        ({"instruments": ["A99"]}, UnknownNameError, "unknown instrument 'A99'"),
        ({"spec": gb.UniverseSpec(held=("A99",))}, UnknownNameError, "unknown instrument 'A99'"),
        ({"capital": 0.01}, DataError, r"no instrument of testex 1d qualifies .* one alone would need"),
        ({"spec": gb.UniverseSpec(max_tick=1e-9)}, DataError, r"TICK refuses .* set another limit: universe.max_tick"),
        ({"at": "2024-02-01"}, DataError, r"AGE refuses .* choose a later moment"),
    ],
)
def test_mistakes_are_told(home: Home, changes: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        universe(home, **changes)


def test_a_venue_without_rules_is_told(tmp_path: Path) -> None:
    bare = filled(tmp_path, "bare", table(market(names(2))))
    with pytest.raises(DataError, match="no trading rules"):
        gb.universe("bare", "1d", home=bare.root)


def test_a_capital_below_nothing_is_a_setting_that_cannot_stand(home: Home) -> None:
    with pytest.raises(SettingsError, match="--capital -1"):
        choose_universe(home, UniverseRequest(venue="testex", interval="1d", capital=-1.0))


def test_korean_names_have_listing_dates_sectors_and_days_of_their_own(tmp_path: Path) -> None:
    """005930 is old, 000660 listed 40 days before the moment, 035420 delisted before it; shares need no funding."""
    codes_of = ("005930", "000660", "035420", "005380")
    listed = [Name(code, turnover=1e12) for code in codes_of]
    panel = market(listed)
    weekdays = (panel.at_ns // NS_PER_DAY + 3) % 7 < 5
    rows = table(panel).filter(pl.col("ts").is_in(panel.at_ns[weekdays] // 1_000_000))
    on_tick = (pl.col("open", "high", "low", "close") * 1.2).round() * 500
    rows = rows.with_columns(on_tick, (pl.col("volume") / 600).round())
    korea = filled(tmp_path, "krx", rows)
    listing = tmp_path / "listing_2024-08-01.csv"
    listing.write_text(
        "code,name,market,industry,listingdate\n005930,A,KOSPI,통신 및 방송 장비 제조업,1975-06-11\n"
        "000660,B,KOSPI,반도체 제조업,2024-06-09\n005380,C,KOSPI,자동차용 엔진 및 자동차 제조업,1974-06-28\n",
        encoding="utf-8",
    )
    delisted = tmp_path / "delisted_2024-08-01.csv"
    delisted.write_text("code,name,market,delistingdate\n035420,D,KOSPI,2024-07-01\n", encoding="utf-8")
    for kind, file in (("listing", listing), ("delisting", delisted)):
        REFERENCE_KINDS[kind](korea.catalog_dir, file, "krx", WallClock())
    found = gb.universe("krx", "1d", at=LATE, capital=1e8, spec=SPEC, home=korea.root)
    assert found.quote == "KRW"
    assert "MEMBER" in codes(found, "035420")
    assert codes(found, "000660") == ["AGE"]
    first = of(found, "005930")
    assert first.measures is not None
    assert first.measures.age_days > 40 * 365
    assert first.measures.missing < 0.1
    assert first.sector
    assert "FUNDING" not in [why.code for why in (*first.reasons_for, *first.reasons_against)]
