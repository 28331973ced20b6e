"""Statistics against empyrical-reloaded, where its conventions are ours.

Values: benchmarks/golden/empyrical_values.py. Where the two differ: empyrical's value at risk is the quantile itself
(ours is minus that, positive = loss), and its conditional value at risk is the mean of the values up to the quantile,
not the exact shortfall, so it is not compared. Tolerance 1e-12: only the order of summation differs.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geobuk.domain.times import NS_PER_DAY, parse_at
from geobuk.quant.drawdown import max_drawdown
from geobuk.quant.performance import statistics
from geobuk.quant.ratios import calmar, downside_deviation, omega, sharpe, sortino
from geobuk.quant.returns import cagr, total_return, volatility, wealth
from geobuk.quant.tails import tail_ratio, value_at_risk

CASES: dict[str, Any] = json.loads((Path(__file__).parent / "empyrical_values.json").read_text(encoding="utf-8"))[
    "cases"
]
DAYS = 365


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-12, abs=1e-12)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    return CASES[request.param]


def test_each_statistic_equals_empyrical(case: dict[str, Any]) -> None:
    returns = np.array(case["returns"])
    assert total_return(returns) == near(case["total_return"])
    assert cagr(returns, DAYS) == near(case["cagr"])
    assert volatility(returns, DAYS) == near(case["volatility"])
    assert sharpe(returns, DAYS) == near(case["sharpe"])
    assert sortino(returns, DAYS) == near(case["sortino"])
    assert calmar(returns, DAYS) == near(case["calmar"])
    assert omega(returns) == near(case["omega"])
    assert max_drawdown(wealth(returns)) == near(case["max_drawdown"])
    assert tail_ratio(returns) == near(case["tail_ratio"])
    assert downside_deviation(returns) * math.sqrt(DAYS) == near(case["downside_risk_annual"])
    assert -value_at_risk(returns, 0.95) == near(case["value_at_risk_95"])
    assert -value_at_risk(returns, 0.99) == near(case["value_at_risk_99"])


def test_whole_statistics_of_daily_bars_equal_empyrical(case: dict[str, Any]) -> None:
    returns = np.array(case["returns"])
    at_ns = parse_at("2023-01-01") + np.arange(len(returns), dtype=np.int64) * NS_PER_DAY
    found = statistics(7_700.0 * np.cumprod(1.0 + returns), at_ns, NS_PER_DAY, 7_700.0)
    loose = {"rel": 1e-9, "abs": 1e-12}  # returns are recomputed from an equity path
    for name in ("total_return", "cagr", "volatility", "sharpe", "sortino", "calmar", "omega", "max_drawdown"):
        assert getattr(found, name) == pytest.approx(case[name], **loose), name
    assert [(m.year, m.month) for m in found.monthly] == [(year, month) for year, month, _ in case["monthly"]]
    assert [m.value for m in found.monthly] == pytest.approx([value for *_, value in case["monthly"]], **loose)
