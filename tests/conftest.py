"""What every test may ask for: a home of its own, a small synthetic panel, the market data beside the project."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from geobuk.panel import Panel

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("quick", max_examples=50, deadline=None, derandomize=True)
settings.register_profile(
    "soak", max_examples=5_000, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def geobuk_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own: no test touches the person's, nor sees their settings."""
    home = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith("GEOBUK_") and "__" in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GEOBUK_HOME", str(home))
    monkeypatch.delenv("COLUMNS", raising=False)  # a terminal's width is not the test's
    return home


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real market data: $GEOBUK_SHARED_DATA, or ../shared/data beside the project."""
    folder = Path(os.environ.get("GEOBUK_SHARED_DATA") or ROOT.parent / "shared" / "data")
    if not (folder / "crypto").is_dir():
        pytest.skip(f"no market data at {folder}: set GEOBUK_SHARED_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def small_panel() -> "Panel":
    """60 days of hourly synthetic bars of 4 instruments."""
    from geobuk.data.synthetic import MarketSpec, synthetic_panel

    return synthetic_panel(MarketSpec(seed=11, instruments=4, bars=24 * 60))
