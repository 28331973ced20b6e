"""Reads a person's files about Korean instruments: listings, delistings, indices. What it refuses is explained."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import polars as pl

from geobuk.data.formats import read_table
from geobuk.data.krx_rules import KOSDAQ, KOSPI, MARKETS
from geobuk.data.krx_sectors import sector_of_industry
from geobuk.data.krx_tables import DELISTING, INDEX, LISTING, SCHEMAS, Table, store_table
from geobuk.data.session_table import day_of
from geobuk.data.sessions import KOREAN_VENUES, sessions_of
from geobuk.domain.errors import DataError
from geobuk.ports import Clock

_CODE = r"^[0-9][0-9A-Z]{5}$"
_OLD_CODE = r"^[0-9A-Z]{6,12}$"
_FUND_NAME = (
    r"^(KODEX|TIGER|RISE|KBSTAR|ACE|KINDEX|PLUS|ARIRANG|HANARO|KOSEF|KIWOOM|SOL|TIMEFOLIO|TIME|WON|1Q|BNK|FOCUS|HK|"
    r"UNICORN|VITA|KoAct|TRUSTON|마이티|파워|히어로즈|마이다스|에셋플러스) |ETN|ETF"
)
_FUND_GROUPS = ("ETF", "ETN", "상장지수펀드", "상장지수증권", "상장지수집합투자기구")
_INDEX_NAMES = {"KS11": "KOSPI", "KQ11": "KOSDAQ", "KS200": "KOSPI200"}

_NAMES: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "symbol", "ticker", "instrument", "종목코드", "단축코드"),
    "title": ("name", "title", "종목명", "한글종목명", "회사명"),
    "market": ("market", "시장구분", "시장"),
    "industry": ("industry", "업종", "업종명"),
    "group": ("secugroup", "group", "증권구분", "증권그룹"),
    "listed_on": ("listingdate", "listed_on", "상장일"),
    "delisted_on": ("delistingdate", "delisted_on", "폐지일", "상장폐지일"),
    "reason": ("reason", "폐지사유"),
    "successor": ("tosymbol", "successor"),
    "name": ("index", "name", "지수명"),
    "day": ("date", "day", "일자"),
    **{price: (price,) for price in ("open", "high", "low", "close", "volume")},
}
"""Recognised columns of each role, whatever their case."""


@dataclass(frozen=True)
class ReferenceImport:
    """Rows stored, and one sentence about them for a person."""

    rows: int
    text: str


def import_listing(root: Path, path: Path, venue: str, clock: Clock) -> ReferenceImport:
    """Store which names are listed, with market, industry and listing date where the file has them.

    The file speaks of the last date in its name (2026-03-22), else of today.

    Raises
    ------
    DataError
        The file has no column of codes, a value that is no code, market or date, or a code twice.
    """
    require_korean(venue, LISTING)
    raw = _roles(path, LISTING, needed=("code",), other=("title", "market", "industry", "group", "listed_on"))
    _require_codes(path, raw["code"], _CODE)
    _require_single(path, raw["code"])
    fund = raw["title"].str.contains(_FUND_NAME) | raw["group"].str.to_uppercase().is_in(_FUND_GROUPS)
    fund |= raw["market"].str.to_uppercase().is_in(["ETF", "ETN"])
    frame = raw.with_columns(
        market=_markets(path, raw["market"]),
        sector=raw["industry"].map_elements(sector_of_industry, return_dtype=pl.String),
        is_fund=fund,
        multiple=pl.when(fund & raw["title"].str.contains(r"3X")).then(3)
        .when(fund & raw["title"].str.contains(r"레버리지|2X")).then(2).otherwise(1),
        listed_on=_dates(path, raw["listed_on"]),
    )  # fmt: skip
    as_of = _speaks_of(path, clock)
    store_table(root, LISTING, Table(as_of, frame))
    undated, unsorted = frame["listed_on"].null_count(), int((frame["sector"] == "").sum())
    counts = {name: int((frame["market"] == name).sum()) for name in MARKETS}
    markets = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "markets not given"
    text = f"listing of {frame.height:,} names on {as_of}: {markets}; {undated:,} without a date, "
    return ReferenceImport(frame.height, f"{text}{unsorted:,} without a sector")


def import_delistings(root: Path, path: Path, venue: str, clock: Clock) -> ReferenceImport:
    """Store which names were delisted when; a name that was listed twice has two rows. Raises DataError."""
    require_korean(venue, DELISTING)
    other = ("title", "market", "group", "listed_on", "reason", "successor")
    raw = _roles(path, DELISTING, needed=("code", "delisted_on"), other=other)
    _require_codes(path, raw["code"], _OLD_CODE)
    frame = raw.with_columns(
        market=_markets(path, raw["market"]),
        listed_on=_dates(path, raw["listed_on"]),
        delisted_on=_dates(path, raw["delisted_on"]),
    )
    if frame["delisted_on"].null_count():
        where = int(frame["delisted_on"].is_null().arg_max() or 0)
        raise DataError(f"{path.name}: {frame['code'][where]} has no day of its delisting", cure="remove that row")
    backward = frame.filter(pl.col("listed_on") > pl.col("delisted_on"))
    if backward.height:
        row = backward.row(0, named=True)
        raise DataError(
            f"{path.name}: {row['code']} left on {row['delisted_on']} before it came on {row['listed_on']}",
            cure="correct that row",
        )
    as_of = _speaks_of(path, clock)
    store_table(root, DELISTING, Table(as_of, frame))
    days = frame["delisted_on"].sort().to_list()
    first, last = days[0], days[-1]
    return ReferenceImport(frame.height, f"{frame.height:,} delistings from {first} to {last}, complete to {as_of}")


def import_index(root: Path, path: Path, venue: str, clock: Clock) -> ReferenceImport:
    """Store the daily values of market indices; rows with a close only, or that contradict themselves, are masked.

    An index can't be traded, so it is kept apart from the bars.

    Raises
    ------
    DataError
        A column is missing, a value is no number or no date, a close is missing, or an index has a day twice.
    """
    require_korean(venue, INDEX)
    prices = ("open", "high", "low", "close")
    raw = _roles(path, INDEX, needed=("name", "day", *prices), other=("volume",))
    numbers = {name: _numbers(path, raw[name]) for name in (*prices, "volume")}
    names = raw["name"].str.to_uppercase()
    frame = raw.with_columns(name=names.replace(_INDEX_NAMES), day=_dates(path, raw["day"]), **numbers)
    if frame["day"].null_count() or frame["close"].null_count():
        raise DataError(f"{path.name} has rows without a date or a close", cure="remove those rows")
    twice = frame.filter(pl.struct("name", "day").is_duplicated())
    if twice.height:
        raise DataError(f"{path.name} has {twice['name'][0]} on {twice['day'][0]} twice", cure="keep one row")
    top, bottom = pl.max_horizontal("open", "low", "close"), pl.min_horizontal("open", "high", "close")
    broken = pl.any_horizontal(pl.col(prices).is_null()) | (pl.col("high") < top) | (pl.col("low") > bottom)
    frame = frame.with_columns(is_masked=broken).sort("name", "day")
    store_table(root, INDEX, Table(_speaks_of(path, clock), frame))
    masked, off = int(frame["is_masked"].sum()), _off_sessions(venue, frame["day"])
    text = f"{frame.height:,} days of {', '.join(frame['name'].unique().sort())}: {masked:,} with a close only, masked"
    return ReferenceImport(frame.height, f"{text}; {off:,} on days without a session")


def is_korean_code(name: str) -> bool:
    """Whether a name has the form of a Korean code.

    >>> is_korean_code("0126Z0"), is_korean_code("KOSPI")
    (True, False)
    """
    return re.fullmatch(_CODE, name) is not None


def require_korean(venue: str, kind: str) -> None:
    """Raises DataError for a venue whose names such a table does not describe."""
    if venue not in KOREAN_VENUES:
        raise DataError(
            f"a {kind} of {venue} can't be imported: only Korean names have one",
            cure="say --venue krx, if it is theirs",
        )


def _roles(path: Path, kind: str, *, needed: tuple[str, ...], other: tuple[str, ...]) -> pl.DataFrame:
    """The columns by role, as text without nulls; those that are absent are empty."""
    table = read_table(path)
    by_name = {name.strip().lower().replace(" ", ""): name for name in table.columns}
    found = {role: next((by_name[n] for n in _NAMES[role] if n in by_name), None) for role in (*needed, *other)}
    for role in needed:
        if found[role] is None:
            raise DataError(
                f"{path.name} is no {kind}: it has no column of the {role} (such as {_NAMES[role][0]})",
                cure=f"rename one of {', '.join(table.columns)}",
            )
    absent = [name for name in SCHEMAS[kind] if name not in found]
    columns = [_text(table[name], role) if name else pl.repeat("", table.height, eager=True).alias(role)
               for role, name in found.items()]  # fmt: skip
    return pl.DataFrame([*columns, *(pl.repeat("", table.height, eager=True).alias(name) for name in absent)])


def _text(column: pl.Series, role: str) -> pl.Series:
    return column.cast(pl.String).str.strip_chars().fill_null("").alias(role)


def _require_codes(path: Path, codes: pl.Series, pattern: str) -> None:
    bad = codes.filter(~codes.str.contains(pattern))
    if len(bad) == 0:
        return
    shown = bad[0]
    cure = "write six characters such as 005930"
    if re.fullmatch(r"\d{1,5}", shown):
        cure = "its leading zeros are lost: save the column as text"
    raise DataError(f"{path.name}: {shown!r} is no Korean code ({len(bad):,} of {len(codes):,} rows)", cure=cure)


def _require_single(path: Path, codes: pl.Series) -> None:
    twice = codes.filter(codes.is_duplicated())
    if len(twice):
        raise DataError(f"{path.name} has {twice[0]} more than once", cure="keep one row for each code")


def _markets(path: Path, column: pl.Series) -> pl.Series:
    """KOSPI, KOSDAQ, KONEX or empty; KOSDAQ's global segment is KOSDAQ, a fund's list is KOSPI."""
    spelt = {
        **{name: name for name in MARKETS}, "": "", "KOSDAQ GLOBAL": KOSDAQ, "ETF": KOSPI, "ETN": KOSPI, "STK": KOSPI,
        "KSQ": KOSDAQ, "KNX": "KONEX", "유가증권": KOSPI, "코스피": KOSPI, "코스닥": KOSDAQ, "코넥스": "KONEX",
    }  # fmt: skip
    upper = column.str.to_uppercase()
    unknown = upper.filter(~upper.is_in(list(spelt)))
    if len(unknown):
        raise DataError(f"{path.name}: {unknown[0]!r} is no Korean market", cure=f"use {', '.join(MARKETS)}")
    return upper.replace(spelt)


def _dates(path: Path, column: pl.Series) -> pl.Series:
    """Days of 2024-01-31, 20240131, 2024/01/31 or 2024.01.31, with or without a time; null where empty."""
    digits = column.str.replace_all(r"[-./]", "").str.slice(0, 8)
    found = digits.str.to_date("%Y%m%d", strict=False)
    wrong = column.filter(found.is_null() & (column != ""))
    if len(wrong):
        raise DataError(f"{path.name}: {column.name} holds {wrong[0]!r}, no date", cure="write it as 2024-01-31")
    return found


def _numbers(path: Path, column: pl.Series) -> pl.Series:
    found = column.str.replace_all(",", "").cast(pl.Float64, strict=False)
    wrong = column.filter(found.is_null() & (column != ""))
    if len(wrong):
        raise DataError(f"{path.name}: {column.name} holds {wrong[0]!r}, no number", cure="correct that cell")
    return found


def _speaks_of(path: Path, clock: Clock) -> date:
    """The last date in the file's name, else today in Seoul."""
    for text in reversed(re.findall(r"\d{4}-\d{2}-\d{2}|\d{8}", path.name)):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return datetime.fromtimestamp(clock.now_ns() / 1e9 + 9 * 3600, tz=UTC).date()


def _off_sessions(venue: str, days: pl.Series) -> int:
    sessions = sessions_of(venue)
    if sessions is None:
        return 0
    numbers = np.array([day_of(day) for day in days.to_list()], dtype=np.int64)
    return int(np.count_nonzero(sessions.row_of(numbers[sessions.covers(numbers)]) < 0))
