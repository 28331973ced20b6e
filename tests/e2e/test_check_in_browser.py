"""The report on stored history as a person meets it: opened from disk in a browser, without a network, on a phone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from geobuk.cli.main import main
from geobuk.data.synthetic import MarketSpec, synthetic_frame

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SERIES = "echarts.getInstanceByDom(document.getElementById('chart-series')).getOption()"
DEFECTS = ("gap", "ohlc", "zero_volume", "spike", "halt")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install chromium")


@pytest.fixture
def address(tmp_path: Path) -> str:
    """The report of a spoiled synthetic market, made by the command."""
    file, report = tmp_path / "bars.parquet", tmp_path / "check.html"
    synthetic_frame(MarketSpec(bars=24 * 90, instruments=3, defects=DEFECTS)).write_parquet(file)
    assert main(("data", "import", str(file), "--venue", "made-up", "--synthetic", "--json")) == 0
    assert main(("data", "check", "--report", str(report), "--json")) == 0
    return report.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=[(1400, 1000, "light"), (390, 844, "dark")], ids=["desk", "phone"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address)
    page.wait_for_function("document.querySelectorAll('.chart canvas').length >= 1")
    yield page
    assert complaints == []
    context.close()


def test_it_fits_the_screen_and_shows_what_is_lost(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".lost tbody tr").count() == 3
    assert page.locator(".lost .h2, .lost .h3").count() > 0
    assert "%" in str(page.locator(".lost td[title]").first.get_attribute("title"))


def test_a_name_in_the_map_chooses_its_prices(page: Page) -> None:
    row = page.locator(".lost .row").nth(2)
    row.click()
    assert page.locator("#series option:checked").inner_text() == row.inner_text()
    series = page.evaluate(f"{SERIES}.series")
    assert len(series[0]["data"]) > 500
    assert len(series[0]["markArea"]["data"]) >= 4
    assert len(series[1]["data"]) >= 4


def test_the_language_can_be_switched(page: Page) -> None:
    page.click("button[value=ko]")
    assert page.get_by_role("heading", name="달마다 잃은 봉").is_visible()
    assert page.get_by_role("heading", name="What is lost, month by month").is_hidden()
    assert page.title().startswith("거북 데이터 검사")
