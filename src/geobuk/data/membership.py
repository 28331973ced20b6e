"""Who was listed when, in which market and sector, and what a panel can't know for want of the dead."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from geobuk.data.calendars import hours_of, local_days
from geobuk.data.krx_import import ReferenceImport, import_delistings, import_index, import_listing
from geobuk.data.krx_rules import Listed, known_funds
from geobuk.data.krx_tables import DELISTING, INDEX, LISTING, load_table, load_tables
from geobuk.data.session_table import date_of, day_of
from geobuk.data.sessions import KOREAN_VENUES
from geobuk.domain.times import NS_PER_DAY
from geobuk.panel import BoolArray, IntArray, Panel
from geobuk.ports import Clock

REFERENCE_KINDS: Mapping[str, Callable[[Path, Path, str, Clock], ReferenceImport]] = {
    LISTING: import_listing,
    DELISTING: import_delistings,
    INDEX: import_index,
}
"""Importers of tables about instruments, by ``--kind``: (catalog root, file, venue, clock)."""

SURVIVORS_LEAST = 5
SURVIVORS_DAYS = 180
"""Fewer names, or fewer days, are a choice and no sample: nothing is said about survivors among them."""

_ALWAYS, _NEVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max


class DataNote(NamedTuple):
    """A code, and the same sentence in English and Korean."""

    code: str
    text: str
    text_ko: str


@dataclass(frozen=True, eq=False)
class Membership:
    """Who was listed.

    Attributes
    ----------
    is_member : (T, N) bool; True where nothing is known of a name
    is_known : (N,) bool, whether any date of the name is known
    """

    is_member: BoolArray
    is_known: BoolArray


def membership_of(root: Path | None, venue: str, names: Sequence[str], at_ns: IntArray) -> Membership:
    """Who was listed at each moment, by the listing and the delistings imported.

    A name is a member from the day of its listing to the day before its delisting; one whose listing date is not known
    from the beginning. Causality: row t says what was so at ``at_ns[t]``, though the tables were made later.
    """
    days = local_days(at_ns, hours_of(venue))
    spans = _spans(root) if venue in KOREAN_VENUES else {}
    is_member = np.ones((len(days), len(names)), dtype=np.bool_)
    is_known = np.array([name in spans for name in names], dtype=np.bool_)
    for n, name in enumerate(names):
        if is_known[n]:
            is_member[:, n] = np.logical_or.reduce([(days >= a) & (days < b) for a, b in spans[name]])
    return Membership(is_member, is_known)


def _spans(root: Path | None) -> dict[str, list[tuple[int, int]]]:
    """Days from the listing to the delisting of each code; a code may have several."""
    found: dict[str, list[tuple[int, int]]] = {}
    gone, listings = load_table(root, DELISTING), load_tables(root, LISTING)
    if gone is not None:
        for code, came, left in gone.rows.select("code", "listed_on", "delisted_on").iter_rows():
            found.setdefault(code, []).append((_ALWAYS if came is None else day_of(came), day_of(left)))
    since: dict[str, int] = {}
    for table in listings:
        for code, came in table.rows.select("code", "listed_on").iter_rows():
            if since.get(code, _ALWAYS) == _ALWAYS:
                since[code] = _ALWAYS if came is None else day_of(came)
    for code, came in since.items():
        found.setdefault(code, []).append((came, _NEVER))
    return found


def membership_notes(root: Path | None, panel: Panel) -> tuple[DataNote, ...]:
    """What must be said loudly of a panel: that nobody in it died, and what is not known of those who did.

    A panel of fewer than five names or half a year says nothing about survivors.
    """
    names, days = panel.shape[1], int((panel.at_ns[-1] - panel.at_ns[0]) // NS_PER_DAY) if len(panel.at_ns) else 0
    if panel.is_synthetic or names < SURVIVORS_LEAST or days < SURVIVORS_DAYS:
        return ()
    notes = []
    is_korean = panel.venue in KOREAN_VENUES
    gone = load_table(root, DELISTING) if is_korean else None
    if is_korean and gone is None:
        notes.append(_no_delistings())
    all_alive = bool(np.isfinite(panel.close[_last_days(panel) :]).any(axis=0).all())
    if all_alive:
        first, last = (date_of(int(day)) for day in local_days(panel.at_ns[[0, -1]], hours_of(panel.venue)))
        dead = 0 if gone is None else _delisted_between(gone.rows, first, last)
        notes.append(_survivors(names, first, last, dead))
    return tuple(notes)


def _last_days(panel: Panel) -> int:
    """First row of the last seven days: a halt of a day or two is no death."""
    return int(np.searchsorted(panel.at_ns, panel.at_ns[-1] - 7 * NS_PER_DAY))


def _delisted_between(rows: pl.DataFrame, first: date, last: date) -> int:
    """Shares delisted in a period; funds, warrants and rights run out by design."""
    shares = rows.filter(pl.col("group").is_in(["", "주권", "외국주권", "주식예탁증권"]))
    return shares.filter(pl.col("delisted_on").is_between(first, last))["code"].n_unique()


def _no_delistings() -> DataNote:
    return DataNote(
        "NO_DELISTINGS",
        "Nothing is known of delisted Korean names: no list of delistings was imported, so names that failed are "
        "missing and results look better than they were.",
        "상장폐지 종목을 알 수 없습니다. 상장폐지 목록을 가져오지 않아 실패한 종목이 빠져 있고, "
        "결과가 실제보다 좋아 보입니다.",
    )


def _survivors(names: int, first: date, last: date, dead: int) -> DataNote:
    others = f" At least {dead:,} other shares were delisted in that time." if dead else ""
    others_ko = f" 같은 기간에 다른 종목이 적어도 {dead:,}개 상장폐지되었습니다." if dead else ""
    return DataNote(
        "SURVIVORS",
        f"Survivorship bias: every one of the {names} instruments still trades at the end ({last}), so the names were "
        f"chosen with later knowledge; results from {first} on look better than they were.{others}",
        f"생존 편향: {names}개 종목이 모두 마지막({last})까지 거래됩니다. 종목을 나중의 지식으로 고른 것이므로 "
        f"{first}부터의 결과가 실제보다 좋아 보입니다.{others_ko}",
    )


def listed(root: Path | None, names: Sequence[str], day: date | None = None) -> dict[str, Listed]:
    """What the newest listing not after a day (else the next one) says of Korean codes, and the built-in list of funds.

    What one listing does not know is taken from the others. A preferred share without a sector has the one of its
    common share (005935: 005930). A delisted name has the market it left. Codes of which nothing is known are left out.
    """
    found = {name: fund for name, fund in known_funds().items() if name in set(names)}
    gone = load_table(root, DELISTING)
    if gone is not None:
        wanted = gone.rows.filter(pl.col("code").is_in(list(names)) & (pl.col("market") != ""))
        for row in wanted.sort("delisted_on").iter_rows(named=True):
            source = f"delisted on {row['delisted_on']} from {row['market']}"
            found[row["code"]] = Listed(row["code"], row["market"], source=source)
    for table in reversed(load_tables(root, LISTING, day)):
        found = {
            name: _better(found.get(name), entry)
            for name, entry in (found | _from_listing(table.rows, names, table.as_of)).items()
        }
    return found


def _better(known: Listed | None, other: Listed) -> Listed:
    """The other, but for what it does not know."""
    if known is None:
        return other
    return Listed(
        code=other.code,
        market=other.market or known.market,
        sector=other.sector or known.sector,
        is_fund=other.is_fund or known.is_fund,
        multiple=max(other.multiple, known.multiple),
        source=other.source if other.market or not known.market else known.source,
    )


def _from_listing(rows: pl.DataFrame, names: Sequence[str], as_of: date) -> dict[str, Listed]:
    common = [_common_share(name) for name in names]
    known = {row["code"]: row for row in rows.filter(pl.col("code").is_in([*names, *common])).iter_rows(named=True)}
    found = {}
    for name, share in zip(names, common, strict=True):
        row = known.get(name)
        if row is None:
            continue
        sector = row["sector"] or known.get(share, row)["sector"]
        source = f"market {row['market']} by the listing of {as_of}" if row["market"] else f"listing of {as_of}"
        found[name] = Listed(name, row["market"], sector, row["is_fund"], row["multiple"], source)
    return found


def _common_share(code: str) -> str:
    return f"{code[:-1]}0"
