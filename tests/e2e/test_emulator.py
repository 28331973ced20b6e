"""`geobuk emulator binance` as a person starts it: addresses told, clients served, a page to steer it, a clean end."""

import json
import shutil
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.e2e.geobuk_command import COMMAND, geobuk

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install chromium")


@contextmanager
def started(*arguments: str) -> Iterator[tuple[dict[str, Any], "subprocess.Popen[str]"]]:
    """The emulator on a port of the system's choice, and what it told when it was ready."""
    words = [str(COMMAND), "emulator", "binance", "--port", "0", "--json", *arguments]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield json.loads(_object(process)), process
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (0, "", "")


def _object(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    told = ""
    for line in process.stdout:
        told += line
        if line == "}\n":
            return told
    raise AssertionError(process.stderr.read() if process.stderr else "nothing was told")


def fetched(url: str, content: object = None) -> Any:
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)


@pytest.fixture(scope="module")
def emulator() -> Iterator[dict[str, Any]]:
    with started("--instruments", "BTCUSDT,ETHUSDT,DOTUSDT", "--speed", "5", "--wallet", "25000") as (told, _):
        yield told


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, emulator: dict[str, Any], **options: Any) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(locale="en-US", **options)
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(emulator["control"])
    expect(page.locator("#market tbody tr")).to_have_count(3)
    yield page, complaints
    context.close()


def test_it_tells_where_it_is_and_serves_there(emulator: dict[str, Any]) -> None:
    assert emulator["instruments"] == ["BTCUSDT", "ETHUSDT", "DOTUSDT"]
    assert emulator["is_synthetic"] is True
    info = fetched(emulator["rest"] + "/fapi/v1/exchangeInfo")
    assert [one["symbol"] for one in info["symbols"]] == emulator["instruments"]
    quote = fetched(emulator["rest"] + "/fapi/v1/ticker/bookTicker?symbol=BTCUSDT")
    assert float(quote["bidPrice"]) < float(quote["askPrice"])
    state = fetched(emulator["control"] + "/api/state")
    assert state["accounts"][0]["account"]["totalWalletBalance"] == "25000.00000000"


def test_a_taken_port_is_one_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        answer = geobuk("emulator", "binance", "--port", str(port), "--instruments", "BTCUSDT", "--json")
    assert answer.code == 2
    assert answer.value["error"]["message"] == f"port {port} is taken by another program"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--instruments", "BTCUSD"], "BTCUSDT"),
        (["--market", "real"], "replay"),
        (["--market", "replay"], "name a recording"),
        (["--market", "replay", "nosuch.jsonl"], "no recording"),
        (["nosuch.jsonl"], "replay"),
        (["--speed", "-1"], "--speed"),
        (["--wallet", "much"], "--wallet"),
        (["--wallet", "-5"], "--wallet"),
        (["--faults", "nosuch.json"], "nosuch.json"),
        (["--key", ""], "--key"),
    ],
)
def test_a_mistake_is_named_with_its_cure(arguments: list[str], words: str) -> None:
    answer = geobuk("emulator", "binance", "--port", "0", "--json", *arguments)
    assert answer.code == 2
    assert words in answer.out


def test_faults_of_a_file_are_in_force_from_the_start(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('[[faults]]\nfault = "unavailable"\nwhere = { path = "GET /fapi/v1/ping" }\nwhen = { count = 1 }\n')
    with started("--instruments", "BTCUSDT", "--faults", str(file), "--key", "mine", "--secret", "hidden") as (told, _):
        assert told["key"] == "mine"
        with pytest.raises(urllib.error.HTTPError) as refused:
            fetched(told["rest"] + "/fapi/v1/ping")
        assert refused.value.code == 503
        refused.value.close()
        assert fetched(told["rest"] + "/fapi/v1/ping") == {}


def test_a_wrong_faults_file_names_the_wrong_fault(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('[{"fault": "unavailable"}, {"fault": "latency"}]')
    answer = geobuk("emulator", "binance", "--port", "0", "--faults", str(file), "--json")
    assert answer.code == 2
    assert "fault 2 of faults.json" in answer.value["error"]["message"]


def test_help_shows_the_documented_options() -> None:
    answer = geobuk("emulator", "binance", "--help")
    for option in (
        "--market",
        "--speed",
        "--seed",
        "--port",
        "--key",
        "--secret",
        "--wallet",
        "--instruments",
        "--faults",
    ):
        assert option in answer.out


@needs_browser
def test_the_page_shows_the_market_and_moves_time(browser: Browser, emulator: dict[str, Any]) -> None:
    with opened(browser, emulator) as (page, complaints):
        assert "×5" in page.locator("#speed").inner_text()
        page.get_by_role("button", name="×10", exact=True).click()
        expect(page.locator("#speed")).to_contain_text("×10")
        assert fetched(emulator["control"] + "/api/state")["speed"] == 10.0
        assert complaints == []


@needs_browser
def test_a_fault_is_asked_for_and_taken_back(browser: Browser, emulator: dict[str, Any]) -> None:
    with opened(browser, emulator) as (page, complaints):
        page.get_by_role("button", name="Slow replies 500 ms").click()
        page.wait_for_selector("#faults .fault")
        assert [one["kind"] for one in fetched(emulator["control"] + "/api/faults")] == ["latency"]
        page.get_by_role("button", name="Remove", exact=True).click()
        page.wait_for_selector("#faults .none")
        page.select_option("#instrument", "DOTUSDT")
        page.get_by_role("button", name="Halt").click()
        expect(page.locator("#market")).to_contain_text("halted")
        page.get_by_role("button", name="Resume").click()
        expect(page.locator("#market")).not_to_contain_text("halted")
        assert complaints == []


@needs_browser
def test_the_page_speaks_korean(browser: Browser, emulator: dict[str, Any]) -> None:
    with opened(browser, emulator) as (page, _):
        page.get_by_role("button", name="한국어").click()
        assert page.locator("html").get_attribute("lang") == "ko"
        assert page.get_by_role("heading", name="장애 일으키기").is_visible()
        assert page.get_by_role("button", name="강제 청산").is_visible()
        page.get_by_role("button", name="English").click()
        assert page.get_by_role("heading", name="Ask for trouble").is_visible()


@needs_browser
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_phone_has_no_sideways_scrolling(browser: Browser, emulator: dict[str, Any], language: str) -> None:
    with opened(browser, emulator, viewport={"width": 390, "height": 844}, has_touch=True) as (page, complaints):
        page.click(f"button[data-language={language}]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert complaints == []
