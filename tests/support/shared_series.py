"""The real files beside the project as checked catalogs, one for each question that the tests ask of them."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from geobuk.data.catalog import Catalog
from geobuk.data.check import CheckRequest, SeriesCheck, check_series
from geobuk.data.checks.tape import check_tape
from geobuk.data.import_spec import ImportSpec
from geobuk.data.importer import import_file
from geobuk.domain.times import parse_at
from geobuk.panel import Finding

KOREAN = {"time_zone": "Asia/Seoul"}
BINANCE = {"venue": "binance"}


class _Clock:
    def now_ns(self) -> int:
        return parse_at("2026-11-01")


class SharedSeries:
    """``shared.checks("futures")`` imports the files of a scenario once and gives what the gate says of each series."""

    def __init__(self, data: Path, scratch: Path) -> None:
        self._data, self._scratch = data, scratch
        self.checks = cache(self._checks)
        self.findings_at_import: dict[str, tuple[Finding, ...]] = {}

    def finding(self, scenario: str, series: str, code: str) -> list[Finding]:
        """Findings of a code for ``instrument kind interval`` (or ``instrument interval`` for bars)."""
        name, *rest = series.split()
        kind, interval = rest if len(rest) == 2 else ("bars", rest[0])
        wanted = [
            c for c in self.checks(scenario) if (c.key.instrument, c.key.kind, c.key.interval) == (name, kind, interval)
        ]
        return [found for check in wanted for found in check.findings if found.code == code]

    def counts(self, scenario: str) -> Mapping[str, int]:
        """How often each code was found, over all series of a scenario."""
        total: Counter[str] = Counter()
        for check in self.checks(scenario):
            for found in check.findings:
                total[found.code] += found.count
        return dict(total)

    def tape(self, name: str) -> dict[str, Finding]:
        """Findings of a recorded tape."""
        frame = pl.read_parquet(self._data / f"ticks/{name}.parquet")
        return {found.code: found for found in check_tape(frame, "BTCUSDT")}

    def _checks(self, scenario: str) -> tuple[SeriesCheck, ...]:
        catalog = Catalog(self._scratch / scenario)
        seen: list[Finding] = []
        for path, spec in SCENARIOS[scenario]:
            changed = spec.get("change")
            source = self._data / path
            if changed is not None:
                source = self._scratch / f"{scenario}-{source.name}"
                changed(pl.read_parquet(self._data / path)).write_parquet(source)
            options = {name: value for name, value in spec.items() if name != "change"}
            seen += import_file(catalog, ImportSpec(path=source, **options), _Clock()).findings
        self.findings_at_import[scenario] = tuple(seen)
        return tuple(check_series(catalog, CheckRequest()))


def _from_file_column(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(symbol=pl.col("file").str.replace("_USDT_1h.csv", "USDT")).drop("file", "datetime")


def _futures_only(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("market") == "um").drop("market")


Step = tuple[str, dict[str, Any]]
_CRYPTO = "crypto/binance_um_"
_KOREA = "korea/krx_"
_HOURS: Step = (f"{_CRYPTO}1h_2023_2025-06.parquet", BINANCE)
_QUARTERS: Step = (f"{_CRYPTO}15m_2023_2024.parquet", BINANCE)
_FIVES: Step = (f"{_CRYPTO}5m_2023-01_2024-05.parquet", BINANCE)
_MIXED: Step = (
    "defects/binance_mixed_spot_and_futures_1h_raw.parquet",
    BINANCE | {"change": _from_file_column},
)
_ARCHIVE: Step = (
    "defects/binance_official_archive_1h_btcusdt_20241028.parquet",
    BINANCE | {"change": _futures_only, "columns": {"at": "open_time_ms"}, "instrument": "BTCUSDT"},
)
_MEME: Step = ("defects/binance_spot_meme_symbols_inside_futures_set_1h_raw.parquet", BINANCE)
_DAYS_98: Step = (f"{_KOREA}1d_top100_2021-04_2024.parquet", {"venue": "krx"} | KOREAN)
_CALENDAR_DAYS: Step = (f"{_KOREA}1d_2015_2022_calendar_days_raw.parquet", {"venue": "kiwoom"} | KOREAN)
_MINUTES = f"{_KOREA}1m_005930_2026-06_2026-07_raw.parquet"


def _only(*names: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    return lambda frame: frame.filter(pl.col("Code").is_in(names))


SCENARIOS: dict[str, tuple[Step, ...]] = {
    "hours": (_HOURS,),
    "minutes 2023": ((f"{_CRYPTO}1m_2023-07_2023-08.parquet", BINANCE),),
    "minutes 2025": ((f"{_CRYPTO}1m_2025-05.parquet", BINANCE),),
    "days": ((f"{_CRYPTO}1d_all_symbols_2024_2025-06.parquet", BINANCE),),
    "fives and quarters": (_FIVES, _QUARTERS),
    "quarters and hours": (_QUARTERS, _HOURS),
    "mark": (_HOURS, (f"{_CRYPTO}mark_8h_2023_2025-06.parquet", BINANCE | {"kind": "mark"})),
    "funding": ((f"{_CRYPTO}funding_2023_2025-06.parquet", BINANCE | {"kind": "funding"}),),
    "funding 2026": ((f"{_CRYPTO}funding_all_symbols_2026.parquet", BINANCE | {"kind": "funding"}),),
    "bitfinex": (("crypto/bitfinex_spot_1m_2018.parquet", {"venue": "bitfinex"}),),
    "archive and quarters": (_QUARTERS, _ARCHIVE),
    "archive and hours": (_HOURS, _ARCHIVE),
    "bybit": (
        (
            "defects/bybit_linear_1m_paging_gaps_BTCUSDT_raw.parquet",
            {"venue": "bybit", "instrument": "BTCUSDT"},
        ),
    ),
    "mixed": (_MIXED,),
    "mixed beside quarters": (_QUARTERS, _FIVES, _MIXED),
    "meme": (_MEME,),
    "meme beside days": ((f"{_CRYPTO}1d_all_symbols_2024_2025-06.parquet", BINANCE), _MEME),
    "korean days": (_DAYS_98,),
    "calendar days": (_DAYS_98, _CALENDAR_DAYS),
    "adjustment": (
        (f"{_KOREA}1d_all_names_2021-01_02.parquet", {"venue": "krx", "change": _only("066970", "141070")} | KOREAN),
        _CALENDAR_DAYS,
    ),
    "korean minutes": (
        (f"{_KOREA}1d_005930_2025-06_2026-07.parquet", {"venue": "krx"} | KOREAN),
        (_MINUTES, {"venue": "krx"}),
    ),
    "korean minutes in the wrong zone": ((_MINUTES, {"venue": "krx"} | KOREAN),),
    "index": (
        (
            f"{_KOREA}index_1d_to_2024.parquet",
            {"venue": "krx", "kind": "index", "columns": {"instrument": "index"}} | KOREAN,
        ),
    ),
}
"""Files and how they are imported, in order."""
