from collections.abc import Callable

import polars as pl
import pytest

from geobuk.data.catalog import Catalog
from geobuk.data.check import CheckRequest, check_series
from geobuk.data.findings import BAD_BITS, FINDINGS, PRICE_BITS, finding
from geobuk.data.importer import ImportReport
from geobuk.data.layout import series_key
from geobuk.data.panel_query import PanelQuery
from geobuk.domain.errors import DataError, UnknownNameError
from geobuk.domain.times import NS_PER_DAY

Import = Callable[..., ImportReport]
Bars = Callable[..., pl.DataFrame]


def test_a_check_looks_again_and_changes_nothing(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    frame = pl.concat((bars(100, symbol="A"), bars(100, symbol="B").filter(pl.int_range(pl.len()) != 50)))
    import_frame(frame, "two.parquet")
    told: list[tuple[str, int, int]] = []
    a, b = check_series(catalog, CheckRequest("binance", "1h"), lambda *step: told.append(step))
    assert (a.verdict, a.is_intact, a.findings) == ("pass", True, ())
    assert (b.verdict, [f.code for f in b.findings]) == ("mask", ["GAP"])
    assert told[-1] == ("done", 2, 2)


def test_a_changed_file_is_noticed(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(100))
    (entry,) = catalog.series()
    file = next(entry.folder.glob("*.parquet"))
    data = bytearray(file.read_bytes())
    data[100] ^= 1
    file.write_bytes(bytes(data))
    (checked,) = check_series(catalog, CheckRequest())
    assert (checked.is_intact, checked.verdict, checked.findings[0].code) == (False, "quarantine", "CHECKSUM")
    file.unlink()
    assert not check_series(catalog, CheckRequest())[0].is_intact


def test_unknown_names_are_suggested(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(100))
    with pytest.raises(UnknownNameError, match="did you mean binance"):
        check_series(catalog, CheckRequest("binanc"))
    with pytest.raises(UnknownNameError, match="unknown interval"):
        check_series(catalog, CheckRequest("binance", "5m"))


def test_every_code_is_explained_in_two_languages() -> None:
    bits = [kind.bit for kind in FINDINGS.values() if kind.bit]
    assert len(bits) == len(set(bits))
    assert sum(bits) < 1 << 32
    assert BAD_BITS < PRICE_BITS
    for code, kind in FINDINGS.items():
        assert kind.consequence in {"pass", "mask", "quarantine"}
        assert kind.english.endswith(".")
        assert any("가" <= letter <= "힣" for letter in kind.korean)
        assert finding(code, "A", 2, (0, NS_PER_DAY)).text.startswith("A: 2 x ")


def test_names_become_folders(import_frame: Import, bars: Bars, catalog: Catalog) -> None:
    import_frame(bars(10), instrument="BTC/USDT:USDT")
    (entry,) = catalog.series()
    assert entry.folder.parent.parent.name == "instrument=BTC%2FUSDT%3AUSDT"
    with pytest.raises(DataError, match="can't name an instrument"):
        series_key("binance", "a\nb", "bars", "1h")


@pytest.mark.parametrize("name", ["A" * 60, "가" * 22, "비트코인/테더:무기한"])
def test_long_names_fit_a_folder(import_frame: Import, bars: Bars, catalog: Catalog, name: str) -> None:
    import_frame(bars(10), instrument=name)
    assert catalog.read_panel(PanelQuery("binance", "1h")).instruments == (name,)


@pytest.mark.parametrize("name", ["", "A" * 61, "가" * 23, "가" * 60])
def test_names_too_long_for_a_folder_are_refused(name: str) -> None:
    with pytest.raises(DataError, match=r"can't name an instrument: use 1 to 60 .*22 in Korean"):
        series_key("binance", name, "bars", "1h")
