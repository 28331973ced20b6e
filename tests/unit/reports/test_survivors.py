"""A choice of survivors is said on top of everything, in both languages."""

from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from geobuk.reports.backtest_report import BacktestReport
from geobuk.reports.html import render_html
from geobuk.reports.terminal import print_summary
from geobuk.simulate.result import BacktestResult, Note

NOTE = Note("SURVIVORS", "Every one still trades.", "모두 아직 거래됩니다.")


def test_survivors_are_a_banner_on_the_page_and_on_the_screen_once(
    make_report: Callable[..., BacktestReport], make_result: Callable[..., BacktestResult]
) -> None:
    result = make_result(500, 2, is_synthetic=False)
    report = make_report(replace(result, notes=(NOTE, *result.notes)))
    html = render_html(report)
    assert 'class="banner caution"' in html
    assert "SURVIVORS ONLY" in html
    assert "모두 아직 거래됩니다." in html
    console = Console(record=True, width=100)
    print_summary(console, report)
    text = console.export_text()
    assert text.count("Every one still trades.") == 1
    assert text.index("SURVIVORS ONLY") < text.index("Total return")
