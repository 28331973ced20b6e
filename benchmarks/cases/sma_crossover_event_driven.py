"""The same crossover against event-driven tools, each over as many bars as it can do in about a second."""

from bench import Bench, RivalCall
from markets import random_walk
from measuring import Figure, speed

from cases.crossover import TERMS, OurCrossover, without_marks_and_funding

BARS = 200_000
NAME = "sma_crossover_event_driven"
RIVALS = {"backtesting": 100_000, "backtrader": 20_000}


def run(bench: Bench) -> list[Figure]:
    """Bars a second from prices to the final account, one row per rival."""
    panel = without_marks_and_funding(random_walk(BARS, 1, "1m"))
    prices = {key: getattr(panel, key)[:, 0] for key in ("open", "high", "low", "close", "volume")}
    folder = bench.store(NAME, at_ns=panel.at_ns, **prices)
    calls = [
        RivalCall(package, f"{package}_crossover:measure", {"folder": folder, "bars": bars, **TERMS})
        for package, bars in RIVALS.items()
    ]
    ours, rivals = bench.compare(OurCrossover(panel).from_prices, *calls)
    return [
        speed(f"{NAME}_{rival.name}", "bars/s", BARS, ours, rival, rival_work=RIVALS[rival.name]) for rival in rivals
    ] or [speed(NAME, "bars/s", BARS, ours)]
