"""Whether a result is skill or the luck of many trials."""

from geobuk.quant.overfitting.bootstrap import (
    BootstrapInterval,
    BootstrapSpec,
    bootstrap_interval,
    optimal_block_length,
    stationary_indices,
    variance_of_bootstrap_mean,
)
from geobuk.quant.overfitting.cscv import Overfitting, backtest_overfitting
from geobuk.quant.overfitting.deflated_sharpe import (
    DeflatedSharpe,
    deflated_sharpe,
    expected_maximum,
    minimum_backtest_length,
    trial_variance,
)

__all__ = [
    "BootstrapInterval",
    "BootstrapSpec",
    "DeflatedSharpe",
    "Overfitting",
    "backtest_overfitting",
    "bootstrap_interval",
    "deflated_sharpe",
    "expected_maximum",
    "minimum_backtest_length",
    "optimal_block_length",
    "stationary_indices",
    "trial_variance",
    "variance_of_bootstrap_mean",
]
