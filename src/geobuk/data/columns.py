"""Which column of a file means what. The user's own words win; usual names are recognised.

Roles: ``at`` (opening time), ``instrument``, ``open``, ``high``, ``low``, ``close``, ``volume``, ``rate``.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from geobuk.data.rows import KIND_COLUMNS
from geobuk.domain.errors import DataError, UnknownNameError

_QUOTE_VOLUME = (
    "quote_volume",
    "quote_asset_volume",
    "volume_quote",
    "quotevolume",
    "volume_usdt",
    "volume_usd",
    "volume_krw",
    "turnover",
    "amount",
    "value",
    "거래대금",
)
USUAL_NAMES: Mapping[str, tuple[str, ...]] = {
    "at": (
        *("at_ns", "at", "ts", "timestamp", "time", "open_time", "opentime", "open_time_ms", "ts_ms", "time_ms"),
        *("datetime", "date_time", "date", "calc_time", "funding_time", "fundingtime", "start_time", "t"),
        *("일시", "일자", "날짜", "시각", "시간"),
    ),
    "instrument": ("instrument", "symbol", "pair", "ticker", "code", "inst_id", "instid", "s", "종목코드", "종목"),
    "open": ("open", "o", "open_price", "시가"),
    "high": ("high", "h", "high_price", "고가"),
    "low": ("low", "l", "low_price", "저가"),
    "close": ("close", "c", "close_price", "종가", "현재가"),
    "volume": ("volume", "v", "vol", "base_volume", "volume_base", "거래량"),
    "rate": ("rate", "funding_rate", "fundingrate", "last_funding_rate", "lastfundingrate", "펀딩비"),
}
"""Recognised names of each role, the likeliest first; compared without case, blanks and dashes as underscores."""

_OTHER_WORDS = {"ts": "at", "time": "at", "timestamp": "at", "symbol": "instrument", "funding_rate": "rate"}


@dataclass(frozen=True)
class ColumnMap:
    """Role → column of the file. Every role of the kind is there; ``instrument`` may be missing."""

    columns: Mapping[str, str]

    def __getitem__(self, role: str) -> str:
        return self.columns[role]

    @property
    def instrument(self) -> str:
        """Column that names the instrument, or an empty text."""
        return self.columns.get("instrument", "")


def map_columns(
    present: Sequence[str], kind: str, explicit: Mapping[str, str], *, volume_unit: str = "base"
) -> ColumnMap:
    """Find the column of each role.

    Parameters
    ----------
    explicit
        Role → column as the user said; these win over recognised names.
    volume_unit
        ``quote`` prefers columns such as quote_volume or turnover for the role ``volume``.

    Raises
    ------
    UnknownNameError
        A role in ``explicit`` that does not exist.
    DataError
        A named column is not in the file, or a needed one was not recognised.
    """
    needed = ("at", *KIND_COLUMNS[kind])
    found: dict[str, str] = {}
    for word, column in explicit.items():
        role = _OTHER_WORDS.get(word, word)
        if role not in USUAL_NAMES:
            raise UnknownNameError("column role", word, USUAL_NAMES)
        if column not in present:
            raise DataError(f"there is no column {column!r} for {role}", cure=_present(present, column))
        found[role] = column
    plain = {_plain(name): name for name in reversed(present)}
    for role in (*needed, "instrument"):
        if role in found:
            continue
        names = USUAL_NAMES[role]
        if role == "volume" and volume_unit == "quote":
            names = (*_QUOTE_VOLUME, *names)
        match = next((plain[name] for name in names if name in plain), None)
        if match is not None:
            found[role] = match
    missing = [role for role in needed if role not in found]
    if missing:
        raise DataError(
            f"no column for {', '.join(missing)} was recognised", cure=_how_to_map(missing, present, plain, kind)
        )
    return ColumnMap(found)


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def _present(present: Sequence[str], wanted: str) -> str:
    near = get_close_matches(wanted, present, n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}the file has {', '.join(present)}"


def _how_to_map(missing: Sequence[str], present: Sequence[str], plain: Mapping[str, str], kind: str) -> str:
    if kind != "funding" and "rate" not in missing and any(name in plain for name in USUAL_NAMES["rate"]):
        return "this looks like funding rates; import it with --kind funding"
    if kind == "funding" and "close" in plain:
        return "this looks like bars; import it with --kind bars"
    role = missing[0]
    if role == "volume":
        quote = next((plain[name] for name in _QUOTE_VOLUME if name in plain), None)
        if quote is not None:
            return f"{quote!r} looks like volume in quote currency; add --volume-unit quote"
        return "mark prices have no volume: import them with --kind mark; " + _say_which(role, present)
    return _say_which(role, present)


def _say_which(role: str, present: Sequence[str]) -> str:
    guess = _guess(role, present) or "NAME"
    return f"the file has {', '.join(present)}; say which with --column {role}={guess}"


def _guess(role: str, present: Sequence[str]) -> str:
    inside = [name for name in present if role in _plain(name)]
    return (inside or get_close_matches(role, present, n=1, cutoff=0.5) or [""])[0]
