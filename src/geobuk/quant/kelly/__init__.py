"""Kelly: how much of the capital an edge is worth, and how much of that to use when the edge is only estimated."""

from geobuk.quant.kelly.bets import bet_fraction, bet_growth
from geobuk.quant.kelly.continuous import ContinuousKelly, continuous_growth, continuous_kelly, kept_growth
from geobuk.quant.kelly.estimation_error import (
    bet_multiple,
    cautious_multiple,
    plug_in_multiple,
    plug_in_multiple_of_several,
    sharpe_lower_bound,
)
from geobuk.quant.kelly.falls import chance_of_falling_to, chance_of_reaching_first, part_for_fall
from geobuk.quant.kelly.fraction import KellyFraction, KellySpec, position_fraction
from geobuk.quant.kelly.moments import EmaCovariance, EmaMoments, ema_covariance, ema_moments, ema_weights
from geobuk.quant.kelly.outcomes import DiscreteKelly, discrete_kelly
from geobuk.quant.kelly.several import KellyLimits, SeveralKelly, covariance_matrix, limited_kelly, several_kelly
from geobuk.quant.kelly.shrinkage import BayesStein, bayes_stein, bayes_stein_weight, shrunk_mean

__all__ = [
    "BayesStein",
    "ContinuousKelly",
    "DiscreteKelly",
    "EmaCovariance",
    "EmaMoments",
    "KellyFraction",
    "KellyLimits",
    "KellySpec",
    "SeveralKelly",
    "bayes_stein",
    "bayes_stein_weight",
    "bet_fraction",
    "bet_growth",
    "bet_multiple",
    "cautious_multiple",
    "chance_of_falling_to",
    "chance_of_reaching_first",
    "continuous_growth",
    "continuous_kelly",
    "covariance_matrix",
    "discrete_kelly",
    "ema_covariance",
    "ema_moments",
    "ema_weights",
    "kept_growth",
    "limited_kelly",
    "part_for_fall",
    "plug_in_multiple",
    "plug_in_multiple_of_several",
    "position_fraction",
    "several_kelly",
    "sharpe_lower_bound",
    "shrunk_mean",
]
