"""Sectors of Korean shares: the division of the Korean Standard Industrial Classification that an industry is in."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec


class _Division(msgspec.Struct, forbid_unknown_fields=True):
    ko: str
    en: str
    groups: list[str]


class _Classification(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    divisions: dict[str, _Division]


@cache
def _classification() -> _Classification:
    path = Path(__file__).resolve().parent / "krx_sectors.json"
    return msgspec.json.decode(path.read_bytes(), type=_Classification)


@cache
def _by_group() -> Mapping[str, str]:
    return {
        _plain(group): division.ko for division in _classification().divisions.values() for group in division.groups
    }


def sector_of_industry(industry: str) -> str:
    """The sector (division) of an industry (group) as KRX writes it; empty where the classification has none such.

    Divisions, not groups, limit concentration: handsets and memory chips are two groups of one division.

    >>> sector_of_industry("반도체 제조업") == sector_of_industry("통신 및 방송 장비 제조업")
    True
    """
    return _by_group().get(_plain(industry), "")


def _plain(text: str) -> str:
    """Spaces and the middle dot are written in several ways."""
    return text.replace(" ", "").replace("ㆍ", "·").replace("・", "·")
