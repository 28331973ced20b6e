"""The smallest recorded run: trend on two synthetic instruments over some weeks, in a home with settings of its own."""

from pathlib import Path

from geobuk.app.home import Home
from geobuk.app.run_request import RunRequest

SMALL = ("synthetic.days=40", "synthetic.instruments=2")
QUICK = ("trend.fast_days=0.5", "trend.pairs=2", "trend.volatility_days=2.0")


def small_request(**changes: object) -> RunRequest:
    """A request for that run, without a report; ``changes`` are fields of it."""
    fields = {"strategies": ("trend",), "venue": "synthetic", "sets": SMALL, "params": QUICK, "wants_report": False}
    return RunRequest(**{**fields, **changes})  # type: ignore[arg-type]


def home_with_settings(folder: Path) -> Home:
    """A home whose settings are not the defaults: 900 of capital, reports in Korean."""
    home = Home(folder)
    home.settings_file.write_text("[backtest.account]\ncapital = 900.0\n[report]\nlanguage = 'ko'\n", encoding="utf-8")
    return home
