"""The terminal summary: one screen, in both languages, readable without colour."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.caps import binding_caps
from geobuk.reports.terminal import print_summary, sparkline


def printed(report: BacktestReport, *, lang: str = "en", width: int = 100, written_to: Path | None = None) -> str:
    out = io.StringIO()
    print_summary(Console(file=out, width=width), report, written_to=written_to, lang=lang)  # type: ignore[arg-type]
    return out.getvalue()


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", ["report", "report_without_trades"])
def test_it_fits_one_screen(name: str, lang: str, request: pytest.FixtureRequest) -> None:
    lines = printed(request.getfixturevalue(name), lang=lang).splitlines()
    assert len(lines) <= 38
    assert max(map(len, lines)) <= 100


def test_it_says_the_key_numbers_without_colour(report: BacktestReport) -> None:
    text = printed(report)
    assert "\x1b" not in text
    for expected in ("SYNTHETIC DATA", "Total return", "Sharpe ratio", "Fees", "Funding", "Break-even", "Who said no"):
        assert expected in text, expected
    assert f"{abs(report.statistics.total_return):.2%}"[:-1] in text
    assert "trend + mean_reversion + funding_carry" in text
    assert "too small for: BTCUSDT" in text


@pytest.mark.parametrize(
    ("lang", "line"),
    [
        ("en", "Sizes were held back most by: reduced to the largest weight allowed ({count}, "),
        ("ko", "크기를 가장 많이 줄인 한도: 종목별 최대 비중으로 축소 ({count}회, "),
    ],
)
def test_one_line_tells_what_held_sizes_back_most(report: BacktestReport, lang: str, line: str) -> None:
    assert line.format(count=f"{binding_caps(report.result)[0].count:,}") in printed(report, lang=lang)


def test_without_a_binding_cap_there_is_no_such_line(report: BacktestReport) -> None:
    free = replace(report.result, refusals=np.zeros_like(report.result.refusals))
    assert "held back" not in printed(replace(report, result=free))


def test_korean_screen_is_korean(report: BacktestReport) -> None:
    text = printed(report, lang="ko")
    assert "합성 데이터" in text
    assert "총수익률" in text
    assert "Total return" not in text


def test_zero_trades_are_explained(report_without_trades: BacktestReport) -> None:
    assert "Not one trade was made" in printed(report_without_trades)


def test_halt_is_shown(report: BacktestReport) -> None:
    assert "Halted by the drawdown lock" in printed(replace(report, result=replace(report.result, halted_at=100)))


def test_path_of_the_report_is_never_broken_over_lines(report: BacktestReport) -> None:
    path = Path("/home/somebody/" + "a-long-folder-name/" * 6 + "report.html")
    assert str(path) in printed(report, written_to=path)


def test_narrow_terminal_is_not_overrun(report: BacktestReport) -> None:
    assert max(map(len, printed(report, width=80).splitlines())) <= 80


def test_sparkline_spans_lowest_to_highest() -> None:
    assert sparkline(np.arange(8.0), 8) == "▁▂▃▄▅▆▇█"
    assert sparkline(np.full(20, 3.0), 10) == "▁" * 10
    assert len(sparkline(np.random.default_rng(1).normal(size=5_000), 96)) <= 96
