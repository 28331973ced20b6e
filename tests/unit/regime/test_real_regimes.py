"""What docs/regime.md says of real markets: how much less the held regime switches, and that it saw no future."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tests.unit.regime.markets import real_panel

from geobuk.domain.regime import Regime
from geobuk.domain.times import at_text
from geobuk.panel import Panel
from geobuk.regime import RegimePath, RegimeSpec, detect, regime_statistics
from geobuk.research.scramble import scramble_future

pytestmark = pytest.mark.real_data

PAGE = Path(__file__).resolve().parents[3] / "docs" / "regime.md"


@dataclass(frozen=True)
class Case:
    """A file, its detector as scripts/regime_report has it, and the words with which its row of the page begins."""

    file: str
    interval: str
    spec: RegimeSpec
    title: str


CASES = (
    Case(
        "bitfinex_spot_1m_2018",
        "1m",
        RegimeSpec(every="4h", min_days=60.0, window_days=365.0, refit_days=15.0),
        "Bitfinex",
    ),
    Case("binance_um_1h_2023_2025-06", "1h", RegimeSpec(), "Binance perpetuals, 1h"),
    Case(
        "binance_um_1m_2025-05",
        "1m",
        RegimeSpec(every="1h", return_days=1.0, min_days=10.0, window_days=30.0, refit_days=2.0, min_dwell_days=0.5),
        "Binance perpetuals, 1m",
    ),
)


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.file)
def told(request: pytest.FixtureRequest, shared_data: Path) -> tuple[Case, Panel, RegimePath]:
    case = request.param
    panel = real_panel(shared_data / "crypto" / f"{case.file}.parquet", case.interval)
    return case, panel, detect(panel, case.spec)


def test_what_is_held_switches_less_than_what_is_most_probable(told: tuple[Case, Panel, RegimePath]) -> None:
    _, _, path = told
    held, raw = path.statistics(), regime_statistics(path.most_probable, path.interval_ns)
    assert 5 < held.switches < 0.9 * raw.switches
    assert not [fit for fit in path.refits if fit.model is None]


def test_a_visit_lasts_its_least_days(told: tuple[Case, Panel, RegimePath]) -> None:
    case, _, path = told
    least = case.spec.min_dwell_days * 86_400_000_000_000 / path.interval_ns
    assert np.diff(path.switches)[1:].min() >= least


def test_the_page_has_these_counts(told: tuple[Case, Panel, RegimePath]) -> None:
    case, _, path = told
    row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| {case.title}"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    held, raw = path.statistics(), regime_statistics(path.most_probable, path.interval_ns)
    known = int(np.argmax(path.directions != Regime.UNKNOWN))
    assert cells[1] == at_text(int(path.at_ns[known]))[:10]
    assert cells[2].partition(" ")[0] == str(len(path.refits))
    assert float(cells[3]) == pytest.approx(raw.switches_per_year, rel=0.1)  # fits end in other digits elsewhere
    assert float(cells[4]) == pytest.approx(held.switches_per_year, rel=0.1)
    shares = [float(re.sub("%", "", cell)) / 100 for cell in cells[5:10]]
    order = ("BULL", "BEAR", "SIDEWAYS", "NEUTRAL", "UNKNOWN")
    assert shares == pytest.approx([held.shares[name] for name in order], abs=0.03)


@pytest.mark.parametrize("share", [0.5, 0.83])
def test_the_regime_of_a_real_day_is_no_other_in_another_future(
    told: tuple[Case, Panel, RegimePath], share: float
) -> None:
    case, panel, path = told
    cut = int(share * len(panel.at_ns))
    for trial in (panel.rows(0, cut + 1), scramble_future(panel, cut, np.random.default_rng(1))):
        found = detect(trial, case.spec)
        for name in ("codes", "probabilities", "volatility"):
            np.testing.assert_array_equal(getattr(found, name)[: cut + 1], getattr(path, name)[: cut + 1])
