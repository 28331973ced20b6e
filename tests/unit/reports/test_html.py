"""The HTML report as text: whole, safe, small, self-contained. How it behaves is tested in a browser."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from geobuk.domain.errors import StorageError
from geobuk.panel import Finding
from geobuk.quant.drawdown import max_drawdown
from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.charts import chart_data, sharpe_window
from geobuk.reports.figures import figures
from geobuk.reports.html import encoded, render_html, write_html
from geobuk.reports.statistics_table import GROUPS
from geobuk.simulate.result import BacktestResult, Note

HOSTILE = '</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)> "quoted" &amp;'


def data_of(html: str) -> dict:  # type: ignore[type-arg]
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


class Elements(HTMLParser):
    """Counts scripts and images, and collects what would load from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts, self.images, self.addresses = 0, 0, []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        self.images += tag == "img"
        self.addresses += [value for name, value in attributes if name in ("src", "href") and value]


@pytest.fixture(scope="module")
def html(report: BacktestReport) -> str:
    return render_html(report)


def test_nothing_is_loaded_from_elsewhere(html: str) -> None:
    elements = Elements()
    elements.feed(html)
    assert all(address.startswith("data:") for address in elements.addresses)
    ours = html.replace(files("geobuk.reports").joinpath("assets", "echarts.min.js").read_text(encoding="utf-8"), "")
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest", ours)
    assert "default-src 'none'" in html


def test_synthetic_data_is_labelled_and_real_data_is_not(
    html: str, make_report: Callable[..., BacktestReport], make_result: Callable[..., BacktestResult]
) -> None:
    assert 'class="banner caution"' in html
    assert 'class="banner caution"' not in render_html(make_report(make_result(500, 2, is_synthetic=False)))


def test_every_statistic_has_its_number_and_its_convention(html: str) -> None:
    for group in GROUPS:
        for row in group.rows:
            assert f'data-code="{row.code}"' in html, row.code
    assert html.count('role="tooltip"') == sum(len(group.rows) for group in GROUPS)


def test_it_opens_in_the_language_that_was_asked_for(report: BacktestReport, html: str) -> None:
    assert '<html lang="en">' in html
    korean = render_html(report, lang="ko")
    assert '<html lang="ko">' in korean
    assert "<title>거북 백테스트" in korean
    assert "자산과 낙폭" in html


def test_zero_trades_are_explained_prominently(report_without_trades: BacktestReport) -> None:
    html = render_html(report_without_trades)
    assert html.index("Not one trade was made") < html.index('class="tiles"')
    assert "the change is not worth its costs" in html


def test_a_halt_is_shown_with_its_date(report: BacktestReport) -> None:
    html = render_html(replace(report, result=replace(report.result, halted_at=23)))
    assert "On 2023-01-02 00:00 equity had fallen 20" in html


@pytest.mark.parametrize(
    ("multiple", "expected"),
    [
        (2.5, "slippage are 2.50 times as high"),
        (0.4, "slippage fell to 40"),
        (np.inf, "Even 256-fold fees"),
        (0.0, "even without fees and slippage"),
    ],
)
def test_break_even_is_put_into_words(report: BacktestReport, multiple: float, expected: str) -> None:
    html = render_html(replace(report, pessimism=replace(report.pessimism, break_even_multiplier=multiple)))
    assert expected in html


def test_hostile_names_stay_text(report: BacktestReport) -> None:
    panel = replace(
        report.result.panel,
        venue=HOSTILE,
        instruments=(HOSTILE, *report.result.panel.instruments[1:]),
        findings=(Finding(HOSTILE, HOSTILE, HOSTILE, 1, 0, 1, HOSTILE),),
    )
    result = replace(
        report.result,
        panel=panel,
        notes=(Note(HOSTILE, HOSTILE, HOSTILE),),
        strategies=(HOSTILE,),
        strategy_pnl={HOSTILE: report.result.pnl.sum(axis=1)},
        parameters={HOSTILE: {"x": HOSTILE}},
    )
    clean, html = Elements(), render_html(replace(report, result=result, currency=HOSTILE))
    clean.feed(render_html(report))
    elements = Elements()
    elements.feed(html)
    assert (elements.scripts, elements.images) == (clean.scripts, 0)
    assert HOSTILE in [part["name"] for part in data_of(html)["instruments"]]


def test_encoded_json_has_no_way_out_of_its_element() -> None:
    text = encoded({"a": "</script><!--"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!--"}


def test_charts_hold_the_true_ends_and_extremes(report: BacktestReport) -> None:
    data, result = chart_data(report, figures(report.result)), report.result
    assert data["path"]["equity"][0] == 7_700.0
    assert data["path"]["equity"][-1] == pytest.approx(result.equity[-1], rel=1e-6)
    assert min(data["path"]["drawdown"]) == pytest.approx(max_drawdown(np.append(7_700.0, result.equity)), rel=1e-3)
    assert len(data["path"]["at"]) == len(data["path"]["equity"]) == len(data["path"]["drawdown"]) <= 3_000
    assert data["costs"]["net_profit"] == pytest.approx(result.equity[-1] - 7_700.0, abs=1e-3)
    assert sum(data["costs"][name] for name in ("before_costs", "fees", "slippage", "funding")) == pytest.approx(
        data["costs"]["net_profit"], abs=1e-3
    )


def test_trades_lie_on_their_candles(report: BacktestReport) -> None:
    data, result = chart_data(report, figures(report.result)), report.result
    for n, found in enumerate(data["prices"]["instruments"]):
        assert found["all"] == (result.trades.instrument == n).sum() == len(found["trades"]["side"])
        for entry, leave, entered, price in zip(
            *(found["trades"][name] for name in ("entry", "exit", "entered", "entry_price")), strict=True
        ):
            assert data["prices"]["start"] + entry * data["prices"]["step"] <= entered
            assert entry <= leave
            low, high = found["candles"][entry][2:]
            assert low * (1 - 1e-5) <= price <= high * (1 + 1e-5)


def test_rolling_window_needs_enough_returns() -> None:
    assert [sharpe_window(n) for n in (0, 59, 60, 200, 270, 900)] == [0, 0, 20, 66, 90, 90]


def test_twenty_instruments_over_two_and_a_half_years_stay_below_three_megabytes(
    make_report: Callable[..., BacktestReport], make_result: Callable[..., BacktestResult]
) -> None:
    html = render_html(make_report(make_result(21_864, 20)))
    assert len(html.encode()) < 3_000_000
    shown = data_of(html)["prices"]["instruments"]
    assert all(len(found["candles"]) <= 1_200 for found in shown)


@pytest.mark.parametrize(("bars", "instruments"), [(1, 1), (2, 1), (30, 3), (48, 60)])
def test_tiny_and_wide_histories_are_rendered(
    make_report: Callable[..., BacktestReport],
    make_result: Callable[..., BacktestResult],
    bars: int,
    instruments: int,
) -> None:
    assert "</html>" in render_html(make_report(make_result(bars, instruments, has_trades=False)))


def test_file_is_written_whole_and_leaves_nothing_beside_it(report: BacktestReport, tmp_path: Path) -> None:
    path = write_html(report, tmp_path / "new folder" / "report.html")
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [file.name for file in path.parent.iterdir()] == ["report.html"]


def test_unwritable_folder_is_a_clear_error(report: BacktestReport, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match=r"can't write .*report\.html") as raised:
        write_html(report, tmp_path / "file" / "report.html")
    assert f"choose another folder than {tmp_path / 'file'} for the report" in raised.value.cure


def test_vendored_library_is_the_one_that_its_page_names() -> None:
    assets = files("geobuk.reports").joinpath("assets")
    digest = sha256(assets.joinpath("echarts.min.js").read_bytes()).hexdigest()
    assert digest in assets.joinpath("README.md").read_text(encoding="utf-8")
    for licence in ("LICENSE-echarts", "NOTICE-echarts", "LICENSE-zrender", "LICENSE-d3"):
        assert assets.joinpath(licence).is_file(), licence
