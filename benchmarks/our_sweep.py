"""Our side of the sweep, run in a process of its own so that its peak memory is its own. Prints one JSON line."""

import json
import sys
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from cases.crossover import fees_only, without_marks_and_funding
from markets import crossover_forecast, frictionless, random_walk
from measuring import peak_bytes

from geobuk.panel import FloatArray, Panel
from geobuk.simulate.sweep import sweep


@dataclass(frozen=True)
class Crossover:
    """One parameter set."""

    fast: int
    slow: int

    def forecast(self, panel: Panel) -> FloatArray:
        """(T, 1): +1, -1, or NaN before the first crossing."""
        return crossover_forecast(panel.close[:, 0], self.fast, self.slow)[:, None]


def measure(bars: int, pairs: list[tuple[int, int]], workers: int) -> dict[str, float]:
    """Seconds for all pairs, from prices to equity and statistics, after a short sweep in which kernels are loaded."""
    panel = without_marks_and_funding(random_walk(bars, 1, "1m"))
    rules, spec = frictionless(panel), fees_only()
    grid = [Crossover(*pair) for pair in pairs]
    sweep(panel.rows(0, 2000), grid[:2], rules, spec, workers=workers)
    start = perf_counter()
    result = sweep(panel, grid, rules, spec, workers=workers)
    elapsed = perf_counter() - start
    return {"seconds": elapsed, "peak_bytes": peak_bytes(), "best": float(np.max(result.final_equity))}


if __name__ == "__main__":
    print(json.dumps(measure(**json.loads(sys.argv[1]))))
