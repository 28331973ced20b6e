"""One decision for 25 instruments, called from Python as a live trader would: estimates, sizes, every limit."""

import numpy as np
from bench import Bench, CaseFailedError, RivalCall
from markets import perpetuals, random_walk
from measuring import Figure

from cases.full_risk import AWAKE, CAPITAL, every_limit, regimes
from cases.latency import Against, Latency, compared, timed_calls
from cases.portfolio import belief
from geobuk.panel import FloatArray, Panel, RecordArray
from geobuk.risk.decision import decide_row
from geobuk.risk.state import Desk
from geobuk.simulate.inputs import inputs_of
from geobuk.simulate.run import run_loop

INSTRUMENTS, WARM_UP, ROWS, CALLS = 25, 3_000, 6_000, 20_000
RIVALS_CALLS = 2_000
DAY = 24


def run(bench: Bench) -> list[Figure]:
    """Microseconds a row, median and 99th percentile, beside plain NumPy, pandas, and nautilus_trader's RiskEngine."""
    panel = random_walk(WARM_UP + ROWS, INSTRUMENTS, "1h")
    forecast = np.nan_to_num(belief(panel))
    desk, rules = warmed_up(panel, forecast)
    folder = bench.store(
        "decision_row", close=panel.close[WARM_UP:], forecast=forecast[WARM_UP:], volume=panel.volume[WARM_UP:]
    )
    counted = desk.book["refusals"].sum(axis=0)
    figures = compared(
        bench,
        "decision_row",
        lambda: rows_decided(desk, rules, panel, forecast),
        *(
            Against(
                RivalCall(package, "plain_risk:measure", {"folder": folder, "rows": RIVALS_CALLS, "labels": labels}),
                f"_{package}",
                f"plain {package}",
            )
            for package, labels in (("numpy", False), ("pandas", True))
        ),
        *(
            Against(
                RivalCall(
                    "nautilus_trader",
                    "nautilus_risk:measure",
                    {"instruments": INSTRUMENTS, "rows": RIVALS_CALLS, "is_cash": is_cash},
                    environment="judges",
                ),
                f"_nautilus_{'cash' if is_cash else 'margin'}",
                "nautilus_trader",
            )
            for is_cash in (False, True)
        ),
    )
    spoken = desk.book["refusals"].sum(axis=0) - counted
    asleep = [reason.name for reason in AWAKE if not spoken[reason]]
    if asleep:
        raise CaseFailedError(f"{', '.join(asleep)} never spoke: the decisions were too easy to say anything")
    bench.notes.append(
        f"decision_row: LIVE settings, every rule on; {np.count_nonzero(desk.book['quantity'])} positions held; "
        f"{CALLS:,} rows a repeat, the rivals' {RIVALS_CALLS:,}. nautilus_trader judges 25 limit orders one by one, by "
        "grid, size, largest notional, trading state and rate alone (on a cash account by the balance too)."
    )
    return figures


def warmed_up(panel: Panel, forecast: FloatArray) -> tuple[Desk, RecordArray]:
    """A desk as the simulation's loop leaves it after WARM_UP bars, positions and all."""
    short = panel.rows(0, WARM_UP)
    spec = every_limit()
    inputs = inputs_of(short, forecast[:WARM_UP], perpetuals(panel), spec, regimes=regimes(WARM_UP))
    book, _ = run_loop(short, inputs, CAPITAL)
    book.account["regime"] = 1
    desk = Desk(book.rows, book.states, inputs.terms[-1], book.account, book.covariance, book.groups, book.work)
    return desk, inputs.rules


def rows_decided(desk: Desk, rules: RecordArray, panel: Panel, forecast: FloatArray) -> Latency:
    """Time CALLS rows, each with the next prices, volumes and forecasts; a day has 24, then instruments are grouped."""
    rows, book = desk.rows, desk.book

    def prepare(k: int) -> None:
        step = int(desk.account["now_ns"][0] // panel.interval_ns) % (2 * ROWS)
        t = WARM_UP + min(step, 2 * ROWS - 1 - step)  # there and back again, so that no price ever jumps
        for name in ("open", "high", "low", "close", "volume"):
            rows[name] = getattr(panel, name)[t]
        rows["forecast"] = forecast[t]
        book["highest"] = np.maximum(book["highest"], panel.high[t])
        book["lowest"] = np.minimum(book["lowest"], panel.low[t])
        book["traded"] = panel.volume[t]
        desk.account["now_ns"] += panel.interval_ns
        if k % DAY == 0:
            desk.account["day"] += 1

    return timed_calls(CALLS, prepare, lambda: decide_row(desk, rules))
