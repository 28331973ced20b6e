"""Make the reference values of tests/golden/empyrical_values.json with empyrical-reloaded.

Run in an environment of its own; Geobuk is not imported::

    python3 -m venv .venv-empyrical && .venv-empyrical/bin/pip install empyrical-reloaded==0.7.1
    .venv-empyrical/bin/python benchmarks/golden/empyrical_values.py tests/golden/empyrical_values.json
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import empyrical
import numpy as np
import pandas as pd

DAYS = 365


def daily_returns(days: int, seed: int, drift: float) -> pd.Series:
    """Fat-tailed daily returns, rounded to eight digits so that JSON holds them exactly as they were used."""
    generator = np.random.default_rng(seed)
    values = np.round(drift + 0.02 * generator.standard_t(5, size=days) * np.sqrt(3 / 5), 8)
    return pd.Series(values, index=pd.date_range("2023-01-01", periods=days, freq="D"))


def values_of(returns: pd.Series) -> dict[str, object]:
    by_year = {"annualization": DAYS}
    months = empyrical.aggregate_returns(returns, "monthly")
    return {
        "returns": returns.tolist(),
        "total_return": empyrical.cum_returns_final(returns),
        "cagr": empyrical.annual_return(returns, **by_year),
        "volatility": empyrical.annual_volatility(returns, **by_year),
        "sharpe": empyrical.sharpe_ratio(returns, **by_year),
        "sortino": empyrical.sortino_ratio(returns, **by_year),
        "calmar": empyrical.calmar_ratio(returns, **by_year),
        "omega": empyrical.omega_ratio(returns, **by_year),
        "max_drawdown": empyrical.max_drawdown(returns),
        "tail_ratio": empyrical.tail_ratio(returns),
        "downside_risk_annual": empyrical.downside_risk(returns, **by_year),
        "value_at_risk_95": empyrical.value_at_risk(returns, 0.05),
        "value_at_risk_99": empyrical.value_at_risk(returns, 0.01),
        "conditional_value_at_risk_95": empyrical.conditional_value_at_risk(returns, 0.05),
        "monthly": [[int(year), int(month), float(value)] for (year, month), value in months.items()],
    }


def main(path: Path) -> None:
    cases = {
        "two_years_gaining": daily_returns(731, seed=11, drift=0.0012),
        "half_a_year_losing": daily_returns(183, seed=12, drift=-0.0015),
        "twenty_days": daily_returns(20, seed=13, drift=0.0),
    }
    made_with = {name: version(name) for name in ("empyrical-reloaded", "numpy", "pandas", "scipy")}
    document = {"made_with": made_with, "cases": {name: values_of(returns) for name, returns in cases.items()}}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
