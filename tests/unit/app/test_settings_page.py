"""docs/settings.md says what the code allows."""

from pathlib import Path

from geobuk.app.settings_page import settings_page
from geobuk.strategies.registry import available

PAGE = Path(__file__).resolve().parents[3] / "docs" / "settings.md"


def test_the_page_is_in_step_with_the_code() -> None:
    expected = settings_page(available())
    assert PAGE.read_text(encoding="utf-8") == expected, (
        "run: .venv/bin/python -m geobuk.app.settings_page > docs/settings.md"
    )


def test_the_page_lists_every_group_and_strategy() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for title in (
        "data",
        "synthetic",
        "backtest.costs",
        "backtest.stops",
        "strategies.trend",
        "strategies.box_breakout",
    ):
        assert f"## [{title}]" in page
