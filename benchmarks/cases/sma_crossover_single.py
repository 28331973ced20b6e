"""One instrument, a million 1-minute bars, SMA 20/50 reversed at each crossing: trades and equity equal vectorbt's."""

import numpy as np
from bench import Bench, CaseFailedError, RivalCall
from markets import random_walk
from measuring import Figure, speed

from cases.crossover import TERMS, OurCrossover, without_marks_and_funding

BARS = 1_000_000
NAME = "sma_crossover_single"


def run(bench: Bench) -> list[Figure]:
    """Bars a second from prices to equity, then from given signals to equity; the equity must agree to 1e-9."""
    panel = without_marks_and_funding(random_walk(BARS, 1, "1m"))
    ours = OurCrossover(panel)
    prices = {key: getattr(panel, key)[:, 0] for key in ("open", "close")}
    arguments = {"folder": bench.store(NAME, at_ns=panel.at_ns, **prices), **TERMS}
    bench.ask(RivalCall("vectorbt", "vectorbt_crossover:size_orders", arguments))
    whole = RivalCall("vectorbt", "vectorbt_crossover:measure", arguments)
    signals = RivalCall("vectorbt", "vectorbt_crossover:measure", arguments, key="simulation_seconds")
    from_prices, whole_rivals = bench.compare(ours.from_prices, whole)
    from_forecasts, signals_rivals = bench.compare(ours.from_forecasts, signals)
    if whole_rivals:
        require_equal(ours, bench)
    return [
        speed(NAME, "bars/s", BARS, from_prices, next(iter(whole_rivals), None)),
        speed(f"{NAME}_signals_given", "bars/s", BARS, from_forecasts, next(iter(signals_rivals), None)),
    ]


def require_equal(ours: OurCrossover, bench: Bench) -> None:
    """Fail the case when the two equity curves differ by more than 1e-9 of equity: the speeds would compare nothing."""
    theirs = bench.load(NAME, "vectorbt_equity")
    difference = float(np.max(np.abs(ours.equity / theirs - 1.0)))
    if not difference <= 1e-9:
        raise CaseFailedError(f"equity differs from vectorbt's by {difference:.3g} of equity, not at most 1e-9")
    bench.notes.append(f"{NAME}: {ours.fills} fills; equity equals vectorbt's to {difference:.1e} at every bar.")
