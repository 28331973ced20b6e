"""25 instruments over 90 days of 1-minute bars, one shared account, a decision every hour, every rule on, one core."""

import numpy as np
from bench import Bench
from markets import perpetuals, random_walk
from measuring import Figure

from cases.portfolio import belief, measure
from geobuk.data.resample import resample
from geobuk.panel import FloatArray, Panel

MINUTES = 90 * 24 * 60


def run(bench: Bench) -> list[Figure]:
    """Symbol-bars a second on synthetic bars."""
    panel = random_walk(MINUTES, 25, "1m")
    return [measure(bench, "portfolio_hourly_decisions", panel, perpetuals(panel), hourly_belief(panel), "1h")]


def hourly_belief(panel: Panel) -> FloatArray:
    """What is believed at the end of each hour, from hourly bars, held over the 60 minutes that follow its close."""
    known = np.repeat(belief(resample(panel, "1h"), fast_days=2.0), 60, axis=0)
    return np.vstack([np.full((59, known.shape[1]), np.nan), known])[: panel.shape[0]]
