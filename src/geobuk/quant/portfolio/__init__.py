"""How much of each asset: covariance estimates, risk-based and mean-variance weights, volatility target, buckets.

Knows numbers only; which instruments they belong to is the caller's business.
"""

from geobuk.quant.portfolio.allocation import Allocation
from geobuk.quant.portfolio.correlation_buckets import bucket_labels, correlation_buckets
from geobuk.quant.portfolio.covariance import (
    Estimate,
    constant_correlation,
    correlation,
    ledoit_wolf,
    nearest_covariance,
    sample_covariance,
    valid_covariance,
)
from geobuk.quant.portfolio.erc import equal_risk
from geobuk.quant.portfolio.hrp import hierarchical_risk_parity
from geobuk.quant.portfolio.inverse_volatility import inverse_volatility
from geobuk.quant.portfolio.limited_moves import limited_moves
from geobuk.quant.portfolio.mean_variance import mean_variance
from geobuk.quant.portfolio.minimum_variance import minimum_variance, unlimited_minimum_variance
from geobuk.quant.portfolio.quadratic import WeightLimits
from geobuk.quant.portfolio.volatility_target import target_leverage, volatility_target

__all__ = [
    "Allocation",
    "Estimate",
    "WeightLimits",
    "bucket_labels",
    "constant_correlation",
    "correlation",
    "correlation_buckets",
    "equal_risk",
    "hierarchical_risk_parity",
    "inverse_volatility",
    "ledoit_wolf",
    "limited_moves",
    "mean_variance",
    "minimum_variance",
    "nearest_covariance",
    "sample_covariance",
    "target_leverage",
    "unlimited_minimum_variance",
    "valid_covariance",
    "volatility_target",
]
