"""The HTML report as a person meets it: opened from disk in a browser, without a network."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from geobuk.reports.html import write_html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CHARTS = (
    "chart-equity",
    "chart-exposure",
    "chart-sharpe",
    "chart-costs",
    "chart-strategies",
    "chart-instruments",
    "chart-prices",
)
IS_DRAWN = """(id) => {
    const canvas = document.querySelector(`#${id} canvas`);
    if (!canvas) return false;
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    return new Set(new Uint32Array(pixels.buffer)).size > 3;
}"""
PRICES = "echarts.getInstanceByDom(document.getElementById('chart-prices')).getOption()"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install chromium")


def factory() -> ModuleType:
    path = Path(__file__).parent.parent / "unit" / "reports" / "factory.py"
    spec = importlib.util.spec_from_file_location("geobuk_report_factory", path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "report.html"
    return write_html(factory().made_report(), path).as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Opened:
    """A page with everything it complained about and asked for."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(address)
        self.page.wait_for_function("document.querySelectorAll('.chart canvas').length >= 7")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000}, offline=True)
    yield context
    context.close()


@pytest.fixture
def opened(context: BrowserContext, address: str) -> Opened:
    return Opened(context, address)


def test_it_opens_without_complaint_and_asks_for_nothing_else(opened: Opened, address: str) -> None:
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [address]


def test_each_chart_is_drawn(opened: Opened) -> None:
    assert [chart for chart in CHARTS if not opened.page.evaluate(IS_DRAWN, chart)] == []


def test_language_switch_changes_words_charts_and_title(opened: Opened) -> None:
    page = opened.page
    assert page.get_by_role("heading", name="Equity and drawdown").is_visible()
    page.click("button[value=ko]")
    assert page.locator("html").get_attribute("lang") == "ko"
    assert page.get_by_role("heading", name="자산과 낙폭").is_visible()
    assert page.get_by_text("SYNTHETIC DATA").is_hidden()
    assert page.get_by_text("합성 데이터", exact=True).is_visible()
    assert page.title().startswith("거북 백테스트")
    names = page.evaluate(
        "echarts.getInstanceByDom(document.getElementById('chart-equity')).getOption().series.map((s) => s.name)"
    )
    assert names == ["자산", "낙폭"]
    page.click("button[value=en]")
    assert page.title().startswith("Geobuk backtest")
    assert opened.complaints == []


def test_choosing_an_instrument_shows_its_candles_and_trades(opened: Opened) -> None:
    page = opened.page
    page.select_option("#instrument", label="BTCUSDT")
    bitcoin = page.evaluate(f"{PRICES}.series.map((s) => s.data.length)")
    first = page.evaluate(f"{PRICES}.series[0].data[0]")
    page.select_option("#instrument", label="DOGEUSDT")
    assert page.evaluate(f"{PRICES}.series[0].data[0]") != first
    assert page.evaluate(f"{PRICES}.series.map((s) => s.data.length)") != bitcoin
    assert all(count > 0 for count in bitcoin)
    assert opened.complaints == []


def test_clicking_a_bar_chooses_that_instrument(opened: Opened) -> None:
    page = opened.page
    page.locator("#chart-instruments").scroll_into_view_if_needed()
    box = page.locator("#chart-instruments").bounding_box()
    assert box is not None
    at = page.evaluate(
        "instrumentChart.convertToPixel({seriesIndex: 0}, [instrumentChart.getOption().series[0].data[4].value / 2, 4])"
    )
    best = page.evaluate("instrumentChart.getOption().yAxis[0].data[4]")
    page.mouse.click(box["x"] + at[0], box["y"] + at[1])
    page.wait_for_function(f"document.querySelector('#instrument').selectedOptions[0].textContent.trim() === '{best}'")


def test_tooltip_of_a_statistic_says_how_it_is_computed(opened: Opened) -> None:
    tip = opened.page.locator(".tip", has_text="Sortino ratio")
    words = tip.locator(".words span[lang=en]")
    assert words.is_hidden()
    tip.focus()
    assert words.is_visible()
    assert "downside deviation" in words.inner_text()


def test_what_held_sizes_back_is_a_list_of_bars(opened: Opened) -> None:
    section = opened.page.locator("#caps")
    assert section.get_by_role("heading", name="What held sizes back").is_visible()
    bars = section.locator(".meter i")
    widths = [bars.nth(n).evaluate("(bar) => bar.getBoundingClientRect().width") for n in range(bars.count())]
    assert widths
    assert widths == sorted(widths, reverse=True)
    opened.page.click("button[value=ko]")
    assert section.get_by_role("heading", name="크기를 줄인 한도").is_visible()


def test_log_scale_can_be_switched_on(opened: Opened) -> None:
    opened.page.click("#scale")
    axis = "echarts.getInstanceByDom(document.getElementById('chart-equity')).getOption().yAxis[0].type"
    assert opened.page.evaluate(axis) == "log"
    assert opened.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)
    ground = Opened(context, address).page.evaluate("getComputedStyle(document.body).backgroundColor")
    context.close()
    brightness = sum(int(part) for part in ground[4:-1].split(","))
    assert brightness > 600 if scheme == "light" else brightness < 120


@pytest.mark.parametrize("language", ["en", "ko"])
def test_phone_has_no_sideways_scrolling(browser: Browser, address: str, language: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    opened = Opened(context, address)
    opened.page.click(f"button[value={language}]")
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert opened.complaints == []
    context.close()


@pytest.mark.parametrize("width", [1200, 1100, 900])
def test_months_fit_with_their_total(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    months = Opened(context, address).page.locator(".scroll:has(.months)")
    assert months.evaluate("(table) => table.scrollWidth <= table.clientWidth")
    context.close()
