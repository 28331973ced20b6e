"""One call of RiskController.check_var_limit on an account of 25 positions: the check alone, and from a plain dict."""

import numpy as np
from bench import Bench, RivalCall
from measuring import Figure

from cases.latency import Against, Latency, compared, timed_calls
from geobuk.panel import FloatArray
from geobuk.risk.controller import RiskController
from geobuk.risk.portfolio_state import PortfolioState

INSTRUMENTS, ACCOUNTS, CALLS = 25, 500, 20_000


def run(bench: Bench) -> list[Figure]:
    """Microseconds a call, median and 99th percentile; ``_from_mapping`` makes the state of a mapping first."""
    rng = np.random.default_rng(7)
    table = 0.03 * (rng.standard_normal((400, 1)) + rng.standard_normal((400, INSTRUMENTS)))
    covariance = np.cov(table, rowvar=False)
    positions = rng.normal(0.0, 4_000.0, (ACCOUNTS, INSTRUMENTS))
    folder = bench.store("check_var_limit", covariance=covariance, positions=positions)
    controller = RiskController(100_000.0)
    given = [account(row, covariance) for row in positions]
    states = [PortfolioState.of(one) for one in given]
    rivals = [
        Against(
            RivalCall(package, "plain_risk:measure_var", {"folder": folder, "rows": CALLS // 4, "labels": labels}),
            f"_{package}",
            f"plain {package}",
        )
        for package, labels in (("numpy", False), ("pandas", True))
    ]
    figures = compared(bench, "check_var_limit", lambda: checked(controller, states), *rivals)
    return figures + compared(bench, "check_var_limit_from_mapping", lambda: checked(controller, given))


def account(row: FloatArray, covariance: FloatArray) -> dict[str, object]:
    """What a caller has in hand."""
    return {
        "equity": 100_000.0,
        "positions": {f"SYN{n + 1}USDT": float(amount) for n, amount in enumerate(row)},
        "covariance": covariance,
    }


def checked(controller: RiskController, accounts: list) -> Latency:
    """Time one check a call, each of another account."""
    now = [accounts[0]]

    def prepare(k: int) -> None:
        now[0] = accounts[k % len(accounts)]

    return timed_calls(CALLS, prepare, lambda: controller.check_var_limit(now[0]))
