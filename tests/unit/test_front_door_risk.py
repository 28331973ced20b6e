"""Whoever only asks the risk controller does not wait for the research libraries."""

import subprocess
import sys

import pytest

HEAVY = ("arch", "hmmlearn", "sklearn", "clarabel", "statsmodels", "pandas", "polars", "talib")

ASK = """
import sys
import geobuk
assert not {heavy!r} & set(sys.modules), sorted({heavy!r} & set(sys.modules))
{then}
print(*sorted({heavy!r} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    "then",
    [
        "geobuk.RiskController",
        "geobuk.RiskController; geobuk.PortfolioState; geobuk.Moment; geobuk.Ledger; geobuk.TradePlan; geobuk.profile",
        "geobuk.RiskController().check_var_limit(dict(equity=1.0, positions={'A': 1.0}, daily_volatility={'A': 0.1}))",
    ],
    ids=["import", "every name of the risk room", "one check"],
)
def test_the_risk_controller_loads_no_heavy_library(then: str) -> None:
    code = ASK.format(heavy=set(HEAVY), then=then)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
