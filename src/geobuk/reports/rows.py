"""What one row of the statistics table is."""

from dataclasses import dataclass
from typing import Literal

from geobuk.reports.texts import Text

Kind = Literal["percent", "signed_percent", "ratio", "money", "signed_money", "count", "days", "hours", "bps", "day"]


@dataclass(frozen=True, slots=True)
class StatisticRow:
    """One statistic: its code, how its number is written, its name, and how it is computed."""

    code: str
    kind: Kind
    label: Text
    convention: Text


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together, under a heading."""

    title: Text
    rows: tuple[StatisticRow, ...]
