"""Make the reference values of tests/golden/portfolio_values.json with skfolio and PyPortfolioOpt.

Run in the judges' environment; Geobuk is not imported::

    python3 -m venv .venv-judges && .venv-judges/bin/pip install --no-deps --require-hashes -r benchmarks/judges.lock
    .venv-judges/bin/python benchmarks/golden/portfolio_values.py tests/golden/portfolio_values.json
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from pypfopt import EfficientFrontier, HRPOpt
from pypfopt.risk_models import CovarianceShrinkage
from skfolio.optimization import MeanRisk, ObjectiveFunction, RiskBudgeting

EXACT = {"tol_gap_abs": 1e-11, "tol_gap_rel": 1e-11, "tol_feas": 1e-11}
AVERSION = 2.5
COST = 0.0004


def factor_returns(rows: int, assets: int, seed: int) -> np.ndarray:
    """Fat-tailed returns of one factor plus noise, rounded to eight digits so that JSON holds what was used."""
    generator = np.random.default_rng(seed)
    factor = 0.01 * generator.standard_t(5, size=(rows, 1))
    noise = generator.standard_t(5, size=(rows, assets)) * generator.uniform(0.005, 0.03, size=assets)
    return np.round(factor * generator.uniform(0.3, 1.5, size=assets) + noise + 0.0005, 8)


def numbers(values: object) -> list[float]:
    return [float(value) for value in np.asarray(values)]


def values_of(returns: np.ndarray) -> dict[str, object]:
    table = pd.DataFrame(returns, columns=[f"a{i:02d}" for i in range(returns.shape[1])])
    count = returns.shape[1]
    covariance = table.cov()
    budgets = np.arange(1, count + 1) / (count * (count + 1) / 2)
    held = np.full(count, 1 / count)
    utility = {
        "objective_function": ObjectiveFunction.MAXIMIZE_UTILITY,
        "risk_aversion": AVERSION,
        "solver_params": EXACT,
    }
    trading = MeanRisk(**utility, transaction_costs=COST, previous_weights=held)
    tree = HRPOpt(returns=table).optimize()
    bounded = EfficientFrontier(None, covariance, weight_bounds=(-0.2, 0.5))
    identity = CovarianceShrinkage(table, returns_data=True, frequency=1)
    alike = CovarianceShrinkage(table, returns_data=True, frequency=1)
    return {
        "returns": returns.tolist(),
        "hrp": [float(tree[name]) for name in table.columns],
        "equal_risk": numbers(RiskBudgeting(solver_params=EXACT).fit(table).weights_),
        "budgets": numbers(budgets),
        "risk_budgets": numbers(RiskBudgeting(risk_budget=budgets, solver_params=EXACT).fit(table).weights_),
        "minimum_variance": numbers(MeanRisk(solver_params=EXACT).fit(table).weights_),
        "minimum_variance_bounded": numbers(list(bounded.min_volatility().values())),
        "mean_variance": numbers(MeanRisk(**utility).fit(table).weights_),
        "mean_variance_with_cost": numbers(trading.fit(table).weights_),
        "ledoit_wolf": identity.ledoit_wolf("constant_variance").to_numpy().tolist(),
        "ledoit_wolf_shrinkage": float(identity.delta),
        "constant_correlation": alike.ledoit_wolf("constant_correlation").to_numpy().tolist(),
        "constant_correlation_shrinkage": float(alike.delta),
    }


def main(path: Path) -> None:
    cases = {
        "eight_assets": factor_returns(250, 8, seed=21),
        "seven_assets": factor_returns(120, 7, seed=22),
        "few_rows": factor_returns(30, 12, seed=23),
    }
    made_with = {name: version(name) for name in ("skfolio", "pyportfolioopt", "scikit-learn", "numpy", "scipy")}
    settings = {"risk_aversion": AVERSION, "transaction_cost": COST}
    document = {"made_with": made_with, **settings, "cases": {name: values_of(table) for name, table in cases.items()}}
    path.write_text(json.dumps(document) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
