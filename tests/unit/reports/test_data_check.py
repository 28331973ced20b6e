"""The report on stored history: what it says, that it is safe, whole, small and in two languages."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from geobuk.data.check import SeriesCheck
from geobuk.data.check_sketch import sketch_of
from geobuk.data.findings import FINDINGS, finding
from geobuk.data.layout import series_key
from geobuk.data.rows import Rows
from geobuk.domain.errors import StorageError
from geobuk.domain.times import NS_PER_HOUR, parse_at
from geobuk.reports.data_check_html import render_check, write_check
from geobuk.reports.data_check_page import FINDINGS_SHOWN, MAP_ROWS, PICTURED, check_page
from geobuk.reports.data_check_texts import CHECK_CHARTS, CHECK_PAGE

HOSTILE = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)>"
START = parse_at("2024-01-01")
NOW = parse_at("2026-01-01T12:00")
Check = Callable[..., SeriesCheck]


def made(name: str = "BTCUSDT", codes: tuple[str, ...] = (), masked: int = 0, venue: str = "binance") -> SeriesCheck:
    """A series of 3,000 hours, of which the first ``masked`` are masked."""
    close = 100 + np.sin(np.arange(3000) / 50)
    values = dict.fromkeys(("open", "high", "low", "close", "volume"), close)
    rows = Rows(START + NS_PER_HOUR * np.arange(3000), values, np.zeros(3000, dtype=np.uint32))
    rows.mask[:masked] = FINDINGS["OHLC"].bit
    key = series_key(venue, name, "bars", "1h")
    found = tuple(finding(code, name, 3, (START, START + 9 * NS_PER_HOUR)) for code in codes)
    reason = "; ".join(f.text for f in found if f.consequence == "quarantine")
    return SeriesCheck(key, 3000, masked, True, reason, found, sketch_of(rows, key))


EVERY = (made(), made("ETHUSDT", ("OHLC", "QUIET"), 50), made("PEPEUSDT", ("WRONG_INSTRUMENT",)))


def test_the_worst_comes_first_and_infos_are_apart() -> None:
    page = check_page(EVERY, "binance 1h")
    assert [row.code for row in page.findings] == ["WRONG_INSTRUMENT", "OHLC"]
    assert [row.code for row in page.infos] == ["QUIET"]
    assert page.pictured == ("PEPEUSDT", "ETHUSDT", "BTCUSDT")
    assert [tile.number for tile in page.tiles] == ["3", "1", "1", "1"]
    assert "9,000 rows: 1 clean, 1 with masked bars, 1 quarantined" in page.summary[0]
    assert page.reasons[0][1].startswith("PEPEUSDT: 이름과 다른 종목")


def test_names_say_no_more_than_tells_series_apart() -> None:
    assert check_page((made(), made(venue="bybit")), "all").pictured == ("binance BTCUSDT", "bybit BTCUSDT")


def test_the_map_has_a_cell_for_each_month() -> None:
    page = check_page(EVERY, "binance 1h")
    assert page.lost.years == (("2024", 5),)
    ethereum = page.lost.rows[1]
    assert [cell[0] if cell else None for cell in ethereum.cells] == [3, 0, 0, 0, 0]
    assert "2024-01" in str(ethereum.cells[0])


def test_long_lists_are_cut_and_say_so() -> None:
    many = [made(f"A{n}USDT", ("OHLC", "QUIET"), 10) for n in range(FINDINGS_SHOWN + 40)]
    page = check_page(many, "binance 1h")
    assert (len(page.findings), len(page.infos)) == (FINDINGS_SHOWN, FINDINGS_SHOWN // 2)
    assert page.findings_left == 40 + FINDINGS_SHOWN // 2 + 40
    assert (len(page.lost.rows), len(page.pictured)) == (MAP_ROWS, PICTURED)
    assert page.map_note is not None
    assert "further findings are left out" in render_check(many, "binance 1h", NOW)


def test_it_stays_below_three_megabytes() -> None:
    many = [made(f"A{n}USDT", ("OHLC", "QUIET", "GAP", "SPIKE"), 10) for n in range(400)]
    assert len(render_check(many, "binance 1h", NOW).encode()) < 3_000_000


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.images, self.addresses = 0, 0, []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.images += tag == "img"
        self.addresses += [value for name, value in attributes if name in ("src", "href") and value]


def test_nothing_is_loaded_from_elsewhere_and_hostile_names_do_no_harm() -> None:
    html = render_check((*EVERY, made(HOSTILE[:50], ("OHLC",))), HOSTILE, NOW)
    elements = Elements()
    elements.feed(html)
    assert (elements.scripts, elements.images) == (4, 0)
    assert all(address.startswith("data:") for address in elements.addresses)
    ours = html.replace(files("geobuk.reports").joinpath("assets", "echarts.min.js").read_text(encoding="utf-8"), "")
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", ours)
    assert "default-src 'none'" in html
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["title"] == HOSTILE


def test_both_languages_are_inside() -> None:
    html = render_check(EVERY, "binance 1h", NOW, lang="ko")
    assert '<html lang="ko">' in html
    assert "What is lost, month by month" in html
    assert "달마다 잃은 봉" in html
    assert "2026-01-01 12:00" in html
    for english, korean in (*CHECK_PAGE.values(), *CHECK_CHARTS.values()):
        assert english
        assert any("가" <= letter <= "힣" for letter in korean)


def test_a_clean_catalog_has_a_report_too() -> None:
    html = render_check((made(),), "binance 1h", NOW)
    assert "Nothing was found." in html


def test_a_series_without_a_sketch_is_in_the_tables_only() -> None:
    check = SeriesCheck(series_key("binance", "A", "bars", "1h"), 5, 0, False, "damaged", ())
    page = check_page((check,), "binance")
    assert (page.pictured, page.lost.rows) == ((), ())
    assert page.tiles[3].detail[0] == "1 with damaged files"


def test_korean_places_are_in_korean_time() -> None:
    check = made("005930", (), venue="krx")
    found = finding("HALT", "005930", 2, (parse_at("2024-01-02T00:00+09:00"),) * 2, utc_offset_ns=9 * NS_PER_HOUR)
    assert "2024-01-02 00:00 KST" in found.text
    page = check_page((SeriesCheck(check.key, 1, 1, True, "", (found,), check.sketch),), "krx")
    assert page.infos[0].where == "2024-01-02 00:00 KST"


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = write_check(EVERY, tmp_path / "check.html", "binance 1h", NOW)
    assert path.read_text(encoding="utf-8").endswith("</html>\n") or "</html>" in path.read_text(encoding="utf-8")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="choose another folder"):
        write_check(EVERY, tmp_path / "file" / "check.html", "binance 1h", NOW)
