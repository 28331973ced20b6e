"""The market of ``portfolio_every_bar`` with the whole risk room on: the settings of live trading and every exit."""

import numpy as np
from bench import Bench, CaseFailedError
from history_home import HOURS
from markets import perpetuals, random_walk
from measuring import Figure, speed, timed

from cases.full_risk import AWAKE, CAPITAL, every_limit, live_limits, regimes
from cases.portfolio import belief
from geobuk.risk.reasons import Reason
from geobuk.simulate.inputs import inputs_of
from geobuk.simulate.run import run_loop

NAME, LIVE, RUNS = "portfolio_every_bar_full_risk", "portfolio_every_bar_live_risk", 5


def run(bench: Bench) -> list[Figure]:
    """Symbol-bars a second from inputs to the last bar; no rival has these rules.

    Once under the limits of LIVE, once with limits so near that they bind at nearly every decision.
    """
    panel = random_walk(HOURS, 20, "1h")
    beliefs, rules, codes = belief(panel), perpetuals(panel), regimes(panel.shape[0])
    live = inputs_of(panel, beliefs, rules, live_limits(), regimes=codes)
    inputs = inputs_of(panel, beliefs, rules, every_limit(), regimes=codes)
    usual, _ = bench.compare(lambda: timed(lambda: [run_loop(panel, live, CAPITAL) for _ in range(RUNS)]))
    book, log = run_loop(panel, inputs, CAPITAL)
    counted = book.states["refusals"].sum(axis=0)
    fills = np.bincount(log.fills["reason"][: book.account["fills"][0]], minlength=len(Reason))
    said = ", ".join(f"{reason.name} {counted[reason]:,}" for reason in Reason if counted[reason])
    bench.notes.append(f"{NAME}: {fills.sum():,} fills, {fills[Reason.TAKE_PROFIT]:,} of them by ladders; {said}.")
    asleep = [reason.name for reason in AWAKE if not counted[reason]]
    if asleep or not fills[Reason.TAKE_PROFIT]:
        raise CaseFailedError(f"{', '.join(asleep) or 'the ladder'} never spoke: the market is too easy for the rules")
    ours, _ = bench.compare(lambda: timed(lambda: [run_loop(panel, inputs, CAPITAL) for _ in range(RUNS)]))
    return [speed(name, "symbol-bars/s", RUNS * panel.close.size, one) for name, one in ((LIVE, usual), (NAME, ours))]
