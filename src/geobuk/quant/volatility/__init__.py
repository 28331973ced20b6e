"""How much returns will move: conditional variances that use the past only, their forecasts, their fits."""

from geobuk.quant.volatility.egarch import Egarch, egarch_loglik, egarch_step, egarch_variances, follow_egarch
from geobuk.quant.volatility.ewma import Ewma, ewma_step, ewma_variances
from geobuk.quant.volatility.fit import FittedVolatility, VolatilitySpec, fit_volatility
from geobuk.quant.volatility.follow import VolatilityModel, conditional_variances
from geobuk.quant.volatility.garch import Garch, follow_garch, garch_loglik, garch_step, garch_variances

__all__ = [
    "Egarch",
    "Ewma",
    "FittedVolatility",
    "Garch",
    "VolatilityModel",
    "VolatilitySpec",
    "conditional_variances",
    "egarch_loglik",
    "egarch_step",
    "egarch_variances",
    "ewma_step",
    "ewma_variances",
    "fit_volatility",
    "follow_egarch",
    "follow_garch",
    "garch_loglik",
    "garch_step",
    "garch_variances",
]
