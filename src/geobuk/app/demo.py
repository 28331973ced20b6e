"""The demonstration: every strategy on a generated market, labelled synthetic, with nothing from outside."""

from pathlib import Path

from geobuk.app.history import SYNTHETIC
from geobuk.app.home import Home
from geobuk.app.run_request import Performed, RunRequest, perform
from geobuk.ops.progress import Progress

STRATEGIES = ("trend", "mean_reversion", "funding_carry", "box_breakout")


def demo(home: Home, report: Path | None = None, language: str = "", progress: Progress | None = None) -> Performed:
    """Two years of hourly synthetic bars of eight instruments, unless the settings say otherwise."""
    request = RunRequest(
        strategies=STRATEGIES,
        venue=SYNTHETIC,
        interval="1h",
        language=language,
        report=report or home.reports_dir / "demo.html",
    )
    return perform(home, request, progress)
